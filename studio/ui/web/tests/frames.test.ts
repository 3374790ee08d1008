import { describe, expect, it } from "vitest";
import { BOX, type Box, closedAt, documentPoint, type Known, openRows, type Scene, sceneOf } from "../src/model/canvas/scene";
import type { GraphDocument, NodeDocument } from "../src/model/graph";

const node = (block: string, ...inputs: string[]): NodeDocument => ({ block, params: {}, inputs });
const inside = { nodes: { first: node("ReLU", "@0"), second: node("ReLU", "first"), third: node("ReLU", "second") }, outputs: ["third"] };
const LEVELS = { stage: inside, left: inside, right: inside, "stage/first": inside };
const ARITY: Record<string, [number, number | null]> = { Input: [0, 0], Add: [2, null], ReLU: [1, 1], Stage: [1, 1] };
const known = (...open: string[]): Known => ({ levels: LEVELS, open: new Set(open), arity: (block) => ARITY[block], outputs: () => 1, defaults: () => ({}) });
const chain: GraphDocument = {
  format: "studio.graph/1",
  name: "",
  nodes: { image: node("Input"), stage: node("Stage", "image"), last: node("ReLU", "stage"), end: node("ReLU", "last") },
  modules: {},
  layout: {},
};
const fork: GraphDocument = {
  ...chain,
  nodes: { image: node("Input"), left: node("Stage", "image"), right: node("Stage", "image"), beside: node("ReLU", "image"), sum: node("Add", "left", "right", "beside"), end: node("ReLU", "sum") },
};
const box = (scene: Scene, path: string): Box => scene.boxes.find((each) => each.path === path)!;
const places = (scene: Scene, place = ""): GraphDocument["layout"] =>
  Object.fromEntries(scene.boxes.filter((each) => each.place === place).map((each) => [each.path, [each.at.x, each.at.y]]));
const positions = (scene: Scene) => scene.boxes.map(({ path, x, y }) => [path, Math.round(x), Math.round(y)]);

describe("what is put where it stands", () => {
  for (const [name, graph, open] of [
    ["a chain", chain, []],
    ["a chain with an open frame", chain, ["stage"]],
    ["a chain with a frame in a frame", chain, ["stage", "stage/first"]],
    ["branches", fork, []],
    ["branches with one open", fork, ["left"]],
    ["branches with two open side by side", fork, ["left", "right"]],
  ] as const) {
    it(`${name}: stays there`, () => {
      const before = sceneOf(graph, known(...open));
      const after = sceneOf({ ...graph, layout: places(before) }, known(...open));
      expect(positions(after)).toEqual(positions(before));
    });
  }

  it("inside a frame stays there too", () => {
    const before = sceneOf(chain, known("stage"));
    const after = sceneOf({ ...chain, layout: places(before, "stage") }, known("stage"));
    expect(positions(after)).toEqual(positions(before));
  });

  it("beyond the edge of its frame widens it", () => {
    const before = sceneOf(chain, known("stage"));
    const layout = { ...places(before, "stage"), "stage/first": [-300, -80] as [number, number], "stage/third": [400, 500] as [number, number] };
    const after = sceneOf({ ...chain, layout }, known("stage"));
    const frame = box(after, "stage");
    for (const each of after.boxes.filter(({ place }) => place === "stage")) {
      expect(each.x).toBeGreaterThanOrEqual(0);
      expect(each.y).toBeGreaterThan(20);
      expect(each.x + each.width).toBeLessThanOrEqual(frame.width);
      expect(each.y + each.height).toBeLessThanOrEqual(frame.height);
    }
    expect(box(after, "stage/first").at).toEqual({ x: -300, y: -80 });
    const again = documentPoint(after.boxes, "stage", box(after, "stage/first").x, box(after, "stage/first").y);
    expect(again).toEqual({ x: -300, y: -80 });
  });

  it("in an open network is no further apart when it is closed again", () => {
    const layout = places(sceneOf(chain, known("stage")));
    const closed = sceneOf({ ...chain, layout }, known());
    const tops = ["image", "stage", "last", "end"].map((path) => box(closed, path).y);
    expect(tops).toEqual([0, 100, 200, 300].map((top) => top + (tops[0] ?? 0)));
  });
});

describe("a place on the canvas in the words of the document", () => {
  it("is where the box stands, for every box", () => {
    for (const [graph, ...open] of [[chain], [chain, "stage"], [fork, "left", "right"]] as [GraphDocument, ...string[]][]) {
      const { boxes } = sceneOf(graph, known(...open));
      for (const each of boxes) {
        const at = documentPoint(boxes, each.place, each.x + (each.width - BOX.width) / 2, each.y);
        expect(at, each.path).toEqual({ x: Math.round(each.at.x), y: Math.round(each.at.y) });
      }
    }
  });

  it("below an open frame is nearer, so that the box appears where it was dropped", () => {
    const before = sceneOf(chain, known("stage"));
    const wanted = box(before, "end").y + 80;
    const at = documentPoint(before.boxes, "", 400, wanted);
    const after = sceneOf({ ...chain, layout: { ...places(before), end: [at.x, at.y] } }, known("stage"));
    expect(box(after, "end").y).toBe(wanted);
    expect(box(after, "last").y).toBe(box(before, "last").y);
  });

  it("of a frame that is moved itself does not count its own size", () => {
    const before = sceneOf(chain, known("stage"));
    const frame = box(before, "stage");
    const at = documentPoint(before.boxes, "", frame.x + (frame.width - BOX.width) / 2, frame.y + 60, new Set(["stage"]));
    expect(at.y).toBe(frame.at.y + 60);
  });

  it("beside an open frame is in its row", () => {
    const rows = openRows(sceneOf(chain, known("stage")).boxes.filter((each) => !each.place));
    const [row] = rows;
    expect(rows).toHaveLength(1);
    expect(closedAt(row!.top + row!.extra / 2, rows)).toBe(row!.top + BOX.height / 2);
    expect(closedAt(row!.top - 5, rows)).toBe(row!.top - 5);
  });
});
