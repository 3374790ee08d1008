import type { Stage } from "./types";

/** Which stages of a drawing stand above each other: those of equal chains that begin at an input each and then meet. */

export interface Place {
  column: number;
  /** How far down its middle is, from 0 to 1. */
  middle: number;
}

export interface Columns {
  places: Place[];
  /** Rows that share the height. */
  rows: number;
}

const sourcesOf = (stages: Stage[], index: number): number[] => stages[index]?.inputs ?? [index - 1];

/** Equal chains of stages, from their inputs to where they meet; none where the network has one way only, or they differ. */
function towers(stages: Stage[]): number[][] {
  const followers = stages.map((_, index) => stages.flatMap((_, other) => (sourcesOf(stages, other).includes(index) ? [other] : [])));
  const chain = (start: number): number[] => {
    const found = [start];
    for (;;) {
      const [next, ...others] = followers[found.at(-1) as number] as number[];
      if (next === undefined || others.length > 0 || sourcesOf(stages, next).length > 1) return found;
      found.push(next);
    }
  };
  const found = stages.flatMap((_, index) => (sourcesOf(stages, index).length === 0 ? [chain(index)] : []));
  const said = (each: number[]): string => JSON.stringify(each.map((index) => [stages[index]?.category, stages[index]?.shape]));
  const ends = found.map((each) => each.at(-1) as number);
  const meet = ends.every((end) => followers[end]?.length && followers[end].every((each) => sourcesOf(stages, each).every((source) => ends.includes(source))));
  return found.length > 1 && meet && found.every((each) => said(each) === said(found[0] as number[])) ? found : [];
}

/** Where each stage stands: behind the one before it, towers above each other, and what joins their ends at the height between these. */
export function columns(stages: Stage[]): Columns {
  const found = towers(stages);
  if (found.length === 0) return { places: stages.map((_, column) => ({ column, middle: 0.5 })), rows: 1 };
  const places: Place[] = [];
  found.forEach((tower, row) => tower.forEach((stage, column) => (places[stage] = { column, middle: (row + 0.5) / found.length })));
  const meeting = (found[0] as number[]).length;
  const ends = new Set(found.map((tower) => tower.at(-1)));
  let column = meeting;
  stages.forEach((_, index) => {
    if (places[index]) return;
    const sources = sourcesOf(stages, index);
    if (sources.every((source) => ends.has(source))) {
      const middles = sources.map((source) => (places[source] as Place).middle);
      places[index] = { column: meeting, middle: middles.reduce((total, each) => total + each, 0) / middles.length };
    } else places[index] = { column: ++column, middle: 0.5 };
  });
  return { places, rows: found.length };
}
