import type { Count, Figures, Preset, Variant } from "./types";

/** Which networks are listed, and in which order. */

export const SORTS = ["oldest", "newest", "name", "weights", "multiply_adds"] as const;
export type Sort = (typeof SORTS)[number];

export interface Wish {
  query: string;
  /** A task, or "" for all. */
  task: string;
  sort: Sort;
  /** Whether those that can't take the dataset are left out. */
  fitting: boolean;
  /** Whether those that are known to need more memory than there is are left out. */
  small: boolean;
}

/** What is known of variants on the dataset, by name. */
export type Counts = Record<string, Count>;

const plain = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, "");

/** The variant that the typed words name, or else the first one that fits the dataset. */
export function shownVariant({ variants, fits }: Preset, query: string): Variant | undefined {
  const wanted = plain(query);
  const named = wanted && (variants.find(({ name }) => plain(name) === wanted) ?? variants.find(({ name }) => plain(name).startsWith(wanted)));
  return named || variants.find(({ reason }) => !fits || !reason) || variants[0];
}

/** Whether every typed word occurs in what is said of a family, in English or in the language of the page. */
export function isMeant(preset: Preset, query: string, native: (text: string) => string): boolean {
  const { name, title, summary, usage, paper, year, variants } = preset;
  const said = [name, title, native(title), summary, native(summary), native(usage), paper, year, ...variants.map((variant) => variant.name)].join("\n");
  const [text, close] = [said.toLowerCase(), plain(said)];
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word) || close.includes(plain(word) || "\n"));
}

/** Whether a training fits into the free memory; null while that is not known. */
export function isSmall(count: Count | undefined, free: number | null): boolean | null {
  if (!count || free === null || !("training_bytes" in count)) return null;
  return count.training_bytes <= free;
}

export interface Listed {
  preset: Preset;
  variant: Variant | undefined;
}

export interface Group {
  task: string;
  listed: Listed[];
}

/** Whether the typed words are part of a name, and not only of what is said of the network. */
const isNamed = ({ name, title, variants }: Preset, query: string): boolean => [name, title, ...variants.map((variant) => variant.name)].some((each) => plain(each).includes(plain(query)));

function compared({ sort, query }: Wish): (left: Listed, right: Listed) => number {
  const figure = (name: keyof Figures & ("weights" | "multiply_adds")) => (each: Listed) => each.variant?.figures?.[name] ?? Infinity;
  const by = (of: (each: Listed) => number) => (left: Listed, right: Listed) => of(left) - of(right) || 0;
  const name = (left: Listed, right: Listed) => left.preset.title.localeCompare(right.preset.title);
  const first = {
    oldest: by(({ preset }) => preset.year),
    newest: by(({ preset }) => -preset.year),
    name,
    weights: by(figure("weights")),
    multiply_adds: by(figure("multiply_adds")),
  }[sort];
  return (left, right) => Number(right.preset.fits) - Number(left.preset.fits) || Number(isNamed(right.preset, query)) - Number(isNamed(left.preset, query)) || first(left, right) || name(left, right);
}

/** The networks that are wished for, in groups by task; those that fit stand first, then those whose name is typed. */
export function grouped(presets: Preset[], tasks: string[], wish: Wish, counts: Counts, free: number | null, native: (text: string) => string): Group[] {
  const listed = presets
    .filter((preset) => isMeant(preset, wish.query, native) && (!wish.fitting || preset.fits))
    .filter((preset) => !wish.small || preset.variants.some(({ name, reason }) => !reason && isSmall(counts[name], free) !== false))
    .map((preset) => ({ preset, variant: shownVariant(preset, wish.query) }))
    .sort(compared(wish));
  return tasks
    .filter((task) => !wish.task || task === wish.task)
    .map((task) => ({ task, listed: listed.filter(({ preset }) => preset.task === task) }))
    .filter((group) => group.listed.length > 0);
}

/** How many families of each task there would be, whatever task is chosen. */
export function perTask(presets: Preset[], tasks: string[], wish: Wish, counts: Counts, free: number | null, native: (text: string) => string): Record<string, number> {
  return Object.fromEntries(grouped(presets, tasks, { ...wish, task: "" }, counts, free, native).map(({ task, listed }) => [task, listed.length]));
}
