/** A sign of life of a trainer: when (seconds since 1970), and how many steps were done by then. */
export interface Beat {
  time: number;
  step: number;
}

const WINDOW_SECONDS = 20;

/** Adds a beat, and drops those that are too old to tell today's speed (or that a resume has made void). */
export function beats(known: readonly Beat[], beat: Beat): Beat[] {
  const last = known.at(-1);
  if (last && beat.step < last.step) return [beat];
  if (last && beat.time <= last.time) return known as Beat[];
  return [...known.filter((one) => beat.time - one.time <= WINDOW_SECONDS), beat];
}

/** Steps per second, null before two beats with steps between them. */
export function stepsPerSecond(known: readonly Beat[]): number | null {
  const first = known.find((beat) => beat.step > 0);
  const last = known.at(-1);
  if (!first || !last || last.time <= first.time || last.step <= first.step) return null;
  return (last.step - first.step) / (last.time - first.time);
}
