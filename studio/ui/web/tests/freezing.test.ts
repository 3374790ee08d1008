import { describe, expect, it } from "vitest";
import { trainedLast } from "../src/model/freezing";
import type { GraphDocument } from "../src/model/graph";

const graph = (frozen: string[]): GraphDocument =>
  ({ nodes: Object.fromEntries(["conv1", "conv2", "label"].map((name) => [name, { block: "Dense", ...(frozen.includes(name) ? { trainable: false } : {}) }])) }) as unknown as GraphDocument;

describe("how many of the last layers are trained", () => {
  it("counts those behind the last frozen one", () => {
    const layers = ["conv1", "conv2", "label"];
    expect(trainedLast(graph([]), layers)).toBe(3);
    expect(trainedLast(graph(["conv1"]), layers)).toBe(2);
    expect(trainedLast(graph(["conv1", "conv2"]), layers)).toBe(1);
    expect(trainedLast(graph(["conv2"]), layers)).toBe(1);
    expect(trainedLast(graph(["label"]), layers)).toBe(0);
  });
});
