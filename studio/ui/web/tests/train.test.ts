import type { FieldSpec } from "@studio";
import { describe, expect, it } from "vitest";
import { deviations, named, withParameter } from "../src/train/settings";
import { beats, stepsPerSecond } from "../src/train/speed";

describe("speed", () => {
  it("comes from the last signs of life", () => {
    let known = beats([], { time: 0, step: 0 });
    expect(stepsPerSecond(known)).toBeNull();
    known = beats(known, { time: 10, step: 100 });
    known = beats(known, { time: 11, step: 150 });
    known = beats(known, { time: 12, step: 200 });
    expect(stepsPerSecond(known)).toBe(50);
    known = beats(known, { time: 40, step: 300 });
    expect(known).toHaveLength(1);
  });
  it("starts anew after a resume, and ignores a repeated beat", () => {
    const known = [{ time: 5, step: 50 }];
    expect(beats(known, { time: 6, step: 40 })).toEqual([{ time: 6, step: 40 }]);
    expect(beats(known, { time: 5, step: 50 })).toEqual(known);
  });
});

describe("named settings", () => {
  it("are read in both spellings", () => {
    expect(named("adam", undefined)).toEqual({ name: "adam", params: {} });
    expect(named({ name: "sgd", momentum: 0.9 }, "adam")).toEqual({ name: "sgd", params: { momentum: 0.9 } });
    expect(named(undefined, { name: "adam", beta_1: 0.9 })).toEqual({ name: "adam", params: {} });
    expect(named(undefined, undefined)).toEqual({ name: "", params: {} });
  });
  it("know where a default is not the declaration's", () => {
    const fields = [{ name: "learning_rate", default: 0.001 }, { name: "beta_1", default: 0.9 }] as FieldSpec[];
    expect(deviations({ name: "adam", learning_rate: 0.002, beta_1: 0.9 }, fields)).toEqual({ learning_rate: 0.002 });
    expect(deviations("adam", fields)).toEqual({});
  });
  it("are written as short as possible", () => {
    expect(withParameter("sgd", {}, "momentum", 0.9)).toEqual({ name: "sgd", momentum: 0.9 });
    expect(withParameter("sgd", { momentum: 0.9 }, "momentum", undefined)).toBe("sgd");
  });
});
