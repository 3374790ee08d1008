import { describe, expect, it } from "vitest";
import { brief, type GraphDocument, isNode, shapeText, visible } from "../src/model/graph";
import { curve, layersOf, layout } from "../src/model/layout";
import { sized } from "../src/model/sketch";

const node = (block: string, ...inputs: string[]) => ({ block, params: {}, inputs });
const graph = (nodes: GraphDocument["nodes"]): GraphDocument => ({ format: "studio.graph/1", name: "", nodes, modules: {}, layout: {} });

const nested = graph({ image: node("Input"), stage: node("Stage", "image"), label: node("Output", "stage") });
const levels = {
  stage: { nodes: { first: node("Residual", "@0"), second: node("ReLU", "first") }, outputs: ["second"] },
  "stage/first": { nodes: { conv: node("Conv2D", "@0"), add: node("Add", "@0", "conv") }, outputs: ["add"] },
};
const names = (edges: { from: string; to: string }[]) => edges.map((edge) => `${edge.from}>${edge.to}`);

describe("what is visible", () => {
  it("closed composites are boxes", () => {
    const seen = visible(nested, levels, new Set());
    expect(seen.boxes.map((row) => row.path)).toEqual(["image", "stage", "label"]);
    expect(names(seen.edges)).toEqual(["image>stage", "stage>label"]);
    expect(seen.rows.map((row) => row.composite)).toEqual([false, true, false]);
  });
  it("an open composite hands its inputs in and its outputs out", () => {
    const seen = visible(nested, levels, new Set(["stage"]));
    expect(seen.boxes.map((row) => row.path)).toEqual(["image", "stage/first", "stage/second", "label"]);
    expect(names(seen.edges)).toEqual(["image>stage/first", "stage/first>stage/second", "stage/second>label"]);
    expect(seen.rows.map((row) => row.depth)).toEqual([0, 0, 1, 1, 0]);
  });
  it("so do composites within composites", () => {
    const seen = visible(nested, levels, new Set(["stage", "stage/first"]));
    expect(names(seen.edges)).toEqual(["image>stage/first/conv", "image>stage/first/add", "stage/first/conv>stage/first/add", "stage/first/add>stage/second", "stage/second>label"]);
  });
  it("a composite within a closed one stays hidden", () => {
    expect(visible(nested, levels, new Set(["stage/first"])).boxes).toHaveLength(3);
  });
  it("cycles, missing nodes and second outputs do no harm", () => {
    const seen = visible(graph({ a: node("Add", "b", "nothing"), b: node("ReLU", "a"), c: node("Dense", "b:1"), d: { reuse: "c", inputs: ["c"] } }), {}, new Set());
    expect(names(seen.edges)).toEqual(["b>a", "a>b", "b>c", "c>d"]);
    expect(seen.edges[2]?.output).toBe(1);
    expect(seen.rows[3]?.block).toBe("Dense");
  });
});

it("nodes are found at every level", () => {
  expect(["image", "stage/first", "stage/first/conv", "nothing", "stage/nothing", "image/inside"].map((path) => isNode(nested, levels, path))).toEqual([true, true, true, false, false, false]);
});

describe("layers", () => {
  it("each box stands below the lowest of its sources", () => {
    const edges = [["a", "b"], ["b", "c"], ["a", "c"], ["c", "d"], ["x", "d"]].map(([from, to]) => ({ from: from as string, to: to as string }));
    expect(Object.fromEntries(layersOf(["d", "a", "x", "c", "b"], edges))).toEqual({ a: 0, b: 1, c: 2, d: 3, x: 0 });
  });
  it("a cycle ends", () => {
    expect(layersOf(["a", "b"], [{ from: "a", to: "b" }, { from: "b", to: "a" }]).size).toBe(2);
  });
  it("thousands of layers need no recursion", () => {
    const boxes = Array.from({ length: 5000 }, (_, index) => `n${index}`);
    const edges = boxes.slice(1).map((to, index) => ({ from: boxes[index] as string, to }));
    expect(layersOf([...boxes].reverse(), edges).get("n4999")).toBe(4999);
  });
});

describe("layout", () => {
  const size = { width: 100, height: 40, gap: 20, beside: 10 };
  it("a chain is one column", () => {
    const placed = layout(["a", "b", "c"], [{ from: "a", to: "b" }, { from: "b", to: "c" }], size);
    expect(new Set([...placed.boxes.values()].map((place) => place.x)).size).toBe(1);
    expect([...placed.boxes.values()].map((place) => place.y)).toEqual([10, 70, 130]);
    expect(placed.height).toBe(180);
  });
  it("boxes of a layer never overlap, and lines keep clear of boxes", () => {
    const boxes = ["in", ...Array.from({ length: 7 }, (_, index) => `b${index}`), "deep", "out"];
    const edges = [...boxes.slice(1, 8).flatMap((box) => [{ from: "in", to: box }, { from: box, to: "out" }]), { from: "b3", to: "deep" }, { from: "deep", to: "out" }, { from: "in", to: "out" }];
    const placed = layout(boxes, edges, size);
    const rows = new Map<number, number[]>();
    for (const { x, y } of placed.boxes.values()) rows.set(y, [...(rows.get(y) ?? []), x]);
    for (const row of rows.values()) {
      row.sort((left, right) => left - right);
      for (let index = 1; index < row.length; index += 1) expect((row[index] as number) - (row[index - 1] as number)).toBeGreaterThanOrEqual(size.width + size.beside - 0.001);
    }
    for (const { x } of placed.boxes.values()) {
      expect(x - size.width / 2).toBeGreaterThanOrEqual(0);
      expect(x + size.width / 2).toBeLessThanOrEqual(placed.width);
    }
    const shortcut = placed.lines[edges.length - 1] ?? [];
    for (const point of shortcut.slice(1, -1)) {
      for (const { x, y } of placed.boxes.values()) expect(Math.abs(point.x - x) < size.width / 2 && point.y > y && point.y < y + size.height).toBe(false);
    }
  });
  it("nothing at all", () => expect(layout([], [], size).boxes.size).toBe(0));
  it("lines are straight where they can be", () => {
    expect(curve([{ x: 5, y: 0 }, { x: 5, y: 9 }])).toBe("M5,0V9");
    expect(curve([{ x: 0, y: 0 }, { x: 8, y: 10 }])).toContain("C0,5 8,5 8,10");
    expect(curve([])).toBe("");
  });
});

it("writes shapes and the parameters that matter", () => {
  expect([shapeText([28, 28, 6]), shapeText([]), shapeText([null, 64]), shapeText(undefined)]).toEqual(["28 × 28 × 6", "1", "? × 64", ""]);
  expect(brief({ params: { filters: 6, kernel_size: 5, activation: "relu", padding: "same" } })).toBe("6, 5 × 5, relu");
  expect(brief({ params: { filters: 6, strides: 2 } }, { kernel_size: 3, strides: 1, activation: "linear" })).toBe("6, 3 × 3, / 2");
  expect(brief({})).toBe("");
});

it("draws small pictures within their frame", () => {
  for (const count of [1, 12, 64]) {
    const bars = sized(Array.from({ length: count }, (_, index) => ({ category: "convolution", shape: [2 ** (index % 9), 2 ** (index % 9), 512] })));
    for (const bar of bars) {
      expect(bar.x).toBeGreaterThanOrEqual(-0.01);
      expect(bar.x + bar.width).toBeLessThanOrEqual(176.01);
      expect(bar.height).toBeLessThanOrEqual(48);
      expect(bar.width).toBeGreaterThan(0);
    }
  }
  expect(sized([])).toEqual([]);
  expect(sized([{ category: "dense", shape: [] }, { category: "dense", shape: [] }]).every((bar) => bar.width > 0 && bar.height > 0)).toBe(true);
});
