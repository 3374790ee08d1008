import { familyClass } from "../family";

/** The colours of the canvas as they are shown now, resolved for drawings that stand alone. */
export interface Colours {
  page: string;
  surface: string;
  text: string;
  muted: string;
  line: string;
  red: string;
  redSoft: string;
  amber: string;
  family: (category: string | undefined) => string;
}

const NAMES = { page: "--s-page", surface: "--s-surface", text: "--s-text", muted: "--s-muted", line: "--s-line-strong", red: "--s-red", redSoft: "--s-red-soft", amber: "--s-amber" } as const;

/** Reads the colours of the page, light or dark. */
export function shownColours(categories: Iterable<string | undefined>): Colours {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  const other = value("--s-family-other");
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const families = new Map<string | undefined, string>();
  for (const category of new Set(categories)) {
    probe.className = familyClass(category);
    families.set(category, getComputedStyle(probe).getPropertyValue("--s-family").trim() || other);
  }
  probe.remove();
  const named = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, value(name)])) as Record<keyof typeof NAMES, string>;
  return { ...named, family: (category) => families.get(category) ?? other };
}

const parts = (colour: string): number[] => {
  const hex = colour.replace("#", "");
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
  return [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16) || 0);
};

/** A colour with another behind it, as `color-mix(in srgb, one share, other)` makes it. */
export function mixed(one: string, share: number, other: string): string {
  const [left, right] = [parts(one), parts(other)];
  return `#${left.map((value, at) => Math.round(value * share + (right[at] as number) * (1 - share)).toString(16).padStart(2, "0")).join("")}`;
}
