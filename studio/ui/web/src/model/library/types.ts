import type { Fields } from "@studio";
import type { GraphDocument } from "../graph";

/** A version of a saved network, as lists show it. */
export interface Version {
  version: number;
  /** ISO time in UTC. */
  saved: string;
  note: string;
  /** Nodes of the top level. */
  nodes: number;
  /** How often each block stands there, the most frequent first. */
  blocks: Record<string, number> | null;
  /** Why it can't be opened, "" if it can. */
  problem: string;
}

/** A saved network: its newest version, and how many there are. `name` is what addresses carry. */
export interface Entry extends Version {
  name: string;
  title: string;
  versions: number;
}

/** One version with its network. */
export interface Saved {
  name: string;
  title: string;
  version: number;
  saved: string;
  note: string;
  graph: GraphDocument;
}

/** A module that is kept for any network; a damaged one has a name and a problem only. */
export interface KeptModule {
  name: string;
  title: string;
  description?: string;
  inputs?: number;
  outputs?: number;
  nodes?: number;
  needs?: string[];
  problem: string;
}

/** What came of a network of another program. */
export interface Imported {
  graph: GraphDocument;
  report: { nodes: number; notes: string[]; weights_taken: string[]; weights_left: string[] };
  /** What a recipe says to begin with its weights. */
  transfer: Fields | null;
}
