import { Drop, Icon, exact, get, parameter, percent, poll, post, register, native, sentence, setParameters, short, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Pairs, PerClass } from "../evaluate/classes";
import { Details } from "../evaluate/details";
import { Examples } from "../evaluate/examples";
import "../evaluate/identities";
import "../evaluate/masks";
import "../evaluate/pictures";
import { Matrix } from "../evaluate/matrix";
import { Residuals, Scatter } from "../evaluate/numbers";
import { Samples, signed } from "../evaluate/samples";
import type { CellAnswer, Evaluated, EvaluationAnswer, Split } from "../evaluate/types";
import { Charts } from "../evaluate/charts";
import { type ChosenRun, NoRun, RunChooser, useChosenRun } from "../results/chosen-run";
import { Working } from "../results/working";
import { metricName, metricValue, splitName } from "../runs/rows";

const SPLITS: Split[] = ["test", "validation", "train"];
const CELL_PAGE = 24;
/** Figures of a regression besides its metrics. */
const FURTHER = ["rmse", "r2", "mean", "largest_absolute"] as const;

function EvaluatePage() {
  const chosen = useChosenRun();
  const split = useSignal<Split>(SPLITS.find((one) => one === parameter("split")) ?? "test");
  const own = useSignal<{ upload: string; name: string } | null>(null);
  if (!chosen.run && chosen.runs?.length === 0) return <NoRun chosen={chosen} />;
  return (
    <div class="s-stack">
      <section class="s-panel s-stack" aria-label={t("page.evaluate")}>
        <h2>{t("page.evaluate")}</h2>
        <div class="e-choices">
          <RunChooser chosen={chosen} />
          <div class="s-field">
            <label for="studio-split">{t("evaluate.data")}</label>
            <select
              id="studio-split"
              value={own.value ? "own" : split.value}
              onChange={(event) => {
                const value = event.currentTarget.value;
                if (value === "own") return;
                own.value = null;
                split.value = value as Split;
                setParameters({ split: value === "test" ? null : value });
              }}
            >
              {SPLITS.map((one) => (
                <option key={one} value={one}>
                  {splitName(one)}
                </option>
              ))}
              {own.value && <option value="own">{own.value.name}</option>}
            </select>
          </div>
        </div>
        <details class="s-group">
          <summary>{t("evaluate.own")}</summary>
          <p class="s-muted">{t("evaluate.own.help")}</p>
          <Drop
            label={t("evaluate.own.drop")}
            onUpload={({ upload, name }) => {
              own.value = { upload, name };
            }}
          />
        </details>
      </section>
      {chosen.run ? (
        <OfRun key={`${chosen.run.run} ${chosen.state} ${own.value?.upload ?? split.value}`} chosen={chosen} split={split.value} upload={own.value?.upload ?? null} />
      ) : (
        <NoRun chosen={chosen} />
      )}
    </div>
  );
}

function OfRun({ chosen, split, upload }: { chosen: ChosenRun; split: Split; upload: string | null }) {
  const run = chosen.run?.run ?? "";
  const answer = useSignal<EvaluationAnswer | null>(null);
  const problem = useSignal<string | null>(null);
  const path = `api/evaluation/${encodeURIComponent(run)}`;
  const target = useSignal(parameter("target") ?? "");
  const query = `state=${chosen.state}&${upload ? `upload=${encodeURIComponent(upload)}` : `split=${split}`}${target.value ? `&target=${encodeURIComponent(target.value)}` : ""}`;
  const order = async () => {
    try {
      answer.value = await post<EvaluationAnswer>(path, { state: chosen.state, split, upload });
      problem.value = null;
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  const working = answer.value?.working ?? null;
  useEffect(
    () =>
      poll(
        async () => {
          try {
            const found = await get<EvaluationAnswer>(`${path}?${query}`);
            answer.value = found;
            if (!found.evaluated && found.working === null && !found.problem) await order();
          } catch (error) {
            problem.value = sentence(error);
          }
        },
        () => (answer.value?.working != null ? 0.7 : null),
      ),
    [query, working !== null],
  );

  const failure = problem.value ?? (answer.value?.problem ? native(answer.value.problem) : null);
  const evaluated = answer.value?.evaluated ?? null;
  return (
    <>
      {evaluated && evaluated.targets.length > 0 && (
        <section class="s-panel s-row" aria-label={t("evaluate.targets")}>
          <span>{t("evaluate.targets")}</span>
          <span class="s-segments p-ways" role="group" aria-label={t("evaluate.targets")}>
            {evaluated.targets.map((name) => (
              <button
                type="button"
                key={name}
                aria-pressed={name === evaluated.target.name}
                onClick={() => {
                  target.value = name;
                  setParameters({ target: name === evaluated.targets[0] ? null : name });
                }}
              >
                {name}
              </button>
            ))}
          </span>
        </section>
      )}
      {answer.value && <Figures metrics={evaluated?.metrics ?? answer.value.metrics} evaluated={evaluated} again={() => void order()} busy={working !== null} />}
      {working !== null && !evaluated && (
        <section class="s-panel">
          <Working seconds={working} text={t("evaluate.working")} />
        </section>
      )}
      {failure && working === null && (
        <div class="s-notice s-error s-spread" role="alert">
          <span>{failure}</span>
          <button type="button" class="s-button s-small" onClick={() => void order()}>
            {t("evaluate.again")}
          </button>
        </div>
      )}
      {evaluated && <Evaluation key={evaluated.target.name} path={path} query={query} evaluated={evaluated} />}
    </>
  );
}

function Figures({ metrics, evaluated, again, busy }: { metrics: Record<string, number> | null; evaluated: Evaluated | null; again: () => void; busy: boolean }) {
  if (!metrics) return null;
  return (
    <section class="s-panel" aria-label={t("runs.figures")}>
      <div class="s-spread">
      <dl class="e-figures">
        {Object.entries(metrics).map(([name, value]) => (
          <div key={name}>
            <dt>{metricName(name)}</dt>
            <dd title={String(value)}>{metricValue(name, value)}</dd>
          </div>
        ))}
        {evaluated && (
          <div>
            <dt>{t("evaluate.samples")}</dt>
            <dd>{exact(evaluated.samples)}</dd>
          </div>
        )}
        {evaluated?.wrong != null && (
          <div>
            <dt>{t("evaluate.wrong")}</dt>
            <dd>{exact(evaluated.wrong)}</dd>
          </div>
        )}
        {evaluated?.calibration_error != null && (
          <div title={t("evaluate.calibration.help")}>
            <dt>{t("evaluate.calibration")}</dt>
            <dd>{percent(evaluated.calibration_error)}</dd>
          </div>
        )}
        {evaluated?.figures &&
          FURTHER.filter((name) => !(name in metrics)).map((name) => (
            <div key={name}>
              <dt>{tOr(`metric.${name}`, t(`evaluate.figure.${name}`))}</dt>
              <dd>{name === "mean" ? signed(evaluated.figures?.mean ?? 0) : short(evaluated.figures?.[name] ?? null)}</dd>
            </div>
          ))}
      </dl>
      {evaluated && (
        <button type="button" class="s-button s-small" disabled={busy} onClick={again}>
          <Icon name="reset" />
          {t("evaluate.again")}
        </button>
      )}
      </div>
      {evaluated?.notes.map((note) => (
        <p key={note} class="s-muted">
          {native(note)}
        </p>
      ))}
    </section>
  );
}

function Evaluation({ path, query, evaluated }: { path: string; query: string; evaluated: Evaluated }) {
  const cell = useSignal<{ truth: number; predicted: number | null } | null>(null);
  const panel = useRef<HTMLElement>(null);
  const show = (truth: number, predicted: number | null = null) => {
    cell.value = { truth, predicted };
    requestAnimationFrame(() => panel.current?.scrollIntoView({ block: "nearest", behavior: "auto" }));
  };
  const choose = evaluated.has_samples ? show : undefined;
  const { classes, matrix, per_class: rows, pairs, points, residuals } = evaluated;
  const names = classes ?? [];
  const chosen: [number, number] | null = cell.value && cell.value.predicted !== null ? [cell.value.truth, cell.value.predicted] : null;
  return (
    <>
      {evaluated.charts.length > 0 && <Charts parts={evaluated.charts} metrics={evaluated.metrics} />}
      {points && points.length > 0 && residuals && (
        <section class="s-panel e-two" aria-label={t("evaluate.scatter")}>
          <Scatter points={points} unit={evaluated.target.unit} />
          <Residuals {...residuals} unit={evaluated.target.unit} bias={evaluated.figures?.mean ?? 0} spread={evaluated.spread ?? 0} />
        </section>
      )}
      {rows && !pairs && (
        <section class="s-panel">
          <PerClass rows={rows} title={t("evaluate.labels")} />
        </section>
      )}
      {rows && pairs && (
        <div class="e-two">
          <section class="s-panel">
            {matrix && <Matrix names={names} indices={matrix.classes} counts={matrix.counts} all={names.length} chosen={chosen} choose={choose} />}
          </section>
          <section class="s-panel s-stack">
            <Pairs pairs={pairs} names={names} choose={choose} />
            <PerClass rows={rows} choose={choose} />
          </section>
        </div>
      )}
      <Details evaluated={evaluated} />
      {evaluated.examples && (
        <section class="s-panel s-stack" aria-label={t("evaluate.examples")}>
          <h3>{t("evaluate.examples")}</h3>
          {evaluated.examples.length === 0 ? <p class="s-muted">{t(evaluated.has_samples ? "evaluate.mistakes.none" : "evaluate.examples.none")}</p> : <Examples examples={evaluated.examples} />}
        </section>
      )}
      <section class="s-panel" ref={panel} aria-live="polite" hidden={(evaluated.examples !== undefined || (points?.length === 0 && evaluated.mistakes.length === 0)) && !cell.value}>
        {cell.value ? (
          <Cell
            key={`${cell.value.truth} ${cell.value.predicted}`}
            path={path}
            query={query}
            truth={cell.value.truth}
            predicted={cell.value.predicted}
            names={names}
            unit={evaluated.target.unit}
            close={() => (cell.value = null)}
          />
        ) : (
          <>
            <h3>{points ? t("evaluate.mistakes.numbers") : t("evaluate.mistakes")}</h3>
            {evaluated.mistakes.length === 0 ? <p class="s-muted">{t("evaluate.mistakes.none")}</p> : <Samples samples={evaluated.mistakes} columns={evaluated.columns} unit={evaluated.target.unit} />}
          </>
        )}
      </section>
    </>
  );
}

interface CellProps {
  path: string;
  query: string;
  truth: number;
  predicted: number | null;
  names: string[];
  unit: string | null;
  close: () => void;
}

function Cell({ path, query, truth, predicted, names, unit, close }: CellProps) {
  const found = useSignal<CellAnswer | null>(null);
  const problem = useSignal<string | null>(null);
  const load = async () => {
    try {
      const offset = found.value?.samples.length ?? 0;
      const answer = await get<CellAnswer>(`${path}/cell?${query}&truth=${truth}${predicted === null ? "" : `&predicted=${predicted}`}&offset=${offset}&limit=${CELL_PAGE}`);
      found.value = { ...answer, samples: [...(found.value?.samples ?? []), ...answer.samples] };
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  const values = { truth: names[truth] ?? "", predicted: predicted === null ? "" : (names[predicted] ?? "") };
  return (
    <div class="s-stack">
      <div class="s-spread">
        <h3>
          {predicted === null ? t("evaluate.of", values) : t("evaluate.cell.title", values)} {found.value && <span class="s-muted s-number">{short(found.value.total)}</span>}
        </h3>
        <button type="button" class="s-button s-small" onClick={close}>
          {t("evaluate.back")}
        </button>
      </div>
      {problem.value && <p class="s-problem">{problem.value}</p>}
      {found.value && <Samples samples={found.value.samples} columns={found.value.columns} unit={unit} />}
      {found.value && found.value.samples.length < found.value.total && (
        <button type="button" class="s-button s-small" onClick={() => void load()}>
          {t("evaluate.more")}
        </button>
      )}
    </div>
  );
}

register("evaluate", EvaluatePage);
