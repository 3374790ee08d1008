import { beforeEach, describe, expect, it, vi } from "vitest";
import { at, change, conflict, differences, type Draft, draft, draftProblem, flush, link, openDraft, resolveConflict, withField } from "../src/studio/drafts";

const made = (changes: Partial<Draft> = {}): Draft => ({
  id: "abcd1234", revision: 1, changed: "", recipe: { dataset: "digits" }, command: "", line: {} as Draft["line"], ...changes,
});

interface Call {
  method: string;
  url: string;
  body: Record<string, unknown>;
}

/** A server of one draft that keeps the rules of revisions. */
function serve(server: Draft): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (url: string, options: RequestInit = {}) => {
    const body = options.body ? JSON.parse(String(options.body)) : {};
    const method = options.method ?? "GET";
    calls.push({ method, url, body });
    const respond = (status: number, content: unknown) => new Response(JSON.stringify(content), { status });
    if (method === "GET") return url.endsWith("gone") ? respond(404, { error: "gone" }) : respond(200, server);
    if (body.revision !== server.revision) return respond(409, { error: "stale", current: server });
    if (method === "PUT") server.recipe = body.recipe;
    for (const [path, value] of Object.entries(body.set ?? {})) server.recipe = withField(server.recipe, path, value as never);
    for (const path of body.unset ?? []) server.recipe = withField(server.recipe, path, undefined);
    server.revision += 1;
    return respond(200, server);
  });
  return calls;
}

beforeEach(() => {
  draft.value = made();
  conflict.value = null;
  draftProblem.value = null;
  history.replaceState(null, "", "/train");
});

describe("fields by dotted path", () => {
  it("are set, reset and read as the server does it", () => {
    const fields = { training: { optimizer: "adam", epochs: 3 } };
    expect(withField(fields, "training.optimizer.beta_1", 0.8)).toEqual({ training: { optimizer: { name: "adam", beta_1: 0.8 }, epochs: 3 } });
    expect(withField(fields, "training.epochs", undefined)).toEqual({ training: { optimizer: "adam" } });
    expect(withField(fields, "transfer.run", undefined)).toEqual(fields);
    expect(at(fields, "training.epochs")).toBe(3);
    expect(at(fields, "training.epochs.deep")).toBeUndefined();
    expect(fields.training.epochs).toBe(3);
  });
});

describe("saving", () => {
  it("gathers changes, names the revision, and takes the new one", async () => {
    const calls = serve(made());
    change({ "training.epochs": 5 });
    change({ "training.epochs": 6, graph: undefined });
    expect(at(draft.value?.recipe, "training.epochs")).toBe(6);
    await flush();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: "PATCH", body: { revision: 1, set: { "training.epochs": 6 }, unset: ["graph"] } });
    change({ "training.epochs": 7 });
    await flush();
    expect(calls[1]?.body.revision).toBe(2);
    expect(draft.value?.revision).toBe(3);
  });

  it("sends what is changed while a save is under way afterwards", async () => {
    const calls = serve(made());
    change({ "training.epochs": 5 });
    const first = flush();
    change({ "training.seed": 1 });
    await first;
    await flush();
    expect(calls.map((call) => call.body.set)).toEqual([{ "training.epochs": 5 }, { "training.seed": 1 }]);
    expect(draft.value?.recipe).toEqual({ dataset: "digits", training: { epochs: 5, seed: 1 } });
  });

  it("a newer revision elsewhere is a conflict that shows both, and either can be kept", async () => {
    const server = made({ revision: 4, recipe: { dataset: "wine" } });
    serve(server);
    change({ dataset: "iris" });
    await flush();
    expect(conflict.value?.mine).toEqual({ dataset: "iris" });
    expect(differences(conflict.value!.mine, conflict.value!.theirs.recipe)).toEqual([{ field: "dataset", mine: "iris", theirs: "wine" }]);
    await resolveConflict("mine");
    expect(server.recipe).toEqual({ dataset: "iris" });
    expect(conflict.value).toBeNull();

    draft.value = made({ revision: 1 });
    change({ dataset: "digits" });
    await flush();
    await resolveConflict("theirs");
    expect(draft.value?.recipe).toEqual({ dataset: "iris" });
  });

  it("says when the server does not answer, and keeps the change", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("refused");
    });
    change({ "training.epochs": 9 });
    await flush();
    expect(draftProblem.value).toContain("not saved");
    const calls = serve(made());
    await flush();
    expect(calls[0]?.body.set).toEqual({ "training.epochs": 9 });
    expect(draftProblem.value).toBeNull();
  });
});

describe("the address", () => {
  it("carries the draft from page to page", async () => {
    serve(made({ id: "ffff0000" }));
    await openDraft();
    expect(location.search).toBe("?draft=ffff0000");
    expect(link("model")).toBe("/model?draft=ffff0000");
    expect(link("home")).toBe("/?draft=ffff0000");
    expect(link("train", { run: "a b" })).toBe("/train?draft=ffff0000&run=a+b");
  });

  it("of a draft that is gone opens the latest", async () => {
    const calls = serve(made({ id: "aaaa" }));
    history.replaceState(null, "", "/train?draft=gone");
    await openDraft();
    expect(calls.map((call) => call.url)).toEqual(["/api/drafts/gone", "/api/drafts/latest"]);
    expect(location.search).toBe("?draft=aaaa");
  });
});
