import {
  at,
  Chart,
  change,
  color,
  type Draft,
  draft,
  Field,
  type FieldSpec,
  type Fields,
  Form,
  get,
  Icon,
  type Json,
  address,
  recipe,
  saving,
  sentence,
  t,
  tOr,
  native,
  type Values,
  exact,
} from "@studio";
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type TransferForms, TransferNote, TransferSettings } from "./transfer";

/** One of several declarations to choose from. */
interface Choice {
  name: string;
  title: string;
  summary: string;
  usage: string;
  formula: string;
  source: string;
  fields: FieldSpec[];
  batch_size?: number | "all" | null;
}

interface Forms extends TransferForms {
  training: FieldSpec[];
  optimizers: Choice[];
  schedules: Choice[];
  losses: Choice[];
  metrics: Choice[];
}

interface Planned {
  schedule: { epoch: number[]; rate: number[]; steps: number; steps_per_epoch: number };
  losses: string[];
  metrics: string[];
  /** Figures that can choose the best weights. */
  monitors: string[];
}

/** Fields of Training by the group that shows them; what is in none of them stands in the last. */
const GROUPS: { title: Parameters<typeof t>[0]; fields: string[] }[] = [
  { title: "train.group.stopping", fields: ["early_stopping", "patience"] },
  { title: "train.group.regularisation", fields: ["l1", "l2", "weight_decay", "label_smoothing", "clip_norm", "clip_value", "ema_momentum"] },
  { title: "train.group.machine", fields: ["device", "precision", "xla", "steps_per_execution", "seed", "deterministic"] },
];
const DRAWN_HERE = ["epochs", "batch_size", "optimizer", "schedule", "loss", "metrics", "monitor", "class_weights"];

const forms = signal<Forms | null>(null);
const planned = signal<Planned | null>(null);

/** A setting such as `adam` or `{name: adam, learning_rate: 0.01}` in its two parts. */
export function named(value: Json | undefined, fallback: Json | undefined): { name: string; params: Values } {
  const chosen = value ?? fallback;
  if (typeof chosen === "string") return { name: chosen, params: {} };
  if (chosen && typeof chosen === "object" && !Array.isArray(chosen)) {
    const { name, ...params } = chosen;
    return { name: String(name), params: value === undefined || value === null ? {} : params };
  }
  return { name: "", params: {} };
}

/** What a setting that nobody chose says other than its declaration does: a rate of 0.002 where Adam's own is 0.001. */
export function deviations(fallback: Json | undefined, fields: FieldSpec[]): Values {
  if (!fallback || typeof fallback !== "object" || Array.isArray(fallback)) return {};
  return Object.fromEntries(Object.entries(fallback).filter(([name, value]) => fields.some((field) => field.name === name && JSON.stringify(field.default ?? null) !== JSON.stringify(value ?? null))));
}

/** The setting with one parameter changed (undefined: back to its default), in the shortest spelling. */
export function withParameter(name: string, params: Values, key: string, value: Json | undefined): Json {
  const next: Fields = { name };
  for (const [known, old] of Object.entries({ ...params, [key]: value })) if (old !== undefined) next[known] = old;
  return Object.keys(next).length === 1 ? name : next;
}

const training = (path: string): Json | undefined => at(recipe.value, `training.${path}`);
const fallback = (current: Draft, path: string): Json | undefined => at(current.line.fallbacks, path);

function Select({ id, title, value, choices, onChange }: { id: string; title: string; value: string; choices: Choice[]; onChange: (name: string) => void }) {
  return (
    <div class="s-field">
      <label for={id}>{title}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice.name} value={choice.name}>
            {native(choice.title)}
          </option>
        ))}
      </select>
    </div>
  );
}

function About({ choice }: { choice: Choice | undefined }) {
  if (!choice) return null;
  return (
    <div class="s-about s-muted">
      <p>
        {native(choice.summary)} {native(choice.usage)}
      </p>
      {choice.formula && <p class="s-formula">{choice.formula}</p>}
      {choice.source && <p>{choice.source}</p>}
    </div>
  );
}

/** The learning rate over the planned steps. */
export function SchedulePicture() {
  const drawn = planned.value?.schedule;
  if (!drawn) return <div class="s-chart" style={{ height: "136px" }} />;
  const line = { label: t("metric.learning_rate"), color: color(2), x: drawn.epoch, y: drawn.rate };
  const words = t("train.schedule.words", { steps: exact(drawn.steps), per: exact(drawn.steps_per_epoch) });
  return (
    <>
      <Chart lines={[line]} name={`${t("train.schedule.picture")}: ${words}`} height={136} />
      <p class="s-muted s-number s-caption">{words}</p>
    </>
  );
}

function MetricChoice({ all, chosen, onChange }: { all: Choice[]; chosen: string[]; onChange: (names: string[]) => void }) {
  return (
    <fieldset class="s-checks">
      <legend>{t("train.metrics")}</legend>
      {all.map((metric) => (
        <label key={metric.name} title={native(metric.summary)} class="s-check">
          <input
            type="checkbox"
            checked={chosen.includes(metric.name)}
            onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, metric.name] : chosen.filter((name) => name !== metric.name))}
          />
          {tOr(`metric.${metric.name}`, native(metric.title))}
        </label>
      ))}
    </fieldset>
  );
}

function Command({ current }: { current: Draft }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(current.command);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 2000);
  };
  return (
    <details class="s-group">
      <summary>{t("train.command")}</summary>
      <pre class="s-code s-wrap" aria-label={t("train.command")}>
        {current.command}
      </pre>
      <div class="s-row s-above">
        <button type="button" class="s-button s-small" onClick={() => void copy()}>
          <Icon name={copied.value ? "check" : "copy"} />
          {copied.value ? t("train.copied") : t("train.copy")}
        </button>
        <a class="s-button s-small" href={address(`api/train/recipe/${current.id}`)} download="recipe.yaml">
          <Icon name="download" />
          recipe.yaml
        </a>
      </div>
    </details>
  );
}

/** The settings of the next training: few fields, the rest in closed groups. */
export function Settings() {
  const current = draft.value;
  const problem = useSignal<string | null>(null);
  const revision = current?.revision;

  useEffect(() => {
    get<Forms>("api/train/forms").then(
      (answer) => {
        forms.value = answer;
      },
      (error: unknown) => {
        problem.value = sentence(error);
      },
    );
  }, []);
  useEffect(() => {
    if (!current || saving.value) return;
    get<Planned>(`api/train/plan/${current.id}`).then(
      (answer) => {
        planned.value = answer;
      },
      () => undefined, // the line under the bar says what is wrong with the draft
    );
  }, [current?.id, revision]);

  if (problem.value) return <div class="s-panel s-problem">{problem.value}</div>;
  const all = forms.value;
  if (!current || !all) return <div class="s-panel s-settings" aria-busy="true" />;

  const spec = (name: string): FieldSpec => all.training.find((field) => field.name === name) as FieldSpec;
  const plain = (name: string, extra: Partial<FieldSpec> = {}) => (
    <Field
      field={{ ...spec(name), ...extra }}
      value={training(name)}
      fallback={fallback(current, name) ?? spec(name).default}
      onChange={(value) => change({ [`training.${name}`]: value === null ? undefined : value })}
    />
  );

  const optimizer = named(training("optimizer"), fallback(current, "optimizer"));
  const optimizerChoice = all.optimizers.find((choice) => choice.name === optimizer.name);
  const schedule = named(training("schedule"), fallback(current, "schedule"));
  const scheduleChoice = all.schedules.find((choice) => choice.name === schedule.name);
  const fittingLosses = all.losses.filter((choice) => planned.value?.losses.includes(choice.name) ?? true);
  const loss = named(training("loss"), fallback(current, "loss"));
  const lossChoice = all.losses.find((choice) => choice.name === loss.name);
  const metricValues = (training("metrics") ?? fallback(current, "metrics") ?? []) as Json[];
  const metricNames = metricValues.map((value) => named(value, undefined).name);
  const rate = optimizerChoice?.fields.find((field) => field.name === "learning_rate");
  const usual = (kind: string, choice: Choice | undefined): Values => (training(kind) == null ? deviations(fallback(current, kind), choice?.fields ?? []) : {});
  const set = (kind: string, part: { name: string; params: Values }, choice: Choice | undefined) => (key: string, value: Json | undefined) => {
    const next = withParameter(part.name, { ...usual(kind, choice), ...part.params }, key, value);
    const reset = value === undefined && next === named(undefined, fallback(current, kind)).name;
    change({ [`training.${kind}`]: reset ? undefined : next });
  };
  const usualOptimizer = usual("optimizer", optimizerChoice);

  const grouped = GROUPS.flatMap((group) => group.fields);
  const rest = all.training.filter((field) => !DRAWN_HERE.includes(field.name) && !grouped.includes(field.name));
  const group = (fields: FieldSpec[]) => (
    <Form
      fields={fields.map((field) => ({ ...field, frequent: true }))}
      values={(training_values() as Values) ?? {}}
      fallbacks={current.line.fallbacks as Values}
      onChange={(name, value) => change({ [`training.${name}`]: value })}
    />
  );
  const training_values = () => at(recipe.value, "training") ?? {};

  return (
    <section class="s-panel s-settings" aria-label={t("train.settings")}>
      <h2>{t("train.settings")}</h2>
      <TransferNote />
      <div class="s-form s-form-pairs">
        {plain("epochs")}
        {plain("batch_size", { unit: "samples", control: "text" })}
        <Select
          id="studio-optimizer"
          title={t("train.optimizer")}
          value={optimizer.name}
          choices={all.optimizers}
          onChange={(name) => change({ "training.optimizer": name })}
        />
        {rate && (
          <Field
            field={rate}
            value={optimizer.params.learning_rate}
            fallback={usualOptimizer.learning_rate ?? rate.default}
            onChange={(value) => set("optimizer", optimizer, optimizerChoice)("learning_rate", value)}
          />
        )}
      </div>
      <div class="s-groups">
        <details class="s-group">
          <summary>
            {t("train.group.optimizer")}
            <span class="s-muted">{native(optimizerChoice?.title ?? "")}</span>
          </summary>
          <About choice={optimizerChoice} />
          <Form
            fields={(optimizerChoice?.fields ?? []).filter((field) => field.name !== "learning_rate").map((field) => ({ ...field, frequent: true }))}
            values={optimizer.params}
            fallbacks={usualOptimizer}
            onChange={set("optimizer", optimizer, optimizerChoice)}
          />
        </details>
        <details class="s-group">
          <summary>
            {t("train.group.schedule")}
            <span class="s-muted">{native(scheduleChoice?.title ?? "")}</span>
          </summary>
          <div class="s-form">
            <Select id="studio-schedule" title={t("train.schedule")} value={schedule.name} choices={all.schedules} onChange={(name) => change({ "training.schedule": name })} />
            <SchedulePicture />
            <About choice={scheduleChoice} />
            <Form fields={scheduleChoice?.fields ?? []} values={schedule.params} onChange={set("schedule", schedule, scheduleChoice)} />
          </div>
        </details>
        <details class="s-group">
          <summary>
            {t("train.group.loss")}
            <span class="s-muted">{native(lossChoice?.title ?? "")}</span>
          </summary>
          <div class="s-form">
            <Select id="studio-loss" title={t("train.loss")} value={loss.name} choices={fittingLosses} onChange={(name) => change({ "training.loss": name })} />
            <Form fields={lossChoice?.fields ?? []} values={loss.params} onChange={set("loss", loss, lossChoice)} />
            <MetricChoice
              all={all.metrics.filter((choice) => planned.value?.metrics.includes(choice.name) ?? true)}
              chosen={metricNames}
              onChange={(names) => change({ "training.metrics": names })}
            />
            <Field
              field={{ ...spec("monitor"), control: "choice", choices: planned.value?.monitors ?? ["loss", ...metricNames] }}
              value={training("monitor")}
              onChange={(value) => change({ "training.monitor": value })}
            />
            {plain("class_weights")}
          </div>
        </details>
        {GROUPS.map(({ title, fields }) => (
          <details class="s-group" key={title}>
            <summary>{t(title)}</summary>
            {group(fields.map(spec).filter(Boolean))}
          </details>
        ))}
        {rest.length > 0 && (
          <details class="s-group">
            <summary>{t("form.more")}</summary>
            {group(rest)}
          </details>
        )}
        <TransferSettings forms={all} />
        <Command current={current} />
      </div>
    </section>
  );
}

