import { describe, expect, it } from "vitest";
import { areShares, barsPath, ends, groups, inputsOf, linePath, pageRatio, share, sourceOf, sourceValue, stateName, tileBox, withoutPadding } from "../src/model/preview/numbers";
import type { GraphDocument } from "../src/model/graph";

const graph = {
  nodes: {
    image: { block: "Input" },
    other: { block: "Input" },
    conv1: { block: "Conv2D", inputs: ["image"] },
    split: { block: "Split", inputs: ["conv1"] },
    label: { block: "Output", inputs: ["split:1"] },
    loop: { block: "Add", inputs: ["loop", "gone"] },
  },
} as unknown as GraphDocument;

describe("the Inputs of a node", () => {
  it.each([
    ["label", ["image"]],
    ["image", ["image"]],
    ["conv1/inner/deep", ["image"]],
    ["loop", []],
    ["nothing", []],
  ])("%s", (path, found) => expect(inputsOf(graph, path)).toEqual(found));
  it("there are none without a network", () => expect(inputsOf(null, "conv1")).toEqual([]));
});

describe("what is where in a picture", () => {
  const grid = { width: 200, height: 132, columns: 3, rows: 2, tile: [64, 64] as [number, number], gap: 4 };
  it("tiles stand row by row", () => expect([0, 2, 3].map((index) => tileBox(grid, index))).toEqual([[0, 0, 64, 64], [136, 0, 64, 64], [0, 68, 64, 64]]));
  it.each([
    [24, 0, 5 / 5],
    [6, 0, 3 / 2],
    [64, 0, 8 / 8],
    [70, 1, 3 / 2],
    [1, 0, 1],
  ])("a page of %i channels keeps its box", (channels, page, ratio) => expect(pageRatio(channels, page, [64, 64])).toBeCloseTo(ratio));
});

describe("numbers as bars and lines", () => {
  it("begin at zero", () => {
    expect(ends([2, 5])).toEqual([0, 5]);
    expect(ends([-3, null, -1])).toEqual([-3, 0]);
    expect(ends([0, 0])).toEqual([0, 1]);
  });
  it("keep the lowest and the highest of those that share a place", () => {
    expect(groups([1, 4, -2, null, null, null], 3)).toEqual([[1, 4], [-2, -2], null]);
    expect(groups([], 3)).toEqual([]);
  });
  it("are paths", () => {
    expect(barsPath([1, -1], [-1, 1], 8, 8)).toBe("M0 0h3V4h-3zM4 4h3V8h-3z");
    expect(linePath([0, 1, null, 1], [0, 1], 8, 4)).toBe("M1 4L3 0M7 0");
  });
  it("know the shares of a whole", () => {
    expect([areShares([0.25, 0.75]), areShares([0.5, 0.6]), areShares([1]), areShares([1.5, -0.5]), areShares([null, 1])]).toEqual([true, false, false, false, false]);
  });
  it.each([[0, "0 %"], [0.125, "12.5 %"], [0.0001, "< 0.1 %"], [0.99999, "> 99.9 %"], [1, "100.0 %"]])("a share of %d", (value, text) => expect(share(value)).toBe(text));
});

it("padding is told apart from tokens", () => {
  const tokens = [{ id: 7, token: "a" }, { id: 0, token: "" }, { id: 1, token: "[UNK]" }, { id: 0, token: "" }, { id: 0, token: "" }];
  expect(withoutPadding(tokens)).toEqual({ shown: tokens.slice(0, 3), padding: 2 });
});

describe("a saved state", () => {
  it("is the value of a choice", () => {
    for (const chosen of [null, { run: "digits-a", state: "epoch-3" }]) expect(sourceOf(sourceValue(chosen))).toEqual(chosen);
  });
  it("is named with its epoch", () => {
    expect([stateName({ state: "best", epoch: 12, saved: 0 }), stateName({ state: "epoch-3", epoch: null, saved: 0 })]).toEqual(["best, epoch 12", "epoch-3"]);
  });
});
