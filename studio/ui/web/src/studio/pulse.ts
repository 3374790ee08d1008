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
  /** The epoch behind which frozen layers are trained, too. */
  unfreezes?: number | null;
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

const PULSE_SECONDS = 2;
let misses = 0;
let asked = -Infinity;

/** Asks once, now. */
export async function ask(): Promise<void> {
  asked = performance.now();
  try {
    pulse.value = await get<Pulse>("api/pulse");
    misses = 0;
    lost.value = false;
  } catch {
    misses += 1;
    lost.value = misses > 1;
  }
}

/** Begins to ask, as long as the page is open and visible, and unless somebody else has just asked. */
export const startPulse = (): (() => void) =>
  poll(
    async () => {
      if (performance.now() - asked > (PULSE_SECONDS * 1000) / 2) await ask();
    },
    () => (lost.value ? 3 : PULSE_SECONDS),
  );

/**
 * The seconds until the next look at a run under way, by how long it has been looked at: often while it is new, then more
 * rarely, since each look takes processor time from the training.
 */
export const pace = (since: number): number => (performance.now() - since < 60_000 ? 1 : 2);
