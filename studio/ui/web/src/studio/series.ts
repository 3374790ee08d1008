/** Points of one metric of one split, in the order of training. */
export interface Series {
  split: string;
  name: string;
  step: number[];
  epoch: number[];
  /** Seconds since the run's first point. */
  time: number[];
  value: number[];
}

/** What `/api/runs/RUN/metrics` answers: axes and times as first value and differences, times in milliseconds. */
export interface MetricsAnswer {
  cursor: string;
  reset: boolean;
  groups: { split: string; names: string[]; step: number[]; epoch: number[]; time: number[]; values: number[][] }[];
}

export type XAxis = "step" | "epoch" | "time";

function sums(differences: number[], scale = 1): number[] {
  let sum = 0;
  return differences.map((difference) => {
    sum += difference;
    return sum / scale;
  });
}

/** The curves of one run, grown answer by answer. */
export class RunCurves {
  cursor = "";
  /** Counts the changes. */
  revision = 0;
  readonly series = new Map<string, Series>();

  /** Takes an answer in; returns whether anything changed. */
  apply(answer: MetricsAnswer): boolean {
    if (answer.reset) this.series.clear();
    this.cursor = answer.cursor;
    for (const group of answer.groups) {
      const axes = { step: sums(group.step), epoch: sums(group.epoch), time: sums(group.time, 1000) };
      group.names.forEach((name, index) => {
        const key = `${group.split}/${name}`;
        const known = this.series.get(key);
        const value = group.values[index] ?? [];
        if (!known) {
          this.series.set(key, { split: group.split, name, step: [...axes.step], epoch: [...axes.epoch], time: [...axes.time], value: [...value] });
          return;
        }
        for (let i = 0; i < value.length; i += 1) {
          known.step.push(axes.step[i] as number);
          known.epoch.push(axes.epoch[i] as number);
          known.time.push(axes.time[i] as number);
          known.value.push(value[i] as number);
        }
      });
    }
    const changed = answer.reset || answer.groups.length > 0;
    if (changed) this.revision += 1;
    return changed;
  }

  /** The last value of a series, or undefined. */
  last(split: string, name: string): number | undefined {
    return this.series.get(`${split}/${name}`)?.value.at(-1);
  }

  /** The names of metrics, the loss first, the learning rate last. */
  names(): string[] {
    const rank = (name: string) => (name === "loss" ? 0 : name === "learning_rate" ? 2 : 1);
    return [...new Set([...this.series.values()].map((series) => (series.name === "batch_loss" ? "loss" : series.name)))].sort((a, b) => rank(a) - rank(b));
  }
}

/**
 * The x values of a series. Epochs are fractions where a series has several points per epoch: the point's step over the steps
 * that an epoch has.
 */
export function xOf(series: Series, axis: XAxis, stepsPerEpoch = 0): number[] {
  if (axis === "epoch") return stepsPerEpoch > 0 ? series.step.map((step) => step / stepsPerEpoch) : series.epoch;
  return series[axis];
}

interface Drawn {
  x: readonly number[];
  y: readonly number[];
}
const kept = new WeakMap<Series, Drawn & { key: string }>();

/** The points of a series as they are now: the same arrays until the series grows, or another axis is asked for. */
export function drawnOf(series: Series, axis: XAxis, stepsPerEpoch = 0): Drawn {
  const key = `${axis} ${stepsPerEpoch} ${series.value.length}`;
  const known = kept.get(series);
  if (known?.key === key) return known;
  const drawn = { key, x: [...xOf(series, axis, stepsPerEpoch)], y: [...series.value] };
  kept.set(series, drawn);
  return drawn;
}

/**
 * Exponential moving average without the pull towards its start, as people know it from TensorBoard.
 *
 * weight 0 leaves the values as they are; near 1 it is very smooth.
 */
export function smooth(values: readonly number[], weight: number): number[] {
  if (weight <= 0) return values as number[];
  const smoothed = new Array<number>(values.length);
  let average = 0;
  let share = 1;
  for (let i = 0; i < values.length; i += 1) {
    average = average * weight + (1 - weight) * (values[i] as number);
    share *= weight;
    smoothed[i] = average / (1 - share);
  }
  return smoothed;
}

/**
 * Puts series with x values of their own onto one common, rising x axis, with null where a series has no point: what uPlot
 * draws. Points of one series with the same x are taken as one (the last counts).
 */
export function align(parts: { x: readonly number[]; y: readonly (number | null)[] }[]): { x: number[]; y: (number | null)[][] } {
  const first = parts[0];
  if (first && parts.every((part) => part.x === first.x)) return { x: first.x as number[], y: parts.map((part) => part.y as (number | null)[]) };
  const places = parts.map(() => 0);
  const x: number[] = [];
  const y: (number | null)[][] = parts.map(() => []);
  for (;;) {
    let next = Infinity;
    for (let part = 0; part < parts.length; part += 1) {
      const value = parts[part]!.x[places[part]!];
      if (value !== undefined && value < next) next = value;
    }
    if (next === Infinity) return { x, y };
    x.push(next);
    for (let part = 0; part < parts.length; part += 1) {
      const own = parts[part]!;
      let value: number | null = null;
      while ((own.x[places[part]!] ?? Infinity) <= next) {
        value = own.y[places[part]!] ?? null;
        places[part]! += 1;
      }
      y[part]!.push(value);
    }
  }
}

/**
 * What of a line can be seen between two x values (and one point beyond on either side): each of `parts` equal parts is
 * reduced to its lowest and its highest point, so that a hundred thousand points cost no more to draw than a screen is wide.
 */
export function visible(
  x: readonly number[],
  y: readonly (number | null)[],
  range: readonly [number, number] | null,
  parts = 1000,
): { x: readonly number[]; y: readonly (number | null)[] } {
  const start = range ? Math.max(0, firstAtLeast(x, range[0]) - 1) : 0;
  const end = range ? Math.min(x.length, firstAtLeast(x, range[1]) + 1) : x.length;
  if (end - start <= 2 * parts) return start === 0 && end === x.length ? { x, y } : { x: x.slice(start, end), y: y.slice(start, end) };
  const kept: number[] = [start];
  for (let part = 0; part < parts; part += 1) {
    const from = start + Math.floor((part * (end - start)) / parts);
    const to = start + Math.floor(((part + 1) * (end - start)) / parts);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i += 1) {
      const value = y[i] as number;
      if (value < (y[low] as number)) low = i;
      if (value > (y[high] as number)) high = i;
    }
    for (const index of low < high ? [low, high] : [high, low]) if (index > (kept.at(-1) as number)) kept.push(index);
  }
  if (kept.at(-1) !== end - 1) kept.push(end - 1);
  return { x: kept.map((index) => x[index] as number), y: kept.map((index) => y[index] as number | null) };
}

/** The index of the first of rising numbers that is not below `value`. */
function firstAtLeast(x: readonly number[], value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
