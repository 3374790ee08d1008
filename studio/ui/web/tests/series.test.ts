import { describe, expect, it } from "vitest";
import { linesOf, marksOf } from "../src/studio/curves";
import { align, drawnOf, type MetricsAnswer, RunCurves, smooth, visible, xOf } from "../src/studio/series";

const answer = (changes: Partial<MetricsAnswer>): MetricsAnswer => ({ cursor: "1.a", reset: false, groups: [], ...changes });

describe("RunCurves", () => {
  it("reads first values and differences, and grows", () => {
    const curves = new RunCurves();
    curves.apply(answer({ groups: [{ split: "train", names: ["loss", "accuracy"], step: [5, 5], epoch: [1, 0], time: [200, 300], values: [[2, 1], [0.1, 0.2]] }] }));
    curves.apply(answer({ cursor: "2.b", groups: [{ split: "train", names: ["loss"], step: [15], epoch: [2], time: [900], values: [[0.5]] }] }));
    const loss = curves.series.get("train/loss");
    expect(loss).toMatchObject({ step: [5, 10, 15], epoch: [1, 1, 2], time: [0.2, 0.5, 0.9], value: [2, 1, 0.5] });
    expect(curves.last("train", "accuracy")).toBe(0.2);
    expect(curves.cursor).toBe("2.b");
  });

  it("forgets everything when the server starts anew", () => {
    const curves = new RunCurves();
    curves.apply(answer({ groups: [{ split: "train", names: ["loss"], step: [1], epoch: [1], time: [0], values: [[9]] }] }));
    expect(curves.apply(answer({ reset: true }))).toBe(true);
    expect(curves.series.size).toBe(0);
  });

  it("says whether anything changed", () => {
    expect(new RunCurves().apply(answer({}))).toBe(false);
  });

  it("names the loss first and the learning rate last", () => {
    const curves = new RunCurves();
    const names = ["learning_rate", "accuracy", "batch_loss"];
    curves.apply(answer({ groups: [{ split: "train", names, step: [1], epoch: [1], time: [0], values: [[1], [1], [1]] }] }));
    expect(curves.names()).toEqual(["loss", "accuracy", "learning_rate"]);
  });
});

describe("xOf", () => {
  const series = { split: "train", name: "loss", step: [10, 20], epoch: [1, 1], time: [1, 2], value: [1, 1] };
  it("gives fractions of an epoch where steps per epoch are known", () => {
    expect(xOf(series, "epoch", 20)).toEqual([0.5, 1]);
    expect(xOf(series, "epoch")).toEqual([1, 1]);
    expect(xOf(series, "time")).toEqual([1, 2]);
  });
});

describe("drawnOf", () => {
  const series = { split: "train", name: "loss", step: [10, 20], epoch: [1, 1], time: [1, 2], value: [3, 4] };
  it("gives the same arrays until the series grows or another axis is asked for", () => {
    const first = drawnOf(series, "epoch", 20);
    expect(first).toMatchObject({ x: [0.5, 1], y: [3, 4] });
    expect(drawnOf(series, "epoch", 20)).toBe(first);
    expect(drawnOf(series, "step", 20).x).toEqual([10, 20]);
    series.step.push(30);
    series.value.push(5);
    expect(drawnOf(series, "step", 20)).toMatchObject({ x: [10, 20, 30], y: [3, 4, 5] });
    expect(first.y).toEqual([3, 4]);
  });
});

describe("the mark where layers are unfrozen", () => {
  const curves = new RunCurves();
  curves.apply(answer({ groups: [{ split: "validation", names: ["loss"], step: [10, 10, 10], epoch: [1, 1, 1], time: [500, 500, 500], values: [[3, 2, 1]] }] }));
  const run = { stepsPerEpoch: 10, unfreezes: 2, curves };
  it("stands at the end of the last epoch before it, on every axis", () => {
    expect(marksOf([run], "epoch").map((mark) => mark.x)).toEqual([2]);
    expect(marksOf([run], "step").map((mark) => mark.x)).toEqual([20]);
    expect(marksOf([run], "time").map((mark) => mark.x)).toEqual([1]);
  });
  it("is not there before it has happened, nor where nothing is unfrozen", () => {
    expect(marksOf([{ ...run, unfreezes: 3 }], "epoch")).toEqual([]);
    expect(marksOf([{ ...run, unfreezes: null }], "epoch")).toEqual([]);
    expect(marksOf([run, run], "epoch")).toEqual([]);
  });
});

describe("smooth", () => {
  it("leaves a constant as it is, from the first value on", () => {
    for (const value of smooth([3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
  });
  it("weights the past", () => {
    const [first, second] = smooth([0, 1], 0.5) as [number, number];
    expect(first).toBe(0);
    expect(second).toBeCloseTo(2 / 3, 12);
  });
  it("does nothing with weight 0", () => {
    const values = [1, 2];
    expect(smooth(values, 0)).toBe(values);
  });
});

describe("align", () => {
  it("puts series on one axis, with gaps as null", () => {
    expect(align([{ x: [1, 3], y: [10, 30] }, { x: [2, 3, 4], y: [5, 6, 7] }])).toEqual({ x: [1, 2, 3, 4], y: [[10, null, 30, null], [null, 5, 6, 7]] });
  });
  it("takes the last of points with the same x", () => {
    expect(align([{ x: [1, 1, 2], y: [1, 2, 3] }, { x: [1], y: [9] }])).toEqual({ x: [1, 2], y: [[2, 3], [9, null]] });
  });
  it("shares an axis without copying it", () => {
    const x = [1, 2];
    expect(align([{ x, y: [1, 2] }, { x, y: [3, 4] }]).x).toBe(x);
  });
  it("handles nothing", () => {
    expect(align([])).toEqual({ x: [], y: [] });
    expect(align([{ x: [], y: [] }, { x: [1], y: [2] }])).toEqual({ x: [1], y: [[null], [2]] });
  });
});

describe("visible", () => {
  const x = Array.from({ length: 10_000 }, (_, i) => i);
  const y = x.map((i) => Math.sin(i / 50));
  it("keeps the ends, the extremes and the order of a long line", () => {
    const spiked = [...y];
    spiked[4321] = 50;
    spiked[8765] = -50;
    const seen = visible(x, spiked, null, 100);
    expect(seen.x.length).toBeLessThanOrEqual(202);
    expect([seen.x[0], seen.x.at(-1)]).toEqual([0, 9999]);
    expect(seen.y).toContain(50);
    expect(seen.y).toContain(-50);
    expect(seen.x.every((value, index) => index === 0 || value > (seen.x[index - 1] as number))).toBe(true);
  });
  it("shows every point of a part that is small enough", () => {
    expect(visible(x, y, [100, 110], 100).x).toEqual([99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
    expect(visible(x, y, [-5, 2], 100).x).toEqual([0, 1, 2]);
  });
  it("hands a short line on as it is", () => {
    const short = [1, 2];
    expect(visible(short, short, null).x).toBe(short);
  });
});

describe("smoothed lines", () => {
  const curves = new RunCurves();
  const names = ["loss", "learning_rate"];
  curves.apply(answer({ groups: [{ split: "train", names, step: [1, 1, 1, 1], epoch: [1, 1, 1, 1], time: [0, 1, 1, 1], values: [[4, 1, 3, 2], [4, 3, 2, 1]] }] }));
  const drawn = (name: string) => linesOf(name, [{ title: "a", stepsPerEpoch: 1, curves }], { smoothing: 0.5, log: false, axis: "step" }).map((line) => line.y);
  it("stand before the raw ones", () => {
    expect(drawn("loss")).toEqual([[4, 1, 3, 2], smooth([4, 1, 3, 2], 0.5)]);
  });
  it("leave the learning rate as it is", () => {
    expect(drawn("learning_rate")).toEqual([[4, 3, 2, 1]]);
  });
});
