import { render } from "preact";
import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";
import { emptyMeans, Field, type FieldSpec, Form, isShown, read, written } from "../src/studio/form";

const spec = (changes: Partial<FieldSpec> = {}): FieldSpec => ({
  name: "epochs", control: "integer", label: "Epochs", default: 10, help: "Passes.", optional: false, minimum: 1, maximum: 100, choices: [], unit: "",
  frequent: true, shown_if: {}, ...changes,
});

describe("read", () => {
  it.each([
    ["12", { value: 12 }], [" 7 ", { value: 7 }], ["1e1", { value: 10 }], ["1.5", { problem: "Enter a whole number." }], ["x", { problem: "Enter a whole number." }],
    ["", { problem: "Enter a whole number." }], ["0", { problem: "At least 1." }], ["101", { problem: "At most 100." }],
  ])("a whole number %j", (text, reading) => expect(read(spec(), text)).toEqual(reading));
  it("a number with a decimal comma", () => expect(read(spec({ control: "number", minimum: 0 }), "0,5")).toEqual({ value: 0.5 }));
  it("limits that are refused themselves", () => {
    const rate = spec({ control: "number", minimum: 0, maximum: 1, above_minimum: true, below_maximum: true });
    expect([read(rate, "0"), read(rate, "1"), read(rate, "0.5")]).toEqual([{ problem: "Above 0." }, { problem: "Below 1." }, { value: 0.5 }]);
  });
  it("an empty optional field", () => expect(read(spec({ optional: true }), "")).toEqual({ value: null }));
  it.each([["3, 3", [3, 3]], ["3 x 5", [3, 5]], ["3", 3], ["a, b", ["a", "b"]]])("a list %j", (text, value) =>
    expect(read(spec({ control: "list", default: 3 }), text)).toEqual({ value }),
  );
  it("a list of one stays a list where the default is one", () => expect(read(spec({ control: "list", default: [64, 64] }), "8")).toEqual({ value: [8] }));
});

it("writes what it reads", () => {
  expect([written([3, 5]), written(null), written(1e-7), written(0.001), written(true)]).toEqual(["3, 5", "", "1e-7", "0.001", "true"]);
});

it("shows a field only with the values it needs", () => {
  const other = spec({ name: "early_stopping", control: "boolean", default: true });
  const field = spec({ name: "patience", shown_if: { early_stopping: true } });
  expect(isShown(field, [other, field], {})).toBe(true);
  expect(isShown(field, [other, field], { early_stopping: false })).toBe(false);
  expect(isShown(spec({ shown_if: { mode: ["a", "b"] } }), [], { mode: "b" })).toBe(true);
});

const drawn = async (view: preact.ComponentChild): Promise<HTMLElement> => {
  const host = document.createElement("div");
  document.body.append(host);
  await act(() => render(view, host));
  return host;
};
const type = async (input: HTMLInputElement, text: string) => {
  await act(() => {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
};

it("tells what an empty field means by the end of its help, in both languages", () => {
  expect(emptyMeans("Convolutions, each followed by halving; empty: as the size of the picture allows.")).toBe("as the size of the picture allows");
  expect(emptyMeans("Length of the fall; empty is the whole training.")).toBe("the whole training");
  expect(emptyMeans("Size of a step against Adam's; empty leaves it unscaled.")).toBe("leaves it unscaled");
  expect(emptyMeans("下降的长度；留空为整个训练。")).toBe("整个训练");
  expect(emptyMeans("最大输出，例如 6；留空：不限。")).toBe("不限");
  expect(emptyMeans("相对于 Adam 的步长；留空则不缩放。")).toBe("不缩放");
  expect(emptyMeans("Largest size of each gradient number.")).toBe("not set");
});

describe("Field", () => {
  it("has a label, a test id, and hands on what is right", async () => {
    const changed = vi.fn();
    const host = await drawn(<Field field={spec()} value={undefined} onChange={changed} />);
    const input = host.querySelector<HTMLInputElement>('[data-testid="param-epochs"]') as HTMLInputElement;
    expect(host.querySelector("label")?.getAttribute("for")).toBe(input.id);
    expect(input.value).toBe("10");
    await type(input, "0");
    expect(changed).not.toHaveBeenCalled();
    expect(host.querySelector('[role="alert"]')?.textContent).toBe("At least 1.");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    await type(input, "25");
    expect(changed).toHaveBeenCalledWith(25);
    expect(host.querySelector('[role="alert"]')).toBeNull();
  });

  it("goes back to the default", async () => {
    const changed = vi.fn();
    const host = await drawn(<Field field={spec()} value={20} onChange={changed} />);
    await act(() => host.querySelector<HTMLButtonElement>(".s-reset")?.click());
    expect(changed).toHaveBeenCalledWith(undefined);
  });

  it("shows data as text", async () => {
    const host = await drawn(<Field field={spec({ control: "text", label: "<img src=x>", help: "<b>x</b>" })} value={"<script>"} onChange={() => undefined} />);
    expect(host.querySelector("img, b, script")).toBeNull();
  });
});

it("a form puts rare fields into a closed group and leaves out what does not apply", async () => {
  const fields = [spec(), spec({ name: "rare", label: "Rare", frequent: false }), spec({ name: "hidden", shown_if: { epochs: 3 } })];
  const host = await drawn(<Form fields={fields} values={{}} onChange={() => undefined} />);
  expect(host.querySelector("details")?.open).toBe(false);
  expect(host.querySelector('details [data-testid="param-rare"]')).not.toBeNull();
  expect(host.querySelector('[data-testid="param-hidden"]')).toBeNull();
});
