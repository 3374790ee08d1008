import { beforeEach, describe, expect, it } from "vitest";
import { byShownNode, share, worst } from "../src/model/canvas/figures";
import { layout } from "../src/model/canvas/layout";
import { BOX, type Known, portsOf, type Scene, sceneOf } from "../src/model/canvas/scene";
import { speaking } from "../src/model/canvas/view";
import { labelAt, through } from "../src/model/canvas/wire";
import type { GraphDocument, Message } from "../src/model/graph";

const node = (block: string, ...inputs: string[]) => ({ block, params: {}, inputs });
const graph = (nodes: GraphDocument["nodes"], layout: GraphDocument["layout"] = {}): GraphDocument => ({ format: "studio.graph/1", name: "", nodes, modules: {}, layout });
const levels = {
  stage: { nodes: { first: node("Residual", "@0"), second: node("ReLU", "first") }, outputs: ["second"] },
  "stage/first": { nodes: { conv: node("Conv2D", "@0"), add: node("Add", "@0", "conv") }, outputs: ["add"] },
};
const nested = graph({ image: node("Input"), stage: node("Stage", "image"), label: node("Output", "stage") });
const ARITY: Record<string, [number, number | null]> = { Input: [0, 0], Conv2D: [1, 1], Add: [2, null], ReLU: [1, 1], Output: [1, 1], Residual: [1, 1], Stage: [1, 1] };
let open: Set<string>;
const known = (): Known => ({ levels, open, arity: (block) => ARITY[block], outputs: () => 1, defaults: () => ({}) });
const box = (scene: Scene, path: string) => scene.boxes.find((each) => each.path === path)!;
const ends = (scene: Scene) => scene.wires.map((wire) => `${wire.source}.${wire.sourceHandle}>${wire.target}.${wire.targetHandle}`);

beforeEach(() => {
  open = new Set();
});

/** No two boxes of a level lie on each other, and what is inside a frame stays inside it. */
function tidy(scene: Scene): void {
  for (const one of scene.boxes) {
    for (const other of scene.boxes) {
      if (one === other || one.place !== other.place) continue;
      const apart = one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y;
      expect(apart, `${one.path} lies on ${other.path}`).toBe(true);
    }
    const frame = scene.boxes.find((each) => each.path === one.place);
    if (!frame) continue;
    expect(one.x).toBeGreaterThanOrEqual(0);
    expect(one.x + one.width).toBeLessThanOrEqual(frame.width);
    expect(one.y + one.height).toBeLessThanOrEqual(frame.height);
  }
}

describe("the scene", () => {
  it("closed composites are boxes", () => {
    const scene = sceneOf(nested, known());
    expect(scene.boxes.map((each) => [each.path, each.composite, each.frame])).toEqual([
      ["image", false, false],
      ["stage", true, false],
      ["label", false, false],
    ]);
    expect(ends(scene)).toEqual(["image.out-0>stage.in-0", "stage.out-0>label.in-0"]);
  });
  it("an open one is a frame with ports outside and inside", () => {
    open = new Set(["stage", "stage/first"]);
    const scene = sceneOf(nested, known());
    tidy(scene);
    expect(scene.boxes.map((each) => each.path)).toEqual(["image", "stage", "stage/first", "stage/first/conv", "stage/first/add", "stage/second", "label"]);
    expect(ends(scene)).toContain("stage.inner-0>stage/first.in-0");
    expect(ends(scene)).toContain("stage/second.out-0>stage.result-0");
    expect(ends(scene)).toContain("stage/first.inner-0>stage/first/add.in-0");
    expect(box(scene, "label").y).toBeGreaterThan(box(scene, "stage").y + box(scene, "stage").height);
  });
  it("edits name the input that a wire leads to", () => {
    open = new Set(["stage"]);
    const found = sceneOf(nested, known()).wires.map(({ to, index, reference }) => [to, index, reference]);
    expect(found).toContainEqual(["stage/first", 0, "@0"]);
    expect(found).toContainEqual(["stage/@out", 0, "second"]);
  });
  it("a block that takes any number has one port more than it takes", () => {
    const scene = sceneOf(graph({ a: node("Input"), b: node("Add", "a", "a"), c: node("Unknown", "a"), d: node("Output", "b") }), known());
    expect(scene.boxes.map((each) => [each.inputs, each.outputs])).toEqual([[0, 1], [3, 1], [1, 1], [1, 0]]);
  });
  it("what was put by hand stays there, and an opened frame moves what is below it", () => {
    const places = { image: [0, 0], stage: [0, 100], label: [0, 200] } as GraphDocument["layout"];
    const closed = sceneOf({ ...nested, layout: places }, known());
    expect(closed.boxes.map(({ x, y }) => [x, y])).toEqual([[0, 0], [0, 100], [0, 200]]);
    open = new Set(["stage"]);
    const opened = sceneOf({ ...nested, layout: places }, known());
    expect(box(opened, "stage").at).toEqual({ x: 0, y: 100 });
    expect(box(opened, "label").y).toBe(200 + box(opened, "stage").height - BOX.height);
    tidy(opened);
  });
  it("a node without a place finds one below what it takes", () => {
    const scene = sceneOf(graph({ a: node("Input"), b: node("ReLU", "a"), c: node("ReLU", "a") }, { a: [500, 40] }), known());
    expect(box(scene, "b").y).toBeGreaterThan(40 + BOX.height);
    expect(box(scene, "b").x).toBe(500);
    tidy(scene);
  });
  it("circles and references to nothing do no harm", () => {
    const scene = sceneOf(graph({ a: node("Add", "b", "nothing"), b: node("ReLU", "a"), c: node("ReLU", "@0"), d: { reuse: "b", inputs: ["c"] } }), known());
    expect(ends(scene)).toEqual(["b.out-0>a.in-0", "a.out-0>b.in-0", "c.out-0>d.in-0"]);
    expect(box(scene, "d").block).toBe("ReLU");
  });
  it("a module is known before it was analysed", () => {
    const document = { ...graph({ a: node("Input"), b: node("module:Part", "a") }), modules: { Part: { nodes: { c: node("ReLU", "@0") }, outputs: ["c"] } } };
    open = new Set(["b"]);
    const scene = sceneOf(document, { ...known(), levels: {} });
    expect(scene.boxes.map((each) => each.path)).toEqual(["a", "b", "b/c"]);
  });
  it("ports are counted by the largest that is named", () => expect(portsOf({ nodes: { a: node("Add", "@0", "@2") }, outputs: ["@1"] })).toBe(3));
});

describe("the layout", () => {
  const boxes = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `n${index}`, ...BOX }));
  it("a chain is one column, however long", () => {
    const placed = layout(boxes(3000), Array.from({ length: 2999 }, (_, index) => ({ id: `${index}`, from: `n${index}`, to: `n${index + 1}`, main: true })));
    expect(new Set([...placed.boxes.values()].map((each) => each.x)).size).toBe(1);
  });
  it("a shortcut goes around what it passes", () => {
    const links = [["n0", "n1"], ["n1", "n2"], ["n2", "n3"], ["n0", "n3"]].map(([from, to], index) => ({ id: `${index}`, from: from!, to: to!, main: index < 3 }));
    const placed = layout(boxes(4), links);
    const passed = placed.boxes.get("n1")!;
    const bends = placed.bends.get("3")!;
    expect(bends.length).toBeGreaterThan(0);
    for (const { x, y } of bends) expect(y > passed.y && y < passed.y + BOX.height && x > passed.x && x < passed.x + BOX.width).toBe(false);
    expect(placed.bends.get("0")).toEqual([]);
  });
  it("nothing at all", () => expect(layout([], []).boxes.size).toBe(0));
  it("two that lead to the same place are two", () => {
    const placed = layout(boxes(2), [{ id: "a", from: "n0", to: "n1", main: true }, { id: "b", from: "n0", to: "n1", main: false }]);
    expect([...placed.bends.keys()]).toEqual(["a", "b"]);
  });
});

describe("lines", () => {
  it("are straight where they can be", () => expect(through([{ x: 1, y: 0 }, { x: 1, y: 9 }])).toBe("M1,0V9"));
  it("leave and arrive straight down", () => expect(through([{ x: 0, y: 0 }, { x: 8, y: 10 }])).toBe("M0,0C0,5 8,5 8,10"));
  it("are labelled in the middle of their last stretch", () => expect(labelAt([{ x: 0, y: 0 }, { x: 0, y: 4 }, { x: 6, y: 8 }])).toEqual({ x: 3, y: 6 }));
});

describe("wires side by side", () => {
  it("say the shape once", () => {
    open = new Set();
    const { wires } = sceneOf(graph({ image: node("Input"), twice: node("Add", "image", "image"), sum: node("Add", "image", "twice") }), known());
    const said = speaking(wires);
    expect(wires.filter(({ id }) => said.has(id)).map(({ to, index }) => `${to} ${index}`)).toEqual(["twice 1", "sum 0", "sum 1"]);
  });
});

describe("figures", () => {
  const message = (where: string, severity: Message["severity"]): Message => ({ node: where, severity, text: "", fix: "" });
  it("the worst counts", () => expect([worst([message("a", "hint"), message("a", "error")]), worst([])]).toEqual(["error", undefined]));
  it("a part is never more than the whole", () => expect([share(5, 10), share(12, 10), share(1, 0), share(1, undefined)]).toEqual([0.5, 1, 0, 0]));
  it("what is wrong inside a closed composite is said at it", () => {
    const found = byShownNode([message("stage/first/conv", "error"), message("gone", "error"), message("", "hint")], (path) => path === "stage");
    expect([...found.keys()]).toEqual(["stage"]);
  });
});
