import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ClassBars, NumberBars, SplitBar } from "../src/data/bars";
import { Columns } from "../src/data/columns";
import words from "../../words/en.json";
import { groupOf, sorted } from "../src/data/groups";
import { Imports } from "../src/data/imports";
import { DatasetList } from "../src/data/list";
import { around, plain } from "../src/data/numbers";
import { Samples } from "../src/data/samples";
import { begin, type Details, dismiss, type ImportState, listing, loadList, shown, watchImports } from "../src/data/state";

const host = (): HTMLElement => document.body.appendChild(document.createElement("div"));
const drawn = async (view: preact.ComponentChild): Promise<HTMLElement> => {
  const place = host();
  await act(() => render(view, place));
  return place;
};
const answer = (body: unknown) => Promise.resolve(new Response(JSON.stringify(body)));

afterEach(() => {
  for (const place of [...document.body.children]) render(null, place);
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  listing.value = null;
});

it("writes a mean as exactly as its deviation makes sense of", () => {
  expect([around(30.7851, 17.5234), around(1849.26, 89.34), around(0.0123456, 0.00123), around(4.5, 2), around(5, 0)]).toEqual([
    ["30.8", "17.5"],
    ["1849.3", "89.3"],
    ["0.01235", "0.00123"],
    ["4.5", "2"],
    ["5", "0"],
  ]);
});

it("writes values of the data with their digits", () => {
  expect([plain(2007), plain(0.123456789), plain(1234567), plain(0), plain(1e-7), plain(-3.5), plain(Number.NaN)]).toEqual(["2007", "0.123457", "1234567", "0", "1.000e-7", "-3.5", "–"]);
});

describe("charts", () => {
  it("splits with numbers and shares", async () => {
    const place = await drawn(<SplitBar splits={{ train: 70, validation: 15, test: 15 }} />);
    expect([...place.querySelectorAll("li")].map((item) => item.textContent)).toEqual(["Training 70 70.0 %", "Validation 15 15.0 %", "Test 15 15.0 %"]);
  });
  it("many classes begin with the first ones", async () => {
    const classes = Array.from({ length: 50 }, (_, index) => ({ name: `c${index}`, train: index, validation: 1, test: 0 }));
    const place = await drawn(<ClassBars classes={classes} />);
    expect(place.querySelectorAll("tbody tr")).toHaveLength(20);
    await act(() => place.querySelector("button")?.click());
    expect(place.querySelectorAll("tbody tr")).toHaveLength(50);
  });
  it("a number's spread says where it lies", async () => {
    const place = await drawn(<NumberBars name="price" target={{ edges: [0, 1, 2], train: [3, 1], validation: [1, 0], test: [0, 1] }} />);
    expect(place.querySelector('[role="img"]')?.getAttribute("aria-label")).toBe("Spread of price, from 0 to 2");
    expect(place.querySelectorAll(".s-histogram-bar")[0]?.getAttribute("title")).toBe("0 to 1: 4 samples");
  });
  it("columns with what is missing", async () => {
    const statistics = { minimum: 1, maximum: 9, mean: 4.5, standard_deviation: 2, missing: 3 };
    const place = await drawn(
      <Columns
        count={4}
        columns={[
          { name: "age", role: "input", kind: "number", unit: "years", statistics, counts: [1, 2] },
          { name: "<b>", role: "target", kind: "category", unit: null, statistics: { missing: 0 }, categories: 5, values: ["a", "b", "c", "d", "e"], counts: [5, 4, 3, 2, 1] },
          { name: "note", role: "input", kind: "words", unit: null, statistics: { missing: 0 }, words: 2, values: ["new", "old"], counts: [5, 4] },
        ]}
      />,
    );
    const rows = [...place.querySelectorAll("tbody tr")].map((row) => row.textContent);
    expect(rows[0]).toBe("age (years)numberinput31 to 9, mean 4.5 ± 2");
    expect(rows[1]).toBe("<b>categorytarget–5 different: a, b, c, d …");
    expect(rows[2]).toBe("notewordsinput–2 common words: new, old");
    expect(place.textContent).toContain("and 1 more columns");
  });
});

const details: Details = {
  name: "pets", title: "Pets", kind: "image-classification", builtin: false, summary: "", samples: 3, splits: { train: 2, validation: 1, test: 0 }, split_origin: "made", overview: [], hash: "h", options: {},
  reading: {}, warnings: [], source: "", licence: "", credit: "", created: "", bytes: 1, target: { name: "label", kind: "category", classes: ["cat", "dog"], unit: null }, targets: ["label"], inputs: ["image"], used_by: [],
  figures: { classes: [], target: null, further: [], columns: [], column_count: 0, inputs: [] },
};

it("samples are asked for by split and class", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    return answer({ total: 60, kind: "image", columns: [], samples: [{ row: 4, split: "test", label: "dog", picture: "data:," }] });
  });
  const place = await drawn(<Samples data={details} />);
  await vi.waitFor(() => expect(place.querySelector("img")?.alt).toBe("Sample: dog"));
  await act(() => place.querySelector<HTMLButtonElement>('button[aria-label="Only Test"]')?.click());
  const choice = place.querySelector("select") as HTMLSelectElement;
  await act(() => {
    choice.value = "1";
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await act(() => [...place.querySelectorAll("button")].find((button) => button.textContent === "Next")?.click());
  await vi.waitFor(() => expect(asked[asked.length - 1]).toBe("/api/datasets/pets/samples?offset=48&limit=48&split=test&label=1"));
  expect([...place.querySelectorAll("button")].filter((button) => (button.getAttribute("aria-label") ?? button.textContent ?? "").startsWith("Train"))).toEqual([]);
});

const state = (changes: Partial<ImportState>): ImportState => ({
  id: "import-a", file: "a.csv", asked: { name: null, target: null, kind: null, options: {} }, repeatable: true, fraction: 0.25, text: "Reading", done: false, problem: "", dataset: null, title: null, warnings: [], ...changes,
});

describe("imports", () => {
  it("show progress, then the report, and can be repeated", async () => {
    vi.stubGlobal("fetch", () => answer({ imports: [state({})] }));
    listing.value = { datasets: [], public: [], imports: [state({})], options: [], kinds: ["arrays"] };
    const place = await drawn(<Imports />);
    expect(place.querySelector('[role="progressbar"]')?.getAttribute("aria-valuenow")).toBe("25");
    await act(() => {
      listing.value = { datasets: [], public: [], imports: [state({ done: true, dataset: "a", title: "a", warnings: ["The target was guessed: 'y'."] })], options: [], kinds: ["arrays"] };
    });
    expect(place.querySelector(".s-report")?.textContent).toBe("The target was guessed: 'y'.");
    expect(place.textContent).toContain("Import again");
  });
  it("a refusal stands where the progress was", async () => {
    listing.value = { datasets: [], public: [], imports: [state({ done: true, problem: "a.csv is empty.", repeatable: false })], options: [], kinds: [] };
    const place = await drawn(<Imports />);
    expect(place.querySelector('[role="alert"]')?.textContent).toBe("a.csv is empty.");
    expect(place.querySelector("details")).toBeNull();
  });
  it("begun before the list has come are shown nevertheless", async () => {
    const lists = [{ datasets: [], public: [], imports: [], options: [], kinds: [] }, { datasets: [], public: [], imports: [state({ done: true, dataset: "a" }), state({ id: "import-old", done: true, dataset: "old" })], options: [], kinds: [] }];
    let late: (response: Response) => void = () => undefined;
    vi.stubGlobal("fetch", (path: string) => {
      if (path === "/api/imports") return answer(state({}));
      if (lists.length === 2) {
        lists.shift();
        return new Promise<Response>((resolve) => {
          late = resolve;
        });
      }
      return answer(lists[0]);
    });
    const first = loadList();
    await begin({ upload: "u1" });
    late(new Response(JSON.stringify({ datasets: [], public: [], imports: [], options: [], kinds: [] })));
    await first;
    expect(listing.value?.imports.map((each) => [each.id, each.done])).toEqual([["import-a", false]]);
  });
  it("what has just ended is shown; a new one puts away the ones that ended well", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (path: string, { method }: { method: string }) => {
      asked.push(`${method} ${path}`);
      if (path === "/api/imports" && method === "GET") return answer({ imports: [state({ done: true, dataset: "a" })] });
      if (path === "/api/imports") return answer(state({ id: "import-b" }));
      if (path === "/api/datasets") return answer({ datasets: [], public: [], imports: [state({ done: true, dataset: "a" })], options: [], kinds: [] });
      return answer(details);
    });
    listing.value = { datasets: [], public: [], imports: [state({})], options: [], kinds: [] };
    await watchImports();
    expect(asked).toEqual(["GET /api/imports", "GET /api/datasets", "GET /api/datasets/a"]);
    await begin({ upload: "upload-1" });
    await vi.waitFor(() => expect(listing.value?.imports.map((each) => each.id)).toEqual(["import-b"]));
    expect(asked).toContain("DELETE /api/imports/import-a");
    await dismiss("import-b");
    expect(listing.value?.imports).toEqual([]);
  });
});

describe("the list of datasets", () => {
  const card = (name: string, kind: string, builtin = true) => ({ name, title: name, kind, samples: null, classes: null, builtin, summary: "" });
  const cards = [card("mine", "table-regression", false), card("iris", "table-classification"), card("digits", "image-classification"), card("shapes", "segmentation"), card("odd", "smells"), card("dates", "seq2seq")];
  const list = async (narrow: boolean): Promise<HTMLElement> => {
    vi.stubGlobal("matchMedia", () => ({ matches: narrow, addEventListener: () => undefined, removeEventListener: () => undefined }));
    listing.value = { datasets: cards, public: [], imports: [], options: [], kinds: [] };
    return drawn(<DatasetList />);
  };
  const titles = (place: HTMLElement) => [...place.querySelectorAll("h2, h3")].map((title) => title.textContent);

  it("has a group for every kind that has a name", () => {
    const kinds = Object.keys(words).flatMap((key) => (key.startsWith("kind.") ? [key.slice("kind.".length)] : []));
    expect(kinds).toContain("forecast");
    expect(kinds.filter((kind) => groupOf(kind) === null)).toEqual([]);
  });
  it("keeps the order within a group, one's own apart, and what has no group last", () => {
    const { own, groups } = sorted(cards);
    expect(own.map((each) => each.name)).toEqual(["mine"]);
    expect(groups.map(({ group, cards }) => [group, ...cards.map((each) => each.name)])).toEqual([["pictures", "digits", "shapes"], ["tables", "iris"], ["texts", "dates"], [null, "odd"]]);
  });
  it("shows one's own first, then the built-in ones under their headings", async () => {
    const place = await list(false);
    expect(titles(place)).toEqual(["Your datasets", "Built in", "Pictures", "Tables", "Texts", "Other data"]);
    expect([...place.querySelectorAll("li strong")].map((each) => each.textContent)).toEqual(["mine", "digits", "shapes", "iris", "dates", "odd"]);
    expect(place.querySelector("details")).toBeNull();
  });
  it("folds the groups on a phone; the one that holds what is shown says so", async () => {
    shown.value = "shapes";
    const place = await list(true);
    expect([...place.querySelectorAll("summary")].map((each) => each.textContent)).toEqual(["Picturesshapes", "Tables1", "Texts1", "Other data1"]);
    expect(place.querySelectorAll("details[open]")).toHaveLength(0);
    expect(place.querySelector("section li strong")?.textContent).toBe("mine");
    shown.value = null;
  });
});
