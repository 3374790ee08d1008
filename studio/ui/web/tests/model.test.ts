import { describe, expect, it } from "vitest";
import { brief, type GraphDocument, isNode, moduleArity, nextInput, possibleInputs, rowsOf, shapeText } from "../src/model/graph";
import { entriesOf, found } from "../src/model/search";

const node = (block: string, ...inputs: string[]) => ({ block, params: {}, inputs });
const graph = (nodes: GraphDocument["nodes"]): GraphDocument => ({ format: "studio.graph/1", name: "", nodes, modules: {}, layout: {} });

const nested = graph({ image: node("Input"), stage: node("Stage", "image"), label: node("Output", "stage") });
const levels = {
  stage: { nodes: { first: node("Residual", "@0"), second: node("ReLU", "first") }, outputs: ["second"] },
  "stage/first": { nodes: { conv: node("Conv2D", "@0"), add: node("Add", "@0", "conv") }, outputs: ["add"] },
};

describe("the rows of the table", () => {
  const paths = (...open: string[]) => rowsOf(nested, levels, new Set(open)).map((row) => row.path);
  it("closed composites are one row", () => {
    expect(paths()).toEqual(["image", "stage", "label"]);
    expect(rowsOf(nested, levels, new Set()).map((row) => row.composite)).toEqual([false, true, false]);
  });
  it("an open composite is followed by what is inside, one step further in", () => {
    expect(paths("stage")).toEqual(["image", "stage", "stage/first", "stage/second", "label"]);
    expect(rowsOf(nested, levels, new Set(["stage"])).map((row) => row.depth)).toEqual([0, 0, 1, 1, 0]);
  });
  it("so do composites within composites", () => expect(paths("stage", "stage/first")).toEqual(["image", "stage", "stage/first", "stage/first/conv", "stage/first/add", "stage/second", "label"]));
  it("a composite within a closed one stays hidden", () => expect(paths("stage/first")).toHaveLength(3));
  it("a second use has the block of the first", () => expect(rowsOf(graph({ c: node("Dense", "b:1"), d: { reuse: "c", inputs: ["c"] } }), {}, new Set())[1]?.block).toBe("Dense"));
});

it("nodes are found at every level", () => {
  expect(["image", "stage/first", "stage/first/conv", "nothing", "stage/nothing", "image/inside"].map((path) => isNode(nested, levels, path))).toEqual([true, true, true, false, false, false]);
});

describe("inputs", () => {
  const chain = graph({ image: node("Input"), conv: node("Conv2D", "image"), pool: node("MaxPooling2D", "conv"), label: node("Output", "pool") });
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

const block = (name: string, category: string, arity: [number, number | null]) => ({ name, title: name, summary: "", category, arity, ranks: [] });

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
  it("Input and Output come first where a network is begun, last between others, and never on an edge", () => {
    const all = [block("Input", "input and output", [0, 0]), block("Conv2D", "convolution", [1, 1]), block("Zebra", "zoo", [1, 1])];
    const order = (ports?: "first" | "last") => entriesOf(all, (text) => text, (text) => text, undefined, ports).map((entry) => entry.name);
    expect([order("first"), order("last"), order()]).toEqual([["Input", "Conv2D", "Zebra"], ["Conv2D", "Zebra", "Input"], ["Conv2D", "Zebra"]]);
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

it("writes shapes and the parameters that matter", () => {
  expect([shapeText([28, 28, 6]), shapeText([]), shapeText([null, 64]), shapeText(undefined)]).toEqual(["28 × 28 × 6", "1", "? × 64", ""]);
  expect(brief({ params: { filters: 6, kernel_size: 5, activation: "relu", padding: "same" } })).toBe("6, 5 × 5, relu");
  expect(brief({ params: { filters: 6, strides: 2 } }, { kernel_size: 3, strides: 1, activation: "linear" })).toBe("6, 3 × 3, / 2");
  expect(brief({})).toBe("");
});

