import type { Part } from "../shown";

/** A column of a table as a field (`studio.ui.prediction_form.column`). */
export interface Column {
  name: string;
  kind: "number" | "category" | "date" | "words";
  unit: string | null;
  value: string;
  choices: string[];
  minimum: number | string | null;
  maximum: number | string | null;
  /** The commonest words of a free text. */
  words: string[];
}

export interface DrawingStyle {
  height: number;
  width: number;
  ground: number;
  ink: number;
  sign_height: number;
  brush: number;
}

/** How many samples per second a network hears, and for how long. */
export interface SoundForm {
  rate: number;
  seconds: number;
}

/** What a network takes and what it predicts. */
export interface InputForm {
  kind: "image" | "sound" | "series" | "text" | "array" | "columns" | "several";
  /** Of several inputs those that are no columns. */
  parts?: { name: string; kind: string }[];
  columns: Column[];
  drawing: DrawingStyle | null;
  /** How networks that take sounds hear them. */
  sound?: SoundForm | null;
  /** Of networks that take series how files hold them: one series to be continued, sequences step by step or row by row, or not at all. */
  series?: "forecast" | "long" | "wide" | "arrays" | null;
  /** Whether two samples can be compared. */
  compares?: boolean;
  dataset: string | null;
  target: { name: string; kind?: string; unit: string | null; classes: string[] | null } | null;
}

/** What is sent to be predicted: one of these. */
export type Asked = { picture: string } | { sound: string } | { drawing: string } | { upload: string } | { text: string } | { values: Record<string, string> } | { parts: Record<string, string>; values?: Record<string, string> } | { row: number };

export interface Prediction {
  label?: string;
  probabilities?: number[];
  /** One for each class, the largest for the answer, of networks that give no probabilities. */
  scores?: number[];
  value?: number;
  /** What is said (role "said") and what is true (role "target"), where it is no class or number. */
  parts?: Part[];
  /** The columns of a sample that was asked about, beside its picture. */
  beside?: Part[];
  /** What is said of the other targets, and what is true of them. */
  further?: { name: string; kind: string; classes: string[] | null; parts: Part[]; probabilities: number[] | null }[];
  /** The series that was asked about, with what is said of it. */
  drawn?: Part[];
  /** The sound that was asked about. */
  heard?: Part;
  /** What reached the network, as a picture. */
  seen: string | null;
  /** What was asked about, as a picture. */
  given: string | null;
  truth: string | number | null;
  /** What could not be used of the input, in sentences. */
  notes: string[];
  seconds: number;
}

export interface TablePrediction {
  columns: string[];
  rows: (string | number | null)[][];
  total: number;
  notes: string[];
  download: string;
}
