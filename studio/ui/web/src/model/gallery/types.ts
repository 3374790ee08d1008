import type { FieldSpec, Fields } from "@studio";

/** Neighbouring layers that give the same shape, as they are drawn. */
export interface Stage {
  category: string;
  shape: (number | null)[];
  /** Layers with weights in it. */
  layers: number;
  /** The stages behind which it stands; missing where that is just the one before. */
  inputs?: number[];
}

export interface Figures {
  weights: number;
  trainable_weights: number;
  multiply_adds: number;
  activations: number;
  input_shape: (number | null)[];
  stages: Stage[];
}

/** A ready choice of parameters, with its figures at the size of its paper. */
export interface Variant {
  name: string;
  params: Fields;
  /** Why it can't take the dataset; empty when it can. */
  reason: string;
  figures: Figures | null;
  /** Whether there are weights from ImageNet, and whether they are on this computer. */
  imagenet: "no" | "here" | "download";
}

/** A family of presets, as its card and its form need it. */
export interface Preset {
  name: string;
  title: string;
  summary: string;
  usage: string;
  source: string;
  task: string;
  year: number;
  paper: string;
  fits: boolean;
  reason: string;
  /** Those to begin with on the dataset. */
  params: Fields;
  fields: FieldSpec[];
  variants: Variant[];
}

/** What a network would be on the dataset, as far as it is known. */
export type Count =
  | { counting: true }
  | { counting: false; problem: string; field_problems: Record<string, string> }
  | (Figures & { counting: false; problem?: undefined; training_bytes: number });
