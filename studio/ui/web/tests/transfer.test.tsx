import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { type Draft, draft, recipe } from "../src/studio/drafts";
import { TransferNote } from "../src/train/transfer";

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
