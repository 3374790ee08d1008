/** A column of a table as a field (`studio.ui.prediction_form.column`). */
export interface Column {
  name: string;
  kind: "number" | "category" | "date";
  unit: string | null;
  value: string;
  choices: string[];
  minimum: number | string | null;
  maximum: number | string | null;
}

export interface DrawingStyle {
  height: number;
  width: number;
  ground: number;
  ink: number;
  sign_height: number;
  brush: number;
}

/** What a network takes and what it predicts. */
export interface InputForm {
  kind: "image" | "text" | "array" | "columns";
  columns: Column[];
  drawing: DrawingStyle | null;
  dataset: string | null;
  target: { name: string; unit: string | null; classes: string[] | null } | null;
}

/** What is sent to be predicted: one of these. */
export type Asked = { picture: string } | { drawing: string } | { upload: string } | { text: string } | { values: Record<string, string> } | { row: number };

export interface Prediction {
  label?: string;
  probabilities?: number[];
  value?: number;
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
