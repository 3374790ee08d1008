import { batch, computed, effect, signal } from "@preact/signals";
import { type Draft, draft, type FieldSpec, type Fields, get, type Json, type Member, post, recipe, sentence } from "@studio";
import { type Analysis, type GraphDocument, isNode, type Row, rowsOf } from "./graph";

export interface BlockForm {
  name: string;
  title: string;
  summary: string;
  usage: string;
  formula: string;
  shapes: string;
  weights: string;
  multiply_adds: string;
  source: string;
  category: string;
  /** The least and the largest number of inputs; null for no limit. */
  arity: [number, number | null];
  /** How many axes (without the batch) an input may have; empty for any. */
  ranks: number[];
  fields: FieldSpec[];
}

export interface Network {
  dataset: { name: string; title: string };
  automatic: boolean;
  preset: { family: string; params: Fields } | null;
  graph: GraphDocument | null;
  analysis: Analysis | null;
  counting: boolean;
  problem: string | null;
  field_problems: Record<string, string>;
  blocks?: Record<string, { title: string; category: string }>;
}

export const blockForms = signal<Record<string, BlockForm>>({});
/** Initializers, regularizers and constraints: family -> name -> form. */
export const settingForms = signal<Record<string, Record<string, Member>>>({});
/** The network that the draft names; the one before stays until the next is there. */
export const network = signal<Network | null>(null);
export const counting = signal(true);
export const problem = signal<string | null>(null);
/** Paths of the composites that are shown from inside. */
export const open = signal<ReadonlySet<string>>(new Set());
/** Counts the times that another network has taken the place of the one before, as a whole. */
export const replaced = signal(0);
/** The composite that was opened by hand last; the canvas brings its inside into view. */
export const opened = signal<string | null>(null);
/** Paths of the chosen nodes. */
export const chosen = signal<ReadonlySet<string>>(new Set());
/** The chosen node, if it is one. */
export const selected = computed(() => (chosen.value.size === 1 ? ([...chosen.value][0] ?? null) : null));
export const dataset = computed(() => (typeof recipe.value.dataset === "string" ? recipe.value.dataset : "digits"));
const order = computed<Json>(() => recipe.value.graph ?? null);

/** The nodes that the table lists. */
export const rows = computed<Row[]>(() => {
  const now = network.value;
  return now?.graph ? rowsOf(now.graph, now.analysis?.levels ?? {}, open.value) : [];
});

const SETTLE_MILLISECONDS = 120;
const AT_ONCE_SECONDS = 0.15;
const PATIENCE_SECONDS = 4;
const KEPT = 30;
const kept = new Map<string, Network>();
let asked = "";

async function ask(name: string, graph: Json, key: string): Promise<void> {
  counting.value = true;
  try {
    for (let patience = AT_ONCE_SECONDS; ; patience = PATIENCE_SECONDS) {
      const found = await post<Network>(`api/model/network?wait=${patience}`, { dataset: name, graph, ...settings() });
      if (asked !== key) return; // changed meanwhile: the newer question has its own answer
      if (found.counting) {
        meanwhile(found);
        continue;
      }
      if (!found.problem) {
        kept.set(key, found);
        const oldest = kept.keys().next().value;
        if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      }
      show(found);
      return;
    }
  } catch (error) {
    if (asked === key) {
      problem.value = sentence(error);
      counting.value = false;
    }
  }
}

function show(found: Network): void {
  const now = network.value;
  if (!now?.graph || now.dataset.name !== found.dataset.name) replaced.value += 1;
  // a value that can't be used leaves the last good drawing in place, under its problem
  network.value = found.problem && now?.graph && !found.graph ? { ...found, graph: now.graph, analysis: now.analysis, ...(now.blocks ? { blocks: now.blocks } : {}) } : found;
  problem.value = null;
  counting.value = false;
  const drawn = network.value;
  const kept = [...chosen.value].filter((path) => drawn?.graph && isNode(drawn.graph, drawn.analysis?.levels ?? {}, path));
  if (kept.length < chosen.value.size) chosen.value = new Set(kept);
}

/** While a network is being counted: what is drawn keeps its figures if most of it stays, another one is drawn without. */
function meanwhile(found: Network): void {
  const now = network.value;
  const { preset, automatic, field_problems } = found;
  const stays = Object.keys(found.graph?.nodes ?? {}).filter((id) => id in (now?.graph?.nodes ?? {})).length;
  if (now?.analysis && preset && now.preset?.family === preset.family) network.value = { ...now, preset, automatic, field_problems };
  else if (now?.analysis && stays > 0) network.value = { ...found, analysis: now.analysis, blocks: { ...now.blocks, ...found.blocks } };
  else {
    if (!now?.graph) replaced.value += 1;
    network.value = found;
  }
}

/** Takes the network that the server answered an edit with; one that is still being counted is asked for again. */
export function take(found: Network, graph: Json, whole: boolean, adopt: () => void): void {
  const key = keyOf(dataset.value, graph);
  asked = key;
  batch(() => {
    if (found.counting) {
      counting.value = true;
      meanwhile(found);
    } else show(found);
    if (whole) replaced.value += 1;
    adopt();
  });
  if (found.counting) void ask(dataset.value, graph, key);
}

/** The settings that a network has to go with: its loss, the batch size, and the weights that it begins with. */
const settings = () => ({ training: recipe.value.training ?? null, transfer: recipe.value.transfer ?? null });

/** What the analysis of a network depends on. */
const keyOf = (name: string, graph: Json): string => JSON.stringify([name, graph, settings()]);

/** Follows the draft: whatever changes its dataset or its network, here or elsewhere, is looked at anew. */
export function follow(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const current: Draft | null = draft.value;
    if (!current) return;
    const [name, graph] = [dataset.value, order.value];
    const key = keyOf(name, graph);
    if (key === asked) return;
    const first = asked === "";
    asked = key;
    const known = kept.get(key);
    clearTimeout(timer);
    if (known) show(known);
    else timer = setTimeout(() => void ask(name, graph, key), first ? 0 : SETTLE_MILLISECONDS);
  });
  return () => {
    clearTimeout(timer);
    asked = "";
    stop();
  };
}

export async function loadBlocks(): Promise<void> {
  const found = await get<{ blocks: Record<string, BlockForm>; settings: Record<string, Record<string, Member>> }>("api/model/blocks");
  batch(() => {
    blockForms.value = found.blocks;
    settingForms.value = found.settings;
  });
}

/** The declaration of what is chosen inside a field of a block. */
export const memberForm = (field: FieldSpec, name: string): Member | undefined =>
  field.control === "block" ? blockForms.value[name] : settingForms.value[field.family ?? ""]?.[name];

export function toggle(path: string): void {
  const next = new Set(open.value);
  if (next.has(path)) {
    for (const each of next) if (each === path || each.startsWith(`${path}/`)) next.delete(each);
  } else {
    next.add(path);
    opened.value = path;
  }
  open.value = next;
}

/** Selects a node of any level, opening the composites around it. */
export function select(path: string): void {
  const parts = path.split("/");
  const next = new Set(open.value);
  for (let depth = 1; depth < parts.length; depth += 1) next.add(parts.slice(0, depth).join("/"));
  batch(() => {
    if (next.size !== open.value.size) open.value = next;
    chosen.value = new Set([path]);
  });
}
