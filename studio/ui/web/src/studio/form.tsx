import { type ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Json } from "./drafts";
import { Icon } from "./icons";
import { native, t, tOr } from "./words";

/** One parameter, as `studio.ui.forms` describes it. */
export interface FieldSpec {
  name: string;
  control: "integer" | "number" | "choice" | "boolean" | "text" | "list";
  label: string;
  default: Json;
  help: string;
  optional: boolean;
  minimum: number | null;
  maximum: number | null;
  /** Whether the minimum (maximum) itself is refused. */
  above_minimum?: boolean;
  below_maximum?: boolean;
  choices: string[];
  unit: string;
  frequent: boolean;
  shown_if: Record<string, Json>;
}

export type Values = Record<string, Json | undefined>;

/** A field's label in the page's language: the catalogue's `field.NAME`, else the declaration's. */
export const label = (field: FieldSpec): string => tOr(`field.${field.name}`, native(field.label));

/** What an empty field means, as the end of its help says it: "...; empty: as the picture allows." -> "as the picture allows". */
export function emptyMeans(help: string): string {
  const said = /(?:; empty(?::| is)?|；留空[：为则]?)\s*(.+?)[.。]?$/.exec(help)?.[1];
  return said ?? t("form.optional");
}

/** A value as a person types it: [3, 3] -> "3, 3". */
export function written(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(written).join(", ");
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-4) return value.toExponential().replace("e-0", "e-");
  return String(value);
}

export type Reading = { value: Json } | { problem: string };

/** Reads what was typed; the server's declaration has the last word. */
export function read(field: FieldSpec, text: string): Reading {
  const typed = text.trim();
  if (typed === "") {
    if (field.optional) return { value: null };
    if (field.control === "text") return { value: "" };
    return { problem: field.control === "integer" ? t("form.integer") : t("form.number") };
  }
  if (field.control === "text" || field.control === "choice") return { value: typed };
  if (field.control === "list") {
    const parts = typed.split(/[\s,;x×]+/).filter(Boolean);
    const numbers = parts.map(Number);
    const values: Json[] = numbers.some(Number.isNaN) ? typed.split(/[\s,;]+/).filter(Boolean) : numbers;
    return { value: values.length === 1 && !Array.isArray(field.default) ? (values[0] as Json) : values };
  }
  const value = Number(typed.replace(/^([-+]?\d+),(\d+)$/, "$1.$2"));
  if (!Number.isFinite(value)) return { problem: field.control === "integer" ? t("form.integer") : t("form.number") };
  if (field.control === "integer" && !Number.isInteger(value)) return { problem: t("form.integer") };
  if (field.minimum !== null) {
    if (field.above_minimum && value <= field.minimum) return { problem: t("form.above", { value: field.minimum }) };
    if (value < field.minimum) return { problem: t("form.minimum", { value: field.minimum }) };
  }
  if (field.maximum !== null) {
    if (field.below_maximum && value >= field.maximum) return { problem: t("form.below", { value: field.maximum }) };
    if (value > field.maximum) return { problem: t("form.maximum", { value: field.maximum }) };
  }
  return { value };
}

/** Whether a field makes sense with the values that the others have. */
export function isShown(field: FieldSpec, fields: FieldSpec[], values: Values): boolean {
  return Object.entries(field.shown_if).every(([name, wanted]) => {
    const other = fields.find((candidate) => candidate.name === name);
    const value = values[name] === undefined ? other?.default : values[name];
    return (Array.isArray(wanted) ? wanted : [wanted]).some((one) => JSON.stringify(one) === JSON.stringify(value));
  });
}

interface FieldProps {
  field: FieldSpec;
  /** undefined: not chosen, the default holds. */
  value: Json | undefined;
  /** Called with undefined when the default is to hold again. */
  onChange: (value: Json | undefined) => void;
  /** What the default is right now, where it depends on other things (dataset, network). */
  fallback?: Json | undefined;
  /** What the server said of the value. */
  problem?: string | undefined;
  disabled?: boolean;
}

/** One labelled field with its unit, its problem, and a way back to the default. */
export function Field({ field, value, onChange, fallback = field.default, problem, disabled = false }: FieldProps) {
  const id = useId();
  const shown = value === undefined ? fallback : value;
  const [text, setText] = useState(written(shown));
  const [wrong, setWrong] = useState<string | null>(null);
  const focused = useRef(false);
  useEffect(() => {
    if (!focused.current) {
      setText(written(shown));
      setWrong(null);
    }
  }, [JSON.stringify(shown)]);

  const name = label(field);
  const help = tOr(`help.${field.name}`, native(field.help));
  const complaint = wrong ?? (problem === undefined ? null : native(problem));
  const changed = value !== undefined && JSON.stringify(value) !== JSON.stringify(fallback);
  const common = {
    id,
    disabled,
    "data-testid": `param-${field.name}`,
    "aria-describedby": complaint ? `${id}-problem` : help ? `${id}-help` : undefined,
    "aria-invalid": complaint !== null,
  };

  const typed = (entered: string) => {
    setText(entered);
    const reading = read(field, entered);
    if ("problem" in reading) {
      setWrong(reading.problem);
    } else {
      setWrong(null);
      onChange(reading.value);
    }
  };

  let control: ComponentChildren;
  if (field.control === "choice") {
    control = (
      <select {...common} value={written(shown)} onChange={(event) => onChange(event.currentTarget.value === "" ? null : event.currentTarget.value)}>
        {field.optional && <option value="">{emptyMeans(help)}</option>}
        {field.choices.map((choice) => (
          <option key={choice} value={choice}>
            {tOr(`choice.${choice}`, native(choice))}
          </option>
        ))}
      </select>
    );
  } else if (field.control === "boolean") {
    control = <input {...common} type="checkbox" checked={shown === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  } else {
    const numeric = field.control === "integer" || field.control === "number";
    control = (
      <span class="s-input">
        <input
          {...common}
          type="text"
          inputMode={field.control === "integer" ? "numeric" : numeric ? "decimal" : "text"}
          autocomplete="off"
          spellcheck={false}
          class={numeric ? "s-number" : ""}
          value={text}
          placeholder={field.optional ? emptyMeans(help) : ""}
          onFocus={() => {
            focused.current = true;
          }}
          onBlur={() => {
            focused.current = false;
            if (!wrong) setText(written(shown));
          }}
          onInput={(event) => typed(event.currentTarget.value)}
        />
        {field.unit && (
          <span class="s-unit" aria-hidden="true">
            {tOr(`unit.${field.unit}`, native(field.unit))}
          </span>
        )}
      </span>
    );
  }

  const back = written(fallback) || emptyMeans(help);
  return (
    <div class={`s-field s-field-${field.control}${complaint ? " s-wrong" : ""}`}>
      <label for={id} title={`${field.name}: ${help}`}>
        {name}
      </label>
      {changed && !disabled && (
        <button
          type="button"
          class="s-reset"
          title={t("form.reset", { value: back })}
          aria-label={`${name}: ${t("form.reset", { value: back })}`}
          onClick={() => {
            setWrong(null);
            setText(written(fallback));
            onChange(undefined);
          }}
        >
          <Icon name="reset" />
        </button>
      )}
      {control}
      {complaint ? (
        <p class="s-problem" id={`${id}-problem`} role="alert">
          {complaint}
        </p>
      ) : (
        help && (
          <p class="s-help" id={`${id}-help`}>
            {help}
          </p>
        )
      )}
    </div>
  );
}

interface FormProps {
  fields: FieldSpec[];
  values: Values;
  onChange: (name: string, value: Json | undefined) => void;
  /** Defaults that depend on other things, by field name. */
  fallbacks?: Values;
  /** The server's sentences by field name. */
  problems?: Record<string, string>;
  disabled?: boolean;
  /** The title of the closed group of rare fields. */
  more?: string;
}

/** The generated form of a declaration: frequent fields first, the rest in a closed group. */
export function Form({ fields, values, onChange, fallbacks = {}, problems = {}, disabled = false, more = t("form.more") }: FormProps) {
  const visible = fields.filter((field) => isShown(field, fields, { ...fallbacks, ...values }));
  const draw = (field: FieldSpec) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name]}
      fallback={fallbacks[field.name] ?? field.default}
      problem={problems[field.name]}
      disabled={disabled}
      onChange={(value) => onChange(field.name, value)}
    />
  );
  const rare = visible.filter((field) => !field.frequent);
  return (
    <div class="s-form s-generated">
      {visible.filter((field) => field.frequent).map(draw)}
      {rare.length > 0 && (
        <details class="s-group" open={rare.some((field) => problems[field.name])}>
          <summary>{more}</summary>
          <div class="s-form">{rare.map(draw)}</div>
        </details>
      )}
    </div>
  );
}
