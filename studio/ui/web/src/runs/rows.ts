import { type Json, type RunSummary, metricParts, short, tOr } from "@studio";

export { metricName } from "@studio";

/** A run as the list of runs shows it (`/api/run-list`). */
export interface RunRow extends RunSummary {
  step: number;
  steps_per_epoch: number;
  heartbeat: number | null;
  monitor: string;
  batch_size: number | string | null;
  /** When training began, seconds since 1970. */
  when: number | null;
  /** How long the trainer worked. */
  seconds: number | null;
  weights: number | null;
  /** Validation loss, thinned out. */
  sparkline: number[];
  best_epoch: number | null;
  bytes: number;
  checkpoint_bytes: number;
  has_state: boolean;
  has_results: boolean;
}

export interface DeletedRun {
  token: string;
  run: string;
  title: string;
  when: number;
  bytes: number;
}

export interface RunList {
  runs: RunRow[];
  deleted: DeletedRun[];
}

export const isAlive = (row: { status: string }): boolean => row.status === "queued" || row.status === "running";
export const canResume = (row: { status: string }): boolean => ["paused", "stopped", "crashed", "failed"].includes(row.status);

/** Metrics that say at a glance how good a run is, the most telling first. */
const TELLING = ["miou", "accuracy", "balanced_accuracy", "f1", "one_shot_accuracy", "recall_at_1", "auc", "r2", "mae", "rmse", "mse", "exact_match", "token_accuracy"];
const SPLITS = ["test", "validation", "train"];

export interface Figure {
  split: string;
  name: string;
  value: number;
}

/** The figure to show for a run: a metric other than the loss, on the test data if they were looked at. */
export function figure(row: Pick<RunRow, "metrics" | "monitor">): Figure | null {
  for (const split of SPLITS) {
    const values = row.metrics[split];
    if (!values) continue;
    const names = Object.keys(values);
    const telling = TELLING.flatMap((metric) => names.filter((name) => metricParts(name).metric === metric));
    const name = [row.monitor, ...telling].find((candidate) => candidate !== "loss" && candidate in values);
    if (name) return { split, name, value: values[name] as number };
  }
  return null;
}

/** The loss on the validation data, of the best state once the run has ended. */
export const validationLoss = (row: Pick<RunRow, "metrics">): number | null => row.metrics.validation?.loss ?? null;

export const splitName = (name: string): string => tOr(`split.${name}`, name);
export const statusName = (name: string): string => tOr(`status.${name}`, name);

const SHARES = new Set(["accuracy", "balanced_accuracy", "f1", "auc", "top_5_accuracy", "precision", "recall", "miou", "dice", "recall_at_1", "recall_at_5", "equal_error_rate", "one_shot_accuracy", "token_accuracy", "exact_match", "character_error_rate"]);

/** A metric's value: shares in percent, everything else as a number. */
export const metricValue = (name: string, value: number): string => (SHARES.has(metricParts(name).metric) ? `${(value * 100).toFixed(value > 0.9995 && value < 1 ? 2 : 1)} %` : short(value));

export type SortKey = "when" | "title" | "loss" | "figure" | "dataset" | "network" | "seconds" | "bytes";
export interface Order {
  key: SortKey;
  descending: boolean;
}

function sortValue(row: RunRow, key: SortKey): string | number | null {
  if (key === "loss") return validationLoss(row);
  if (key === "figure") return figure(row)?.value ?? null;
  return row[key];
}

/** Rows in an order; those without a value stand last, whatever the direction. */
export function sorted(rows: RunRow[], { key, descending }: Order): RunRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const [a, b] = [sortValue(left, key), sortValue(right, key)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * (typeof a === "string" ? a.localeCompare(String(b), undefined, { numeric: true }) : a - (b as number));
  });
}

/** Rows whose name, dataset, network or status contains every word. */
export function matching(rows: RunRow[], words: string): RunRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = [row.title, row.run, row.dataset, row.network, row.status, statusName(row.status)].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export interface ComparisonRow {
  part: string;
  field: string;
  values: (string | null)[];
  same: boolean;
}

export interface Comparison {
  runs: string[];
  rows: ComparisonRow[];
}

export type Recipe = { [key: string]: Json };
