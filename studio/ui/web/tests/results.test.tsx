import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Charts } from "../src/evaluate/charts";
import { sortedClasses } from "../src/evaluate/classes";
import { Matrix, shares } from "../src/evaluate/matrix";
import { ticks } from "../src/evaluate/numbers";
import { Details } from "../src/evaluate/details";
import "../src/evaluate/pictures";
import { Samples } from "../src/evaluate/samples";
import type { Evaluated } from "../src/evaluate/types";
import { pastedPicture, RowInput, SeriesInput, TableInput } from "../src/predict/inputs";
import { waysOf } from "../src/predict/ways";
import { Bars, ranked, Scores } from "../src/results/bars";
import { FigureTable, listed } from "../src/results/of-run";
import { type Part, Tools } from "../src/shown";

let host: HTMLElement;
beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
});

const classes = ["a", "b", "c", "d", "e", "f", "g", "h"];
const probabilities = [0.05, 0.5, 0.1, 0.05, 0.1, 0.1, 0.05, 0.05];

describe("probability bars", () => {
  it("rank the classes", () => {
    expect(ranked(["x", "y"], [0.2, 0.8])).toEqual([
      { name: "y", share: 0.8 },
      { name: "x", share: 0.2 },
    ]);
  });
  it("show five and fold the rest into one, until asked", async () => {
    render(<Bars classes={classes} probabilities={probabilities} />, host);
    expect(host.querySelectorAll("li")).toHaveLength(6);
    expect(host.querySelector("li")?.textContent).toContain("50.0 %");
    expect(host.querySelectorAll("li")[5]?.textContent).toContain("15.0 %");
    await act(() => host.querySelector("button")?.click());
    expect(host.querySelectorAll("li")).toHaveLength(8);
  });
  it("don't fold a single class", () => {
    render(<Bars classes={classes.slice(0, 6)} probabilities={probabilities.slice(0, 6)} />, host);
    expect(host.querySelectorAll("li")).toHaveLength(6);
    expect(host.querySelector("button")).toBeNull();
  });
});

describe("the confusion matrix", () => {
  const counts = [
    [8, 2],
    [0, 0],
  ];
  it("takes shares along the rows", () => {
    expect(shares(counts)).toEqual([
      [0.8, 0.2],
      [0, 0],
    ]);
  });
  it("names every cell, opens those with samples, and shows per cent when asked", async () => {
    const choose = vi.fn();
    render(<Matrix names={["cat", "dog"]} indices={[0, 1]} counts={counts} all={2} chosen={null} choose={choose} />, host);
    const cells = [...host.querySelectorAll<HTMLButtonElement>("td button")];
    expect(cells.map((cell) => cell.textContent)).toEqual(["8", "2", "", ""]);
    expect(cells[1]?.getAttribute("aria-label")).toBe("cat taken for dog: 2 (20.0 %)");
    expect(cells.map((cell) => cell.disabled)).toEqual([false, false, true, true]);
    await act(() => cells[1]?.click());
    expect(choose).toHaveBeenCalledWith(0, 1);
    await act(() => host.querySelectorAll<HTMLButtonElement>(".s-segments button")[1]?.click());
    expect([...host.querySelectorAll("td button")].map((cell) => cell.textContent)).toEqual(["80", "20", "", ""]);
  });
});

describe("figures per class", () => {
  const rows = [
    { index: 0, name: "10", samples: 3, precision: null, recall: 0.5, f1: 0.2 },
    { index: 1, name: "9", samples: 5, precision: 0.9, recall: 0.4, f1: 0.3 },
  ];
  it("sort by any column, missing figures last", () => {
    expect(sortedClasses(rows, "name", false).map(({ name }) => name)).toEqual(["9", "10"]);
    expect(sortedClasses(rows, "precision", true).map(({ index }) => index)).toEqual([1, 0]);
    expect(sortedClasses(rows, "precision", false).map(({ index }) => index)).toEqual([1, 0]);
    expect(sortedClasses(rows, "recall", false).map(({ index }) => index)).toEqual([1, 0]);
  });
});

describe("samples", () => {
  it("escape what comes from data", () => {
    render(<Samples samples={[{ row: 1, truth: "<b>a</b>", predicted: "b", probability: 0.9, truth_probability: 0.1, text: "<img src=x onerror=alert(1)>" }]} columns={[]} unit={null} />, host);
    expect(host.querySelector("img, b")).toBeNull();
    expect(host.textContent).toContain("<img src=x");
  });
  it("show a number's error with its sign", () => {
    render(<Samples samples={[{ row: 1, truth: 10, predicted: 12.5, error: 2.5, cells: [1152, null] }]} columns={["age", "x"]} unit="m" />, host);
    expect([...host.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual(["10", "12.5", "+2.5", "1152", "–"]);
  });
  it("stands numbers by their last digit, heading and cells, even where one is missing", () => {
    const cells = [[null, "Adelie", 2], [3750, "Gentoo", 3]];
    const samples = cells.map((row, index) => ({ row: index, truth: "a", predicted: "b", probability: 0.9, truth_probability: 0.1, cells: row }));
    render(<Samples samples={samples} columns={["mass", "species", "islands"]} unit={null} />, host);
    for (const row of host.querySelectorAll("tr")) {
      const right = [...row.children].map((cell) => cell.classList.contains("s-right"));
      expect(right).toEqual([false, false, true, true, false, true]);
    }
  });
});

describe("labels", () => {
  it("mark all that are true", () => {
    render(<Bars classes={["a", "b", "c"]} probabilities={[0.9, 0.2, 0.7]} truth={["a", "b"]} apart />, host);
    expect([...host.querySelectorAll("li .e-bar-name")].map((each) => each.textContent)).toEqual(["a (true)", "c", "b (true)"]);
  });
  it("come with a key of their marks, where there are any", () => {
    const said = { kind: "labels", labels: ["a"], wrong: ["a"], missed: ["b"] };
    render(<Tools parts={[said]} />, host);
    expect(host.textContent).toContain("said, but not true");
    expect(host.textContent).toContain("true, but not said");
    render(<Tools parts={[{ ...said, wrong: [], missed: [] } as Part]} />, host);
    expect(host.textContent).toBe("");
  });
});

describe("made pictures", () => {
  const evaluated = (details: object) => ({ kind: "image", details, samples: 12 }) as unknown as Evaluated;
  it("say how much better they are than before", () => {
    render(<Details evaluated={evaluated({ scale: 2, copy: false, gain: 1.5, better: 11 })} />, host);
    expect(host.textContent).toContain("bicubic interpolation on 11 of 12 pictures; PSNR +1.5 dB");
    render(<Details evaluated={evaluated({ scale: 1, copy: false, gain: -0.5, better: 1 })} />, host);
    expect(host.textContent).toContain("the noisy picture on 1 of 12 pictures; PSNR -0.5 dB");
  });
  it("show how their errors are spread, where they are copies", () => {
    render(<Details evaluated={evaluated({ scale: 1, copy: true, errors: { edges: [0, 1, 2], counts: [9, 3] } })} />, host);
    expect([...host.querySelectorAll("rect title")].map((each) => each.textContent)).toEqual(["0 – 1: 9", "1 – 2: 3"]);
  });
});

describe("figures of a run", () => {
  it("are a row per metric and a column per split; what was not measured is a dash, what is drawn is left out", () => {
    const metrics = { train: { loss: 0.5, learning_rate: 0.1, batch_loss: 0.4 }, test: { loss: 0.25, accuracy: 0.981 } };
    expect(listed(metrics)).toEqual(["loss", "accuracy"]);
    render(<FigureTable metrics={metrics} heading="Best state" />, host);
    const rows = [...host.querySelectorAll("tbody tr")].map((row) => [...row.children].slice(1).map((cell) => cell.textContent));
    expect(rows).toEqual([["0.5", "0.25"], ["–", "98.1 %"]]);
    expect(host.querySelectorAll("thead th")).toHaveLength(3);
  });
});

describe("forecasts", () => {
  it("are explained beside the naive forecast, where that was measured", () => {
    render(<Charts parts={[]} metrics={{ mae: 14.738, mae_naive: 23.27, mase: 0.87 }} />, host);
    expect(host.textContent).toContain("Saying the last value again would be off by 23.27 on average; the network is off by 14.74.");
    expect(host.textContent).toContain("MASE");
    render(<Charts parts={[]} metrics={{ mae: 14.738 }} />, host);
    expect(host.querySelector("p")).toBeNull();
  });
});

describe("axes", () => {
  it("have round marks inside the bounds", () => {
    expect(ticks(0, 100)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticks(-0.3, 0.3)).toEqual([-0.2, 0, 0.2]);
    expect(ticks(5, 5)).toEqual([5]);
  });
});

describe("scores that are no probabilities", () => {
  it("stand as numbers, the largest first", async () => {
    await act(() => render(<Scores classes={["x", "y"]} scores={[-1.5, 2.25]} />, host));
    expect([...host.querySelectorAll("li")].map((item) => item.textContent)).toEqual(["y2.25", "x-1.5"]);
    expect(host.textContent).toContain("no probabilities");
  });
  it("take the place of probabilities beside mistakes", async () => {
    await act(() => render(<Samples samples={[{ row: 1, truth: "a", predicted: "b", score: 1.5, cells: [1] }]} columns={["x"]} unit={null} />, host));
    expect(host.querySelectorAll("th")[2]?.textContent).toBe("Score");
    expect(host.querySelectorAll("td")[2]?.textContent).toBe("1.5");
  });
});

describe("a row of a table", () => {
  it("has a field for free text that says which words are known", async () => {
    const column = { name: "Name", kind: "words" as const, unit: null, value: "ford pinto", choices: [], minimum: null, maximum: null, words: ["ford", "sw"] };
    const asked: unknown[] = [];
    await act(() => render(<RowInput form={{ columns: [column] }} ask={(what) => asked.push(what)} busy={false} row={null} />, host));
    expect(host.querySelector<HTMLInputElement>('[data-testid="column-Name"]')?.value).toBe("ford pinto");
    expect(host.querySelector("small")?.textContent).toBe("known words: ford, sw …");
    host.querySelector("form")?.requestSubmit();
    expect(asked).toEqual([{ values: { Name: "ford pinto" } }]);
  });
});

describe("asking a network", () => {
  const form = { kind: "image" as const, columns: [], drawing: null, dataset: "digits", target: null };
  it("offers drawing only where the training pictures are signs", () => {
    expect(waysOf(form)).toEqual(["picture", "samples"]);
    expect(waysOf({ ...form, drawing: { height: 8, width: 8, ground: 0, ink: 1, sign_height: 1, brush: 0.1 } })).toEqual(["draw", "picture", "samples"]);
  });
  it("offers no samples where the dataset is gone", () => {
    expect(waysOf({ ...form, kind: "columns", dataset: null })).toEqual(["row", "table"]);
  });
  it("takes arrays as files, too", () => {
    expect(waysOf({ ...form, kind: "array" })).toEqual(["array", "samples"]);
    render(<TableInput run="a" state="best" holds="array" />, host);
    expect(host.querySelector("input")?.accept).toBe(".npy,.npz");
  });
  it("asks for files of series only where a table can hold them, and says how", () => {
    expect(waysOf({ ...form, kind: "series", series: "long" })).toEqual(["series", "samples"]);
    expect(waysOf({ ...form, kind: "series", series: "arrays" })).toEqual(["samples"]);
    const hint = (form: "forecast" | "long" | "wide"): string => {
      render(<SeriesInput form={form} ask={() => undefined} />, host);
      return host.textContent ?? "";
    };
    expect(hint("forecast")).toContain("the end of the series is looked at");
    expect(hint("long")).toContain("of several sequences the first is looked at");
    expect(hint("wide")).toContain("a row per sequence");
  });
  it("takes the first picture of what is pasted", () => {
    const file = new File(["x"], "x.png", { type: "image/png" });
    const items = [
      { kind: "string", type: "text/plain", getAsFile: () => null },
      { kind: "file", type: "image/png", getAsFile: () => file },
    ] as unknown as DataTransferItemList;
    expect(pastedPicture(items)).toBe(file);
    expect(pastedPicture(undefined)).toBeNull();
  });
});
