/** Blocks to choose from, in groups, and which of them a few typed words mean. */

export interface Entry {
  name: string;
  title: string;
  summary: string;
  category: string;
  /** The category in the language of the page. */
  group: string;
  /** Whether it takes what comes out of the chosen layer. */
  fits: boolean;
  /** All that is searched, in small letters. */
  text: string;
}

export interface Group {
  category: string;
  group: string;
  entries: Entry[];
}

interface Told {
  name: string;
  title: string;
  summary: string;
  category: string;
  arity: [number, number | null];
  ranks: number[];
}

/** Categories in the order in which a network needs them; others follow by name. */
const PORTS = "input and output";
const ORDER = [PORTS, "convolution", "pooling", "dense", "activation", "normalization", "regularization", "merging", "reshaping", "recurrent", "attention", "residual"];

/**
 * Every block with its words in the language of the page and in English; without `ports`, only those that take inputs and hand something on.
 *
 * Input and Output come `first`, as a network is begun with them, or `last`, where a block is looked for between others.
 *
 * `axes` is how many axes come out of the layer that it is to stand behind, where that is known.
 */
export function entriesOf(blocks: Told[], native: (text: string) => string, categoryText: (category: string) => string, axes?: number, ports?: "first" | "last"): Entry[] {
  const place = (category: string): number => (category === PORTS && ports === "last" ? ORDER.length + 1 : ORDER.includes(category) ? ORDER.indexOf(category) : ORDER.length);
  return blocks
    .filter((block) => ports || (block.arity[1] !== 0 && block.name !== "Output"))
    .map(({ name, title, summary, category, ranks }) => {
      const [said, group] = [native(summary), categoryText(category)];
      const fits = axes === undefined || ranks.length === 0 || ranks.includes(axes);
      return { name, title, summary: said, category, group, fits, text: [name, title, summary, category, said, group].join("\n").toLowerCase() };
    })
    .sort((left, right) => place(left.category) - place(right.category) || left.category.localeCompare(right.category) || left.name.localeCompare(right.name));
}

/** How well a block fits: 0 its very name, 1 how its name begins, 2 a part of its name, 3 said elsewhere; null not at all. */
function rank(entry: Entry, query: string): number | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => entry.text.includes(word))) return null;
  const name = entry.name.toLowerCase();
  const whole = words.join("");
  if (whole === "") return 0;
  return name === whole ? 0 : name.startsWith(whole) ? 1 : words.every((word) => name.includes(word)) ? 2 : 3;
}

/** What puts the blocks that don't fit behind all that do. */
const APART = 10;

/** The blocks in which every typed word occurs, by category; the best come first, those that don't fit last. */
export function found(entries: Entry[], query: string): Group[] {
  const groups = new Map<string, { best: number; ranked: { entry: Entry; at: number }[] }>();
  for (const entry of entries) {
    const near = rank(entry, query);
    if (near === null) continue;
    const at = near + (entry.fits ? 0 : APART);
    const group = groups.get(entry.category) ?? { best: at, ranked: [] };
    groups.set(entry.category, { best: Math.min(group.best, at), ranked: [...group.ranked, { entry, at }] });
  }
  return [...groups]
    .sort(([, left], [, right]) => left.best - right.best)
    .map(([category, { ranked }]) => {
      const sorted = ranked.sort((left, right) => left.at - right.at).map(({ entry }) => entry);
      return { category, group: sorted[0]?.group ?? category, entries: sorted };
    });
}
