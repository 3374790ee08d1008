import { computed, signal } from "@preact/signals";
import { ApiError, address, get, post, sentence } from "./api";
import { native, t } from "./words";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = { [key: string]: Json };

/** What the line under the bar says of a draft. */
export interface Line {
  dataset: { name: string; title: string; kind: string; samples: number } | null;
  network: { name: string; weights: number | null } | null;
  settings: { epochs?: number; batch_size?: number | string; optimizer?: string; learning_rate?: number };
  /** Every setting with its value, and what would hold where nothing is chosen. */
  training: Fields;
  fallbacks: Fields;
  problem: { text: string; page: string } | null;
  /** The engine is still looking at the network: there may be a problem yet. */
  checking?: boolean;
}

/** A draft as the server shows it. */
export interface Draft {
  id: string;
  revision: number;
  changed: string;
  recipe: Fields;
  line: Line;
  /** The command line that does what Train does. */
  command: string;
}

/** The draft of this page; null until it is loaded. */
export const draft = signal<Draft | null>(null);
export const saving = signal(false);
/** Why the last save or load did not work, as a sentence. */
export const draftProblem = signal<string | null>(null);
/** Set while somebody else's save stands against ours. */
export const conflict = signal<{ mine: Fields; theirs: Draft } | null>(null);
/** The link named a draft that is not there. */
export const draftGone = signal(false);
export const recipe = computed<Fields>(() => draft.value?.recipe ?? {});

const SETTLE_MILLISECONDS = 200;
let pendingSet: Fields = {};
let pendingUnset = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;
let flying: Promise<void> | null = null;

/** The value at a dotted path; undefined where there is none. */
export function at(fields: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = fields;
  for (const key of path.split(".")) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** A copy with the value at a dotted path set (undefined takes it out), as the server does it. */
export function withField(fields: Fields, path: string, value: Json | undefined): Fields {
  const [key, ...rest] = path.split(".") as [string, ...string[]];
  const copy: Fields = { ...fields };
  if (rest.length === 0) {
    if (value === undefined) delete copy[key];
    else copy[key] = value;
    return copy;
  }
  const below = copy[key];
  if (value === undefined && (below === undefined || typeof below !== "object")) return copy;
  const inner: Fields = typeof below === "string" ? { name: below } : below !== null && typeof below === "object" && !Array.isArray(below) ? below : {};
  copy[key] = withField(inner, rest.join("."), value);
  return copy;
}

/** A query parameter of the address in the bar. */
export const parameter = (name: string): string | null => new URL(location.href).searchParams.get(name);

/** Writes query parameters into the address bar, without a reload and without a step in the history. */
export function setParameters(values: Record<string, string | null>): void {
  const url = new URL(location.href); // never a relative address: Gradio's <base> would change the page
  for (const [name, value] of Object.entries(values)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  history.replaceState(history.state, "", url);
}

/** The address of a page, with the draft and any other parameters. */
export function link(page: string, parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...(draft.value ? { draft: draft.value.id } : {}), ...parameters });
  const text = query.toString();
  return address(page === "home" ? "" : page) + (text ? `?${text}` : "");
}

function show(loaded: Draft): void {
  draft.value = loaded;
  if (parameter("draft") !== loaded.id) setParameters({ draft: loaded.id });
}

/** Opens the draft that the address names, or the one that was changed last. */
export async function openDraft(): Promise<void> {
  const id = parameter("draft");
  try {
    try {
      show(await get<Draft>(id ? `api/drafts/${encodeURIComponent(id)}` : "api/drafts/latest"));
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404 && id)) throw error;
      draftGone.value = true;
      show(await get<Draft>("api/drafts/latest"));
    }
    draftProblem.value = null;
  } catch (error) {
    draftProblem.value = sentence(error);
  }
}

/** Starts a new draft (with a recipe, or with the defaults of a first visit) and makes it this page's. */
export async function newDraft(content: Fields = {}): Promise<Draft> {
  const made = await post<Draft>("api/drafts", { recipe: content });
  show(made);
  return made;
}

/** Changes fields by dotted path; undefined resets one to its default. Shown at once, saved a moment later. */
export function change(values: Record<string, Json | undefined>): void {
  if (!draft.value) return;
  let fields = draft.value.recipe;
  for (const [path, value] of Object.entries(values)) {
    fields = withField(fields, path, value);
    // what lies below a path that is set as a whole is settled by it
    for (const other of Object.keys(pendingSet)) if (other.startsWith(`${path}.`)) delete pendingSet[other];
    for (const other of pendingUnset) if (other.startsWith(`${path}.`)) pendingUnset.delete(other);
    if (value === undefined) {
      delete pendingSet[path];
      pendingUnset.add(path);
    } else {
      pendingSet[path] = value;
      pendingUnset.delete(path);
    }
  }
  draft.value = { ...draft.value, recipe: fields };
  saving.value = true;
  clearTimeout(timer);
  timer = setTimeout(() => void flush(), SETTLE_MILLISECONDS);
}

/** What the page still sends of the draft by other ways than `change`: the edits of the canvas. */
export const sending = signal<Promise<void> | null>(null);

/** Resolves when the server has the draft as it is shown, or has refused it: what Train, and whatever else reads the draft there, waits for. */
export async function saved(): Promise<void> {
  while (sending.value) await sending.value;
  await flush();
}

/** Sends what has not been saved; resolves when the server has everything (or has refused it). */
export async function flush(): Promise<void> {
  clearTimeout(timer);
  while (flying) await flying;
  if (Object.keys(pendingSet).length === 0 && pendingUnset.size === 0) {
    saving.value = false;
    return;
  }
  flying = send().finally(() => {
    flying = null;
  });
  await flying;
  if (!conflict.value && !draftProblem.value) await flush();
}

async function send(): Promise<void> {
  const current = draft.value;
  if (!current || conflict.value) return;
  const set = pendingSet;
  const unset = [...pendingUnset];
  pendingSet = {};
  pendingUnset = new Set();
  let response: Response;
  try {
    response = await fetch(address(`api/drafts/${current.id}`), {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ revision: current.revision, set, unset }),
      keepalive: true, // the last change arrives even when the page is left at once
    });
  } catch {
    pendingSet = { ...set, ...pendingSet };
    for (const path of unset) if (!(path in pendingSet)) pendingUnset.add(path);
    draftProblem.value = t("draft.lost");
    timer = setTimeout(() => void flush(), 3000);
    return;
  }
  const answer = await response.json();
  if (response.ok) {
    adopt(answer as Draft);
  } else if (response.status === 409) {
    conflict.value = { mine: draft.value?.recipe ?? current.recipe, theirs: answer.current as Draft };
  } else {
    draftProblem.value = typeof answer.error === "string" ? native(answer.error) : `The draft could not be saved (${response.status}).`;
  }
}

/** Takes a draft as it was saved; what has been changed here since stays on top of it. */
export function adopt(saved: Draft): void {
  draftProblem.value = null;
  let fields = saved.recipe;
  for (const [path, value] of Object.entries(pendingSet)) fields = withField(fields, path, value);
  for (const path of pendingUnset) fields = withField(fields, path, undefined);
  draft.value = { ...saved, recipe: fields };
}

/** Ends a conflict: the other version replaces ours, or ours is saved over it. */
export async function resolveConflict(keep: "mine" | "theirs"): Promise<void> {
  const standing = conflict.value;
  if (!standing || !draft.value) return;
  pendingSet = {};
  pendingUnset = new Set();
  conflict.value = null;
  saving.value = false;
  const id = standing.theirs.id;
  if (keep === "theirs") {
    draft.value = await get<Draft>(`api/drafts/${id}`);
    return;
  }
  try {
    const response = await fetch(address(`api/drafts/${id}`), {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ revision: standing.theirs.revision, recipe: standing.mine }),
    });
    const answer = await response.json();
    if (response.status === 409) conflict.value = { mine: standing.mine, theirs: answer.current as Draft };
    else if (!response.ok) throw new ApiError(String(answer.error), response.status);
    else draft.value = answer as Draft;
  } catch (error) {
    draftProblem.value = sentence(error);
  }
}

/** The dotted paths whose values differ, with both values. */
export function differences(mine: Fields, theirs: Fields, prefix = ""): { field: string; mine: string; theirs: string }[] {
  const plain = (value: Json | undefined): value is Fields => value !== null && typeof value === "object" && !Array.isArray(value);
  const words = (value: Json | undefined): string => (value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));
  const found: { field: string; mine: string; theirs: string }[] = [];
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const [left, right] = [mine[key], theirs[key]];
    if (plain(left) && plain(right) && prefix.split(".").length < 4) found.push(...differences(left, right, `${prefix}${key}.`));
    else if (JSON.stringify(left) !== JSON.stringify(right)) found.push({ field: prefix + key, mine: words(left), theirs: words(right) });
  }
  return found;
}
