import { type Pulse, pulse, statusWords } from "@studio";
import { afterEach, describe, expect, it } from "vitest";
import { type RunRow, canResume, figure, matching, metricValue, sorted } from "../src/runs/rows";
import { sparklinePoints } from "../src/runs/sparkline";

const row = (changes: Partial<RunRow>): RunRow => ({
  run: "a",
  title: "a",
  status: "finished",
  dataset: "digits",
  network: "LeNet",
  epoch: 3,
  epochs: 3,
  step: 30,
  steps_per_epoch: 10,
  reason: "",
  started: 1,
  heartbeat: 2,
  monitor: "loss",
  batch_size: 32,
  when: 1,
  seconds: 1,
  weights: 10,
  sparkline: [],
  best_epoch: 1,
  early_stopping: true,
  resources: {},
  bytes: 1,
  checkpoint_bytes: 1,
  has_state: true,
  has_results: true,
  metrics: {},
  ...changes,
});

describe("the figure of a run", () => {
  it("is the metric on the test data, never the loss", () => {
    expect(figure(row({ metrics: { validation: { loss: 1, accuracy: 0.8 }, test: { loss: 2, accuracy: 0.7 } } }))).toEqual({ split: "test", name: "accuracy", value: 0.7 });
  });
  it("is the monitored metric where there is one", () => {
    expect(figure(row({ monitor: "f1", metrics: { test: { accuracy: 0.7, f1: 0.6 } } }))?.name).toBe("f1");
  });
  it("is nothing for a run that has only a loss", () => {
    expect(figure(row({ metrics: { validation: { loss: 1 } } }))).toBeNull();
  });
  it("shows shares in percent and other metrics as they are", () => {
    expect(metricValue("accuracy", 0.9755)).toBe("97.5 %");
    expect(metricValue("accuracy", 0.9998)).toBe("99.98 %");
    expect(metricValue("mae", 4.6883)).toBe("4.688");
  });
});

describe("the list of runs", () => {
  const rows = [row({ run: "1", title: "run 10", metrics: { validation: { loss: 0.5 } } }), row({ run: "2", title: "run 9" }), row({ run: "3", title: "Other", dataset: "iris", metrics: { validation: { loss: 0.1 } } })];
  it("sorts numbers in names as numbers", () => {
    expect(sorted(rows, { key: "title", descending: false }).map(({ run }) => run)).toEqual(["3", "2", "1"]);
  });
  it("keeps runs without a value at the end in both directions", () => {
    expect(sorted(rows, { key: "loss", descending: false }).map(({ run }) => run)).toEqual(["3", "1", "2"]);
    expect(sorted(rows, { key: "loss", descending: true }).map(({ run }) => run)).toEqual(["1", "3", "2"]);
  });
  it("finds runs that have every word, in any column", () => {
    expect(matching(rows, "iris other").map(({ run }) => run)).toEqual(["3"]);
    expect(matching(rows, "iris run")).toEqual([]);
    expect(matching(rows, " ")).toHaveLength(3);
  });
  it("offers Resume for what has not finished", () => {
    expect(["paused", "stopped", "crashed", "failed", "finished", "running"].map((status) => canResume({ status }))).toEqual([true, true, true, true, false, false]);
  });
});

describe("a sparkline", () => {
  it("spans the box from the highest to the lowest value", () => {
    expect(sparklinePoints([1, 0], 100, 20)).toBe("2.0,2.0 98.0,18.0");
  });
  it("is a flat line for equal values, and nothing without any", () => {
    expect(sparklinePoints([3, 3], 100, 20)).toBe("2.0,18.0 98.0,18.0");
    expect(sparklinePoints([], 100, 20)).toBe("");
  });
});

describe("what a run does, in words", () => {
  afterEach(() => {
    pulse.value = null;
  });
  const queued = { run: "b", status: "queued" as const, reason: "" };
  const beside = (other: RunRow) => {
    pulse.value = { active: [other], device: {} } as unknown as Pulse;
    return statusWords(queued);
  };
  it("says that the trainer starts where nothing else is waited for", () => {
    const starting = statusWords(queued);
    expect(starting).not.toBe(statusWords({ ...queued, reason: "Waiting for CPU, which another run is using." }));
    expect(beside(row({ run: "b", status: "queued" }))).toBe(starting);
    expect(beside(row({ run: "a", status: "running" }))).not.toBe(starting);
    expect(statusWords(row({ status: "running" }))).not.toBe(starting);
  });
});
