import { inflateRawSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import type { GraphDocument } from "../src/model/graph";
import { fileName } from "../src/model/library/files";
import { matching } from "../src/model/library/opening";
import { copyName, orderOf, originOf, setOrigin } from "../src/model/library/origin";
import { packed } from "../src/model/library/pack";
import type { Entry } from "../src/model/library/types";
import { counted } from "../src/model/library/words";

const graph = (name: string): GraphDocument => ({ format: "studio.graph/1", name, nodes: {}, modules: {}, layout: {} });

beforeEach(() => localStorage.clear());

describe("where a draft's network came from", () => {
  it("is remembered by draft, and a save builds on it", () => {
    expect(originOf("one")).toBeNull();
    setOrigin("one", { name: "lenet", version: 3 }, "LeNet");
    expect(originOf("one")).toEqual({ name: "lenet", version: 3, called: "LeNet" });
    expect(originOf("two")).toBeNull();
    expect(orderOf(originOf("one"), graph("LeNet"))).toEqual({ name: "lenet", based_on: 3 });
    setOrigin("one", null);
    expect(originOf("one")).toBeNull();
  });
  it("counts no longer once the network is called otherwise", () => {
    setOrigin("one", { name: "lenet", version: 3 }, "LeNet");
    expect(orderOf(originOf("one"), graph("Mine"))).toEqual({ name: "Mine", based_on: 0 });
    expect(orderOf(null, graph(""))).toEqual({ name: "", based_on: 0 });
  });
  it("survives what else stands in the storage", () => {
    localStorage.setItem("studio.saved.three", "{");
    expect(originOf("three")).toBeNull();
    localStorage.setItem("studio.saved.three", '{"name": 3}');
    expect(originOf("three")).toBeNull();
  });
  it("does not fill the storage", () => {
    for (let draft = 0; draft < 260; draft += 1) setOrigin(`draft${draft}`, { name: "a", version: 1 }, "a");
    expect(Object.keys(localStorage).length).toBeLessThanOrEqual(200);
    expect(localStorage.getItem("studio.saved.draft259")).not.toBeNull();
  });
});

describe("names", () => {
  it("copies take the first free one", () => {
    expect(copyName("Net", new Set())).toBe("Net (copy)");
    expect(copyName("Net", new Set(["Net (copy)", "Net (copy 2)"]))).toBe("Net (copy 3)");
    expect(copyName("x".repeat(200), new Set())).toHaveLength(200);
  });
  it.each([
    ["LeNet-5", "LeNet-5"],
    ["网络 一/二", "网络-一-二"],
    ["../../etc/passwd", "etc-passwd"],
    ["", "network"],
    ["...", "network"],
    ["a".repeat(90), "a".repeat(60)],
  ])("the file of %s", (name, file) => expect(fileName(name)).toBe(file));
  it("numbers have their nouns", () => {
    expect([counted("nodes", 1), counted("nodes", 1200), counted("uses", 1)]).toEqual(["1 node", "1,200 nodes", "used once"]);
  });
});

describe("the list", () => {
  const entry = (title: string, blocks: Record<string, number> | null, note = ""): Entry => ({ name: title, title, versions: 1, version: 1, saved: "2026-01-01T00:00:00.000+00:00", note, nodes: 3, blocks, problem: "" });
  const all = [entry("LeNet-5", { Conv2D: 2 }), entry("文字", { LSTM: 1 }, "first draft"), entry("broken", null)];
  it.each([
    ["", 3],
    ["lenet", 1],
    ["conv2d", 1],
    ["文", 1],
    ["first lstm", 1],
    ["nothing", 0],
  ])("is searched for %s", (query, count) => expect(matching(all, query)).toHaveLength(count));
});

describe("links", () => {
  const unpacked = (link: string): string => inflateRawSync(Buffer.from(link.slice(2), "base64url")).toString("utf-8");
  it("carry the whole document, in any alphabet", async () => {
    const document = { ...graph("网络 🙂"), nodes: { a: { block: "Dense", params: { units: 3 } } } };
    const link = await packed(document);
    expect(link).toMatch(/^1\.[\w-]+$/);
    expect(JSON.parse(unpacked(link))).toEqual(document);
  });
  it("of a megabyte are refused in a sentence", async () => {
    let state = 1;
    const noise = Array.from({ length: 300_000 }, () => (state = (state * 48271) % 2147483647));
    await expect(packed({ ...graph("large"), noise })).rejects.toThrow("too large for a link");
  });
});
