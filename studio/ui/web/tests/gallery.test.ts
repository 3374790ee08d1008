import { describe, expect, it } from "vitest";
import known from "../../../../presets/figures.json";
import { type Counts, grouped, isMeant, isSmall, perTask, shownVariant, SORTS, type Wish } from "../src/model/gallery/choose";
import { columns } from "../src/model/gallery/columns";
import { type Box, drawing } from "../src/model/gallery/geometry";
import { next } from "../src/model/gallery/keys";
import type { Figures, Preset, Stage, Variant } from "../src/model/gallery/types";

const figures = known as unknown as Record<string, Figures>;
const [WIDTH, HEIGHT] = [240, 88];
const stage = (shape: number[], category = "convolution", layers = 1): Stage => ({ category, shape, layers });
const drawn = (...stages: Stage[]): Box[] => drawing(stages, WIDTH, HEIGHT).boxes;

describe("the picture of a network", () => {
  it.each(Object.keys(figures))("%s stays within its frame, from left to right", (name) => {
    const stages = figures[name]?.stages ?? [];
    const { boxes, arcs, joins } = drawing(stages, WIDTH, HEIGHT);
    const { places } = columns(stages);
    expect(boxes.length).toBeGreaterThan(1);
    const edges: Record<number, number> = {};
    const inOrder = boxes.map((box, index) => ({ ...box, ...(places[index] as (typeof places)[number]) })).sort((one, other) => one.column - other.column);
    for (const { x, y, thickness, height, depth, cuts, middle: row } of inOrder) {
      expect(x).toBeGreaterThan(-0.01);
      expect(x + thickness + depth).toBeLessThan(WIDTH + 0.01);
      expect(y - depth).toBeGreaterThan(-0.01);
      expect(y + height).toBeLessThan(HEIGHT + 0.01);
      expect(thickness).toBeGreaterThan(0.3);
      expect(cuts.every((cut) => cut > 0 && cut < thickness)).toBe(true);
      const middle = x + depth / 2;
      expect(middle).toBeGreaterThan(edges[row] ?? -Infinity);
      edges[row] = middle;
    }
    for (const { from, to } of joins) expect(to.x).toBeGreaterThan(from.x);
    for (const { from, to, top } of arcs) {
      expect(top).toBeGreaterThan(0);
      expect(top).toBeLessThan(Math.min(from.y, to.y));
    }
  });
  it("is as high as the pictures are large, and as thick as they have channels", () => {
    const [large, small, deep] = drawn(stage([64, 64, 16]), stage([16, 16, 16]), stage([16, 16, 256])) as [Box, Box, Box];
    expect(large.height).toBeCloseTo(2 * small.height, 1);
    expect(small.height).toBe(deep.height);
    expect(deep.thickness).toBeGreaterThan(1.5 * small.thickness);
    expect(large.depth).toBeGreaterThan(small.depth);
  });
  it("is wider where the pictures are", () => {
    const [wide, high] = drawn(stage([32, 100, 8]), stage([100, 32, 8])) as [Box, Box];
    expect(wide.height).toBeCloseTo(high.depth / 0.32, 5);
    expect(wide.depth).toBeGreaterThan(high.depth);
  });
  it("shows the layers of a stage as far as there is room for cuts", () => {
    const [one, three, many] = drawn(stage([8, 8, 512], "residual", 1), stage([8, 8, 512], "residual", 3), stage([8, 8, 512], "residual", 200)) as [Box, Box, Box];
    expect([one.cuts.length, three.cuts.length]).toEqual([0, 2]);
    expect(many.cuts.length).toBeLessThan(many.thickness / 2);
  });
  it("has an arc for every way that leaves stages out", () => {
    const { arcs, boxes } = drawing([stage([8, 8, 4]), stage([4, 4, 4]), { ...stage([8, 8, 4]), inputs: [0, 1] }], WIDTH, HEIGHT);
    expect(arcs).toHaveLength(1);
    expect(arcs[0]?.from.x).toBeCloseTo((boxes[0]?.x ?? 0) + ((boxes[0]?.thickness ?? 0) + (boxes[0]?.depth ?? 0)) / 2);
  });
  it.each([
    ["Siamese", 2, 2],
    ["Triplet", 3, 6],
    ["Quadruplet", 4, 9],
  ])("puts the equal towers of a %s above each other, and joins their ends", (name, rows, ways) => {
    const { stages } = figures[name] as Figures;
    const { boxes, arcs, joins } = drawing(stages, WIDTH, HEIGHT);
    const { places } = columns(stages);
    expect(columns(stages).rows).toBe(rows);
    expect([arcs.length, joins.length]).toEqual([0, ways]);
    const first = boxes.filter((_, index) => places[index]?.column === 2);
    expect(first).toHaveLength(rows);
    for (const [index, box] of first.slice(1).entries()) {
      const above = first[index] as Box;
      expect([box.x, box.height, box.thickness, box.category]).toEqual([above.x, above.height, above.thickness, above.category]);
      expect(box.y - box.depth).toBeGreaterThan(above.y + above.height);
    }
  });
  it.each(Object.keys(figures).filter((name) => !["Siamese", "Siamese_slim", "Triplet", "Quadruplet"].includes(name)))("%s is one row", (name) => {
    expect(columns(figures[name]?.stages ?? []).rows).toBe(1);
  });
  it("keeps one row where branches differ", () => {
    const input = { ...stage([8], "input", 0), inputs: [] };
    const two = (units: number): Stage[] => [input, input, { ...stage([4], "dense"), inputs: [0] }, { ...stage([units], "dense"), inputs: [1] }, { ...stage([4], "merging", 0), inputs: [2, 3] }];
    expect(columns(two(4)).rows).toBe(2);
    expect(columns(two(5)).rows).toBe(1);
  });
  it("of nothing is empty, and unknown lengths have some size", () => {
    expect(drawing([], WIDTH, HEIGHT)).toEqual({ boxes: [], arcs: [], joins: [] });
    expect(drawn({ category: "recurrent", shape: [null, 8], layers: 1 }, stage([])).every(({ height, thickness }) => height > 0 && thickness > 0)).toBe(true);
  });
});

const counted = (weights: number, multiply_adds: number): Figures => ({ weights, trainable_weights: weights, multiply_adds, activations: 1, input_shape: [8, 8, 1], stages: [] });
const variant = (name: string, weights: number, reason = ""): Variant => ({ name, params: { name }, reason, figures: counted(weights, 1000 - weights), imagenet: "no" });
const family = (name: string, year: number, more: Partial<Preset> = {}): Preset => ({ name, title: name, summary: "", usage: "", source: "", task: "picture", year, paper: "", fits: true, reason: "", params: {}, fields: [], variants: [variant(name, year % 100)], ...more });

const ALL = [
  family("LeNet5", 1998, { title: "LeNet-5", summary: "Reads digits.", paper: "LeCun et al." }),
  family("ResNet", 2015, { summary: "Shortcuts.", variants: [variant("ResNet20", 20), variant("ResNet110", 110)] }),
  family("Inception", 2014, { summary: "Better than resnet110 at times." }),
  family("TextCNN", 2013, { task: "text", fits: false, reason: "It takes texts.", variants: [variant("TextCNN", 5, "It takes texts.")] }),
];
const TASKS = ["picture", "text", "sound"];
const ANY: Wish = { query: "", task: "", sort: "oldest", fitting: false, small: false };
const chinese = (text: string): string => ({ "Reads digits.": "识别数字。" })[text] ?? text;
const names = (wish: Partial<Wish>, counts: Counts = {}, free: number | null = null): string[] => grouped(ALL, TASKS, { ...ANY, ...wish }, counts, free, chinese).flatMap(({ listed }) => listed.map(({ preset }) => preset.name));
const needs = (training_bytes: number) => ({ ...counted(1, 1), counting: false as const, training_bytes });

describe("what is listed", () => {
  it("is grouped by task", () => {
    expect(grouped(ALL, TASKS, ANY, {}, null, chinese).map(({ task, listed }) => [task, listed.length])).toEqual([
      ["picture", 3],
      ["text", 1],
    ]);
    expect(names({ task: "text" })).toEqual(["TextCNN"]);
    expect(perTask(ALL, TASKS, { ...ANY, task: "text" }, {}, null, chinese)).toEqual({ picture: 3, text: 1 });
  });
  it.each([
    ["lenet", ["LeNet5"]],
    ["lenet 5", ["LeNet5"]],
    ["LECUN digits", ["LeNet5"]],
    ["数字", ["LeNet5"]],
    ["1998", ["LeNet5"]],
    ["resnet-110", ["ResNet", "Inception"]],
    ["qqq", []],
    ["  ", ["LeNet5", "Inception", "ResNet", "TextCNN"]],
  ])("is what %j means, with those so named first", (query, wanted) => expect(names({ query })).toEqual(wanted));
  it("says when nothing is meant by a mark", () => expect(isMeant(ALL[0] as Preset, "-", chinese)).toBe(true));
  it.each([
    ["oldest", ["LeNet5", "Inception", "ResNet"]],
    ["newest", ["ResNet", "Inception", "LeNet5"]],
    ["name", ["Inception", "LeNet5", "ResNet"]],
    ["weights", ["Inception", "ResNet", "LeNet5"]],
    ["multiply_adds", ["LeNet5", "ResNet", "Inception"]],
  ] as const)("is sorted by %s", (sort, wanted) => expect(names({ sort, task: "picture" })).toEqual(wanted));
  it("every order is told apart", () => expect(new Set(SORTS.map((sort) => names({ sort, task: "picture" }).join())).size).toBe(SORTS.length));
  it("leaves out what does not fit the data", () => expect(names({ fitting: true })).not.toContain("TextCNN"));
  it("leaves out what is known to be too large, and keeps what is not known", () => {
    const counts = { LeNet5: needs(100), Inception: needs(5000), ResNet20: needs(5000) };
    expect(names({ small: true, task: "picture" }, counts, 1000)).toEqual(["LeNet5", "ResNet"]);
    expect(names({ small: true, task: "picture" }, { ...counts, ResNet110: needs(6000) }, 1000)).toEqual(["LeNet5"]);
    expect(names({ small: true, task: "picture" }, counts, null)).toHaveLength(3);
  });
});

it("knows whether a training fits into memory", () => {
  expect(isSmall(needs(10), 10)).toBe(true);
  expect(isSmall(needs(11), 10)).toBe(false);
  expect([isSmall(undefined, 10), isSmall(needs(1), null), isSmall({ counting: false, problem: "No.", field_problems: {} }, 10)]).toEqual([null, null, null]);
});

describe("the variant that a card shows", () => {
  const several = family("A", 2000, { variants: [variant("A_one", 1, "It predicts a number."), variant("A_two", 2), variant("A_twelve", 3)] });
  it.each([
    ["", "A_two"],
    ["a one", "A_one"],
    ["a_tw", "A_two"],
    ["a_twelve", "A_twelve"],
    ["b", "A_two"],
  ])("for %j is %s", (query, wanted) => expect(shownVariant(several, query)?.name).toBe(wanted));
  it("is the first where none fits", () => expect(shownVariant({ ...several, fits: false }, "")?.name).toBe("A_one"));
});

it("arrows lead to the card beside, above and below", () => {
  const grid = [0, 100, 200].flatMap((y) => [0, 50, 100].map((x) => ({ x, y }))).slice(0, 8);
  expect(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"].map((key) => next(grid, 4, key))).toEqual([5, 3, 7, 1, 0, 7]);
  expect([next(grid, 5, "ArrowDown"), next(grid, 7, "ArrowDown"), next(grid, 0, "ArrowLeft"), next(grid, 7, "ArrowRight"), next(grid, 0, "a"), next([], 0, "End")]).toEqual([7, 7, 0, 7, null, null]);
});
