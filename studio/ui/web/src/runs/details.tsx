import { ApiError, Curves, Icon, address, bytes, duration, exact, get, link, poll, native, sentence, short, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { FigureTable, RunLinks, listed } from "../results/of-run";
import { Actions, type Notice, NoticeBar } from "./actions";
import { StatusLine } from "./list";
import { RecipeTable } from "./recipe-table";
import { type RunRow, isAlive } from "./rows";

interface RunEvent {
  event: string;
  time: number;
  epoch: number;
  step: number;
  reason?: string;
  notes?: string[];
}

const FILES = ["recipe.yaml", "train.py", "metrics.jsonl", "log.txt"];

/** All that the folder of one run tells. */
export function RunDetails({ name }: { name: string }) {
  const row = useSignal<RunRow | null>(null);
  const problem = useSignal<string | null>(null);
  const gone = useSignal(false);
  const notice = useSignal<Notice | null>(null);
  const say = (value: Notice | null) => {
    notice.value = value;
  };
  const refresh = async () => {
    try {
      row.value = await get<RunRow>(`api/run-list/${encodeURIComponent(name)}`);
      problem.value = null;
      gone.value = false;
    } catch (error) {
      problem.value = sentence(error);
      gone.value = error instanceof ApiError && error.status === 400;
    }
  };
  useEffect(() => poll(refresh, () => (row.value && isAlive(row.value) ? 2 : 10)), [name]);

  const back = (
    <a class="r-back" href={link("runs")}>
      {t("runs.back")}
    </a>
  );
  if (!row.value || (gone.value && !notice.value)) {
    return (
      <div class="s-stack">
        {back}
        <div class="s-panel s-nothing">{problem.value ?? t("runs.loading")}</div>
      </div>
    );
  }
  if (gone.value) {
    return (
      <div class="s-stack r-runs">
        {back}
        <NoticeBar notice={notice.value} say={say} refresh={refresh} />
      </div>
    );
  }
  const run = row.value;
  const alive = isAlive(run);
  return (
    <div class="s-stack r-runs">
      {back}
      <NoticeBar notice={notice.value} say={say} refresh={refresh} />
      <section class="s-panel s-stack" aria-label={run.title}>
        <div class="s-spread">
          <div>
            <h2 class="r-title">{run.title}</h2>
            <StatusLine row={run} />
          </div>
          {run.has_state && (
            <span class="s-row">
              <RunLinks run={run.run} small />
            </span>
          )}
        </div>
        {alive && run.epochs > 0 && (
          <div class="s-progress" role="progressbar" aria-label={t("runs.progress")} aria-valuenow={run.epoch} aria-valuemin={0} aria-valuemax={run.epochs}>
            <div style={{ width: `${Math.min(100, (100 * run.step) / Math.max(1, run.steps_per_epoch * run.epochs))}%` }} />
          </div>
        )}
        {run.reason && <p class="r-reason">{native(run.reason)}</p>}
        <Actions
          rows={[run]}
          refresh={refresh}
          say={say}
          onDeleted={() => {
            gone.value = true;
          }}
        />
        <dl class="r-facts">
          <Fact name={t("runs.column.dataset")}>{run.dataset}</Fact>
          <Fact name={t("runs.column.network")}>{run.network}</Fact>
          <Fact name={t("runs.weights")}>
            <span title={run.weights === null ? "" : exact(run.weights)}>{short(run.weights)}</span>
          </Fact>
          <Fact name={t("runs.column.when")}>{run.when === null ? "–" : new Date(run.when * 1000).toLocaleString()}</Fact>
          <Fact name={t("runs.column.seconds")}>{run.seconds === null ? "–" : duration(run.seconds)}</Fact>
          <Fact name={t("runs.best")}>{run.best_epoch ?? "–"}</Fact>
          <Fact name={t("runs.column.bytes")}>{bytes(run.bytes)}</Fact>
          <Fact name={t("runs.folder")}>{run.run}</Fact>
        </dl>
      </section>
      <Results run={run} />
      <section class="s-panel" aria-label={t("runs.curves")}>
        <h2>{t("runs.curves")}</h2>
        <Curves runs={[{ run: run.run, title: run.title, live: alive, stepsPerEpoch: run.steps_per_epoch, unfreezes: run.unfreezes }]} />
      </section>
      <details class="s-panel r-fold">
        <summary>{t("runs.recipe")}</summary>
        <RecipeTable runs={[run]} />
      </details>
      <section class="s-panel" aria-label={t("runs.events")}>
        <h3>{t("runs.events")}</h3>
        <Events run={run.run} live={alive} />
        <Log run={run.run} />
        <h3>{t("runs.files")}</h3>
        <div class="s-row">
          {FILES.map((file) => (
            <a key={file} class="s-button s-small" href={address(`api/runs/${encodeURIComponent(run.run)}/files/${file}`)} download={`${run.run}-${file}`}>
              <Icon name="download" />
              {file}
            </a>
          ))}
        </div>
      </section>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Results({ run }: { run: RunRow }) {
  if (listed(run.metrics).length === 0) return null;
  return (
    <section class="s-panel" aria-label={t("runs.figures")}>
      <h2>{run.has_results ? t("runs.figures.best") : t("runs.figures.latest")}</h2>
      <FigureTable metrics={run.metrics} heading={t("runs.figure")} />
    </section>
  );
}

function Events({ run, live }: { run: string; live: boolean }) {
  const events = useSignal<RunEvent[]>([]);
  useEffect(() => {
    let cursor = 0;
    events.value = [];
    return poll(
      async () => {
        const answer = await get<{ events: RunEvent[]; cursor: number }>(`api/runs/${encodeURIComponent(run)}/events?cursor=${cursor}`);
        cursor = answer.cursor;
        if (answer.events.length > 0) events.value = [...events.value, ...answer.events];
      },
      () => (live ? 3 : null),
    );
  }, [run, live]);
  if (events.value.length === 0) return <p class="s-muted">{t("runs.events.none")}</p>;
  return (
    <ol class="r-events">
      {events.value.map((event, index) => (
        <li key={index}>
          <time class="s-muted s-number" dateTime={new Date(event.time * 1000).toISOString()}>
            {new Date(event.time * 1000).toLocaleTimeString()}
          </time>
          <span>
            {tOr(`event.${event.event}`, event.event)}
            {event.step > 0 && <span class="s-muted s-number"> {t("runs.event.place", { epoch: event.epoch, step: event.step })}</span>}
            {event.reason && <span class="r-under">{native(event.reason)}</span>}
            {event.notes?.map((note) => (
              <span class="r-under" key={note}>
                {native(note)}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Log({ run }: { run: string }) {
  const text = useSignal<string | null>(null);
  return (
    <details
      class="s-group"
      onToggle={(event) => {
        if (event.currentTarget.open) {
          get<{ text: string }>(`api/runs/${encodeURIComponent(run)}/log`).then(
            (answer) => (text.value = answer.text || t("runs.log.empty")),
            (error: unknown) => (text.value = sentence(error)),
          );
        }
      }}
    >
      <summary>{t("runs.log")}</summary>
      <pre class="s-code s-wrap r-log" tabIndex={0} aria-label={t("runs.log")}>
        {text.value ?? t("runs.loading")}
      </pre>
    </details>
  );
}
