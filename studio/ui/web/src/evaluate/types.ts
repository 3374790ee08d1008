import type { Part } from "../shown";
import type { Example } from "./examples";

export type Split = "test" | "validation" | "train";

export interface ClassRow {
  index: number;
  name: string;
  samples: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
}

export interface Pair {
  truth: number;
  predicted: number;
  count: number;
  share: number | null;
}

/** One prediction beside the truth, with the sample itself. */
export interface Told {
  row: number;
  truth: string | number;
  predicted: string | number;
  probability?: number;
  truth_probability?: number;
  /** Of the predicted class, where scores are no probabilities. */
  score?: number;
  error?: number;
  picture?: string;
  text?: string;
  cells?: (string | number | boolean | null)[];
  parts?: Part[];
}

export interface Evaluated {
  samples: number;
  metrics: Record<string, number>;
  /** What did not fit, in sentences. */
  notes: string[];
  /** Whether the samples themselves can be shown (not for a file of one's own). */
  has_samples: boolean;
  target: { name: string; unit: string | null };
  /** The names of all targets, where there are several. */
  targets: string[];
  columns: string[];
  /** For classes. */
  classes?: string[];
  matrix?: { classes: number[]; counts: number[][] } | null;
  per_class?: ClassRow[];
  pairs?: Pair[];
  wrong?: number | null;
  /** Mean gap between how sure the network is and how often it is right. */
  calibration_error?: number | null;
  /** For numbers. */
  points?: [number, number, number][];
  residuals?: { edges: number[]; counts: number[] };
  figures?: { mae: number; rmse: number; r2: number | null; mean: number; median_absolute: number; largest_absolute: number } | null;
  spread?: number;
  /** For everything else: samples in parts, and what else is known. */
  kind?: string;
  examples?: Example[];
  details?: Record<string, unknown>;
  /** The run's dataset, whose samples the parts speak of. */
  dataset?: string;
  /** The predictions over the whole of an input, such as a series in time. */
  charts: Part[];
  /** The worst mistakes. */
  mistakes: Told[];
}

export interface EvaluationAnswer {
  /** Figures known without asking the network again. */
  metrics: Record<string, number> | null;
  evaluated: Evaluated | null;
  working: number | null;
  problem: string | null;
}

export interface CellAnswer {
  total: number;
  columns: string[];
  samples: Told[];
}
