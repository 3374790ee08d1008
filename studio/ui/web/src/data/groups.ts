/** What data are made of, as the built-in datasets are grouped, in the order of the page. */
export const GROUPS = ["pictures", "tables", "texts", "sounds", "transcripts", "series", "arrays"] as const;
export type Group = (typeof GROUPS)[number];

/** The first word of a kind, or the whole of it, says what the data are made of. */
const BY_WORD: Record<string, Group> = {
  image: "pictures",
  segmentation: "pictures",
  "super-resolution": "pictures",
  autoencoding: "pictures",
  verification: "pictures",
  "multi-input": "pictures",
  table: "tables",
  text: "texts",
  seq2seq: "texts",
  audio: "sounds",
  transcription: "transcripts",
  forecast: "series",
  sequence: "series",
  arrays: "arrays",
};

/** The group of a kind; null where it has none. */
export const groupOf = (kind: string): Group | null => BY_WORD[kind] ?? BY_WORD[kind.split("-")[0] ?? ""] ?? null;

interface Sorted<Each> {
  own: Each[];
  groups: { group: Group | null; cards: Each[] }[];
}

/** One's own datasets, and the built-in ones by group, each in the order in which they came; what has no group stands last. */
export function sorted<Each extends { kind: string; builtin: boolean }>(cards: readonly Each[]): Sorted<Each> {
  const builtin = cards.filter((card) => card.builtin);
  const groups = [...GROUPS, null].map((group) => ({ group, cards: builtin.filter((card) => groupOf(card.kind) === group) }));
  return { own: cards.filter((card) => !card.builtin), groups: groups.filter((each) => each.cards.length > 0) };
}
