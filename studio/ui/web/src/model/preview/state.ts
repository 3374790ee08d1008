import { batch, computed, signal } from "@preact/signals";
import { type Fields, get } from "@studio";
import type { Column, DrawingStyle } from "../../predict/types";
import { type Source, SPLITS, type Split, START, type View } from "./types";

/** Which sample is looked at, and with whose weights: the same for all nodes, as long as the page is open. */

/** A sample of one's own, in the form in which it was given. */
export type Own =
  | { way: "file"; upload: string; name: string; index: number }
  | { way: "picture"; picture: string }
  | { way: "drawing"; drawing: string }
  | { way: "text"; text: string }
  | { way: "row"; values: Record<string, string> };

/** How a sample of one's own is given; without a kind only samples of the dataset can be looked at. */
export interface OwnForm {
  kind: "image" | "sound" | "series" | "text" | "array" | "columns" | null;
  columns: Column[];
  drawing: DrawingStyle | null;
}

export const tab = signal<"settings" | "preview">("settings");
export const place = signal<{ split: Split; index: number }>({ split: "validation", index: 0 });
/** Whether one's own sample is wanted in place of one of the dataset. */
export const wantsOwn = signal(false);
export const own = signal<Own | null>(null);
/** Null makes fresh weights. */
export const source = signal<{ run: string; state: string } | null>(null);
export const scale = signal<"own" | "common">("own");
/** Of the node that is shown; it begins anew with each. */
export const view = signal<View>(START);
export const kernelsOpen = signal(false);
export const weightsOpen = signal(false);

/** How many samples each split has; null until it is known. */
export const splits = signal<Record<Split, number> | null>(null);
export const sources = signal<Source[] | null>(null);
export const ownForm = signal<OwnForm | null>(null);

/** The sample as a question names it. */
export const sampleAsked = computed<Fields>(() => {
  const given = wantsOwn.value ? own.value : null;
  if (!given) return { ...place.value };
  if (given.way === "file") return { upload: given.upload, index: given.index };
  if (given.way === "picture") return { picture: given.picture };
  if (given.way === "drawing") return { drawing: given.drawing };
  return given.way === "text" ? { text: given.text } : { values: given.values };
});

/** When the chosen state was saved: a run that goes on training saves it anew. */
export const savedAt = computed(() => {
  const chosen = source.value;
  const states = sources.value?.find((run) => run.run === chosen?.run)?.states;
  return states?.find((state) => state.state === chosen?.state)?.saved ?? null;
});

/** Changes how the node is looked at. */
export const look = (change: Partial<View>): void => {
  view.value = { ...view.value, ...change };
};

let opened = "";

/** Loads what can be chosen for a dataset; the choices made for another one are dropped. */
export async function loadChoices(dataset: string): Promise<void> {
  if (dataset !== opened) {
    opened = dataset;
    batch(() => {
      place.value = { split: "validation", index: 0 };
      wantsOwn.value = false;
      own.value = null;
      source.value = null;
      splits.value = null;
      sources.value = null;
      ownForm.value = null;
    });
  }
  const query = `dataset=${encodeURIComponent(dataset)}`;
  const wanted = <T>(take: (found: T) => void) => (found: T) => {
    if (opened === dataset) take(found);
  };
  // what fails here is said by the answer about the node
  await Promise.allSettled([
    get<{ splits: Record<Split, number> }>(`api/model/preview/samples?${query}`).then(wanted(takeSplits)),
    ownForm.value ? null : get<OwnForm>(`api/model/preview/own?${query}`).then(wanted((found) => (ownForm.value = found))),
    loadSources(),
  ]);
}

/** Loads the runs whose weights can be taken. */
export async function loadSources(): Promise<void> {
  const dataset = opened;
  if (!dataset) return;
  const found = await get<{ runs: Source[] }>(`api/model/preview/sources?dataset=${encodeURIComponent(dataset)}`).catch(() => null);
  if (found && opened === dataset) sources.value = found.runs;
}

function takeSplits(found: { splits: Record<Split, number> }): void {
  splits.value = found.splits;
  if (!found.splits[place.value.split]) {
    const filled = SPLITS.find((split) => found.splits[split]);
    if (filled) place.value = { split: filled, index: 0 };
  }
}
