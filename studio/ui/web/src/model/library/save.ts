import { signal } from "@preact/signals";
import { ApiError, at, conflict, draft, get, post, recipe, sentence, t } from "@studio";
import { edit, refused } from "../edits";
import type { GraphDocument } from "../graph";
import { currentGraph, openSaved, say } from "./draft";
import { copyName, orderOf, originOf, setOrigin } from "./origin";
import type { Entry, Saved } from "./types";

/** A save that met another version: ours, the one that stands there, and whether we knew of any. */
export interface Stale {
  mine: GraphDocument;
  theirs: Saved;
  isForeign: boolean;
}

export const stale = signal<Stale | null>(null);
let isBusy = false;

/** Keeps the draft's network in the workspace, as a new version under its name. */
export async function save(): Promise<void> {
  if (isBusy || conflict.value) return;
  isBusy = true;
  refused.value = null;
  try {
    const graph = await currentGraph();
    const id = draft.value?.id;
    if (!id || conflict.value) return;
    await send(id, graph, orderOf(originOf(id), graph));
  } catch (error) {
    refused.value = sentence(error);
  } finally {
    isBusy = false;
  }
}

async function send(id: string, graph: GraphDocument, order: { name: string; based_on: number }): Promise<void> {
  try {
    const saved = await post<Saved>("api/graphs", { graph, ...order });
    setOrigin(id, saved, graph.name);
    say(t("graphs.saved", { version: saved.version, title: saved.title }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409) stale.value = { mine: graph, theirs: error.body.current as Saved, isForeign: order.based_on === 0 };
    else if (error.status === 404 && order.based_on > 0) {
      setOrigin(id, null); // it was deleted meanwhile: ours becomes a new one
      await send(id, graph, { name: graph.name, based_on: 0 });
    } else throw error;
  }
}

/** Ends a stale save: theirs is opened, ours is saved behind it, or under a name of its own. */
export async function settle(standing: Stale, choice: "theirs" | "mine" | "copy"): Promise<void> {
  const id = draft.value?.id;
  if (!id) return;
  stale.value = null;
  try {
    if (choice === "theirs") {
      await openSaved(standing.theirs);
    } else if (choice === "mine") {
      await send(id, standing.mine, { name: standing.theirs.name, based_on: standing.theirs.version });
    } else {
      const { graphs } = await get<{ graphs: Entry[] }>("api/graphs");
      const name = copyName(standing.theirs.title, new Set(graphs.map(({ title }) => title)));
      // a network that a preset makes stays one: it is only saved under the other name
      const isOwn = at(recipe.value, "graph.nodes") !== undefined;
      if (!isOwn || (await edit({ do: "name", name }))) await send(id, await currentGraph(), { name, based_on: 0 });
    }
  } catch (error) {
    refused.value = sentence(error);
  }
}

/** Ctrl-S saves, also while a field has the focus; what was typed there counts. */
export function listenToSave(): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    if (document.querySelector("dialog[open]")) return;
    if (event.target instanceof HTMLInputElement) event.target.dispatchEvent(new Event("change", { bubbles: true }));
    void save();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
