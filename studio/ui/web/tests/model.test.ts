import { describe, expect, it } from "vitest";
import { brief, connect, freeId, type GraphDocument, insertBehind, isNode, moduleArity, nextInput, possibleInputs, removable, remove, shapeText, visible } from "../src/model/graph";
import { curve, layersOf, layout } from "../src/model/layout";
import { entriesOf, found } from "../src/model/search";
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

describe("edits", () => {
  const chain = graph({ image: node("Input"), conv: node("Conv2D", "image"), pool: node("MaxPooling2D", "conv"), label: node("Output", "pool") });
  const inputs = (edited: GraphDocument) => Object.fromEntries(Object.entries(edited.nodes).map(([id, document]) => [id, document.inputs]));

  it.each([
    ["Conv2D", "conv2d_1"],
    ["Conv2DTranspose", "conv2d_transpose_1"],
    ["SqueezeExcitation", "squeeze_excitation_1"],
    ["LSTM", "lstm_1"],
    ["FCNFusion", "fcn_fusion_1"],
  ])("%s gets the id %s", (block, id) => expect(freeId({}, block)).toBe(id));
  it("takes the first number that is free", () => expect(freeId({ add_1: node("Add"), add_3: node("Add") }, "Add")).toBe("add_2"));

  it("a node goes in between, and stands behind its source in the document", () => {
    const { graph: edited, id } = insertBehind(chain, "conv", "ReLU");
    expect(id).toBe("relu_1");
    expect(Object.entries(inputs(edited))).toEqual([["image", []], ["conv", ["image"]], ["relu_1", ["conv"]], ["pool", ["relu_1"]], ["label", ["pool"]]]);
    expect(edited.nodes.relu_1).toEqual({ block: "ReLU", params: {}, inputs: ["conv"] });
    expect(chain.nodes.pool?.inputs).toEqual(["conv"]); // what was there is left alone
  });
  it("only the first output is taken over", () => {
    const states = graph({ rows: node("Input"), read: node("LSTM", "rows"), a: node("ReLU", "read:0"), b: node("LSTM", "read", "read:1") });
    expect(inputs(insertBehind(states, "read", "Dropout").graph)).toMatchObject({ a: ["dropout_1"], b: ["dropout_1", "read:1"], dropout_1: ["read"] });
  });
  it("a block of two inputs joins a shortcut", () => {
    expect(insertBehind(chain, "conv", "Add", 2).graph.nodes.add_1?.inputs).toEqual(["conv", "image"]);
    expect(insertBehind(chain, "pool", "Add", 3).graph.nodes.add_1?.inputs).toEqual(["pool", "conv", "image"]);
    expect(insertBehind(chain, "image", "Add", 2).graph.nodes.add_1?.inputs).toEqual(["image", "image"]);
  });
  it("a document without modules and layout can be edited, too", () => {
    const short = { format: "studio.graph/1", nodes: { image: { block: "Input" }, label: { block: "Output", inputs: ["image"] } } } as unknown as GraphDocument;
    expect(inputs(insertBehind(short, "image", "ReLU").graph)).toEqual({ image: undefined, relu_1: ["image"], label: ["relu_1"] });
    expect(moduleArity(short, "module:Stage")).toBeUndefined();
    expect(remove(short, "nothing")).toBe(short);
  });

  it("the followers of a removed node take its first input", () => {
    const joined = graph({ ...chain.nodes, sum: node("Add", "conv", "image") });
    const placed = { ...joined, layout: { conv: [1, 2] as [number, number], pool: [3, 4] as [number, number] } };
    const edited = remove(placed, "conv");
    expect(inputs(edited)).toEqual({ image: [], pool: ["image"], label: ["pool"], sum: ["image", "image"] });
    expect(edited.layout).toEqual({ pool: [3, 4] });
  });
  it("without an input there is nothing to join", () => expect(inputs(remove(graph({ a: node("Input"), b: node("Input"), c: node("Add", "a", "b") }), "a"))).toEqual({ b: [], c: ["b"] }));
  it("its weights stay with the node that reuses them", () => {
    const twins = graph({ image: node("Input"), a: { block: "Dense", params: { units: 3 }, inputs: ["image"] }, b: { reuse: "a", inputs: ["image"], title: "B" }, c: { reuse: "a", inputs: ["b"] } });
    const { nodes } = remove(twins, "a");
    expect(nodes.b).toEqual({ block: "Dense", params: { units: 3 }, inputs: ["image"], title: "B" });
    expect(nodes.c).toEqual({ reuse: "b", inputs: ["b"] });
  });
  it("the last Input and the last Output stay", () => {
    expect(["image", "conv", "label"].map((id) => removable(chain, id))).toEqual([false, true, false]);
    expect(removable(graph({ ...chain.nodes, second: node("Input") }), "image")).toBe(true);
  });

  it("inputs are set, added and taken out", () => {
    expect(connect(chain, "pool", 0, "image").nodes.pool?.inputs).toEqual(["image"]);
    expect(connect(chain, "pool", 1, "image:1").nodes.pool?.inputs).toEqual(["conv", "image:1"]);
    expect(connect(chain, "pool", 0, null).nodes.pool?.inputs).toEqual([]);
    expect(connect(chain, "nothing", 0, null)).toBe(chain);
  });
  it("what hangs on a node can't be its input", () => {
    const wide = graph({ ...chain.nodes, side: node("Conv2D", "image"), sum: node("Add", "pool", "side") });
    expect(possibleInputs(wide, "conv")).toEqual(["image", "side"]);
    expect(possibleInputs(wide, "sum", (id) => (id === "pool" ? 2 : 1))).toEqual(["image", "conv", "pool", "pool:1", "side"]);
    expect(possibleInputs(graph({ a: node("ReLU", "b"), b: node("ReLU", "a"), c: node("Input") }), "a")).toEqual(["c"]);
    expect(nextInput(wide, "sum")).toBe("conv");
    expect([nextInput(wide, "conv"), nextInput(chain, "image")]).toEqual(["image", null]);
  });
  it("a module takes what its nodes ask for", () => {
    const modular = { ...chain, modules: { Stage: { nodes: { sum: node("Add", "@0", "@2") }, outputs: ["sum"] } } };
    expect([moduleArity(modular, "module:Stage"), moduleArity(modular, "module:None"), moduleArity(modular, "Stage")]).toEqual([[3, 3], undefined, undefined]);
  });
});

describe("the palette", () => {
  const told = (name: string, category: string, summary = "", arity: [number, number | null] = [1, 1], ranks: number[] = []) => ({ name, title: name, category, summary, arity, ranks });
  const chinese: Record<string, string> = { "Slides windows.": "滑动窗口。", convolution: "卷积" };
  const entries = entriesOf(
    [told("Zero", "zeros"), told("Input", "input and output", "", [0, 0]), told("Output", "input and output"), told("Add", "merging", "Adds its inputs.", [2, null]), told("AdditiveAttention", "attention"), told("Conv2D", "convolution", "Slides windows."), told("Conv1D", "convolution"), told("GlobalAdd", "merging")],
    (text) => chinese[text] ?? text,
    (category) => chinese[category] ?? category,
  );
  const names = (query: string) => found(entries, query).map((group) => [group.group, ...group.entries.map((entry) => entry.name)]);

  it("has everything but the ends, by category", () =>
    expect(names("")).toEqual([["卷积", "Conv1D", "Conv2D"], ["merging", "Add", "GlobalAdd"], ["attention", "AdditiveAttention"], ["zeros", "Zero"]]));
  it("the very name comes first, then what begins like it", () => expect(names("add")).toEqual([["merging", "Add", "GlobalAdd"], ["attention", "AdditiveAttention"]]));
  it("searches names, summaries and categories in both languages", () => {
    expect(names("WINDOWS slides")).toEqual([["卷积", "Conv2D"]]);
    expect(names("窗口")).toEqual([["卷积", "Conv2D"]]);
    expect(names("卷积")).toEqual(names("convolution"));
    expect(names("conv 2d")).toEqual([["卷积", "Conv2D"]]);
    expect(names("nothing at all")).toEqual([]);
  });
  it("what takes another number of axes comes last", () => {
    const blocks = [told("Conv1D", "convolution", "", [1, 1], [2]), told("Conv2D", "convolution", "", [1, 1], [3]), told("LSTM", "recurrent", "", [1, 1], [2]), told("Zero", "zeros")];
    const plain = (text: string) => text;
    const behind = (axes?: number) => found(entriesOf(blocks, plain, plain, axes), "").flatMap((group) => group.entries.map((entry) => `${entry.name} ${entry.fits}`));
    expect(behind(3)).toEqual(["Conv2D true", "Conv1D false", "Zero true", "LSTM false"]);
    expect(behind(2)).toEqual(["Conv1D true", "Conv2D false", "LSTM true", "Zero true"]);
    expect(behind()).toEqual(["Conv1D true", "Conv2D true", "LSTM true", "Zero true"]);
  });
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
