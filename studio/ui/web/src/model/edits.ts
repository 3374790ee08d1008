import { signal } from "@preact/signals";
import { adopt, ApiError, at, change, conflict, draft, type Draft, type Fields, flush, get, type Json, post, recipe, saved, saving, sending, sentence, withField } from "@studio";
import { behindNow } from "./behind";
import { chosen, dataset, type Network, network, open, select, take } from "./state";

/** One change of a network, as the server makes it (`blocks.editing`). */
export type Edit = { do: string; [key: string]: Json };

interface Answer {
  draft: Draft;
  network: Network;
  selected: string[];
  steps: { undo: boolean; redo: boolean };
}

interface Order {
  route: "edit" | "put" | "undo" | "redo";
  /** What is asked for; worked out when its turn comes, where it depends on what the orders before it lead to. */
  body: Fields | (() => Fields);
  /** What is edited: of orders in a row that wait and have the same key, the last counts. */
  key: string;
  done: (worked: boolean) => void;
}

/** Whether there is something to undo and to do again. */
export const steps = signal({ undo: false, redo: false });
/** Why the last edit was not made. */
export const refused = signal<string | null>(null);
/** The node behind which, or the edge on which, a block is being chosen; null while none is. */
export const adding = signal<Adding | null>(null);
/** The node that takes the focus as soon as it is drawn. */
export const focusing = signal<string | null>(null);

export type Adding = { kind: "after"; node: string | null } | { kind: "edge"; to: string; index: number; from: string } | { kind: "replace"; node: string } | { kind: "from"; reference: string; place: string; position: [number, number]; keep: Edit[] };

let waiting: Order[] = [];
let flying: Order | null = null;
/** Counts the times a field was left, so that what is typed at one go is one step. */
let session = 0;
export const leaveField = (): number => (session += 1);

/** Makes edits of the draft's network, all in one step; true when they were made. */
export function edit(edits: Edit | Edit[], key = ""): Promise<boolean> {
  return order("edit", { edits: Array.isArray(edits) ? edits : [edits], key: key && `${key} ${session}` }, key && `edit ${key}`);
}

/** Adds a block behind the node that is chosen once all edits before have been made: several quick clicks give a chain. */
export function append(block: string): Promise<boolean> {
  return order("edit", () => ({ edits: [added(block, behindNow())] }), "");
}

/** Gives the draft another network: a graph, a preset with its parameters, or null where the data choose. */
export function put(graph: Json, key = ""): Promise<boolean> {
  return order("put", { graph, key: key && `${key} ${session}` }, key && `put ${key}`);
}

export const undo = (): Promise<boolean> => order("undo", {}, "");
export const redo = (): Promise<boolean> => order("redo", {}, "");

function order(route: Order["route"], body: Order["body"], key: string): Promise<boolean> {
  return new Promise((done) => {
    const same = waiting.at(-1);
    if (same && key && same.key === key) {
      same.done(true);
      Object.assign(same, { body, done });
    } else waiting.push({ route, body, key, done });
    saving.value = true;
    sending.value ??= work();
  });
}

/** One order after the other: each names the revision that the one before has left. */
async function work(): Promise<void> {
  for (;;) {
    await flush();
    const next = waiting[0];
    if (!next) break;
    saving.value = true; // the flush before has ended its own saving
    waiting = waiting.slice(1);
    flying = next;
    next.done(await send(next));
    flying = null;
  }
  sending.value = null;
  saving.value = false;
}

/** Resolves when every order has been answered, and the server has the draft as it is shown. */
export const settled = saved;

async function send({ route, body: asked, key }: Order): Promise<boolean> {
  const current = draft.value;
  if (!current || conflict.value) return false;
  refused.value = null;
  const before = chosen.value;
  const body = typeof asked === "function" ? asked() : asked;
  try {
    const answer = await post<Answer>(`api/model/${route}`, { draft: current.id, revision: current.revision, selected: [...before], ...body });
    const isElsewhere = chosen.value !== before; // what was chosen meanwhile counts
    take(answer.network, answer.draft.recipe.graph ?? null, route === "put" && !key, () => adopt(answer.draft));
    steps.value = answer.steps;
    counted = versionOf(answer.draft);
    if (route !== "put" && !isElsewhere) choose(answer.selected, route === "edit");
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) {
      const theirs = error.body.current as Draft;
      conflict.value = { mine: { ...current.recipe, graph: (await tried(current, body)) ?? current.recipe.graph ?? null }, theirs };
      waiting.forEach((each) => each.done(false));
      waiting = [];
    } else refused.value = sentence(error);
    return false;
  }
}

/** What the edits would have made of the network that was seen here, to be shown beside the other one. */
async function tried(current: Draft, body: Fields): Promise<Json | null> {
  if (!("edits" in body)) return body.graph ?? null;
  const graph = network.value?.graph;
  const answer = await post<{ graph: Json }>("api/model/try", { draft: current.id, graph, edits: body.edits }).catch(() => null);
  return answer?.graph ?? null;
}

/** Chooses what an edit leads to. The focus follows to nodes that were not chosen before; undo leaves it to the button that was pressed. */
function choose(paths: string[], isLeading: boolean): void {
  const isNew = paths.length !== chosen.value.size || !paths.every((path) => chosen.value.has(path));
  if (!isNew) return;
  chosen.value = new Set(paths);
  const [first] = paths;
  if (paths.length === 1 && first !== undefined) select(first);
  const holder = document.activeElement;
  const isFree = !holder || holder === document.body || holder.closest(".s-canvas") !== null;
  if (first !== undefined && (isLeading || isFree)) focusing.value = first;
}

/** The version of the draft for which it is known what can be undone. */
let counted = "";
const versionOf = ({ id, revision }: Draft): string => `${id} ${revision}`;

/** Asks whether there is something to undo, when the page has opened a draft, or has taken another version of it. */
export async function loadSteps(id: string): Promise<void> {
  if (draft.value && counted === versionOf(draft.value)) return; // the edit that made it has said so
  const found = await get<Answer["steps"]>(`api/model/steps?draft=${encodeURIComponent(id)}`).catch(() => null);
  if (found && draft.value?.id === id) steps.value = found;
}

/** Takes a preset with parameters. */
export async function chooseNetwork(preset: string, params: Fields): Promise<void> {
  await put({ preset, params });
  open.value = new Set();
  chosen.value = new Set();
}

/** Takes a network with its weights from ImageNet, frozen but for its head. */
export async function choosePretrained(name: string): Promise<void> {
  const found = await post<{ graph: Fields; transfer: Fields }>("api/model/pretrained", { dataset: dataset.value, name });
  await put(found.graph);
  change({ transfer: found.transfer });
  open.value = new Set();
  chosen.value = new Set();
}

/** Lets the data choose again. */
export async function automatic(): Promise<void> {
  await put(null);
  open.value = new Set();
  chosen.value = new Set();
}

/** Changes a parameter of the preset; undefined is its default. */
export function setParam(name: string, value: Json | undefined): void {
  const preset = network.value?.preset;
  if (!preset) return;
  // a parameter that is still under way must not be lost
  const under = [flying, ...waiting].filter((each) => each?.route === "put").at(-1)?.body;
  const last = typeof under === "object" ? under : recipe.value;
  const params = (at(last, "graph.params") as Fields | undefined) ?? preset.params;
  const given = at(last, "graph.preset") === preset.family ? { ...params } : { ...preset.params };
  if (value === undefined) delete given[name];
  else given[name] = value;
  void put({ preset: preset.family, params: given }, name);
}

/** What was set of nodes and is still under way: what is typed next builds on it. */
const underWay = signal<readonly { nodes: string[]; name: string; value: Json | undefined }[]>([]);

/** Changes a parameter of nodes; undefined is its default. */
export function setNodeParam(nodes: string[], name: string, value: Json | undefined): void {
  const set = { nodes, name, value };
  underWay.value = [...underWay.value, set];
  const edited = edit({ do: "set", nodes, ...(value === undefined ? { unset: [name] } : { params: { [name]: value } }) }, `${nodes.join(" ")} ${name}`);
  void edited.finally(() => (underWay.value = underWay.value.filter((each) => each !== set)));
}

/** The parameters of a node with what is still under way. */
export function paramsNow(path: string, params: Fields): Fields {
  return underWay.value.reduce((now, { nodes, name, value }) => (nodes.includes(path) ? withField(now, name, value) : now), params);
}

/** Adds a block where it is wanted: behind a node, on an edge, in a node's place, or free. */
export function addBlock(block: string, wanted: Adding): Promise<boolean> {
  if (wanted.kind === "replace") return edit({ do: "replace", node: wanted.node, block });
  if (wanted.kind === "from") return edit([...wanted.keep, { do: "add", block, inputs: [wanted.reference], place: wanted.place, position: wanted.position }]);
  if (wanted.kind === "edge") return edit({ do: "insert", block, to: wanted.to, index: wanted.index });
  return edit(added(block, wanted.node));
}

const added = (block: string, behind: string | null): Edit => ({ do: "add", block, ...(behind === null ? {} : { after: behind }) });

/** Takes nodes out; what followed them takes what they took. */
export const removeNodes = (nodes: string[]): Promise<boolean> => (nodes.length ? edit({ do: "remove", nodes }) : Promise.resolve(false));

/** Sets an input of a node; null takes it out, the index behind the last adds one. */
export const setInput = (path: string, index: number, reference: string | null): Promise<boolean> =>
  edit(reference === null ? { do: "disconnect", to: path, index } : { do: "connect", source: reference, to: path, index });

/** An empty network. */
export const EMPTY = { format: "studio.graph/1", name: "", nodes: {}, modules: {}, layout: {} } as const;
