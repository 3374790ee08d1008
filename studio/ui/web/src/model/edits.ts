import { computed, signal } from "@preact/signals";
import { address, ApiError, at, change, draft, type Fields, type Json, recipe, t } from "@studio";
import { connect, type GraphDocument, insertBehind, nodeOf, remove } from "./graph";
import { blockForms, network, open, type Preset, preview, select, selected } from "./state";

/** What one step of undo brings back. */
interface Step {
  draft: string;
  graph: Json | undefined;
  before: Json | null;
  selected: string | null;
  /** What was edited, for edits that come in a row. */
  key: string;
  at: number;
}

const MOST_STEPS = 100;
/** What is typed into one field without a longer pause is one step. */
const PAUSE_MILLISECONDS = 1500;

const steps = signal<readonly Step[]>([]);
/** The draft's graph before its layers were changed by hand. */
export const before = signal<Json | null>(null);
export const undoable = computed(() => steps.value.length > 0 && steps.value.at(-1)?.draft === draft.value?.id);
/** The layer behind which a block is being chosen. */
export const adding = signal<string | null>(null);
/** The layer that takes the focus as soon as it is drawn. */
export const focusing = signal<string | null>(null);

const isOwn = (graph: Json | undefined): boolean => typeof graph === "object" && graph !== null && "nodes" in graph;

/** Gives the draft another graph, and keeps the one before for undo. */
function put(graph: Json | undefined, earlier: Json | null, key = ""): void {
  const current = draft.value;
  if (!current) return;
  const last = steps.value.at(-1);
  const now = Date.now();
  const goesOn = key !== "" && last?.key === key && last.draft === current.id && now - last.at < PAUSE_MILLISECONDS;
  const step = goesOn ? { ...last, at: now } : { draft: current.id, graph: recipe.value.graph, before: before.value, selected: selected.value, key, at: now };
  const kept = steps.value.filter((each) => each.draft === current.id).slice(-MOST_STEPS);
  steps.value = [...(goesOn ? kept.slice(0, -1) : kept), step];
  lay(graph, earlier);
}

function lay(graph: Json | undefined, earlier: Json | null): void {
  before.value = earlier;
  if (isOwn(graph)) preview(graph as unknown as GraphDocument);
  change({ graph });
}

/** Takes back the last step. */
export function undo(): void {
  const step = steps.value.at(-1);
  if (!step || !undoable.value) return;
  steps.value = steps.value.slice(0, -1);
  lay(step.graph, step.before);
  selected.value = step.selected;
}

/** Takes back all that was changed by hand. */
export function undoLayers(): void {
  if (before.value !== null) put(before.value === "automatic" ? undefined : before.value, null);
}

/** Takes a preset with the parameters it begins with. */
export function choose(preset: Preset): void {
  put({ preset: preset.name, params: preset.params }, null);
  open.value = new Set();
  selected.value = null;
}

/** Lets the data choose again. */
export function automatic(): void {
  put(undefined, null);
  open.value = new Set();
}

/** Changes a parameter of the preset; undefined is its default. */
export function setParam(name: string, value: Json | undefined): void {
  const preset = network.value?.preset;
  if (!preset) return;
  const params = { ...((at(recipe.value, "graph.params") as Fields | undefined) ?? preset.params) };
  const given = at(recipe.value, "graph.preset") === preset.family ? params : { ...preset.params };
  if (value === undefined) delete given[name];
  else given[name] = value;
  put({ preset: preset.family, params: given }, before.value, name);
}

/** The graph that is edited: the draft's own, or the one that its preset makes. */
function base(): GraphDocument | null {
  const own = recipe.value.graph;
  return isOwn(own) ? (own as unknown as GraphDocument) : (network.value?.graph ?? null);
}

/** Changes the layers; the network becomes a graph of its own. */
function edit(graph: GraphDocument, key = ""): void {
  put(graph as unknown as Json, isOwn(recipe.value.graph) ? before.value : (recipe.value.graph ?? "automatic"), key);
}

/** Changes a parameter of a layer. */
export function setLayerParam(id: string, name: string, value: Json | undefined): void {
  const graph = base();
  const node = graph?.nodes[id];
  if (!graph || !node) return;
  const params = { ...node.params };
  if (value === undefined) delete params[name];
  else params[name] = value;
  edit({ ...graph, nodes: { ...graph.nodes, [id]: { ...node, params } } }, `${id}.${name}`);
}

/** Inserts a block behind a layer, and leads to it. */
export function addLayer(behind: string, block: string): void {
  const graph = base();
  if (!graph?.nodes[behind]) return;
  const made = insertBehind(graph, behind, block, blockForms.value[block]?.arity[0]);
  edit(made.graph);
  focusing.value = made.id;
  select(made.id);
}

/** Takes a layer out, and leads to the one before it. */
export function removeLayer(id: string): void {
  const graph = base();
  const node = graph?.nodes[id];
  if (!graph || !node) return;
  const made = remove(graph, id);
  edit(made);
  const next = nodeOf(node.inputs?.[0] ?? "");
  selected.value = next in made.nodes ? next : null;
  focusing.value = selected.value;
}

/** Sets an input of a layer; null takes it out, the index behind the last adds one. */
export function setInput(id: string, index: number, reference: string | null): void {
  const graph = base();
  if (graph?.nodes[id]) edit(connect(graph, id, index, reference));
}

/** Takes a graph from a file. Throws with the server's sentence. */
export async function upload(file: File): Promise<void> {
  const response = await fetch(address(`api/model/graph?name=${encodeURIComponent(file.name)}`), { method: "POST", body: file }).catch(() => null);
  if (!response) throw new ApiError(t("draft.lost"), 0);
  const answer = (await response.json()) as { graph?: GraphDocument; error?: string };
  if (!answer.graph) throw new ApiError(answer.error ?? t("model.upload.refused", { status: response.status }), response.status);
  open.value = new Set();
  put(answer.graph as unknown as Json, recipe.value.graph ?? "automatic");
}
