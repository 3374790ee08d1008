import { signal } from "@preact/signals";
import { get } from "./api";
import { poll } from "./poll";
import { t, tOr } from "./words";

/** A run as lists show it. */
export interface RunSummary {
  run: string;
  title: string;
  status: "queued" | "running" | "paused" | "stopped" | "finished" | "crashed" | "failed";
  dataset: string;
  network: string;
  epoch: number;
  epochs: number;
  reason: string;
  started: number | null;
  /** How long it has trained, waiting and pauses left out. */
  seconds: number | null;
  step: number;
  steps_per_epoch: number;
  heartbeat: number | null;
  batch_size: number | string | null;
  early_stopping: boolean;
  resources: { memory_bytes?: number; cpu_percent?: number; gpu_memory_bytes?: number };
  metrics: Record<string, Record<string, number>>;
}

export interface Device {
  kind: "cpu" | "gpu";
  name: string;
  count: number;
  used_bytes: number;
  total_bytes: number;
  load: number;
}

export interface Pulse {
  active: RunSummary[];
  device: Device;
}

/** What runs and how the machine fares, asked anew every few seconds. */
export const pulse = signal<Pulse | null>(null);
/** The server has not answered twice in a row. */
export const lost = signal(false);

/** What a run does, in words: one that waits for nothing but its trainer says so. */
export function statusWords(row: Pick<RunSummary, "run" | "status" | "reason">): string {
  const others = pulse.value?.active.some((other) => other.run !== row.run && other.status === "running");
  return row.status === "queued" && !row.reason && !others ? t("status.starting") : tOr(`status.${row.status}`, row.status);
}

let misses = 0;

/** Asks once, now. */
export async function ask(): Promise<void> {
  try {
    pulse.value = await get<Pulse>("api/pulse");
    misses = 0;
    lost.value = false;
  } catch {
    misses += 1;
    lost.value = misses > 1;
  }
}

/** Begins to ask, as long as the page is open and visible. */
export const startPulse = (): (() => void) => poll(ask, () => (lost.value ? 3 : 2));
