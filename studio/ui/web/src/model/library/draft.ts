import { signal } from "@preact/signals";
import { draft, get, type Json, t } from "@studio";
import { put, settled } from "../edits";
import type { GraphDocument } from "../graph";
import { chosen, open } from "../state";
import { setOrigin } from "./origin";
import type { Saved } from "./types";

/** What the line beside the buttons says; it goes with the next change of the network. */
export const said = signal<{ text: string; graph: string; count: number } | null>(null);
let count = 0;

/** Whether the list of saved networks is open. */
export const opening = signal(false);

/** The network of the draft as the server has it, everything that was typed included. Throws ApiError. */
export async function currentGraph(): Promise<GraphDocument> {
  await settled();
  return get<GraphDocument>(`api/model/graph?draft=${encodeURIComponent(draft.value?.id ?? "")}`);
}

const networkOfDraft = (): string => JSON.stringify(draft.value?.recipe.graph ?? null);

/** Says something of the network as it is now. */
export function say(text: string): void {
  said.value = { text, graph: networkOfDraft(), count: (count += 1) };
}

/** Takes back what was said as soon as the network is another. */
export function listenToChanges(): void {
  if (said.value && said.value.graph !== networkOfDraft()) said.value = null;
}

/** Gives the draft another network, as one step; true if it took it. */
export async function takeGraph(graph: GraphDocument): Promise<boolean> {
  await settled();
  open.value = new Set();
  chosen.value = new Set();
  return put(graph as unknown as Json);
}

/**
 * Opens a saved network in the draft, under the name that it has in the list.
 *
 * `newest` is the newest version that the person has seen: an older one that is opened and saved becomes the next.
 */
export async function openSaved(saved: Saved, newest = saved.version): Promise<void> {
  const id = draft.value?.id;
  if (!id || !(await takeGraph({ ...saved.graph, name: saved.title }))) return;
  setOrigin(id, { name: saved.name, version: Math.max(newest, saved.version) }, saved.title);
  say(t("graphs.opened", { version: saved.version, title: saved.title }));
}
