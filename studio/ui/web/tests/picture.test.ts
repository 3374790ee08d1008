import { describe, expect, it } from "vitest";
import { type Colours, mixed } from "../src/model/canvas/colours";
import { escaped, picture } from "../src/model/canvas/picture";
import { scaleOf } from "../src/model/canvas/pixels";
import { boxes, wires } from "../src/model/canvas/view";
import { network, open } from "../src/model/state";
import type { GraphDocument, Message } from "../src/model/graph";

const COLOURS: Colours = { page: "#f0f0f0", surface: "#ffffff", text: "#111111", muted: "#666666", line: "#bbbbbb", red: "#aa0000", redSoft: "#ffdddd", amber: "#885500", family: () => "#0072b2" };
const STAGE = { nodes: { conv: { block: "Conv2D", params: { filters: 6 }, inputs: ["@0"] }, relu: { block: "ReLU", inputs: ["conv"] } }, outputs: ["relu"] };
const GRAPH: GraphDocument = {
  format: "studio.graph/1",
  name: "A <b> & \u0001",
  nodes: {
    image: { block: "Input", params: { feature: 'pictures & "more" <x>' } },
    stage: { block: "module:Stage", inputs: ["image"], trainable: false },
    again: { reuse: "stage", inputs: ["stage"] },
    both: { block: "Add", inputs: ["stage", "again"] },
    label: { block: "Output", inputs: ["both"] },
  },
  modules: { Stage: STAGE },
  layout: {},
};
const figure = (shape: number[], weights = 0) => ({ block: "", input_shapes: [shape], output_shapes: [shape], dtypes: [], weights, trainable_weights: weights, multiply_adds: 0, receptive_field: null });
const MESSAGES: Message[] = [{ node: "label", severity: "error", text: "wrong", fix: "" }, { node: "both", severity: "warning", text: "odd", fix: "" }];

function drawn(opened: string[]) {
  open.value = new Set(opened);
  const nodes = Object.fromEntries(["image", "stage", "stage/conv", "stage/relu", "again", "both", "label"].map((path) => [path, figure([8, 8, 6], path === "stage" ? 1234 : 0)]));
  network.value = {
    dataset: { name: "digits", title: "" }, automatic: false, preset: null, graph: GRAPH, counting: false, problem: null, field_problems: {},
    analysis: { nodes, messages: MESSAGES, weights: 1234, trainable_weights: 0, multiply_adds: 0, outputs: [], levels: { stage: STAGE, again: STAGE } } as never,
  };
  const made = picture(boxes.value, wires.value, COLOURS, GRAPH.name);
  return { ...made, document: new DOMParser().parseFromString(made.svg, "image/svg+xml") };
}

describe("the picture", () => {
  it("has every node, wire and shape, and nothing that only a browser draws", () => {
    const { svg, document } = drawn([]);
    const texts = [...document.querySelectorAll("text")].map((each) => each.textContent);
    for (const name of ["image", "stage", "again", "both", "label"]) expect(texts).toContain(name);
    expect(texts.filter((text) => text === "8 × 8 × 6")).toHaveLength(5);
    expect(texts).toContain("1.23 k");
    expect(svg).not.toMatch(/foreignObject|var\(|color-mix|class=|href/);
    expect(document.querySelector("title")?.textContent).toBe("A <b> & \ufffd");
  });
  it("shows what is open from inside, in its place", () => {
    const closed = drawn([]);
    const opened = drawn(["stage"]);
    expect(opened.height).toBeGreaterThan(closed.height);
    expect([...opened.document.querySelectorAll("text")].map((each) => each.textContent)).toContain("conv");
  });
  it("keeps everything within its frame", () => {
    const { document } = drawn(["stage"]);
    const [left, top, width, height] = (document.querySelector("svg")?.getAttribute("viewBox") ?? "").split(" ").map(Number) as [number, number, number, number];
    for (const each of document.querySelectorAll("rect, circle, text")) {
      const x = Number(each.getAttribute("x") ?? each.getAttribute("cx"));
      const y = Number(each.getAttribute("y") ?? each.getAttribute("cy"));
      if (each.closest("defs")) continue;
      expect(x).toBeGreaterThanOrEqual(left);
      expect(x).toBeLessThanOrEqual(left + width);
      expect(y).toBeGreaterThanOrEqual(top);
      expect(y).toBeLessThanOrEqual(top + height);
    }
  });
  it("of an empty canvas is a small sheet", () => {
    const made = picture([], [], COLOURS, "");
    expect([made.width, made.height]).toEqual([48, 48]);
  });
  it("texts of hostile networks stay texts", () => {
    expect(escaped("</text><script>\u0000\ud800\"")).toBe("&lt;/text&gt;&lt;script&gt;\ufffd\ufffd&quot;");
    expect(drawn([]).svg).not.toContain('"more" <x>');
  });
});

it("colours are mixed as the page mixes them", () => {
  expect(mixed("#000000", 0.5, "#ffffff")).toBe("#808080");
  expect(mixed("#0072b2", 0.1, "#fff")).toBe("#e6f1f7");
});

it("pixels are twice the size, or as many as browsers draw", () => {
  expect(scaleOf({ width: 300, height: 900 })).toBe(2);
  expect(scaleOf({ width: 300, height: 16_000 })).toBe(1);
  const large = scaleOf({ width: 12_000, height: 12_000 });
  expect(12_000 * 12_000 * large * large).toBeLessThanOrEqual(64_000_001);
});
