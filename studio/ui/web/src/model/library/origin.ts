import type { GraphDocument } from "../graph";
import type { Saved } from "./types";

/**
 * Which saved network a draft was opened from or saved as last, so that a save can name the version that it builds on.
 *
 * It stands beside the draft in this browser, not in the recipe: it is no part of what is trained. In another browser there is
 * none; a save there asks as soon as the name is taken by another content, so nothing is written over unseen.
 */
export interface Origin {
  name: string;
  version: number;
  /** What the network was called in the draft. Called otherwise, it is saved as another network. */
  called: string;
}

const KEY = "studio.saved.";
const MOST = 200;
const here = new Map<string, Origin>();

export function originOf(draft: string): Origin | null {
  try {
    const found = JSON.parse(localStorage.getItem(KEY + draft) ?? "null") as Partial<Origin> | null;
    if (typeof found?.name === "string" && typeof found.version === "number" && typeof found.called === "string") return found as Origin;
  } catch {
    // storage is forbidden, or holds something else: what this page knows holds
  }
  return here.get(draft) ?? null;
}

/** Notes that the draft's network stands there as that version; null forgets it. */
export function setOrigin(draft: string, saved: Pick<Saved, "name" | "version"> | null, called = ""): void {
  if (saved) here.set(draft, { name: saved.name, version: saved.version, called });
  else here.delete(draft);
  try {
    if (saved) localStorage.setItem(KEY + draft, JSON.stringify(here.get(draft)));
    else localStorage.removeItem(KEY + draft);
    const known = Object.keys(localStorage).filter((key) => key.startsWith(KEY));
    for (const key of known.slice(0, Math.max(0, known.length - MOST))) if (key !== KEY + draft) localStorage.removeItem(key);
  } catch {
    // storage is forbidden or full: this page remembers it as long as it is open
  }
}

/** How a network of a draft is saved: as the next version of where it came from, or as a new one under its name. */
export function orderOf(origin: Origin | null, graph: GraphDocument): { name: string; based_on: number } {
  return origin && origin.called === graph.name ? { name: origin.name, based_on: origin.version } : { name: graph.name, based_on: 0 };
}

const LONGEST = 200;

/** The first free name of "X (copy)", "X (copy 2)" ... */
export function copyName(title: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? " (copy)" : ` (copy ${number})`;
    const found = title.slice(0, LONGEST - ending.length) + ending;
    if (!taken.has(found)) return found;
  }
}
