import { batch, signal } from "@preact/signals";
import { type Fields, get, post, sentence } from "@studio";
import { dataset, problem } from "../state";
import type { Counts } from "./choose";
import type { Count, Preset } from "./types";

/** Every family of presets, and whether it fits the draft's dataset; null until they are there. */
export const presets = signal<Preset[] | null>(null);
export const tasks = signal<string[]>([]);
/** Samples that a training on the dataset usually takes at a time. */
export const usualBatch = signal(0);
/** What is known of ready variants on the dataset. */
export const counts = signal<Counts>({});
/** Whether the gallery is open. */
export const showing = signal(false);

const PATIENCE_SECONDS = 2;

/** Loads the gallery for a dataset; its figures come with it, those on the dataset are counted while it is looked at. */
export async function loadPresets(name: string): Promise<void> {
  try {
    const found = await get<{ presets: Preset[]; tasks: string[]; batch_size: number }>(`api/model/presets?dataset=${encodeURIComponent(name)}`);
    if (dataset.value !== name) return;
    batch(() => {
      presets.value = found.presets;
      tasks.value = found.tasks;
      usualBatch.value = found.batch_size;
      counts.value = {};
    });
  } catch (error) {
    problem.value = sentence(error);
  }
}

interface Order {
  preset: string;
  params: Fields;
}

const asked = async (orders: Order[]): Promise<Count[]> => (await post<{ counts: Count[] }>(`api/model/counts?wait=${PATIENCE_SECONDS}`, { dataset: dataset.value, orders })).counts;

/** Counts one family after the other on the dataset, until all are known or the gallery is left. */
export function followCounts(): () => void {
  let isOver = false;
  const families = (presets.value ?? []).filter(({ fits }) => fits);
  const count = async ({ name: family, variants }: Preset): Promise<void> => {
    for (;;) {
      const missing = variants.filter(({ name, reason }) => !reason && !(name in counts.value));
      if (isOver || missing.length === 0) return;
      const found = await asked(missing.map(({ params }) => ({ preset: family, params })));
      if (isOver) return;
      const known = missing.flatMap(({ name }, index): [string, Count][] => (found[index] && !found[index].counting ? [[name, found[index]]] : []));
      if (known.length > 0) counts.value = { ...counts.value, ...Object.fromEntries(known) };
    }
  };
  void (async () => {
    for (const family of families) await count(family);
  })().catch((error: unknown) => (problem.value = sentence(error)));
  return () => {
    isOver = true;
  };
}

/** Counts one network of one's own choice; gives up when it is told to. */
export async function counted(order: Order, isWanted: () => boolean): Promise<Count | null> {
  for (;;) {
    const [found] = await asked([order]);
    if (!isWanted()) return null;
    if (found && !found.counting) return found;
  }
}
