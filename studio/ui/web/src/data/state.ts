import { batch, signal } from "@preact/signals";
import { ApiError, call, change, draft, type FieldSpec, flush, get, type Json, parameter, post, recipe, native, sentence, setParameters, t } from "@studio";
import type { Part } from "../shown";

export type Split = "train" | "validation" | "test";
export const SPLITS: Split[] = ["train", "validation", "test"];

/** A dataset in the list. */
export interface Card {
  name: string;
  title: string;
  kind: string;
  samples: number | null;
  classes: number | null;
  builtin: boolean;
  summary: string;
}

/** A dataset that can be downloaded. */
export interface PublicSet {
  name: string;
  title: string;
  kind: string;
  summary: string;
  megabytes: number;
  licence: string;
  credit: string;
}

export interface ImportState {
  id: string;
  file: string;
  asked: { name: string | null; target: string | null; kind: string | null; options: Record<string, Json> };
  repeatable: boolean;
  fraction: number;
  text: string;
  done: boolean;
  problem: string;
  dataset: string | null;
  title: string | null;
  warnings: string[];
}

export interface Column {
  name: string;
  role: "input" | "target" | "unused";
  kind: string;
  unit: string | null;
  statistics: Record<string, number | string | null>;
  categories?: number;
  /** How many words of a free text are told apart. */
  words?: number;
  values?: string[];
  counts?: number[];
}

/** A dataset in full. */
export interface Details extends Omit<Card, "samples" | "classes"> {
  samples: number;
  splits: Record<Split, number>;
  split_origin: "made" | "given" | "partly given" | "by time";
  hash: string;
  options: Record<string, Json>;
  reading: Record<string, Json>;
  warnings: string[];
  source: string;
  licence: string;
  credit: string;
  created: string;
  bytes: number;
  target: { name: string; kind: string; classes: string[] | null; unit: string | null } | null;
  targets: string[];
  inputs: string[];
  used_by: string[];
  /** The whole of the data at a glance, where there is more to see than samples. */
  overview: Part[];
  figures: {
    classes: ({ name: string } & Record<Split, number>)[];
    target: ({ edges: number[] } & Record<Split, number[]>) | null;
    further: { name: string; classes: ({ name: string } & Record<Split, number>)[]; target: ({ edges: number[] } & Record<Split, number[]>) | null }[];
    columns: Column[];
    column_count: number;
    inputs: { name: string; kind: string; shape: (number | null)[]; statistics: Record<string, number> }[];
  };
}

interface Listing {
  datasets: Card[];
  public: PublicSet[];
  imports: ImportState[];
  options: FieldSpec[];
  kinds: string[];
}

export interface Order {
  upload?: string;
  path?: string;
  again?: string;
  public_set?: string;
  name?: string;
  target?: string;
  kind?: string;
  options?: Record<string, Json>;
}

export const listing = signal<Listing | null>(null);
export const listProblem = signal<string | null>(null);
/** The dataset that is shown: the one that the address names, else the draft's. */
export const shown = signal<string | null>(parameter("dataset"));
export const details = signal<Details | null>(null);
export const detailsProblem = signal<string | null>(null);
/** What "Use this dataset" did, as a sentence. */
export const said = signal<string | null>(null);

let asked = 0;

export async function loadList(): Promise<void> {
  asked += 1;
  const mine = asked;
  try {
    const answer = await get<Listing>("api/datasets");
    if (mine !== asked) return; // it was asked for again meanwhile: this answer may lack what came in between
    listing.value = answer;
    listProblem.value = null;
  } catch (error) {
    if (mine === asked) listProblem.value = sentence(error);
  }
}

/** Shows a dataset, and writes it into the address. */
export async function show(name: string, remember = true): Promise<void> {
  if (remember) setParameters({ dataset: name });
  batch(() => {
    if (shown.value !== name) said.value = null;
    shown.value = name;
    detailsProblem.value = null;
  });
  try {
    const loaded = await get<Details>(`api/datasets/${encodeURIComponent(name)}`);
    if (shown.value !== name) return; // another one was chosen meanwhile
    details.value = loaded;
    const listed = listing.value?.datasets.find((card) => card.name === name);
    if (listed && listed.samples === null) void loadList(); // a built-in set has just been made
  } catch (error) {
    if (shown.value === name) detailsProblem.value = sentence(error);
  }
}

/** Makes a dataset the draft's; a network, loss or metric that does not fit it gives way to what the data choose. */
export async function use(name: string): Promise<void> {
  const { graph = null, training = {} } = recipe.value;
  const { fits, reason, reset } = await post<{ fits: boolean; reason: string; reset: string[] }>(`api/datasets/${encodeURIComponent(name)}/fit`, { graph, training });
  change({ dataset: name, ...Object.fromEntries(reset.map((path) => [path, undefined])) });
  await flush();
  said.value = fits ? t("data.used") : t("data.used.reset", { reason: native(reason) });
  setParameters({ dataset: name });
}

export async function remove(name: string): Promise<void> {
  await call("DELETE", `api/datasets/${encodeURIComponent(name)}`);
  for (const each of listing.value?.imports ?? []) if (each.dataset === name) void dismiss(each.id);
  batch(() => {
    details.value = null;
    shown.value = null;
  });
  setParameters({ dataset: null });
  await loadList();
  const next = draft.value?.line.dataset?.name ?? listing.value?.datasets[0]?.name;
  if (next && next !== name) void show(next, false);
}

/** Starts an import; it goes on when the page is left. */
export async function begin(order: Order): Promise<void> {
  const state = await post<ImportState>("api/imports", order);
  await loadList(); // a list that was asked for before must not put the import away again
  place(state);
  // what ended well has its report in the dataset itself
  for (const each of listing.value?.imports ?? []) if (each.dataset && each.id !== state.id && each.id !== order.again) void dismiss(each.id);
}

export async function dismiss(id: string): Promise<void> {
  try {
    await call("DELETE", `api/imports/${encodeURIComponent(id)}`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // gone already, in another window
  }
  if (listing.value) listing.value = { ...listing.value, imports: listing.value.imports.filter((each) => each.id !== id) };
}

/** Asks how the imports stand; the dataset of one that has just ended is shown. */
export async function watchImports(): Promise<void> {
  const before = listing.value?.imports ?? [];
  if (!before.some((each) => !each.done)) return;
  const { imports } = await get<{ imports: ImportState[] }>("api/imports");
  const ended = imports.find((each) => each.done && each.dataset && before.some((old) => old.id === each.id && !old.done));
  if (listing.value) listing.value = { ...listing.value, imports };
  if (ended?.dataset) {
    await loadList();
    await show(ended.dataset);
  }
}

function place(state: ImportState): void {
  if (!listing.value) return;
  listing.value = { ...listing.value, imports: [state, ...listing.value.imports.filter((each) => each.id !== state.id)] };
}
