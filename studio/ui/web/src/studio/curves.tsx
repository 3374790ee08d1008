import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { get, sentence } from "./api";
import { Chart, type ChartLine, color, type Mark } from "./chart";
import { duration, short } from "./format";
import { metricName } from "./metric";
import { poll } from "./poll";
import { pace } from "./pulse";
import { drawnOf, type MetricsAnswer, RunCurves, smooth, type XAxis, xOf } from "./series";
import { t } from "./words";

/** A run whose curves are shown. */
export interface CurvesRun {
  run: string;
  title: string;
  /** Whether more points are to come. */
  live: boolean;
  stepsPerEpoch: number;
  /** The epoch behind which frozen layers are trained, too. */
  unfreezes?: number | null | undefined;
}

interface Taste {
  smoothing: number;
  log: boolean;
  axis: XAxis;
}

const KEY = "studio.curves";
const MANY_POINTS = 1500;
/** Between two questions for the first point of a run that has just begun. */
const AWAITED_SECONDS = 0.2;

function remembered(): Taste {
  const fallback: Taste = { smoothing: 0, log: false, axis: "epoch" };
  try {
    return { ...fallback, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Taste>) };
  } catch {
    return fallback;
  }
}

/** How this person likes curves; kept by the browser. */
const taste = signal<Taste>(remembered());

function like(changes: Partial<Taste>): void {
  taste.value = { ...taste.value, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(taste.value));
  } catch {
    // storage is forbidden in this browser: the choice holds until the next page
  }
}

let wanted: number | null = null;

/** Smooths as the slider says, once per frame however often it moves; what it says in the end is remembered when it is let go. */
function smoothBy(weight: number): void {
  if (wanted === null) {
    requestAnimationFrame(() => {
      taste.value = { ...taste.value, smoothing: wanted ?? taste.value.smoothing };
      wanted = null;
    });
  }
  wanted = weight;
}


/** The lines of one metric: train and validation in two colours, or several runs in a colour each with train dashed. */
export function linesOf(name: string, runs: { title: string; stepsPerEpoch: number; curves: RunCurves }[], chosen: Taste): ChartLine[] {
  const lines: ChartLine[] = [];
  runs.forEach(({ title, stepsPerEpoch, curves }, index) => {
    const shown = (split: string, metric: string, label: string, line: { color: string; opacity?: number; width?: number; dash?: number[] }) => {
      const series = curves.series.get(`${split}/${metric}`);
      if (!series || series.value.length === 0) return;
      const { x, y } = drawnOf(series, chosen.axis, stepsPerEpoch);
      const few = y.length < 30;
      const thin = y.length > MANY_POINTS ? { width: 1 } : {}; // a dense line is as clear when thin, and several times as quick
      if (chosen.smoothing > 0 && y.length > 2 && metric !== "learning_rate") { // the rate is what it is, without noise
        if (metric !== "batch_loss") lines.push({ label: `${label} ${t("curves.raw")}`, x, y, ...line, opacity: 0.25, width: 1 });
        lines.push({ label, x, y: smooth(y, chosen.smoothing), ...thin, ...line });
      } else {
        lines.push({ label, x, y, points: few, ...thin, ...line });
      }
    };
    const several = runs.length > 1;
    const prefix = several ? `${title}: ` : "";
    const train = color(several ? index : 0);
    const validation = color(several ? index : 1);
    if (name === "loss") shown("train", "batch_loss", prefix + t("curves.batches"), { color: train, opacity: 0.45, width: 1 });
    if (name === "learning_rate") shown("train", name, prefix + metricName(name), { color: color(several ? index : 2) });
    else shown("train", name, prefix + t("curves.train"), { color: train, ...(several ? { dash: [6, 4] } : {}) });
    shown("validation", name, prefix + t("curves.validation"), { color: validation });
  });
  return lines;
}

/** Where frozen layers begin to be trained, once that has happened; of one run only, since several would cover each other. */
export function marksOf(runs: { stepsPerEpoch: number; unfreezes?: number | null | undefined; curves: RunCurves }[], axis: XAxis): Mark[] {
  const [run] = runs;
  const series = run?.curves.series.get("validation/loss");
  if (!run?.unfreezes || !series || runs.length > 1) return [];
  const next = series.epoch.findIndex((epoch) => epoch > (run.unfreezes as number));
  const x = next > 0 ? xOf(series, axis, run.stepsPerEpoch)[next - 1] : undefined;
  return x === undefined ? [] : [{ x, label: t("event.layers unfrozen") }];
}

function at(line: ChartLine, x: number | null): number | null {
  if (line.y.length === 0) return null;
  if (x === null) return line.y[line.y.length - 1] ?? null;
  let low = 0;
  let high = line.x.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((line.x[middle] as number) <= x) low = middle;
    else high = middle - 1;
  }
  return line.y[low] ?? null;
}

function Panel({ name, lines, marks, xRange }: { name: string; lines: ChartLine[]; marks: Mark[]; xRange: [number, number] }) {
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const cursor = useSignal<number | null>(null);
  const { axis, log } = taste.value;
  const drawn = lines.map((line) => ({ ...line, hidden: hidden.value.has(line.label) }));
  const toggle = (label: string) => {
    const next = new Set(hidden.value);
    if (!next.delete(label)) next.add(label);
    hidden.value = next;
  };
  const legend = drawn.filter((line) => !line.label.endsWith(` ${t("curves.raw")}`));
  const summary = [...legend.map((line) => `${line.label} ${short(at(line, null))}`), ...marks.map((mark) => mark.label)].join(", ");
  return (
    <section class="s-curve" aria-label={metricName(name)}>
      <div class="s-spread">
        <h3>{metricName(name)}</h3>
        <div class="s-legend">
          {legend.map((line) => (
            <button
              type="button"
              key={line.label}
              aria-label={`${metricName(name)}: ${line.label} ${short(at(line, cursor.value))}`}
              aria-pressed={!line.hidden}
              onClick={() => toggle(line.label)}
            >
              <span class="s-swatch" style={{ background: line.color, opacity: line.opacity ?? 1 }} />
              {line.label} <output>{short(at(line, cursor.value))}</output>
            </button>
          ))}
        </div>
      </div>
      <Chart
        lines={drawn}
        name={`${metricName(name)}: ${summary}`}
        log={log && name !== "accuracy"}
        height={name === "learning_rate" ? 136 : 248}
        xFormat={axis === "time" ? duration : short}
        xRange={xRange}
        marks={marks}
        sync="curves"
        onCursor={(x) => {
          cursor.value = x;
        }}
      />
    </section>
  );
}

/** The live curves of one or several runs: one panel per metric, with smoothing, log scale and a choice of the x axis. */
export function Curves({ runs, onData }: { runs: CurvesRun[]; onData?: (curves: ReadonlyMap<string, RunCurves>) => void }) {
  const store = useRef(new Map<string, RunCurves>());
  const revision = useSignal(0);
  const problem = useSignal<string | null>(null);
  const live = useRef(runs);
  live.current = runs;
  const names = runs.map((run) => run.run).join("\n");
  const anyLive = runs.some((run) => run.live);

  useEffect(() => {
    for (const known of store.current.keys()) if (!runs.some((run) => run.run === known)) store.current.delete(known);
    const ended = new Set<string>();
    const since = performance.now();
    return poll(
      async () => {
        let changed = false;
        try {
          for (const { run, live: more } of live.current) {
            if (ended.has(run)) continue;
            const curves = store.current.get(run) ?? new RunCurves();
            store.current.set(run, curves);
            const answer = await get<MetricsAnswer>(`api/runs/${encodeURIComponent(run)}/metrics?cursor=${curves.cursor}`);
            changed = curves.apply(answer) || changed;
            if (!more) ended.add(run);
          }
          problem.value = null;
        } catch (error) {
          problem.value = sentence(error);
        }
        if (changed) {
          revision.value += 1;
          onData?.(store.current);
        }
      },
      () => {
        if (live.current.every((run) => ended.has(run.run))) return null;
        const begun = live.current.every(({ run }) => (store.current.get(run)?.names().length ?? 0) > 0);
        return begun ? pace(since) : AWAITED_SECONDS;
      },
    );
  }, [names, anyLive]);

  useEffect(() => {
    const redraw = () => {
      revision.value += 1;
    };
    addEventListener("studio:theme", redraw);
    return () => removeEventListener("studio:theme", redraw);
  }, []);

  const { smoothing, log, axis } = taste.value;
  const drawable = runs.flatMap((run) => {
    const curves = store.current.get(run.run);
    return curves ? [{ title: run.title, stepsPerEpoch: run.stepsPerEpoch, unfreezes: run.unfreezes, curves }] : [];
  });
  const metrics = [...new Set(drawable.flatMap(({ curves }) => curves.names()))].sort((a, b) => rank(a) - rank(b));
  const panels = useMemo(
    () => metrics.map((name) => ({ name, lines: linesOf(name, drawable, taste.value) })),
    [revision.value, smoothing, axis, names, metrics.join(), runs.map((run) => run.stepsPerEpoch).join()],
  );
  const ends = panels.flatMap(({ lines }) => lines.flatMap((line) => [line.x[0] ?? Infinity, line.x.at(-1) ?? -Infinity]));
  const xRange: [number, number] = [Math.min(...ends), Math.max(...ends)];
  const marks = marksOf(drawable, axis);
  const axes: XAxis[] = ["step", "epoch", "time"];

  return (
    <div class="s-curves">
      <div class="s-curves-tools">
        <span class="s-segments" role="group" aria-label={t("curves.axis")}>
          {axes.map((one) => (
            <button type="button" key={one} aria-pressed={axis === one} onClick={() => like({ axis: one })}>
              {t(`curves.axis.${one}`)}
            </button>
          ))}
        </span>
        <label class="s-slider">
          {t("curves.smoothing")}
          <input type="range" min="0" max="0.99" step="0.01" value={smoothing} onInput={(event) => smoothBy(Number(event.currentTarget.value))} onChange={(event) => like({ smoothing: Number(event.currentTarget.value) })} />
          <output>{smoothing.toFixed(2)}</output>
        </label>
        <label class="s-check">
          <input type="checkbox" checked={log} onChange={(event) => like({ log: event.currentTarget.checked })} />
          {t("curves.log")}
        </label>
        {problem.value && <span class="s-problem">{problem.value}</span>}
      </div>
      {panels.length === 0 && <div class="s-curve s-curve-empty s-muted">{anyLive ? t("curves.waiting") : t("curves.none")}</div>}
      {panels.map(({ name, lines }) => (
        <Panel key={name} name={name} lines={lines} marks={marks} xRange={xRange} />
      ))}
    </div>
  );
}

const rank = (name: string): number => (name === "loss" ? 0 : name === "learning_rate" ? 2 : 1);
