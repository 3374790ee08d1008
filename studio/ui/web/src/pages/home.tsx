import {
  ago,
  at,
  change,
  Drop,
  draft,
  get,
  link,
  poll,
  post,
  pulse,
  recipe,
  register,
  type RunSummary,
  native, sentence,
  short,
  statusWords,
  t,
  tOr,
  type Upload,
} from "@studio";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { metricName, metricValue } from "../runs/rows";

const SHOWN_RUNS = 6;

interface Card {
  name: string;
  title: string;
  kind: string;
  samples: number | null;
  classes: number | null;
  builtin: boolean;
  summary: string;
}

const latest = signal<RunSummary[] | null>(null);
const cards = signal<Card[] | null>(null);
const problem = signal<string | null>(null);

/** Another dataset for this draft; what was chosen for the old data (network, loss, metrics) follows the new ones again. */
function choose(name: string): void {
  change({ dataset: name, graph: undefined, "training.loss": undefined, "training.metrics": undefined, "training.monitor": undefined });
}

/** The figure that a row shows: the validation's main metric, else the loss. */
export function mainFigure(row: RunSummary): { name: string; value: number } | null {
  const figures = row.metrics.test ?? row.metrics.validation;
  if (!figures) return null;
  const name = Object.keys(figures).find((key) => key !== "loss") ?? "loss";
  const value = figures[name];
  return value === undefined ? null : { name, value };
}

function RunRow({ row }: { row: RunSummary }) {
  const figure = mainFigure(row);
  const share = row.epochs > 0 ? Math.min(1, row.epoch / row.epochs) : 0;
  return (
    <tr>
      <td>
        <a href={link("train", { run: row.run })}>{row.title}</a>
      </td>
      <td>
        <span class={`s-status s-status-${row.status}`}>{statusWords(row)}</span>
      </td>
      <td class="s-wide">
        {row.dataset} → {row.network}
      </td>
      <td class="s-right" title={`${Math.round(share * 100)} %`}>
        {row.epoch} / {row.epochs}
      </td>
      <td class="s-right">{figure ? `${metricName(figure.name)} ${metricValue(figure.name, figure.value)}` : "–"}</td>
      <td class="s-right s-wide s-muted">{row.started ? ago(row.started) : "–"}</td>
    </tr>
  );
}

function RunTable({ rows, name }: { rows: RunSummary[]; name: string }) {
  return (
    <div class="s-scroll">
      <table class="s-table" aria-label={name}>
        <thead>
          <tr>
            <th scope="col">{t("home.run")}</th>
            <th scope="col">{t("home.status")}</th>
            <th scope="col" class="s-wide">
              {t("home.what")}
            </th>
            <th scope="col" class="s-right">
              {t("train.epoch")}
            </th>
            <th scope="col" class="s-right">
              {t("home.figure")}
            </th>
            <th scope="col" class="s-right s-wide">
              {t("home.started")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <RunRow key={row.run} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DatasetCard({ card }: { card: Card }) {
  const chosen = at(recipe.value, "dataset") === card.name;
  return (
    <button type="button" class="s-card" aria-pressed={chosen} disabled={!draft.value} onClick={() => choose(card.name)}>
      <strong>{card.builtin ? native(card.title) : card.title}</strong>
      <span class="s-muted s-small-text">{tOr(`kind.${card.kind}`, card.kind)}</span>
      <span class="s-small-text">{card.builtin ? tOr(`builtin.${card.name}`, card.summary) : t("home.samples", { n: short(card.samples) })}</span>
    </button>
  );
}

async function imported(upload: Upload): Promise<void> {
  await post("api/imports", { upload: upload.upload });
  location.assign(link("data"));
}

function Home() {
  useEffect(() => {
    get<{ datasets: Card[] }>("api/datasets").then(
      (answer) => {
        cards.value = answer.datasets;
      },
      (error: unknown) => {
        problem.value = sentence(error);
      },
    );
    return poll(
      async () => {
        latest.value = (await get<{ runs: RunSummary[] }>(`api/runs?limit=${SHOWN_RUNS}`)).runs;
      },
      () => (pulse.value?.active.length ? 2 : 6),
    );
  }, []);
  const active = pulse.value?.active ?? [];
  const ended = latest.value?.filter((row) => !active.some((one) => one.run === row.run)) ?? null;
  return (
    <div class="s-stack s-home">
      {active.length > 0 && (
        <section class="s-panel">
          <h2>{t("home.running")}</h2>
          <RunTable rows={active} name={t("home.running")} />
        </section>
      )}
      <section class="s-panel">
        <h2>{t("home.start")}</h2>
        <p class="s-muted">{t("home.start.text")}</p>
        {problem.value && <p class="s-problem">{problem.value}</p>}
        <div class="s-start">
          <div class="s-cards s-datasets">
            {cards.value === null && !problem.value
              ? Array.from({ length: 8 }, (_, index) => <div key={index} class="s-card s-blank" aria-hidden="true" />)
              : cards.value?.map((card) => <DatasetCard key={card.name} card={card} />)}
          </div>
          <Drop label={t("home.drop")} hint={t("home.drop.hint")} onUpload={imported} />
        </div>
      </section>
      <section class="s-panel">
        <div class="s-spread">
          <h2>{t("home.latest")}</h2>
          <a href={link("runs")}>{t("home.all")}</a>
        </div>
        {ended === null ? (
          <div class="s-nothing"> </div>
        ) : ended.length > 0 ? (
          <RunTable rows={ended} name={t("home.latest")} />
        ) : (
          <div class="s-nothing">{t(active.length > 0 ? "home.none.yet" : "home.none")}</div>
        )}
      </section>
    </div>
  );
}

register("home", Home);
