import { render } from "preact";
import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";
import { emptyMeans, type FieldSpec, innerProblem, inside, isShown, type Member, memberOf, read, same, withInner, written } from "../src/studio/fields";
import { Field, Form, Members } from "../src/studio/form";

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

describe("a value with parameters of its own", () => {
  const l2: Member = { title: "L2", summary: "Charges squares.", formula: "l2 * sum(w^2)", fields: [spec({ name: "l2", control: "number", label: "L2", default: 0.01, minimum: 0, maximum: 1 })] };
  const lstm: Member = { title: "LSTM", summary: "Remembers.", formula: "", fields: [spec({ name: "units", default: 64, label: "Units" }), spec({ name: "kernel_regularizer", label: "Kernel regularizer", control: "setting", family: "regularizers", choices: ["l1", "l2"], default: null, optional: true, help: "What large weights cost; empty: nothing." })] };
  const wrapper: Member = { title: "Around", summary: "", formula: "", fields: [spec({ name: "block", control: "block", choices: ["Around", "LSTM"], default: { block: "LSTM", params: {} } })] };
  const setting = lstm.fields[1] as FieldSpec;
  const block = wrapper.fields[0] as FieldSpec;
  const members: Record<string, Member> = { l2, LSTM: lstm, Around: wrapper, l1: { ...l2, fields: [] } };
  const form = (fields: FieldSpec[], values: Parameters<typeof Form>[0]["values"], onChange: Parameters<typeof Form>[0]["onChange"], problems = {}) => (
    <Members.Provider value={(_, name) => members[name]}>
      <Form fields={fields} values={values} onChange={onChange} problems={problems} />
    </Members.Provider>
  );
  const at = <T extends Element>(host: HTMLElement, name: string) => host.querySelector<T>(`[data-testid="param-${name}"]`);

  it("is read in every spelling", () => {
    expect(["l2", { name: "l2", l2: 0.1 }, { block: "LSTM", params: { units: 8 } }, { block: "LSTM" }, null, undefined, 3].map((value) => memberOf(value))).toEqual(["l2", "l2", "LSTM", "LSTM", "", "", ""]);
    expect([inside("l2"), inside({ name: "l2", l2: 0.1 }), inside({ block: "LSTM", params: { units: 8 } }), inside(null)]).toEqual([{}, { l2: 0.1 }, { units: 8 }, {}]);
    expect(same(block, "LSTM", { block: "LSTM", params: {} })).toBe(true);
    expect(same(setting, { name: "l2", l2: 0.1 }, "l2")).toBe(false);
  });

  it("is written as short as possible", () => {
    expect(withInner(setting, "l2", l2, "l2", 0.1)).toEqual({ name: "l2", l2: 0.1 });
    expect(withInner(setting, { name: "l2", l2: 0.1 }, l2, "l2", 0.01)).toBe("l2");
    expect(withInner(setting, { name: "l2", l2: 0.1 }, l2, "l2", undefined)).toBe("l2");
    expect(withInner(block, "LSTM", lstm, "units", 8)).toEqual({ block: "LSTM", params: { units: 8 } });
    expect(withInner(block, { block: "LSTM", params: { units: 8, kernel_regularizer: "l2" } }, lstm, "units", 64)).toEqual({ block: "LSTM", params: { kernel_regularizer: "l2" } });
    expect(withInner(block, { block: "LSTM", params: { units: 8 } }, lstm, "units", undefined)).toBe("LSTM");
  });

  it("is empty or a member with its own fields below", async () => {
    const changed = vi.fn();
    const empty = await drawn(form([setting], {}, changed));
    const choice = at<HTMLSelectElement>(empty, "kernel_regularizer");
    expect([...(choice?.options ?? [])].map((option) => option.text)).toEqual(["nothing", "l1", "l2"]);
    expect(empty.querySelector(".s-nested")).toBeNull();
    const host = await drawn(form([setting], { kernel_regularizer: { name: "l2", l2: 0.1 } }, changed));
    expect(at<HTMLSelectElement>(host, "kernel_regularizer")?.value).toBe("l2");
    expect(host.querySelector('[role="group"]')?.getAttribute("aria-label")).toBe("Kernel regularizer: l2");
    const inner = at<HTMLInputElement>(host, "kernel_regularizer.l2") as HTMLInputElement;
    expect(inner.value).toBe("0.1");
    expect(host.querySelector(`label[for="${inner.id}"]`)?.textContent).toBe("L2 penalty");
    await type(inner, "0.5");
    expect(changed).toHaveBeenLastCalledWith("kernel_regularizer", { name: "l2", l2: 0.5 });
    await type(inner, "2");
    expect(changed).toHaveBeenCalledTimes(1);
    expect(host.querySelector('[role="alert"]')?.textContent).toBe("At most 1.");
  });

  it("holds another one, and hands all of it on", async () => {
    const changed = vi.fn();
    const host = await drawn(form([block], { block: { block: "LSTM", params: { units: 8, kernel_regularizer: "l2" } } }, changed));
    await type(at<HTMLInputElement>(host, "block.kernel_regularizer.l2") as HTMLInputElement, "0.2");
    expect(changed).toHaveBeenLastCalledWith("block", { block: "LSTM", params: { units: 8, kernel_regularizer: { name: "l2", l2: 0.2 } } });
    await act(() => host.querySelector<HTMLButtonElement>(".s-nested .s-reset")?.click());
    expect(changed).toHaveBeenLastCalledWith("block", { block: "LSTM", params: { kernel_regularizer: "l2" } });
  });

  it("offers no more wrappers at the third level", async () => {
    const host = await drawn(form([block], { block: { block: "Around", params: { block: "Around" } } }, () => undefined));
    const options = (name: string) => [...(at<HTMLSelectElement>(host, name)?.options ?? [])].map((option) => option.value);
    expect([options("block"), options("block.block"), options("block.block.block")]).toEqual([["Around", "LSTM"], ["Around", "LSTM"], ["LSTM"]]);
    expect(at<HTMLInputElement>(host, "block.block.block.units")?.value).toBe("64");
  });

  it("says what is wrong at the field inside", async () => {
    const problem = "Expected: one of 'LSTM'. Received: {'block': 'LSTM', 'params': {'units': 0}}. LSTM: invalid units. Expected: a whole number from 1 to 100. Received: 0.";
    expect(innerProblem(problem, lstm)).toEqual({ units: "Expected: a whole number from 1 to 100. Received: 0." });
    expect(innerProblem("Expected: one of 'LSTM'. Received: 'x'.", lstm)).toEqual({});
    const host = await drawn(form([block], { block: { block: "LSTM", params: { units: 0 } } }, () => undefined, { block: problem }));
    expect(host.querySelectorAll('[role="alert"]')).toHaveLength(1);
    expect(at(host, "block.units")?.getAttribute("aria-invalid")).toBe("true");
    expect(at(host, "block")?.getAttribute("aria-invalid")).toBe("false");
  });

  it("is disabled as a whole", async () => {
    const host = await drawn(
      <Members.Provider value={(_, name) => members[name]}>
        <Form fields={[block]} values={{ block: "LSTM" }} onChange={() => undefined} disabled />
      </Members.Provider>,
    );
    expect([...host.querySelectorAll<HTMLInputElement>("input, select")].every((control) => control.disabled)).toBe(true);
  });
});
