/** A network as the server describes it, and what of it is visible with some composites open. */

export interface NodeDocument {
  block?: string;
  params?: Record<string, unknown>;
  inputs?: string[];
  reuse?: string;
  trainable?: boolean;
  title?: string;
}

export interface GraphDocument {
  format: string;
  name: string;
  nodes: Record<string, NodeDocument>;
  modules: Record<string, Level>;
  layout: Record<string, [number, number]>;
}

export interface Level {
  nodes: Record<string, NodeDocument>;
  outputs: string[];
}

export type Shape = (number | null)[];

export interface NodeFigures {
  block: string;
  input_shapes: Shape[];
  output_shapes: Shape[];
  dtypes: string[];
  weights: number;
  trainable_weights: number;
  multiply_adds: number;
  receptive_field: number[] | null;
}

export interface Message {
  node: string;
  severity: "error" | "warning" | "hint";
  text: string;
  fix: string;
  /** The edits that mend it, and what the button for them says. */
  edits?: { [key: string]: unknown }[];
  button?: string;
  /** One more sentence for those who want to know. */
  why?: string;
  /** The short name of what was looked for. */
  rule?: string;
}

export interface Analysis {
  nodes: Record<string, NodeFigures>;
  messages: Message[];
  weights: number;
  trainable_weights: number;
  multiply_adds: number;
  outputs: string[];
  levels: Record<string, Level>;
  /** The nodes whose weights training can change, from the first to the last. */
  layers?: string[];
  /** Numbers that one sample leaves behind at all layers. */
  activations: number;
  /** Layers with weights on the longest way. */
  depth: number;
  receptive_field: number[] | null;
  /** Roughly what a training takes; null where the batch size is not known. */
  training_bytes: number | null;
}

/** A node of any level, in the order of the document; `depth` counts the composites around it. */
export interface Row {
  path: string;
  id: string;
  depth: number;
  document: NodeDocument;
  /** The block, also of a node that reuses another's weights. */
  block: string;
  composite: boolean;
  open: boolean;
}

/** The nodes of a graph in the order of the document, with those inside the composites in `open`. */
export function rowsOf(graph: GraphDocument, levels: Record<string, Level>, open: ReadonlySet<string>): Row[] {
  const list = (nodes: Record<string, NodeDocument>, prefix: string, depth: number): Row[] =>
    Object.entries(nodes).flatMap(([id, document]) => {
      const path = prefix + id;
      const level = levels[path];
      const isOpen = level !== undefined && open.has(path);
      const block = document.block ?? nodes[document.reuse ?? ""]?.block ?? "";
      const row: Row = { path, id, depth, document, block, composite: level !== undefined, open: isOpen };
      return isOpen ? [row, ...list(level.nodes, `${path}/`, depth + 1)] : [row];
    });
  return list(graph.nodes, "", 0);
}

/** Whether there is a node at that path, at any level; one that the analysis could not pass is there too. */
export function isNode(graph: GraphDocument, levels: Record<string, Level>, path: string): boolean {
  const at = path.lastIndexOf("/");
  return path.slice(at + 1) in (at < 0 ? graph.nodes : (levels[path.slice(0, at)]?.nodes ?? {}));
}

/** The node that a reference names: "conv:1" -> "conv". */
export const nodeOf = (reference: string): string => reference.split(":")[0] ?? "";
/** The least and the largest number of inputs (null: no limit) of a module of the document; undefined where there is none. */
export function moduleArity(graph: GraphDocument, block: string): [number, number] | undefined {
  const level = graph.modules?.[block.replace(/^module:/, "")];
  if (!block.startsWith("module:") || !level) return undefined;
  const taken = [...Object.values(level.nodes).flatMap((document) => document.inputs ?? []), ...level.outputs].filter((reference) => reference.startsWith("@"));
  const count = Math.max(0, ...taken.map((reference) => Number(reference.slice(1)) + 1));
  return [count, count];
}

/** What may be an input of a node without making a circle: every output of the nodes that don't hang on it, in the order of the document. */
export function possibleInputs(graph: GraphDocument, id: string, outputs: (id: string) => number = () => 1): string[] {
  const followers = new Map<string, string[]>();
  for (const [name, document] of Object.entries(graph.nodes)) {
    for (const reference of document.inputs ?? []) followers.set(nodeOf(reference), [...(followers.get(nodeOf(reference)) ?? []), name]);
  }
  const hanging = new Set([id]);
  for (const name of hanging) for (const each of followers.get(name) ?? []) hanging.add(each); // a set's walk meets what is added on the way
  return Object.entries(graph.nodes)
    .filter(([name, document]) => !hanging.has(name) && document.block !== "Output")
    .flatMap(([name]) => Array.from({ length: Math.max(1, outputs(name)) }, (_, output) => (output === 0 ? name : `${name}:${output}`)));
}

/** The input that is offered first when one is added: the nearest before the node that it doesn't take yet. */
export function nextInput(graph: GraphDocument, id: string): string | null {
  const order = Object.keys(graph.nodes);
  const taken = new Set((graph.nodes[id]?.inputs ?? []).map(nodeOf));
  const possible = possibleInputs(graph, id);
  const before = possible.filter((name) => order.indexOf(name) < order.indexOf(id));
  return [...before].reverse().find((name) => !taken.has(name)) ?? before.at(-1) ?? possible.at(-1) ?? null;
}

/** A shape as people read it: [28, 28, 6] -> "28 × 28 × 6". */
export function shapeText(shape: Shape | undefined): string {
  if (!shape) return "";
  return shape.length === 0 ? "1" : shape.map((size) => (size === null ? "?" : String(size))).join(" × ");
}

/** The parameters that say most about a block, in few characters: "6, 5 × 5". */
export function brief(document: NodeDocument, defaults: Record<string, unknown> = {}): string {
  const params = { ...defaults, ...document.params };
  const found: string[] = [];
  for (const name of ["filters", "units", "output_dim", "rate", "target_shape", "feature", "target"]) {
    if (params[name] !== undefined && params[name] !== null) found.push(Array.isArray(params[name]) ? params[name].join(" × ") : String(params[name]));
  }
  const window = params.kernel_size ?? params.pool_size;
  if (typeof window === "number") found.push(`${window} × ${window}`);
  else if (Array.isArray(window)) found.push(window.join(" × "));
  const steps = Array.isArray(params.strides) ? params.strides.join(" × ") : params.strides;
  if (steps !== undefined && steps !== null && steps !== 1) found.push(`/ ${steps}`);
  if (typeof params.activation === "string" && params.activation !== "linear") found.push(params.activation);
  return found.slice(0, 3).join(", ");
}
