import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Draft, draft, recipe } from "../src/studio/drafts";
import type { FieldSpec } from "../src/studio/fields";
import { TransferNote, TransferSettings } from "../src/train/transfer";

const host = document.createElement("div");
afterEach(() => render(null, host));

describe("a draft that continues a run", () => {
  it("says so, and can begin anew instead", async () => {
    draft.value = { id: "abcd1234", revision: 1, changed: "", recipe: { dataset: "digits", transfer: { run: "first", state: "best" } }, command: "", line: {} } as unknown as Draft;
    await act(() => render(<TransferNote />, host));
    expect(host.querySelector("a")?.getAttribute("href")).toContain("run=first");
    await act(() => host.querySelector("button")?.click());
    expect(recipe.value).toEqual({ dataset: "digits" });
    expect(host.textContent).toBe("");
  });

  it("says so of imported weights, too", async () => {
    draft.value = { id: "abcd1234", revision: 1, changed: "", recipe: { dataset: "digits", transfer: { weights: "0123456789abcdef" } }, command: "", line: {} } as unknown as Draft;
    await act(() => render(<TransferNote />, host));
    expect(host.textContent).toContain("imported");
    await act(() => host.querySelector("button")?.click());
    expect(recipe.value).toEqual({ dataset: "digits" });
  });
});

describe("the transfer section", () => {
  const field = (name: string): FieldSpec =>
    ({ name, control: "text", default: null, help: "", optional: true, minimum: null, maximum: null, above_minimum: false, below_maximum: false, choices: [], unit: "", frequent: true, shown_if: {}, from_data: false, family: "", label: name }) as unknown as FieldSpec;
  const forms = { transfer: [field("train_last")], unfreeze: ["after", "learning_rate", "layers"].map(field) };

  const shown = async (transfer: object | undefined) => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ runs: [{ run: "first", network: "CNN", dataset: "digits" }], kept: "mine.keras" }), { headers: { "content-type": "application/json" } })));
    draft.value = { id: "abcd1234", revision: 1, changed: "", recipe: { dataset: "digits", ...(transfer && { transfer }) }, command: "", line: {} } as unknown as Draft;
    await act(() => render(<TransferSettings forms={forms} />, host));
    await act(() => new Promise((done) => setTimeout(done, 10)));
    return host.querySelector("select") as HTMLSelectElement;
  };
  const choose = (select: HTMLSelectElement, value: string) =>
    act(() => {
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });

  it("takes a run, drops a file's weights for it, and keeps what is frozen", async () => {
    const select = await shown({ weights: "0123456789abcdef", train_last: 1 });
    expect(select.selectedOptions[0]?.textContent).toContain("mine.keras");
    await choose(select, "run:first");
    expect(recipe.value.transfer).toEqual({ run: "first", train_last: 1 });
  });

  it("shows when layers are unfrozen only where they are", async () => {
    await shown({ run: "first" });
    expect(host.querySelector('[data-testid="param-transfer.unfreeze_after"]')).toBeNull();
    const box = host.querySelector<HTMLInputElement>('input[type="checkbox"]') as HTMLInputElement;
    await act(() => {
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
    expect(recipe.value.transfer).toEqual({ run: "first", unfreeze: { learning_rate: 0.1 } });
    expect(host.querySelector('[data-testid="param-transfer.unfreeze_after"]')).not.toBeNull();
  });

  it("still names a run that is gone", async () => {
    const select = await shown({ run: "deleted" });
    expect(select.selectedOptions[0]?.textContent).toBe("deleted");
  });
});
