import { bytes, draft, duration, exact, Icon, native, sentence, short, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { ClassBars, NumberBars, SplitBar } from "./bars";
import { Columns } from "./columns";
import { Shown as Drawn } from "../shown";
import { Samples } from "./samples";
import { type Details, details, detailsProblem, remove, said, shown, use } from "./state";

function Use({ data }: { data: Details }) {
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const used = draft.value?.line.dataset?.name === data.name;
  const take = async () => {
    busy.value = true;
    problem.value = null;
    try {
      await use(data.name);
    } catch (error) {
      problem.value = sentence(error);
    }
    busy.value = false;
  };
  return (
    <>
      {used ? (
        <span class="s-using">
          <Icon name="check" />
          {t("data.using")}
        </span>
      ) : (
        <button type="button" class="s-button s-primary" aria-busy={busy.value} disabled={!draft.value || busy.value} onClick={() => void take()}>
          {t("data.use")}
        </button>
      )}
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
    </>
  );
}

function Delete({ data }: { data: Details }) {
  const asking = useSignal(false);
  const problem = useSignal<string | null>(null);
  const reason = data.used_by.length > 0 ? t("data.delete.used", { runs: data.used_by.join(", ") }) : null;
  const sure = async () => {
    try {
      await remove(data.name);
    } catch (error) {
      problem.value = sentence(error);
      asking.value = false;
    }
  };
  return (
    <div class="s-row">
      {asking.value ? (
        <div class="s-row" role="group" aria-label={t("data.delete")}>
          <span>{t(data.builtin ? "data.delete.sure.builtin" : "data.delete.sure", { title: data.title, size: bytes(data.bytes) })}</span>
          <button type="button" class="s-button s-danger" onClick={() => void sure()}>
            {t("data.delete.yes")}
          </button>
          <button type="button" class="s-button" onClick={() => (asking.value = false)}>
            {t("data.delete.no")}
          </button>
        </div>
      ) : (
        <button type="button" class="s-button" disabled={reason !== null} aria-describedby={reason ? "data-delete-reason" : undefined} onClick={() => (asking.value = true)}>
          {t("data.delete")}
        </button>
      )}
      {reason && (
        <span class="s-muted" id="data-delete-reason">
          {reason}
        </span>
      )}
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
    </div>
  );
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(", ");
  if (typeof value === "boolean") return value ? t("data.yes") : t("data.no");
  return typeof value === "string" ? value : JSON.stringify(value);
}
const dimension = (size: number | null): string => (size === null ? "?" : String(size));

/** Inputs that are alike in kind and shape, such as both pictures of a pair, are told once. */
function differing(inputs: Details["figures"]["inputs"]): Details["figures"]["inputs"] {
  const told = new Map(inputs.map((input) => [JSON.stringify([input.kind, input.shape]), input]));
  return [...told.values()];
}

function facts(data: Details): { name: string; value: string; exact?: string }[] {
  const found: { name: string; value: string; exact?: string }[] = [
    { name: t("data.fact.kind"), value: tOr(`kind.${data.kind}`, data.kind) },
    { name: t("data.fact.samples"), value: short(data.samples), exact: exact(data.samples) },
  ];
  if (data.target) {
    const [, ...others] = data.targets;
    found.push({ name: t("data.fact.target"), value: [data.target.name + (data.target.unit ? ` (${data.target.unit})` : ""), ...others].join(", ") });
    if (data.target.classes) found.push({ name: t("data.fact.classes"), value: String(data.target.classes.length) });
  }
  const columns = data.figures.columns.filter((column) => column.role === "input" && !data.figures.inputs.some((input) => input.name === column.name)).length;
  if (columns) found.push({ name: t("data.fact.columns"), value: String(columns) });
  for (const input of differing(data.figures.inputs)) {
    const figures = input.statistics;
    if (input.kind === "image") {
      const size = (which: string) => `${figures[`${which}_height`]} × ${figures[`${which}_width`]}`;
      const fixed = input.shape[0] !== null && input.shape[1] !== null;
      const { scale = 1, noise = 0 } = figures;
      const name = t(scale > 1 ? "data.fact.size.small" : "data.fact.size");
      found.push(
        fixed
          ? { name, value: `${dimension(input.shape[0] ?? null)} × ${dimension(input.shape[1] ?? null)} px` }
          : { name, value: t("data.fact.size.range", { least: size("minimum"), median: size("median"), most: size("maximum") }) },
      );
      if (scale > 1) found.push({ name: t("data.fact.scale"), value: t("data.fact.scale.value", { scale }) });
      if (noise > 0) found.push({ name: t("data.fact.noise"), value: t("data.fact.noise.value", { deviation: noise }) });
      found.push({ name: t("data.fact.colours"), value: input.shape[2] === 1 ? t("data.fact.grey") : t("data.fact.rgb") });
    } else if (input.kind === "sound") {
      const { sample_rate: rate = 0, minimum_seconds: least = 0, median_seconds: median = 0, maximum_seconds: most = 0 } = figures;
      found.push({ name: t("data.fact.seconds"), value: t("data.fact.seconds.range", { least: duration(least), median: duration(median), most: duration(most) }) });
      found.push({ name: t("data.fact.heard"), value: t("data.fact.heard.value", { seconds: duration((input.shape[0] ?? 0) / Math.max(rate, 1)), rate: exact(rate) }) });
    } else if (input.kind === "text") {
      found.push({ name: t("data.fact.words"), value: t("data.fact.words.value", { median: figures.median_words ?? 0, most: exact(figures.maximum_words ?? 0) }) });
      found.push({ name: t("data.fact.vocabulary"), value: short(figures.vocabulary_size), exact: exact(figures.vocabulary_size ?? 0) });
    } else {
      found.push({ name: t("data.fact.shape"), value: input.shape.map(dimension).join(" × ") });
    }
  }
  found.push({ name: t("data.fact.bytes"), value: bytes(data.bytes), exact: exact(data.bytes) });
  return found;
}

/** How the splits came about, in words. */
const SPLIT_WORDS = { made: "data.split.made", given: "data.split.given", "partly given": "data.split.partly", "by time": "data.split.by_time" } as const;

function About({ data }: { data: Details }) {
  const rows: [string, string][] = [
    [t("data.about.name"), data.name],
    [t("data.about.source"), data.source],
    [t("data.about.licence"), data.licence],
    [t("data.about.credit"), data.credit],
    [t("data.about.created"), data.created ? new Date(data.created).toLocaleString() : ""],
    [t("data.about.split"), t(SPLIT_WORDS[data.split_origin])],
    ...Object.entries(data.reading).map(([key, value]): [string, string] => [tOr(`data.reading.${key}`, key.replaceAll("_", " ")), key === "delimiter" ? tOr(`data.delimiter.${String(value)}`, written(value)) : written(value)]),
    ...Object.entries(data.options).map(([key, value]): [string, string] => [t("data.about.option", { name: tOr(`field.${key}`, key) }), written(value)]),
    [t("data.about.hash"), data.hash],
  ];
  return (
    <section class="s-panel" aria-labelledby="data-about">
      <h2 id="data-about">{t("data.about")}</h2>
      {data.warnings.length > 0 && (
        <>
          <h3>{t("data.report")}</h3>
          <ul class="s-report">
            {data.warnings.map((warning) => (
              <li key={warning}>{native(warning)}</li>
            ))}
          </ul>
        </>
      )}
      <dl class="s-origin">
        {rows.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <Delete key={data.name} data={data} />
    </section>
  );
}

/** The dataset that is shown, in full. */
export function Shown() {
  const data = details.value;
  if (detailsProblem.value) {
    return (
      <div class="s-panel">
        <p class="s-problem s-large" role="alert">
          {detailsProblem.value}
        </p>
      </div>
    );
  }
  if (!data) return <div class="s-panel s-waiting" aria-busy="true" aria-label={t("data.loading")} />;
  const stale = data.name !== shown.value;
  return (
    <div class={`s-stack${stale ? " s-stale" : ""}`} aria-busy={stale}>
      <section class="s-panel" aria-labelledby="data-title">
        <div class="s-spread">
          <h2 id="data-title" class="s-title">
            {data.builtin ? native(data.title) : data.title}
          </h2>
          <Use key={data.name} data={data} />
        </div>
        {data.summary && <p class="s-muted">{native(data.summary)}</p>}
        {said.value && (
          <p class="s-said" role="status">
            {said.value}
          </p>
        )}
        <dl class="s-facts">
          {facts(data).map((fact) => (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd class="s-number" title={fact.exact}>
                {fact.value}
              </dd>
            </div>
          ))}
        </dl>
        <SplitBar splits={data.splits} />
      </section>
      {data.overview.length > 0 && (
        <section class="s-panel s-stack" aria-labelledby="data-overview">
          <h2 id="data-overview">{t("data.overview")}</h2>
          {data.overview.map((part, place) => (
            <Drawn key={`${data.hash} ${place}`} part={part} />
          ))}
        </section>
      )}
      <Samples key={data.hash} data={data} />
      {data.figures.classes.length > 0 && <ClassBars classes={data.figures.classes} />}
      {data.figures.target && <NumberBars target={data.figures.target} name={data.target?.name ?? ""} />}
      {data.figures.further.map(({ name, classes, target }) => (
        <Fragment key={name}>
          {classes.length > 0 && <ClassBars classes={classes} name={name} />}
          {target && <NumberBars target={target} name={name} />}
        </Fragment>
      ))}
      {data.figures.columns.length > 0 && <Columns columns={data.figures.columns} count={data.figures.column_count} />}
      <About data={data} />
    </div>
  );
}
