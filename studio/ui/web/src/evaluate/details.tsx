import type { ComponentType } from "preact";
import type { Evaluated } from "./types";

export interface DetailsProps<D> {
  details: D;
  evaluated: Evaluated;
}

const known = new Map<string, ComponentType<DetailsProps<never>>>();

/** Offers what is drawn of an evaluation above its examples, for targets of a kind. */
export function offerDetails<D>(kind: string, Drawing: ComponentType<DetailsProps<D>>): void {
  known.set(kind, Drawing as unknown as ComponentType<DetailsProps<never>>);
}

/** What else is known of an evaluation: figures and charts of its kind. */
export function Details({ evaluated }: { evaluated: Evaluated }) {
  const Drawing = known.get(evaluated.kind ?? "") as ComponentType<DetailsProps<unknown>> | undefined;
  return Drawing && evaluated.details ? <Drawing details={evaluated.details} evaluated={evaluated} /> : null;
}
