import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Conflict } from "../src/studio/line";
import { refused } from "../src/model/edits";
import type { GraphDocument } from "../src/model/graph";
import { Said } from "../src/model/library";
import { opening, said } from "../src/model/library/draft";
import { report, takeFile } from "../src/model/library/files";
import { Linked } from "../src/model/library/linked";
import { Opening } from "../src/model/library/opening";
import { originOf, setOrigin } from "../src/model/library/origin";
import { Report } from "../src/model/library/report";
import { save, stale } from "../src/model/library/save";
import { StaleSave } from "../src/model/library/stale";
import { Modules } from "../src/model/modules";
import { network } from "../src/model/state";
import { conflict, type Draft, draft, flush, recipe, saving } from "../src/studio/drafts";

const TOWER = { nodes: { c: { block: "Conv2D", params: {}, inputs: ["@0"] } }, outputs: ["c"] };
const graph = (name: string, filters = 6): GraphDocument => ({ format: "studio.graph/1", name, nodes: { conv1: { block: "Conv2D", params: { filters } } }, modules: { Tower: TOWER }, layout: {} });
const stands = (version: number, filters: number, title = "Net") => ({ name: "net", title, version, saved: new Date().toISOString(), note: "", graph: graph(title, filters) });
const made = (document: GraphDocument): Draft => ({ id: "abcd1234", revision: 1, changed: "", recipe: { dataset: "digits", graph: document as never }, command: "", line: {} as Draft["line"] });

type Answer = (body: Record<string, unknown>, url: string) => [number, unknown];
interface Call {
  method: string;
  path: string;
  body: Record<string, unknown>;
}

/** A server that answers by method and path, the rest of the address left out. */
function serve(answers: Record<string, Answer>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (url: string, options: RequestInit = {}) => {
    const path = url.replace(/^\//, "").split("?")[0] as string;
    const method = options.method ?? "GET";
    const body = typeof options.body === "string" ? JSON.parse(options.body) : {};
    calls.push({ method, path, body });
    const answer = answers[`${method} ${path}`];
    if (!answer) throw new Error(`nobody answers ${method} ${path}`);
    const [status, content] = answer(body, url);
    return new Response(JSON.stringify(content), { status });
  });
  return calls;
}

/** The routes of one draft, which takes what it is given. */
function ofDraft(): Record<string, Answer> {
  const answered = (document: unknown): [number, unknown] => {
    const changed = { ...(draft.value as Draft), revision: (draft.value?.revision ?? 0) + 1, recipe: { ...recipe.value, graph: document as never } };
    return [200, { draft: changed, network: { ...network.value, graph: document, counting: false }, selected: [], steps: { undo: true, redo: false } }];
  };
  return {
    "GET api/model/graph": () => [200, recipe.value.graph],
    "POST api/model/put": (body) => answered(body.graph),
    "POST api/model/edit": (body) => answered({ ...(recipe.value.graph as object), name: (body.edits as { name: string }[])[0]?.name }),
    "POST api/graphs/differences": () => [200, { differences: [{ sentence: "conv1: filters changed from 8 to 6." }] }],
  };
}

const host = document.createElement("div");
document.body.append(host);
const shown = async (view: preact.ComponentChild): Promise<void> => void (await act(async () => render(view, host)));
const button = (name: string): HTMLButtonElement => {
  const found = [...host.querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent) === name);
  if (!found) throw new Error(`no button ${name} in ${host.textContent}`);
  return found;
};
const press = async (name: string): Promise<void> => {
  await act(async () => button(name).click());
  for (let turn = 0; turn < 20; turn += 1) await act(() => Promise.resolve());
};
const soon = async (check: () => void): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await act(() => new Promise((done) => setTimeout(done, 0)));
  check();
};

beforeEach(() => {
  localStorage.clear();
  draft.value = made(graph("Net"));
  network.value = { dataset: { name: "digits", title: "" }, automatic: false, preset: null, graph: graph("Net"), analysis: null, counting: false, problem: null, field_problems: {} };
  conflict.value = stale.value = report.value = said.value = refused.value = null;
  saving.value = false;
  setOrigin("abcd1234", null);
});
afterEach(() => render(null, host));

describe("Save", () => {
  it("is a new network first, then its next version", async () => {
    let version = 0;
    const calls = serve({ ...ofDraft(), "POST api/graphs": () => [200, stands((version += 1), 6)] });
    await shown(<Said />);
    await act(save);
    expect(host.querySelector("[role=status]")?.textContent).toBe("Saved as version 1 of Net");
    await act(save);
    expect(calls.filter(({ path }) => path === "api/graphs").map(({ body }) => [body.name, body.based_on])).toEqual([
      ["Net", 0],
      ["net", 1],
    ]);
    expect(originOf("abcd1234")).toEqual({ name: "net", version: 2, called: "Net" });
  });
  it("of a network that is gone makes it anew", async () => {
    setOrigin("abcd1234", { name: "net", version: 4 }, "Net");
    const calls = serve({ ...ofDraft(), "POST api/graphs": ({ based_on }) => (based_on ? [404, { error: "There is no saved network named 'net'." }] : [200, stands(1, 6)]) });
    await act(save);
    expect(calls.filter(({ path }) => path === "api/graphs").map(({ body }) => body.based_on)).toEqual([4, 0]);
    expect([said.value?.text, refused.value]).toEqual(["Saved as version 1 of Net", null]);
  });
  it("says what the server refuses, and waits while the draft is in conflict", async () => {
    const calls = serve({ ...ofDraft(), "POST api/graphs": () => [400, { error: "The name of a network can't be empty." }] });
    await act(save);
    expect(refused.value).toBe("The name of a network can't be empty.");
    conflict.value = { mine: {}, theirs: made(graph("Net")) };
    await act(save);
    expect(calls.filter(({ path }) => path === "api/graphs")).toHaveLength(1);
  });
});

describe("a stale save", () => {
  const begin = async (more: Record<string, Answer> = {}): Promise<Call[]> => {
    setOrigin("abcd1234", { name: "net", version: 2 }, "Net");
    const calls = serve({
      ...ofDraft(),
      "POST api/graphs": ({ based_on }) => (based_on === 2 ? [409, { error: "stale", current: stands(3, 8) }] : [200, stands(based_on === 3 ? 4 : 1, 6, based_on === 3 ? "Net" : "Net (copy)")]),
      "GET api/graphs": () => [200, { graphs: [{ title: "Net" }] }],
      ...more,
    });
    await shown(<StaleSave />);
    await act(save);
    await soon(() => expect(host.querySelector("dialog")?.textContent).toContain("conv1: filters changed from 8 to 6."));
    return calls;
  };
  it("shows both, and theirs can be kept", async () => {
    await begin();
    expect(host.querySelector("dialog")?.textContent).toContain("Version 3");
    await press("Keep theirs");
    expect(recipe.value.graph).toEqual(graph("Net", 8));
    expect(originOf("abcd1234")?.version).toBe(3);
    expect(host.querySelector("dialog")).toBeNull();
  });
  it("mine can be saved on top", async () => {
    const calls = await begin();
    await press("Save mine on top");
    expect(calls.at(-1)?.body).toMatchObject({ name: "net", based_on: 3, graph: graph("Net", 6) });
    expect(originOf("abcd1234")?.version).toBe(4);
  });
  it("mine can become a network of its own", async () => {
    const calls = await begin();
    await press("Save mine as a copy");
    expect(calls.at(-1)?.body).toMatchObject({ name: "Net (copy)", based_on: 0, graph: { name: "Net (copy)" } });
    expect(recipe.value.graph).toMatchObject({ name: "Net (copy)" });
  });
  it("can be met again", async () => {
    await begin({ "POST api/graphs": ({ based_on }) => [409, { error: "stale", current: stands(Number(based_on) + 1, 8) }] });
    await press("Save mine on top");
    expect(stale.value?.theirs.version).toBe(4);
  });
});

describe("the list of saved networks", () => {
  const entries = [
    { name: "net", title: "Net", versions: 2, version: 2, saved: new Date().toISOString(), note: "", nodes: 1, blocks: { Conv2D: 1 }, problem: "" },
    { name: "bad", title: "Bad", versions: 1, version: 1, saved: new Date().toISOString(), note: "", nodes: 0, blocks: {}, problem: "Version 1 of 'Bad' is damaged: nothing." },
  ];
  const history = [
    { version: 2, saved: new Date().toISOString(), note: "deeper", nodes: 1, blocks: {}, problem: "" },
    { version: 1, saved: new Date().toISOString(), note: "", nodes: 1, blocks: {}, problem: "" },
  ];
  const begin = async (more: Record<string, Answer> = {}): Promise<Call[]> => {
    const calls = serve({
      ...ofDraft(),
      "GET api/graphs": () => [200, { graphs: entries }],
      "GET api/graphs/net/versions": () => [200, { versions: history }],
      "GET api/graphs/bad/versions": () => [200, { versions: [] }],
      ...more,
    });
    opening.value = true;
    await shown(<Opening />);
    await soon(() => expect(host.querySelectorAll(".s-saved")).toHaveLength(2));
    return calls;
  };
  it("opens a version in the draft, under its name in the list", async () => {
    const calls = await begin({ "GET api/graphs/net": (_, url) => [200, { ...stands(Number(new URL(url, "http://x").searchParams.get("version") ?? 2), 16), title: "Renamed" }] });
    await act(async () => [...host.querySelectorAll("button")].filter(({ textContent }) => textContent === "Open this version")[1]?.click());
    await soon(() => expect(opening.value).toBe(false));
    expect(recipe.value.graph).toEqual({ ...graph("Net", 16), name: "Renamed" });
    expect(originOf("abcd1234")).toEqual({ name: "net", version: 2, called: "Renamed" }); // the list has shown that there are two
    expect(calls.filter(({ path }) => path === "api/model/put")).toHaveLength(1);
  });
  it("tells the history, and compares with the canvas", async () => {
    const calls = await begin();
    const versions = [...host.querySelectorAll(".s-history > li")].map((each) => each.textContent);
    expect(versions[0]).toContain("deeper");
    expect(versions[0]).toContain("filters changed");
    expect(versions[1]).toContain("The first version");
    expect(calls.find(({ path }) => path.endsWith("differences"))?.body).toEqual({ old: { name: "net", version: 1 }, new: { name: "net", version: 2 } });
    await press("Compare with the canvas");
    await soon(() => expect(host.querySelector(".s-compared")?.textContent).toContain("filters changed"));
    expect(calls.at(-1)?.body).toEqual({ old: { name: "net", version: 2 }, new: graph("Net") });
  });
  it("asks before it deletes", async () => {
    const calls = await begin({ "DELETE api/graphs/net": () => [200, { removed: "net" }] });
    await press("Delete");
    expect(calls.some(({ method }) => method === "DELETE")).toBe(false);
    await press("Cancel");
    await press("Delete");
    await press("Yes, delete");
    expect(calls.filter(({ method }) => method === "DELETE")).toHaveLength(1);
  });
  it("renames and copies, and says what is refused", async () => {
    const calls = await begin({ "PATCH api/graphs/net": () => [400, { error: "Another network is named 'Bad' already; choose another name." }], "POST api/graphs/net/duplicate": () => [200, stands(1, 6)] });
    await press("Duplicate");
    expect(calls.some(({ path }) => path.endsWith("duplicate"))).toBe(true);
    await press("Rename");
    await act(async () => void host.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true, bubbles: true })));
    await soon(() => expect(host.querySelector("[role=alert]")?.textContent).toContain("choose another name"));
  });
  it("a damaged network says so", async () => {
    await begin();
    await act(async () => [...host.querySelectorAll<HTMLButtonElement>(".s-saved")][1]?.click());
    expect(host.querySelector(".s-details .s-problem")?.textContent).toContain("is damaged");
  });
});

describe("files and links", () => {
  it("a file that is no network is refused without being sent", async () => {
    const calls = serve({});
    await act(() => takeFile(new File(["x"], "model.h5")));
    expect(refused.value).toContain("model.h5");
    expect(calls).toEqual([]);
  });
  it("a network of another program is reported, and its weights can be taken", async () => {
    const calls = serve({ ...ofDraft(), "PATCH api/drafts/abcd1234": () => [200, draft.value], "POST api/model/import": () => [200, { graph: graph("Keras"), report: { nodes: 4, notes: ["Softmax became an activation."], weights_taken: ["conv1/kernel"], weights_left: ["dense/kernel: of another shape."] }, transfer: { weights: "0123456789abcdef" } }] });
    await shown(<Report />);
    await act(() => takeFile(new File(["PK"], "model.keras")));
    const text = host.querySelector("dialog")?.textContent;
    for (const part of ["model.keras", "4 nodes", "1 array of weights", "Softmax became", "of another shape", "conv1/kernel"]) expect(text).toContain(part);
    await press("Begin with these weights");
    expect(recipe.value.transfer).toEqual({ weights: "0123456789abcdef" });
    await flush();
    expect(calls.at(-1)?.body.set).toEqual({ transfer: { weights: "0123456789abcdef" } });
    expect(host.querySelector("dialog")).toBeNull();
  });
  it("a configuration of Keras in JSON is told from a network of ours", async () => {
    const calls = serve({ ...ofDraft(), "POST api/model/import": () => [200, { graph: graph("K"), report: { nodes: 1, notes: [], weights_taken: [], weights_left: [] }, transfer: null }], "POST api/graphs/read": () => [200, { graph: graph("Ours") }] });
    await act(() => takeFile(new File(['{"class_name": "Functional", "config": {}}'], "k.json")));
    await act(() => takeFile(new File(['{"nodes": {}}'], "ours.json")));
    expect(calls.map(({ path }) => path).filter((path) => /import|read/.test(path))).toEqual(["api/model/import", "api/graphs/read"]);
  });
  it("a link is asked about once, and its network opens in a draft of its own", async () => {
    history.replaceState(null, "", "/model?draft=abcd1234#graph=1.abc");
    const calls = serve({ "POST api/graphs/link": () => [200, { graph: graph("Linked") }], "POST api/drafts": ({ recipe: given }) => [200, { ...made(graph("Linked")), id: "efgh5678", recipe: given }] });
    await shown(<Linked />);
    await soon(() => expect(host.querySelector("dialog")?.textContent).toContain("This link carries the network Linked (1 node)."));
    expect(location.hash).toBe("");
    await press("Open in a new draft");
    await soon(() => expect(draft.value?.id).toBe("efgh5678"));
    expect(calls.map(({ body }) => body)).toEqual([{ link: "#graph=1.abc" }, { recipe: { dataset: "digits", graph: graph("Linked") } }]);
    expect(host.querySelector("dialog")).toBeNull();
  });
  it("a damaged link says so", async () => {
    history.replaceState(null, "", "/model#graph=1.abc");
    serve({ "POST api/graphs/link": () => [400, { error: "The link is damaged: it is not what was packed. Copy it again, as a whole." }] });
    await shown(<Linked />);
    await soon(() => expect(host.querySelector("[role=alert]")?.textContent).toContain("damaged"));
  });
});

describe("modules", () => {
  it("are told with their ports, kept, and used from elsewhere in one edit", async () => {
    let kept: object[] = [];
    const tower = { name: "tower", title: "Tower", description: "", inputs: 1, outputs: 1, nodes: 1, needs: [], problem: "" };
    const calls = serve({
      ...ofDraft(),
      "GET api/graphs/modules": () => [200, { modules: kept }],
      "POST api/graphs/modules": () => {
        kept = [tower];
        return [200, tower];
      },
    });
    await shown(<Modules />);
    expect(host.querySelector('[data-testid="palette-module:Tower"]')?.textContent).toBe("Tower1 node · 1 input · 1 outputused 0 times");
    await press("Keep Tower for other networks");
    await soon(() => expect(host.querySelector('[data-testid="palette-kept:tower"]')).not.toBeNull());
    expect(calls.find(({ method, path }) => method === "POST" && path.endsWith("modules"))?.body).toMatchObject({ module: "Tower", replace: false });
    await act(async () => host.querySelector<HTMLButtonElement>('[data-testid="palette-kept:tower"]')?.click());
    await soon(() => expect(calls.at(-1)?.body.edits).toEqual([{ do: "add", block: "kept:tower", after: "conv1" }]));
  });
  it("a taken name can be replaced or changed", async () => {
    const tower = { name: "tower", title: "Tower", problem: "" };
    const calls = serve({
      ...ofDraft(),
      "GET api/graphs/modules": () => [200, { modules: [tower] }],
      "POST api/graphs/modules": ({ replace }) => (replace ? [200, tower] : [400, { error: "Another module is kept as 'Tower' already; choose another name, or replace it." }]),
    });
    await shown(<Modules />);
    await press("Keep Tower for other networks");
    await soon(() => expect(host.querySelector("[role=alert]")?.textContent).toContain("choose another name"));
    await press("Replace the one there");
    await soon(() => expect(host.querySelector("[role=alert]")).toBeNull());
    expect(calls.filter(({ method, path }) => method === "POST" && path.endsWith("modules")).map(({ body }) => body.replace)).toEqual([false, true]);
  });
});

describe("a draft that was changed elsewhere", () => {
  it("says in sentences what differs in its network, and by field what else", async () => {
    const calls = serve({ ...ofDraft(), "POST api/model/network": () => [200, { graph: graph("Net", 8) }] });
    conflict.value = { mine: { dataset: "digits", graph: graph("Net", 6) as never }, theirs: { ...made(graph("Net", 8)), recipe: { dataset: "wine", graph: { preset: "Net" } } } };
    await shown(<Conflict />);
    await soon(() => expect(host.textContent).toContain("conv1: filters changed from 8 to 6."));
    const items = [...host.querySelectorAll("li")].map((each) => each.textContent);
    expect(items).toHaveLength(2);
    expect(items[0]).toContain("dataset");
    expect(calls.find(({ path }) => path.endsWith("network"))?.body).toEqual({ dataset: "wine", graph: { preset: "Net" } });
  });
});
