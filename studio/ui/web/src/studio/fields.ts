import type { Json } from "./drafts";
import { native, t, tOr } from "./words";

/** One parameter, as `studio.ui.forms` describes it. */
export interface FieldSpec {
  name: string;
  control: "integer" | "number" | "choice" | "boolean" | "text" | "list" | "block" | "setting";
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
  /** Of a "setting": whose members the choices are. */
  family?: string;
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

/** A declaration that is chosen inside a field, and set up there. */
export interface Member {
  title: string;
  summary: string;
  formula: string;
  fields: FieldSpec[];
}

/** Whether the value is a member of a family, or a block, with parameters of its own. */
export const isNested = (field: FieldSpec): boolean => field.control === "block" || field.control === "setting";

const isObject = (value: Json | undefined): value is { [key: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value);

/** The member that a value names; "" where there is none: "l2", {name: "l2", l2: 0.1} and {block: "LSTM", params: {}} name one. */
export function memberOf(value: Json | undefined): string {
  const name = isObject(value) ? (value.block ?? value.name) : value;
  return typeof name === "string" ? name : "";
}

/** The parameters that a value gives its member. */
export function inside(value: Json | undefined): Values {
  if (!isObject(value)) return {};
  if ("block" in value) return isObject(value.params) ? value.params : {};
  const { name: _, ...params } = value;
  return params;
}

/** A member with one of its parameters changed, as short as it can be written: a plain name where all are at their defaults. */
export function withInner(field: FieldSpec, value: Json | undefined, member: Member, name: string, changed: Json | undefined): Json {
  const chosen = memberOf(value);
  const params: { [key: string]: Json } = {};
  for (const [key, entry] of Object.entries({ ...inside(value), [name]: changed })) {
    const inner = member.fields.find((each) => each.name === key);
    if (entry !== undefined && !(inner && same(inner, entry, inner.default))) params[key] = entry;
  }
  if (Object.keys(params).length === 0) return chosen;
  return field.control === "block" ? { block: chosen, params } : { name: chosen, ...params };
}

/** Whether two values mean the same, however they are spelled. */
export function same(field: FieldSpec, left: Json | undefined, right: Json | undefined): boolean {
  const spelled = (value: Json | undefined) => JSON.stringify(isNested(field) ? [memberOf(value), Object.entries(inside(value)).sort()] : value);
  return spelled(left) === spelled(right);
}

/** The server's sentence about a parameter of the member, which stands inside the sentence about the whole value. */
export function innerProblem(problem: string | undefined, member: Member | undefined): Record<string, string> {
  const found = /[.\s]\s*\w+: invalid (\w+)\. (Expected: [^]*)$/.exec(problem ?? "");
  return found?.[1] && found[2] && member?.fields.some((field) => field.name === found[1]) ? { [found[1]]: found[2] } : {};
}
