/** What the server says of a sample at a node (`studio/ui/api/preview.py` describes each field). */

export type Split = "train" | "validation" | "test";
export const SPLITS: readonly Split[] = ["train", "validation", "test"];

export interface Statistics {
  count: number;
  minimum: number | null;
  mean: number | null;
  maximum: number | null;
  standard_deviation: number | null;
  /** Shares, from 0 to 1. */
  zeros: number;
  not_finite: number;
}

/** Where the tiles of a picture are. */
export interface Grid {
  width: number;
  height: number;
  columns: number;
  rows: number;
  tile: [number, number];
  gap: number;
}

export interface Tile {
  index: number;
  minimum: number | null;
  mean: number | null;
  maximum: number | null;
}

export interface Colours {
  name: "sequential" | "diverging" | "grey";
  palette: string[];
  /** The numbers at both ends; null where each tile has its own. */
  range: [number, number] | null;
}

export interface Token {
  id: number | null;
  token: string | null;
}

export interface Cell {
  name: string;
  kind: string;
  unit: string | null;
  value: number | string | null;
}

export interface Kernels {
  name: string;
  names: string[];
  kind: "pictures" | "matrix";
  shape: number[];
  picture: string;
  grid: Grid;
  tiles: Tile[] | null;
  colours: Colours | null;
  page: number;
  pages: number;
  channel: number | null;
  channels: number | null;
  statistics: Statistics;
}

export interface Weights {
  count: number;
  statistics: Statistics;
  variables: { name: string; shape: number[]; statistics: Statistics }[];
}

export interface Shown {
  node: string;
  block: string;
  composite: boolean;
  output: number;
  outputs: number;
  kind: "maps" | "volume" | "sequence" | "vector" | "picture" | "tokens" | "table";
  shape: number[];
  dtype: string;
  statistics: Statistics | null;
  picture: string | null;
  grid: Grid | null;
  tiles: Tile[] | null;
  colours: Colours | null;
  values: (number | null)[] | Token[] | Cell[] | null;
  labels: string[] | null;
  first: number;
  page: number;
  pages: number;
  channel: number | null;
  channels: number | null;
  kernels: Kernels | null;
  weights: Weights | null;
  weights_taken: { run: string; state: string; taken: number; of: number; left: string[] } | null;
  answer: { label: string; probability: number } | { label: string; score: number } | { value: number; unit: string | null } | null;
  sample: { split?: Split; index?: number; row?: number; count?: number; label?: string | number | null; name?: string };
  augmented: Changed[] | null;
  note: string;
}

/** A training sample as it is, and changed by chance a few times. */
export interface Changed {
  label: string;
  pictures: string[];
  /** What each changed one consists of, where samples are mixed. */
  mixtures: string[];
}

/** A run whose weights can be taken. */
export interface Source {
  run: string;
  title: string;
  network: string;
  status: string;
  states: { state: string; epoch: number | null; saved: number }[];
}

/** How what a node gives is looked at; each node begins with START. */
export interface View {
  output: number;
  page: number;
  channel: number | null;
  weight: string | null;
  weight_page: number;
  weight_channel: number | null;
}

export const START: View = { output: 0, page: 0, channel: null, weight: null, weight_page: 0, weight_channel: null };
