import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useExplanation } from "../src/model/explain";
import { About, labelText, Numbers, Parts, printed } from "../src/model/explained";
import { fieldProblems, otherProblems } from "../src/model/findings";
import { type BlockForm, chosen, selected } from "../src/model/state";
import { change, type Draft, draft, saving } from "../src/studio/drafts";

const hosts: HTMLElement[] = [];
const drawn = async (view: preact.ComponentChild): Promise<HTMLElement> => {
  const host = document.createElement("div");
  hosts.push(host);
  document.body.append(host);
  await act(() => render(view, host));
  return host;
};

describe("what is said is printed", () => {
  it.each([
    ["28 x 28 x 1 -> 24 x 24 x 6", "28 × 28 × 1 → 24 × 24 × 6"],
    ["any x 16 and 10 x 16 -> any x 64", "any × 16 and 10 × 16 → any × 64"],
    ["(5 * 5 * 1 + 1) * 6 = 156", "(5 × 5 × 1 + 1) × 6 = 156"],
    ["16x fewer multiply-adds than a standard convolution (1,557,504)", "16x fewer multiply-adds than a standard convolution (1,557,504)"],
    ["height: 3 + (3 - 1) * (2 - 1) = 5", "Height: 3 + (3 - 1) × (2 - 1) = 5"],
    ["none", "none"],
  ])("%s", (text, said) => expect(printed(text)).toBe(said));
  it("labels of several axes", () => expect([labelText("Height, width"), labelText("Axis 7")]).toEqual(["Height, width", "Axis 7"]));
});

const told = {
  node: "conv1",
  counting: false,
  lines: [{ label: "Shape", text: "8 x 8 x 1 -> 8 x 8 x 6" }, { label: "Weights", text: "(3 * 3 * 1 + 1) * 6 = 60" }],
  parts: [{ id: "inner", block: "Conv2D", output_shapes: [[8, 8, 6]], weights: 1234, multiply_adds: 0 }],
};

it("figures are a list of terms, the result stands out", async () => {
  const host = await drawn(<Numbers path="conv1" told={told} old={false} />);
  expect([...host.querySelectorAll("dt")].map((each) => each.textContent)).toEqual(["Shape", "Weights"]);
  expect(host.querySelector("b")?.textContent).toBe("60");
  expect(host.querySelector("section")?.getAttribute("aria-busy")).toBe("false");
});

it("waits without figures, and says where there are none", async () => {
  expect((await drawn(<Numbers path="conv1" told={null} old />)).querySelector(".s-waiting")).not.toBeNull();
  expect((await drawn(<Numbers path="conv1" told={{ ...told, lines: [] }} old={false} />)).textContent).toContain("no figures");
});

it("a part is a way to it", async () => {
  const host = await drawn(<Parts path="stage" parts={told.parts} />);
  expect(host.querySelector("tbody")?.textContent).toBe("innerConv2D8 × 8 × 61.23 k–");
  await act(() => host.querySelector<HTMLButtonElement>("tbody button")?.click());
  expect(selected.value).toBe("stage/inner");
  chosen.value = new Set();
});

it("a block is told with what its declaration says", async () => {
  const form = { formula: "y = <b>x</b>", shapes: "(a) -> (b)", weights: "", multiply_adds: "", source: "Somebody (1999)." } as BlockForm;
  const host = await drawn(<About form={form} />);
  expect([...host.querySelectorAll("dt")].map((each) => each.textContent)).toEqual(["Formula", "Shapes", "Source"]);
  expect([...host.querySelectorAll("dd")].map((each) => each.textContent)).toEqual(["y = <b>x</b>", "(a) → (b)", "Somebody (1999)."]);
  expect(host.querySelector("b")).toBeNull();
});

describe("the explanation of a node", () => {
  afterEach(async () => {
    await act(() => hosts.splice(0).forEach((host) => render(null, host)));
    vi.unstubAllGlobals();
    draft.value = null;
    saving.value = false;
  });
  const answering = (answers: object[]) => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (path: string, options?: { method?: string; body?: string }) => {
      if (options?.method === "PATCH") {
        const { set } = JSON.parse(options.body ?? "{}");
        return Promise.resolve(new Response(JSON.stringify({ ...draft.value, revision: (draft.value?.revision ?? 0) + 1, recipe: { ...draft.value?.recipe, ...set } })));
      }
      asked.push(path);
      return Promise.resolve(new Response(JSON.stringify(answers[Math.min(asked.length, answers.length) - 1])));
    });
    return asked;
  };
  const settle = () => act(() => new Promise<void>((resolve) => setTimeout(resolve, 20)));
  function Told({ path }: { path: string }) {
    const { told, old } = useExplanation(path);
    return <p>{`${told?.lines.map((line) => line.text).join("; ") ?? ""}${old ? " (old)" : ""}`}</p>;
  }

  it("is asked anew when the draft is saved, and stays meanwhile", async () => {
    draft.value = { id: "d1", revision: 3, recipe: {} } as unknown as Draft;
    const asked = answering([{ counting: true, lines: [], parts: [] }, { lines: [{ label: "Weights", text: "= 60" }], parts: [] }, { lines: [{ label: "Weights", text: "= 120" }], parts: [] }]);
    const host = await drawn(<Told path="stage/conv1" />);
    await settle();
    expect(host.textContent).toBe("= 60");
    expect(asked).toEqual(Array(2).fill("/api/model/explain?draft=d1&node=stage%2Fconv1")); // once more, because it was still counting
    await act(() => change({ graph: "another" }));
    expect(host.textContent).toBe("= 60");
    expect(asked).toHaveLength(2); // not before it is saved
    await act(() => new Promise<void>((resolve) => setTimeout(resolve, 300)));
    await settle();
    expect(host.textContent).toBe("= 120");
    expect(asked).toHaveLength(3);
  });

  it("of another node that is opened is not mixed with a late answer", async () => {
    draft.value = { id: "d1", revision: 1, recipe: {} } as unknown as Draft;
    let late: (value: Response) => void = () => undefined;
    vi.stubGlobal("fetch", (path: string) =>
      path.endsWith("first") ? new Promise<Response>((resolve) => (late = resolve)) : Promise.resolve(new Response('{"lines":[{"label":"a","text":"second"}],"parts":[]}')),
    );
    const host = await drawn(<Told path="first" />);
    await act(() => render(<Told path="second" />, host));
    await settle();
    late(new Response('{"lines":[{"label":"a","text":"first"}],"parts":[]}'));
    await settle();
    expect(host.textContent).toBe("second");
  });
});

it("a sentence about a block within stays with the field that holds it", () => {
  const text =
    "Bidirectional: invalid block. Expected: one of 'LSTM'. Received: {}. LSTM: invalid units. Expected: 1. Received: 0.\nLSTM: invalid dropout. Expected: 0. Received: 2.\nBidirectional: invalid merge_mode. Expected: one of 'sum'. Received: 'x'.";
  const found = fieldProblems([{ node: "both", severity: "error", text, fix: "" }, { node: "other", severity: "error", text: "LSTM: invalid units. No.", fix: "" }], "both", "Bidirectional");
  expect(Object.keys(found)).toEqual(["block", "merge_mode"]);
  expect(found.block).toContain("LSTM: invalid dropout.");
});

it("an error that no field shows stands by itself", () => {
  const form = { fields: [{ name: "units" }] } as BlockForm;
  const message = (text: string, severity: "error" | "warning" = "error") => ({ node: "a", severity, text, fix: "" });
  const [field, input, count] = [message("Dense: invalid units. No."), message("Dense: invalid input. No."), message("It needs one input, but nothing is connected.")];
  expect(otherProblems([field, input, count, message("Slow.", "warning")], "a", "Dense", form)).toEqual([input, count, message("Slow.", "warning")]);
});
