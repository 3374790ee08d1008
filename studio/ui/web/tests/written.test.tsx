import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it } from "vitest";
import { Shown } from "../src/shown";

const drawn = async (part: Parameters<typeof Shown>[0]["part"]): Promise<HTMLElement> => {
  const place = document.body.appendChild(document.createElement("div"));
  await act(() => render(<Shown part={part} />, place));
  return place;
};

afterEach(() => {
  for (const place of [...document.body.children]) render(null, place);
  document.body.replaceChildren();
});

it("marks what is wrong and what is missing in a written text", async () => {
  const place = await drawn({ kind: "difference", pieces: [["same", "2024-0"], ["missing", "5"], ["wrong", "6"], ["same", "<b>"]] } as never);
  expect([place.querySelector("del")?.textContent, place.querySelector("ins")?.textContent, place.querySelector("p")?.textContent]).toEqual(["5", "6", "2024-056<b>"]);
  expect(place.querySelector("b")).toBeNull();
});

it("shows a written text with other answers and where the network looked", async () => {
  const alignment = { source: ["one", "two"], said: ["1", "2", ""], weights: [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]] };
  const place = await drawn({ kind: "writing", text: "12", probability: 0.75, alternatives: [{ text: "13", probability: 0.1 }], alignment } as never);
  expect(place.querySelector(".s-written")?.textContent).toBe("12 75.0 %");
  expect(place.querySelector("ol")?.textContent).toBe("13 10.0 %");
  expect([...place.querySelectorAll("tbody th")].map((cell) => cell.textContent)).toEqual(["1", "2", "end"]);
  expect(place.querySelectorAll("tbody td")).toHaveLength(6);
  expect((place.querySelector("tbody td") as HTMLElement).title).toBe("1 looked at one: 90.0 %");
});
