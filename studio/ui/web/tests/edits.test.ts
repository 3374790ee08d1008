import { beforeEach, describe, expect, it, vi } from "vitest";
import { conflict, type Draft, draft, type Fields, type Json, resolveConflict, saving } from "../src/studio/index";
import { addBlock, append, chooseNetwork, edit, type Edit, focusing, leaveField, loadSteps, put, redo, refused, setInput, setNodeParam, setParam, settled, steps, undo } from "../src/model/edits";
import { chosen, network, type Network } from "../src/model/state";

const GRAPH = { format: "studio.graph/1", name: "", nodes: { conv1: { block: "Conv2D", params: {} }, conv2: { block: "Conv2D", inputs: ["conv1"] } }, modules: {}, layout: {} };

interface Call {
  route: string;
  body: Fields;
}

/** A server of one draft: it keeps the rule of revisions, and notes what it is asked. */
class Server {
  revision = 1;
  graph: Json = structuredClone(GRAPH);
  calls: Call[] = [];
  answers: { status: number; error: string }[] = [];
  selected: string[] = [];
  private held: (() => void)[] | null = null;

  constructor() {
    vi.stubGlobal("fetch", (url: string, options: RequestInit = {}) => this.answer(url, options));
  }

  /** Lets the answers wait until `release`. */
  hold(): void {
    this.held = [];
  }

  release(): void {
    const all = this.held ?? [];
    this.held = null;
    all.forEach((go) => go());
  }

  asked(route: string): Fields[] {
    return this.calls.filter((call) => call.route === route).map((call) => call.body);
  }

  draft(): Draft {
    return { id: "abcd1234", revision: this.revision, changed: "", recipe: { dataset: "digits", graph: this.graph as Json }, command: "", line: {} as Draft["line"] };
  }

  private async answer(url: string, options: RequestInit): Promise<Response> {
    const body = options.body ? (JSON.parse(String(options.body)) as Fields) : {};
    const route = url.replace(/^.*api\/(model\/)?/, "").replace(/\?.*/, "");
    this.calls.push({ route, body });
    if (this.held) await new Promise<void>((go) => this.held?.push(go));
    const respond = (status: number, content: unknown) => new Response(JSON.stringify(content), { status });
    const refusal = this.answers.shift();
    if (refusal) return respond(refusal.status, { error: refusal.error });
    if (route === "try") return respond(200, { graph: { ...GRAPH, name: "tried" } });
    if (route === "steps") return respond(200, { undo: true, redo: false });
    if (route === "network") return respond(200, this.network());
    if (options.method === undefined || options.method === "GET") return respond(200, this.draft());
    if (body.revision !== this.revision) return respond(409, { error: "Draft abcd1234 was changed elsewhere.", current: this.draft() });
    this.revision += 1;
    if (route === "put") this.graph = body.graph as Json;
    else if (route === "edit") this.graph = { ...(this.graph as Fields), name: `revision ${this.revision}` };
    else if (options.method === "PUT") this.graph = (body.recipe as Fields).graph as Json;
    if (options.method === "PUT") return respond(200, this.draft());
    return respond(200, { draft: this.draft(), network: this.network(), selected: this.selected, steps: { undo: route !== "undo", redo: route === "undo" } });
  }

  network(): Network {
    const preset = (this.graph as Fields | null)?.preset as string | undefined;
    const graph = preset ? GRAPH : this.graph;
    return { dataset: { name: "digits", title: "" }, automatic: false, preset: preset ? { family: preset, params: {} } : null, graph: graph as never, analysis: null, counting: false, problem: null, field_problems: {} };
  }
}

let server: Server;
const set = (count: number): Edit => ({ do: "set", nodes: ["conv1"], params: { filters: count } });
const filters = (body: Fields): Json => ((body.edits as Edit[])[0]?.params as Fields).filters as Json;

beforeEach(() => {
  document.body.innerHTML = "";
  server = new Server();
  draft.value = server.draft();
  network.value = server.network();
  conflict.value = null;
  refused.value = null;
  focusing.value = null;
  chosen.value = new Set(["conv1"]);
  steps.value = { undo: false, redo: false };
});

describe("the queue of edits", () => {
  it("sends one order after the other, each with the revision that the one before has left", async () => {
    server.hold();
    const all = [edit({ do: "arrange" }), edit({ do: "remove", nodes: ["conv1"] }), undo(), redo(), put(null)];
    expect(saving.value).toBe(true);
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    expect(saving.value).toBe(true);
    server.release();
    expect(await Promise.all(all)).toEqual([true, true, true, true, true]);
    expect(server.calls.map((call) => [call.route, call.body.revision])).toEqual([
      ["edit", 1],
      ["edit", 2],
      ["undo", 3],
      ["redo", 4],
      ["put", 5],
    ]);
    expect(draft.value?.revision).toBe(6);
    await settled();
    expect(saving.value).toBe(false);
  });

  it("merges what is typed into one field while an order is under way, and only that", async () => {
    server.hold();
    const all = [edit(set(1), "conv1 filters")];
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    all.push(edit(set(12), "conv1 filters"), edit(set(128), "conv1 filters"));
    all.push(edit({ do: "set", nodes: ["conv1"], params: { strides: 2 } }, "conv1 strides"), edit(set(5), "conv1 filters"), edit(set(6), "conv1 filters"));
    server.release();
    expect(await Promise.all(all)).toEqual([true, true, true, true, true, true]);
    expect(server.asked("edit").map(filters)).toEqual([1, 128, undefined, 6]);
  });

  it("does not carry a later value past an undo", async () => {
    server.hold();
    void edit({ do: "arrange" });
    void edit(set(1), "filters");
    void undo();
    const last = edit(set(2), "filters");
    server.release();
    await last;
    expect(server.calls.map((call) => call.route)).toEqual(["edit", "edit", "undo", "edit"]);
    expect(server.asked("edit").slice(1).map(filters)).toEqual([1, 2]);
  });

  it("orders without a key are never merged", async () => {
    server.hold();
    const all = [1, 2, 3].map(() => edit({ do: "add", block: "ReLU", after: "conv1" }));
    server.release();
    await Promise.all(all);
    expect(server.asked("edit")).toHaveLength(3);
  });

  it("a field that is left begins another step", async () => {
    await edit(set(1), "conv1 filters");
    await edit(set(12), "conv1 filters");
    leaveField();
    await edit(set(5), "conv1 filters");
    const [first, second, third] = server.asked("edit").map((body) => body.key);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  it("names what is chosen, and chooses what the edit leads to", async () => {
    server.selected = ["relu_1"];
    server.graph = { ...GRAPH, nodes: { ...GRAPH.nodes, relu_1: { block: "ReLU" } } };
    await addBlock("ReLU", { kind: "after", node: "conv1" });
    expect(server.calls[0]?.body).toMatchObject({ selected: ["conv1"], edits: [{ do: "add", block: "ReLU", after: "conv1" }] });
    expect([...chosen.value]).toEqual(["relu_1"]);
    expect(focusing.value).toBe("relu_1");
    expect(steps.value).toEqual({ undo: true, redo: false });
  });

  it("leaves the focus in the field that is typed into", async () => {
    server.selected = ["conv1"];
    setNodeParam(["conv1"], "filters", 5);
    await settled();
    expect([...chosen.value]).toEqual(["conv1"]);
    expect(focusing.value).toBeNull();
  });

  it("leaves the focus on the button that undoes", async () => {
    server.selected = ["conv2"];
    document.body.innerHTML = "<button>Undo</button>";
    document.querySelector("button")?.focus();
    await undo();
    expect([...chosen.value]).toEqual(["conv2"]);
    expect(focusing.value).toBeNull();
  });

  it("leaves alone what was chosen while the edit was under way", async () => {
    server.selected = ["conv1"];
    server.hold();
    setNodeParam(["conv1"], "filters", 5);
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    chosen.value = new Set(["conv2"]);
    server.release();
    await settled();
    expect([...chosen.value]).toEqual(["conv2"]);
  });

  it("without a draft nothing is sent", async () => {
    draft.value = null;
    expect(await edit(set(1))).toBe(false);
    expect(server.calls).toEqual([]);
  });
});

describe("parameters of a preset", () => {
  it("are sent with those that are set already; the default is left out", async () => {
    await chooseNetwork("ResNet", { depth: 18 });
    setParam("filters", 32);
    await settled();
    setParam("depth", undefined);
    await settled();
    expect(server.asked("put").map((body) => body.graph)).toEqual([
      { preset: "ResNet", params: { depth: 18 } },
      { preset: "ResNet", params: { depth: 18, filters: 32 } },
      { preset: "ResNet", params: { filters: 32 } },
    ]);
  });

  it("of two that are typed quickly none is lost", async () => {
    await chooseNetwork("ResNet", { depth: 18 });
    server.hold();
    setParam("filters", 3);
    setParam("filters", 32);
    setParam("dropout", 0.5);
    setParam("dropout", 0.25);
    server.release();
    await settled();
    expect(server.graph).toEqual({ preset: "ResNet", params: { depth: 18, filters: 32, dropout: 0.25 } });
  });
});

describe("a refusal", () => {
  it("is shown as a sentence, and the edits behind it are made", async () => {
    server.answers = [{ status: 400, error: "There is no node 'x' here." }];
    const first = edit({ do: "remove", nodes: ["x"] });
    const second = edit(set(1));
    expect(await first).toBe(false);
    expect(refused.value).toBe("There is no node 'x' here.");
    expect(await second).toBe(true);
    expect(refused.value).toBeNull();
    expect(draft.value?.revision).toBe(2);
    expect(conflict.value).toBeNull();
  });

  it("of a server that is gone says so, and the next edit is tried again", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("refused");
    });
    expect(await edit(set(1))).toBe(false);
    expect(refused.value).toBeTruthy();
    server = new Server();
    expect(await edit(set(1))).toBe(true);
    expect(refused.value).toBeNull();
  });
});

describe("a draft that was changed elsewhere", () => {
  const elsewhere = () => {
    server.revision = 4;
    server.graph = { ...GRAPH, name: "theirs" };
  };

  it("makes a conflict with what the edit would have made here, and what waits is given up", async () => {
    elsewhere();
    const all = [edit(set(1)), edit(set(2)), undo()];
    expect(await Promise.all(all)).toEqual([false, false, false]);
    expect(conflict.value?.mine.graph).toMatchObject({ name: "tried" });
    expect(conflict.value?.theirs.recipe.graph).toMatchObject({ name: "theirs" });
    expect(server.asked("edit")).toHaveLength(1);
    expect(server.asked("try")[0]).toMatchObject({ graph: GRAPH, edits: [set(1)] });
    expect(refused.value).toBeNull();
  });

  it("takes no further edits until one of both is chosen", async () => {
    elsewhere();
    await edit(set(1));
    expect(await edit(set(2))).toBe(false);
    expect(server.asked("edit")).toHaveLength(1);
    await resolveConflict("theirs");
    expect(draft.value?.revision).toBe(4);
    expect(await edit(set(3))).toBe(true);
  });

  it("or saves ours over the other", async () => {
    elsewhere();
    await edit(set(1));
    await resolveConflict("mine");
    expect(server.graph).toMatchObject({ name: "tried" });
    expect(draft.value?.revision).toBe(5);
    expect(await edit(set(3))).toBe(true);
  });

  it("a network that was to be put stands against it as it is", async () => {
    elsewhere();
    await put({ preset: "ResNet", params: {} });
    expect(conflict.value?.mine.graph).toEqual({ preset: "ResNet", params: {} });
    expect(server.asked("try")).toEqual([]);
  });

  it("undo stands against it with the network as it was", async () => {
    elsewhere();
    await undo();
    expect(conflict.value?.mine.graph).toEqual(GRAPH);
  });
});

describe("edits by name", () => {
  const made = async (order: Promise<boolean>): Promise<Json> => {
    await order;
    return server.calls.at(-1)?.body.edits as Json;
  };

  it("a block goes where it is wanted", async () => {
    const keep: Edit[] = [{ do: "move", positions: { conv1: [0, 0] } }];
    expect(await made(addBlock("ReLU", { kind: "after", node: null }))).toEqual([{ do: "add", block: "ReLU" }]);
    expect(await made(addBlock("ReLU", { kind: "edge", to: "a/@out", index: 1, from: "b" }))).toEqual([{ do: "insert", block: "ReLU", to: "a/@out", index: 1 }]);
    expect(await made(addBlock("ReLU", { kind: "replace", node: "a" }))).toEqual([{ do: "replace", node: "a", block: "ReLU" }]);
    expect(await made(addBlock("ReLU", { kind: "from", reference: "a:1", place: "", position: [8, 16], keep }))).toEqual([...keep, { do: "add", block: "ReLU", inputs: ["a:1"], place: "", position: [8, 16] }]);
  });

  it("an input is set, added and taken out", async () => {
    expect(await made(setInput("add", 1, "conv2"))).toEqual([{ do: "connect", source: "conv2", to: "add", index: 1 }]);
    expect(await made(setInput("add", 1, null))).toEqual([{ do: "disconnect", to: "add", index: 1 }]);
  });

  it("the default of a parameter takes it out", async () => {
    setNodeParam(["conv1", "conv2"], "filters", undefined);
    await settled();
    expect(server.asked("edit")[0]?.edits).toEqual([{ do: "set", nodes: ["conv1", "conv2"], unset: ["filters"] }]);
  });
});

it("two quick clicks make a chain: the second block goes behind what the first one leads to", async () => {
  chosen.value = new Set(["conv2"]);
  server.selected = ["relu_1"];
  void append("ReLU");
  await append("Dense");
  expect(server.asked("edit").map((body) => body.edits)).toEqual([[{ do: "add", block: "ReLU", after: "conv2" }], [{ do: "add", block: "Dense", after: "relu_1" }]]);
});

it("what can be undone is asked for a version of the draft that no edit here has made", async () => {
  await loadSteps("abcd1234");
  expect(steps.value).toEqual({ undo: true, redo: false });
  steps.value = { undo: false, redo: false };
  await loadSteps("another");
  expect(steps.value).toEqual({ undo: false, redo: false });
  await edit(set(1));
  const asked = server.asked("steps").length;
  await loadSteps("abcd1234");
  expect(server.asked("steps")).toHaveLength(asked);
  draft.value = { ...server.draft(), revision: 9 };
  await loadSteps("abcd1234");
  expect(server.asked("steps")).toHaveLength(asked + 1);
});
