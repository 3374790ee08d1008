import { describe, expect, it } from "vitest";
import { ago, bytes, duration, percent, short } from "../src/studio/format";
import { fill } from "../src/studio/words";

describe("numbers", () => {
  it.each([
    [61706, "61.7 k"], [999, "999"], [1000, "1 k"], [999_999, "1 M"], [1_234_567, "1.23 M"], [0, "0"], [-2500, "-2.5 k"], [0.98765, "0.9877"],
    [0.00001, "1.0e-5"], [null, "–"], [undefined, "–"], [Number.NaN, "NaN"], [Infinity, "∞"], [12.5, "12.5"],
  ])("%s is %s", (value, text) => expect(short(value)).toBe(text));
  it("bytes and shares", () => {
    expect([bytes(999), bytes(1500), bytes(2.5e9), bytes(999_999)]).toEqual(["999 B", "1.5 kB", "2.5 GB", "1 MB"]);
    expect(percent(0.9755)).toBe("97.5 %");
  });
});

describe("time", () => {
  it.each([[0, "0.0 s"], [0.0362, "36 ms"], [0.0002, "1 ms"], [0.34, "0.3 s"], [12, "12 s"], [75, "1 min 15 s"], [3599.7, "1 h 0 min"], [7199, "2 h 0 min"], [5400, "1 h 30 min"], [Number.NaN, "–"]])(
    "%s s is %s",
    (seconds, text) => expect(duration(seconds)).toBe(text),
  );
  it("says how long ago", () => {
    expect([ago(100, 130), ago(0, 300), ago(0, 7200), ago(0, 2 * 86400)]).toEqual(["just now", "5 min ago", "2 h ago", "2 d ago"]);
  });
});

describe("fill", () => {
  it("fills places by name and leaves unknown ones", () => expect(fill("{a} of {b}, {c}", { a: 1, b: "x" })).toBe("1 of x, {c}"));
});
