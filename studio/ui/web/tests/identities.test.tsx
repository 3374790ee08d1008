import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Details } from "../src/evaluate/details";
import { look } from "../src/evaluate/identities";
import type { Evaluated } from "../src/evaluate/types";
import { Shown } from "../src/shown";

let host: HTMLElement;
beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
});

const details = {
  classes: 2,
  ways: 2,
  threshold: 0.5,
  equal_error_rate: 0.25,
  recall_at_5: 1,
  pairs: { same: 12, different: 16 },
  histogram: { edges: [0, 0.5, 1], same: [0.75, 0.25], different: [0.25, 0.75] },
  curve: [
    [0, 0],
    [0.25, 0.75],
    [1, 1],
  ],
  map: {
    points: [
      [0, 0, 0, 7],
      [1, 1, 1, 9],
    ],
    classes: ["<b>alpha</b>", "beta"],
  },
};
const evaluated = { kind: "identity", details, has_samples: true, dataset: "my signs", notes: [], metrics: {}, samples: 2 } as unknown as Evaluated;

describe("neighbours", () => {
  const neighbours = [
    { row: 3, label: "alpha", distance: 0.25, right: true },
    { row: 8, label: "beta", distance: 0.5, right: false },
  ];
  it("are pictures of the dataset, marked right or wrong", () => {
    render(<Shown part={{ kind: "neighbours", dataset: "my signs", neighbours } as never} />, host);
    expect([...host.querySelectorAll("img")].map((image) => image.getAttribute("src"))).toEqual([
      expect.stringContaining("api/datasets/my%20signs/pictures/3"),
      expect.stringContaining("api/datasets/my%20signs/pictures/8"),
    ]);
    expect([...host.querySelectorAll("li")].map((item) => item.className)).toEqual(["s-same", "s-other"]);
  });
  it("bear no mark where nobody knows", () => {
    render(<Shown part={{ kind: "neighbours", dataset: "d", neighbours: [{ row: 3, label: "alpha", distance: 0.25 }] } as never} />, host);
    expect(host.querySelector(".s-neighbour-mark")).toBeNull();
  });
  it("come with what two pictures are", () => {
    const compared = { distance: 0.3, same: true, threshold: 0.5, picture: "data:image/png;base64," };
    render(<Shown part={{ kind: "neighbours", dataset: "d", neighbours: [], compared } as never} />, host);
    expect(host.textContent).toContain("The same");
    expect(host.textContent).toContain("0.3");
    render(<Shown part={{ kind: "neighbours", dataset: "d", neighbours: [], compared: { ...compared, same: null, threshold: null } } as never} />, host);
    expect(host.textContent).toBe("Distance 0.3");
  });
});

describe("the details of embeddings", () => {
  it("draw distances, a curve and a map, and show the sample under the pointer", async () => {
    render(<Details evaluated={evaluated} />, host);
    expect(host.querySelectorAll("svg[role=img]")).toHaveLength(3);
    const point = host.querySelectorAll(".e-map-columns > svg path")[1] as Element;
    await act(() => void point.dispatchEvent(new Event("pointerenter")));
    expect(host.querySelector(".e-map-shown img")?.getAttribute("src")).toContain("api/datasets/my%20signs/pictures/9");
    expect(host.querySelector(".e-map-classes")?.textContent).toContain("<b>alpha</b>");
    await act(() => host.querySelector<HTMLButtonElement>(".e-map-classes button")?.click());
    expect(host.querySelectorAll(".e-faint")).toHaveLength(1);
  });
  it("are none for other kinds", () => {
    render(<Details evaluated={{ ...evaluated, kind: "labels" } as Evaluated} />, host);
    expect(host.innerHTML).toBe("");
  });
  it("tell many classes apart by colour and shape", () => {
    expect(new Set(Array.from({ length: 28 }, (_, index) => JSON.stringify(look(index)))).size).toBe(28);
  });
});
