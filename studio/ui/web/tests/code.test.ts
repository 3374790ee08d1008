import { describe, expect, it } from "vitest";
import { coloured, linesOf } from "../src/model/code";

const code = [
  "import keras",
  "",
  'x = keras.layers.Conv2D(',
  '    filters=6, name="conv1"',
  ")(x)",
  'y = keras.layers.Dense(10, name="stage1_block1_dense")(x)',
  'y = keras.layers.ReLU(name="conv10")(y)',
];

describe("the lines of a node", () => {
  it("are its whole statement", () => expect([...linesOf(code, "conv1")]).toEqual([2, 3, 4]));
  it("are all that is inside a composite", () => expect([...linesOf(code, "stage1")]).toEqual([5]));
  it("are found by the path of an inner node", () => expect([...linesOf(code, "stage1/block1/dense")]).toEqual([5]));
  it("are none where nothing is chosen, and for names that only begin alike", () => {
    expect(linesOf(code, null).size).toBe(0);
    expect([...linesOf(code, "conv10")]).toEqual([6]);
  });
});

it("a line is coloured without losing a character", () => {
  const line = 'x = f("a # b", 1.5e-3, None)  # said \'so\'';
  const pieces = coloured(line);
  expect(pieces.map(([, text]) => text).join("")).toBe(line);
  expect(pieces.filter(([kind]) => kind)).toEqual([
    ["text", '"a # b"'],
    ["number", "1.5e-3"],
    ["word", "None"],
    ["comment", "# said 'so'"],
  ]);
});
