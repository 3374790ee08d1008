import {
  address,
  ago,
  ask,
  bytes,
  Curves,
  duration,
  exact,
  get,
  Icon,
  percent,
  poll,
  post,
  pulse,
  type RunSummary,
  native,
  pace,
  sentence,
  setParameters,
  short,
  shownRun,
  statusWords,
  t,
} from "@studio";
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { FigureTable, RunLinks, listed } from "../results/of-run";
import { type Beat, beats, stepsPerSecond } from "./speed";

/** What the page shows of one run. */
export const run = signal<RunSummary | null>(null);

const ALIVE = ["queued", "running"];
const RESUMABLE = ["paused", "stopped", "crashed", "failed"];

function Figure({ name, children, title }: { name: string; children: preact.ComponentChildren; title?: string }) {
  return (
    <div class="s-figure" title={title}>
      <dt>{name}</dt>
      <dd class="s-number">{children}</dd>
    </div>
  );
}

function Progress({ row, speed }: { row: RunSummary; speed: number | null }) {
  const total = row.epochs * row.steps_per_epoch;
  const share = total > 0 ? Math.min(1, row.step / total) : 0;
  const left = speed && total > 0 ? (total - row.step) / speed : null;
  const batch = typeof row.batch_size === "number" ? row.batch_size : null;
  const alive = ALIVE.includes(row.status);
  return (
    <>
      <div class="s-progress" role="progressbar" aria-label={t("train.progress")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
        <div style={{ width: `${share * 100}%` }} />
      </div>
      <dl class="s-figures">
        <Figure name={t("train.epoch")}>
          {row.epoch} / {row.epochs}
        </Figure>
        <Figure name={t("train.step")} title={`${exact(row.step)} / ${exact(total)}`}>
          {short(row.step)} / {total > 0 ? short(total) : "–"}
        </Figure>
        {alive ? (
          <>
            <Figure name={t("train.speed")}>{speed && batch ? t("train.speed.value", { n: short(Math.round(speed * batch)) }) : "–"}</Figure>
            <Figure name={t("train.left")}>{left === null ? "–" : row.early_stopping ? t("train.left.most", { time: duration(left) }) : duration(left)}</Figure>
            <Figure name={t("train.memory")}>{row.resources.memory_bytes ? bytes(row.resources.memory_bytes) : "–"}</Figure>
            {row.resources.gpu_memory_bytes ? (
              <Figure name={t("train.memory.gpu")}>{bytes(row.resources.gpu_memory_bytes)}</Figure>
            ) : (
              <Figure name={t("train.load")}>{row.resources.cpu_percent === undefined ? "–" : percent(row.resources.cpu_percent / 100)}</Figure>
            )}
          </>
        ) : (
          row.seconds !== null && <Figure name={t("train.took")}>{duration(row.seconds)}</Figure>
        )}
      </dl>
    </>
  );
}

function Buttons({ row, refused }: { row: RunSummary; refused: { value: string | null } }) {
  const wished = useSignal<string | null>(null);
  useEffect(() => {
    wished.value = null;
  }, [row.status, row.run]);
  const send = (path: string, body: object, mark: string) => async () => {
    wished.value = mark;
    refused.value = null;
    try {
      run.value = await post<RunSummary>(`api/runs/${encodeURIComponent(row.run)}/${path}`, body);
      void ask();
    } catch (error) {
      refused.value = sentence(error);
      wished.value = null;
    }
  };
  const alive = ALIVE.includes(row.status);
  return (
    <div class="s-row">
      {alive && (
        <>
          <button type="button" class="s-button" disabled={wished.value !== null} onClick={() => void send("wish", { wish: "stop" }, "stop")()}>
            <Icon name="stop" />
            {wished.value === "stop" ? t("train.stopping") : t("train.stop")}
          </button>
          <button type="button" class="s-button" disabled={wished.value !== null} onClick={() => void send("wish", { wish: "pause" }, "pause")()}>
            <Icon name="pause" />
            {wished.value === "pause" ? t("train.pausing") : t("train.pause")}
          </button>
        </>
      )}
      {RESUMABLE.includes(row.status) && (
        <button type="button" class="s-button" disabled={wished.value !== null} onClick={() => void send("resume", {}, "resume")()}>
          <Icon name="play" />
          {t("train.resume")}
        </button>
      )}
      {(row.status === "finished" || row.status === "stopped") && <RunLinks run={row.run} />}
    </div>
  );
}

/** Final figures. */
function Results({ row }: { row: RunSummary }) {
  if (ALIVE.includes(row.status) || listed(row.metrics).length === 0) return null;
  return <FigureTable metrics={row.metrics} heading={t(["finished", "stopped", "failed"].includes(row.status) ? "train.results" : "train.results.last")} />;
}

function Log({ row }: { row: RunSummary }) {
  const text = useSignal<string>("");
  const open = useSignal(false);
  const alive = useRef(false);
  alive.current = ALIVE.includes(row.status);
  useEffect(() => {
    if (!open.value) return undefined;
    return poll(
      async () => {
        text.value = (await get<{ text: string }>(`api/runs/${encodeURIComponent(row.run)}/log`)).text;
      },
      () => (alive.current ? 2 : null),
    );
  }, [open.value, row.run, row.status]);
  return (
    <details
      class="s-group"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>{t("train.log")}</summary>
      <pre class="s-code s-wrap s-log" tabIndex={0} aria-label={t("train.log")}>
        {text.value || t("train.log.empty")}
      </pre>
    </details>
  );
}

/** The run that the address names, else the one that runs, else the newest. */
async function choose(): Promise<string | null> {
  if (shownRun.value) return shownRun.value;
  const active = pulse.value?.active[0];
  if (active) return active.run;
  const { runs } = await get<{ runs: RunSummary[] }>("api/runs?limit=1");
  return runs[0]?.run ?? null;
}

/** A run as it stands now: one under way by the pulse, which the bar needs as well. */
async function look(name: string): Promise<RunSummary> {
  if (run.value?.run === name && ALIVE.includes(run.value.status)) {
    await ask();
    const active = pulse.value?.active.find((other) => other.run === name);
    if (active) return active;
  }
  return get<RunSummary>(`api/runs/${encodeURIComponent(name)}`);
}

/** The run under way or the last one: progress, buttons, curves, log. */
export function RunPanel({ children }: { children: preact.ComponentChildren }) {
  const known = useRef<Beat[]>([]);
  const loaded = useSignal(false);
  const problem = useSignal<string | null>(null);
  const refused = useSignal<string | null>(null);
  const row = run.value;

  useEffect(() => {
    known.current = [];
    refused.value = null;
    const since = performance.now();
    return poll(
      async () => {
        try {
          const name = await choose();
          if (name && !shownRun.value) setParameters({ run: name });
          const answer = name ? await look(name) : null;
          if (answer?.heartbeat) known.current = beats(answer.status === "running" ? known.current : [], { time: answer.heartbeat, step: answer.step });
          run.value = answer;
          problem.value = null;
        } catch (error) {
          problem.value = sentence(error);
        }
        loaded.value = true;
      },
      () => (run.value && ALIVE.includes(run.value.status) ? pace(since) : 3),
    );
  }, [shownRun.value]);

  if (problem.value && !row) return <div class="s-panel s-problem">{problem.value}</div>;
  if (!loaded.value) return <div class="s-panel s-run" aria-busy="true" />;
  if (!row) return <div class="s-panel s-run">{children}</div>;
  const alive = ALIVE.includes(row.status);
  return (
    <section class="s-panel s-run" aria-label={t("train.run", { run: row.title })}>
      <div class="s-spread">
        <div>
          <h2>{row.title}</h2>
          <p class="s-muted s-run-facts">
            <span class={`s-status s-status-${row.status}`} data-testid="run-status" data-status={row.status}>
              {statusWords(row)}
            </span>
            <span>
              {row.dataset} → {row.network}
            </span>
            {row.started && <span>{ago(row.started)}</span>}
            <a href={address(`runs?run=${encodeURIComponent(row.run)}`)}>{t("page.runs")}</a>
          </p>
        </div>
        <Buttons row={row} refused={refused} />
      </div>
      {refused.value && (
        <p class="s-problem" role="alert">
          {refused.value}
        </p>
      )}
      <Progress row={row} speed={stepsPerSecond(known.current)} />
      {row.reason && (
        <p class={`s-reason${row.status === "crashed" || row.status === "failed" ? " s-bad" : ""}`} role="status">
          {native(row.reason)}
        </p>
      )}
      <Results row={row} />
      <Curves runs={[{ run: row.run, title: row.title, live: alive, stepsPerEpoch: row.steps_per_epoch, unfreezes: row.unfreezes }]} />
      <Log row={row} />
    </section>
  );
}
