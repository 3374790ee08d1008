import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { again, Asker } from "../src/model/preview/ask";
import { ColourBar, Stepper } from "../src/model/preview/parts";
import { NodeTabs, Preview } from "../src/model/preview/preview";
import { own, ownForm, place, sampleAsked, scale, source, splits, tab, view, wantsOwn } from "../src/model/preview/state";
import { type Shown, START } from "../src/model/preview/types";
import type { GraphDocument } from "../src/model/graph";
import { network, type Network } from "../src/model/state";
import { type Draft, draft, saving } from "../src/studio/drafts";

const graph = {
  nodes: {
    image: { block: "Input" },
    conv1: { block: "Conv2D", inputs: ["image"] },
    split: { block: "Split", inputs: ["conv1"] },
    label: { block: "Output", inputs: ["split:1"] },
  },
} as unknown as GraphDocument;

let host: HTMLElement;
const wait = (milliseconds: number) => act(() => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
const press = (element: Element | null | undefined) => act(() => (element as HTMLElement).click());
const key = (element: Element, name: string) => act(() => void element.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true })));
const named = (label: string) => host.querySelector<HTMLElement>(`[aria-label="${label}"]`);

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});
afterEach(async () => {
  await act(() => render(null, host));
  host.remove();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a stepper", () => {
  const draw = (value: number | null, most: number | null, empty?: string) => {
    const onChange = vi.fn();
    render(<Stepper label="Number" value={value} most={most} {...(empty === undefined ? {} : { empty })} previous="back" next="on" onChange={onChange} />, host);
    return onChange;
  };
  const type = (text: string) =>
    act(() => {
      const field = host.querySelector("input") as HTMLInputElement;
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  it("stays within its range", async () => {
    const change = draw(0, 5);
    expect([named("back"), named("on")].map((button) => (button as HTMLButtonElement).disabled)).toEqual([true, false]);
    await press(named("on"));
    for (const text of ["3", "6", "-1", "1.5", "", "abc"]) await type(text);
    expect(change.mock.calls).toEqual([[1], [3]]);
  });
  it("may be empty where that means something", async () => {
    const change = draw(null, 5, "all");
    await press(named("on"));
    await type("");
    expect(change.mock.calls).toEqual([[0], [null]]);
  });
});

describe("colours", () => {
  it("have zero in the middle only where they go around it", () => {
    const colours = { name: "diverging", palette: ["#000", "#fff"], range: [-2, 2] } as const;
    render(<ColourBar colours={{ ...colours, palette: [...colours.palette], range: [-2, 2] }} />, host);
    expect(host.textContent).toBe("-202");
    expect(named("Colours from -2 to 2")).not.toBeNull();
    render(<ColourBar colours={{ name: "sequential", palette: ["#000"], range: null }} />, host);
    expect(host.textContent).toBe("lowesthighest");
  });
});

describe("questions", () => {
  it("that are out of date leave no trace, and what was answered stays meanwhile", async () => {
    const asker = new Asker<string>();
    const late: ((text: string) => void)[] = [];
    const slow = () => new Promise<string>((resolve) => late.push(resolve));
    asker.ask("a", 0, slow);
    await wait(5);
    late[0]?.("first");
    await wait(5);
    asker.ask("b", 0, slow);
    await wait(5);
    expect(asker.now.value).toEqual({ answer: "first", problem: null, busy: true });
    asker.ask("c", 0, slow);
    await wait(5);
    late[2]?.("third");
    await wait(5);
    late[1]?.("second");
    await wait(5);
    expect(asker.now.value).toEqual({ answer: "third", problem: null, busy: false });
  });
  it("are put once, and only the last of several that follow closely", async () => {
    const asker = new Asker<string>();
    const work = vi.fn((text: string) => Promise.resolve(text));
    for (const text of ["a", "b", "b", "c"]) asker.ask(text, 10, () => work(text));
    await wait(30);
    asker.ask("c", 0, () => work("c"));
    await wait(5);
    expect(work.mock.calls).toEqual([["c"]]);
  });
  it("nobody waits for are dropped", async () => {
    const asker = new Asker<string>();
    const work = vi.fn(() => Promise.resolve("a"));
    asker.ask("a", 5, work);
    asker.forget();
    await wait(10);
    expect(work).not.toHaveBeenCalled();
  });
});

const figures = { count: 1536, minimum: -3.08, mean: -0.06468156409175663, maximum: 2.588, standard_deviation: 0.634, zeros: 0.125, not_finite: 0 };
const sheet = { width: 132, height: 132, columns: 2, rows: 2, tile: [64, 64] as [number, number], gap: 4 };
const nothing = { picture: null, grid: null, tiles: null, colours: null, values: null, labels: null, first: 0, page: 0, pages: 1, channel: null, channels: null, kernels: null, weights: null, weights_taken: null, augmented: null, answer: null, note: "" };
const tile = (index: number) => ({ index, minimum: -1, mean: 0.5, maximum: 2 });
const maps = (body: Question): Shown => {
  const tiles = body.channel === null ? [0, 1, 2, 3].map(tile) : [tile(body.channel)];
  const kernels = { name: "kernel", names: ["kernel"], kind: "pictures", shape: [3, 3, 2, 4], picture: "data:k", grid: sheet, tiles: [0, 1, 2, 3].map(tile), colours: null, page: 0, pages: 1, channel: body.weight_channel, channels: 2, statistics: figures };
  return {
    ...nothing, node: body.node, block: "Conv2D", composite: false, output: 0, outputs: 1, kind: "maps", shape: [8, 8, 4], dtype: "float32", statistics: figures, picture: "data:maps", grid: sheet, tiles,
    colours: { name: "diverging", palette: ["#000", "#fff"], range: null }, channel: body.channel, channels: 4, kernels: kernels as Shown["kernels"],
    weights: { count: 76, statistics: figures, variables: [{ name: "kernel", shape: [3, 3, 2, 4], statistics: figures }] }, sample: {},
  };
};
const output = (node: string): Shown => ({
  ...nothing, node, block: "Output", composite: false, output: 0, outputs: 1, kind: "vector", shape: [3], dtype: "float32", statistics: { ...figures, count: 3 }, values: [0.1, 0.7, 0.2],
  labels: ["cat", "<b>dog</b>", "owl"], answer: { label: "<b>dog</b>", probability: 0.7 }, sample: { split: "validation", index: 0, row: 2, count: 9, label: "cat" },
});
const picture = (node: string): Shown => ({
  ...nothing, node, block: "Input", composite: false, output: 0, outputs: 1, kind: "picture", shape: [8, 8, 1], dtype: "uint8", statistics: figures, picture: "data:sample", grid: sheet, channels: 1,
  sample: { split: "validation", index: 0, row: 2, count: 9, label: "cat" },
});

interface Question {
  node: string;
  sample: Record<string, unknown>;
  source: unknown;
  scale: string;
  channel: number | null;
  page: number;
  weight_channel: number | null;
}

/** A server that answers as the real one does; what is asked of a node is kept. */
function serving(answer: (body: Question) => object | string) {
  const asked: Question[] = [];
  vi.stubGlobal("fetch", (path: string, options?: { body?: string }) => {
    const reply = (content: object, status = 200) => Promise.resolve(new Response(JSON.stringify(content), { status }));
    if (path.includes("/samples?")) return reply({ splits: { train: 20, validation: 9, test: 0 } });
    if (path.includes("/own?")) return reply({ kind: "text", columns: [], drawing: null });
    if (path.includes("/sources?")) return reply({ runs: [{ run: "r1", title: "First run", network: "SimpleCNN", status: "finished", states: [{ state: "best", epoch: 3, saved: 1 }] }] });
    const body = JSON.parse(options?.body ?? "{}") as Question;
    if (body.node !== "image") asked.push(body);
    const found = body.node === "image" ? picture("image") : answer(body);
    return typeof found === "string" ? reply({ error: found }, 400) : reply(found);
  });
  return asked;
}

describe("the panel", () => {
  let dataset = 0;
  beforeEach(() => {
    dataset += 1; // another one each time, so that nothing of the last test is left
    draft.value = { id: "d1", revision: 1, recipe: { dataset: `data${dataset}` } } as unknown as Draft;
    network.value = { graph, analysis: null } as unknown as Network;
    scale.value = "own";
    view.value = START;
  });
  afterEach(async () => {
    await act(() => render(null, host));
    draft.value = null;
    saving.value = false;
    network.value = null;
    own.value = null;
    wantsOwn.value = false;
    source.value = null;
  });
  const open = async (path: string) => {
    await act(() => render(<Preview path={path} />, host));
    await wait(70);
  };
  const tiles = () => [...host.querySelectorAll<HTMLButtonElement>('[aria-label="Maps; each can be enlarged"] button')];

  it("shows maps; one is enlarged and put back, with the keyboard too", async () => {
    const asked = serving(maps);
    await open("conv1");
    expect(host.querySelector('[data-testid="preview-conv1"]')?.getAttribute("role")).toBe("tabpanel");
    expect(host.querySelector('img[src="data:maps"]')?.getAttribute("alt")).toBe("4 feature maps of conv1, 8 × 8 each");
    expect(host.querySelector('img[src="data:sample"]')?.getAttribute("alt")).toBe("Sample 0 (Validation), label cat");
    expect(tiles().map((button) => button.tabIndex)).toEqual([0, -1, -1, -1]);
    expect(tiles()[1]?.getAttribute("aria-label")).toBe("Channel 1: -1 to 2, mean 0.5");
    await key(tiles()[0] as Element, "ArrowRight");
    await key(tiles()[1] as Element, "ArrowDown");
    expect(document.activeElement).toBe(tiles()[3]);
    await press(tiles()[3]);
    await wait(70);
    expect(asked.at(-1)?.channel).toBe(3);
    const large = named("Back to all") as HTMLElement;
    expect(large.querySelector("img")?.alt).toBe("Channel 3 of conv1, 8 × 8");
    expect(document.activeElement).toBe(large);
    await key(large, "Escape");
    await wait(70);
    expect(asked.at(-1)?.channel).toBeNull();
    expect(document.activeElement).toBe(tiles()[3]);
  });

  it("shows training samples before and after a node that changes them", async () => {
    const rows = [
      { label: "cat", pictures: ["data:a", "data:b", "data:c"], mixtures: ["", "0.70 cat, 0.30 owl"] },
      { label: "", pictures: ["data:d", "data:e", "data:f"], mixtures: ["", ""] },
    ];
    serving((body) => ({ ...picture(body.node), block: "RandomFlip", augmented: rows }));
    await open("conv1");
    const found = [...host.querySelectorAll('[data-testid="augmented"] [role="group"]')];
    expect(found.map((row) => row.getAttribute("aria-label"))).toEqual(["cat", "Sample 2"]);
    expect([...(found[0]?.querySelectorAll("img") ?? [])].map((image) => image.alt)).toEqual(["As it is", "Changed, 1", "Changed, 2: 0.70 cat, 0.30 owl"]);
    expect(host.querySelector(".s-preview-figures")).toBeNull();
  });

  it("tells the figures short, exactly on hover", async () => {
    serving(maps);
    await open("conv1");
    const list = [...host.querySelectorAll(".s-preview-figures")][0] as Element;
    expect([...list.querySelectorAll("dd")].map((each) => each.textContent)).toEqual(["-3.08", "-0.06468", "2.588", "0.634", "12.5 %", "0 %"]);
    expect(list.querySelectorAll("dd")[1]?.title).toBe("-0.06468156409175663");
  });

  it("is asked again for another sample, other weights, another range, and a kernel's channel", async () => {
    const asked = serving(maps);
    await open("conv1");
    await press(named("Next sample"));
    await wait(70);
    expect(asked.at(-1)?.sample).toEqual({ split: "validation", index: 1 });
    const choice = host.querySelector<HTMLSelectElement>('[data-testid="preview-source"]') as HTMLSelectElement;
    expect([...choice.options].map((option) => option.textContent)).toEqual(["Fresh weights", "best, epoch 3 · First run"]);
    await act(() => {
      choice.value = "r1/best";
      choice.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await press([...host.querySelectorAll("button")].find((button) => button.textContent === "Common range"));
    await press(named("Input channel")?.querySelector('[aria-label="Next channel"]'));
    await wait(70);
    expect(asked.at(-1)).toMatchObject({ source: { run: "r1", state: "best" }, scale: "common", weight_channel: 0 });
    expect(host.querySelector('[aria-label="Split"] option:disabled')?.textContent).toBe("Test");
  });

  it("keeps what it shows, dimmed, until an edit is answered", async () => {
    const asked = serving(maps);
    await open("conv1");
    await act(() => {
      saving.value = true;
      draft.value = { ...(draft.value as Draft), revision: 2 };
    });
    await wait(60);
    expect(asked).toHaveLength(1); // not before it is saved
    await act(() => {
      saving.value = false;
    });
    await wait(120);
    expect(asked).toHaveLength(1); // there may be more to come
    const shown = () => host.querySelector(".s-preview-shown") as Element;
    expect([shown().getAttribute("aria-busy"), shown().querySelector("img")?.getAttribute("src")]).toEqual(["true", "data:maps"]);
    await wait(250);
    expect([asked.length, shown().getAttribute("aria-busy")]).toEqual([2, "false"]);
  });

  it("begins anew with another node, but for the sample and the weights", async () => {
    const asked = serving(maps);
    await open("conv1");
    await press(named("Next sample"));
    await press(tiles()[2]);
    await wait(70);
    await open("split");
    expect(asked.at(-1)).toMatchObject({ node: "split", sample: { split: "validation", index: 1 }, channel: null });
  });

  it("shows an Output's classes with the true one, and markup as text", async () => {
    serving((body) => output(body.node));
    await open("label");
    expect(host.querySelector(".p-label")?.textContent).toBe("<b>dog</b> 70.0 %");
    expect(host.querySelector("b")).toBeNull();
    expect(host.querySelector(".p-wrong")?.textContent).toBe("Wrong.");
    expect([...host.querySelectorAll(".e-bars li")].map((row) => row.textContent)).toEqual(["<b>dog</b>70.0 %", "owl20.0 %", "cat (true)10.0 %"]);
  });

  it("says in one sentence why nothing can be shown, and asks again", async () => {
    let refuse = true;
    const asked = serving((body) => (refuse ? "conv1: it can't take this sample." : maps(body)));
    await open("conv1");
    expect(host.querySelector("[role=alert]")?.textContent).toBe("conv1: it can't take this sample.");
    refuse = false;
    await act(() => again());
    await wait(70);
    expect([asked.length, host.querySelector("[role=alert]")]).toEqual([2, null]);
    expect(tiles()).toHaveLength(4);
  });

  it("forgets a channel that an edit has taken away", async () => {
    serving((body) => (body.channel === null ? maps(body) : "conv1: invalid channel. Expected: 0 to 1. Received: 3."));
    await open("conv1");
    await press(tiles()[3]);
    await wait(150);
    expect([view.value, host.querySelector("[role=alert]"), tiles().length]).toEqual([START, null, 4]);
  });

  it("takes a text of one's own, and goes back", async () => {
    const asked = serving(maps);
    await open("conv1");
    expect(ownForm.value?.kind).toBe("text");
    await press([...host.querySelectorAll("button")].find((button) => button.textContent === "Your own"));
    expect(sampleAsked.value).toEqual(place.value); // nothing has been given yet
    await act(() => {
      const field = host.querySelector("textarea") as HTMLTextAreaElement;
      field.value = "Hello";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await wait(70);
    expect(asked.at(-1)?.sample).toEqual({ text: "Hello" });
    await press([...host.querySelectorAll("button")].find((button) => button.textContent === "Of the dataset"));
    await wait(70);
    expect(asked.at(-1)?.sample).toEqual({ split: "validation", index: 0 });
  });

  it("begins with a split that has samples", async () => {
    serving(maps);
    splits.value = null;
    vi.stubGlobal("fetch", (path: string) => Promise.resolve(new Response(JSON.stringify(path.includes("/samples?") ? { splits: { train: 4, validation: 0, test: 2 } } : path.includes("/sources?") ? { runs: [] } : picture("image")))));
    await open("conv1");
    expect(place.value).toEqual({ split: "train", index: 0 });
  });
});

it("the tab that is chosen stays", async () => {
  render(<NodeTabs />, host);
  const chosen = () => [...host.querySelectorAll("[role=tab]")].map((each) => each.getAttribute("aria-selected"));
  expect(chosen()).toEqual(["true", "false"]);
  await press(host.querySelector('[data-testid="tab-preview"]'));
  await act(() => render(<NodeTabs />, host));
  expect(chosen()).toEqual(["false", "true"]);
  tab.value = "settings";
});
