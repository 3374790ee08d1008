import { brief, type GraphDocument, type Level, type NodeDocument, nodeOf } from "../graph";
import { type Link, layout, type Point } from "./layout";

/** What the canvas shows of a graph: boxes (some opened as frames with boxes inside) and the wires between their ports. */

export const BOX = { width: 208, height: 56 };
const HEAD = 36;
const MARGIN = 20;
/** From a port for one more input to the next, in pixels. */
const SPARE = 16;
/** Inputs that are all shown from the start. */
const FEW = 3;
const PORT = { width: 40, height: 8 };
/** How much lower than the top of an open frame something may stand that is still beside it. */
const NEAR = BOX.height / 2;
/** The ports of a frame, as ids of the level inside it. */
const IN = "@in";
const OUT = "@out";

export interface Box {
  path: string;
  id: string;
  /** The level it stands on: "" for the graph. */
  place: string;
  document: NodeDocument;
  /** The block, also of a node that shares another's weights. */
  block: string;
  brief: string;
  composite: boolean;
  /** Shown from inside. */
  frame: boolean;
  /** Relative to the frame around it. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Where it stands as the document would say it: on its level, and as if it were closed. */
  at: Point;
  /** Ports that take something, one free one included where more may come. */
  inputs: number;
  outputs: number;
  /** Where each input port stands, as a part of the width, so that wires don't cross more than they must. */
  spots: number[];
}

export interface Wire {
  id: string;
  source: string;
  sourceHandle: string;
  target: string;
  targetHandle: string;
  /** Which input it leads to, for edits: the node, or `stage1/@out`. */
  to: string;
  index: number;
  /** The output as the document names it. */
  reference: string;
  /** Whose shape it carries: the node's output, or the input of the frame around. */
  carries: { path: string; output: number; side: "out" | "in" };
  /** Bends, in pixels of the canvas. */
  bends: Point[];
}

export interface Scene {
  /** Frames come before what is inside them. */
  boxes: Box[];
  wires: Wire[];
}

export interface Known {
  levels: Record<string, Level>;
  open: ReadonlySet<string>;
  /** The least and the largest number of inputs of a block; undefined where it is unknown. */
  arity: (block: string) => [number, number | null] | undefined;
  outputs: (path: string) => number;
  defaults: (block: string) => Record<string, unknown>;
}

/** The inside of a node, as far as it is known: from the analysis, or a module of the document itself. */
export function insideOf(graph: GraphDocument, levels: Record<string, Level>, path: string, block: string): Level | undefined {
  return levels[path] ?? (block.startsWith("module:") ? graph.modules[block.slice("module:".length)] : undefined);
}

interface Laid {
  boxes: Box[];
  wires: Wire[];
  width: number;
  height: number;
}

export function sceneOf(graph: GraphDocument, known: Known): Scene {
  const lay = (nodes: Record<string, NodeDocument>, place: string, outputs: string[] | null, inputs: number): Laid => {
    const begin = place ? `${place}/` : "";
    const inner = new Map<string, Laid>();
    const boxes: Box[] = Object.entries(nodes).map(([id, document]) => {
      const path = begin + id;
      const original = document.reuse ? (nodes[document.reuse] ?? document) : document;
      const block = original.block ?? "";
      const level = insideOf(graph, known.levels, path, block);
      const frame = level !== undefined && known.open.has(path);
      const taken = document.inputs?.length ?? 0;
      const box: Box = {
        path,
        id,
        place,
        document,
        block,
        brief: brief(original, known.defaults(block)),
        composite: level !== undefined,
        frame,
        x: 0,
        y: 0,
        ...BOX,
        at: { x: 0, y: 0 },
        inputs: portsFor(taken, known.arity(block)),
        spots: [],
        outputs: block === "Output" ? 0 : Math.max(1, level?.outputs.length ?? known.outputs(path)),
      };
      if (frame) {
        const laid = lay(level.nodes, path, level.outputs, Math.max(taken, portsOf(level)));
        inner.set(id, laid);
        box.width = Math.max(BOX.width, laid.width + 2 * MARGIN);
        box.height = laid.height + HEAD + MARGIN;
      }
      return box;
    });

    const wires: Wire[] = [];
    const links: Link[] = [];
    const lead = (reference: string, to: string, index: number): void => {
      const port = reference.startsWith("@");
      const id = port ? "" : nodeOf(reference);
      const number = Number(port ? reference.slice(1) : (reference.split(":")[1] ?? 0));
      if (port ? !place : !(id in nodes)) return; // the analysis says what is wrong with it
      const end = to === OUT;
      const wire: Wire = {
        id: `${begin}${to}:${index}<${reference}`,
        source: port ? place : begin + id,
        sourceHandle: port ? `inner-${number}` : `out-${number}`,
        target: end ? place : begin + to,
        targetHandle: end ? `result-${index}` : `in-${index}`,
        to: begin + to,
        index,
        reference,
        carries: port ? { path: place, output: number, side: "in" } : { path: begin + id, output: number, side: "out" },
        bends: [],
      };
      wires.push(wire);
      links.push({ id: wire.id, from: port ? IN : id, to, main: index === 0 });
    };
    for (const [id, document] of Object.entries(nodes)) (document.inputs ?? []).forEach((reference, index) => lead(reference, id, index));
    (outputs ?? []).forEach((reference, index) => lead(reference, OUT, index));

    const sized = boxes.map(({ id, width, height }) => ({ id, width, height }));
    if (outputs) {
      if (inputs > 0) sized.unshift({ id: IN, ...PORT, width: Math.max(PORT.width, 24 * inputs) });
      sized.push({ id: OUT, ...PORT, width: Math.max(PORT.width, 24 * outputs.length) });
    }
    const placed = layout(sized, links);
    const fixed = pinned(boxes, graph.layout, placed.boxes);
    // inside a frame, its ports stand in the middle of its edges: what is laid out is centred under them
    const all = outputs ? placed.width : 0;
    const shift = all > 0 && all + 2 * MARGIN < BOX.width ? (BOX.width - 2 * MARGIN - all) / 2 : 0;
    const standing = (box: Box): Point => fixed.get(box.id) ?? placed.boxes.get(box.id) ?? { x: 0, y: 0 };
    // what was put beyond the left or the upper edge of its frame widens it
    const beyond = { x: Math.min(0, ...boxes.map((box) => standing(box).x)), y: Math.min(0, ...boxes.map((box) => standing(box).y)) };
    const [left, top] = outputs ? [MARGIN + shift - beyond.x, HEAD - PORT.height - beyond.y] : [0, 0];
    const rows = openRows(boxes, (box) => standing(box).y);
    for (const box of boxes) {
      const { x, y } = standing(box);
      box.at = { x: x + (box.width - BOX.width) / 2, y: closedAt(y, rows) };
      box.x = x + left;
      box.y = y + top;
    }
    for (const wire of wires) {
      const ends = [nodeOf(wire.reference), wire.to.slice(begin.length)];
      if (!ends.some((end) => fixed.has(end))) wire.bends = (placed.bends.get(wire.id) ?? []).map(({ x, y }) => ({ x: x + left, y: y + top }));
    }
    for (const box of boxes) box.spots = spotsOf(box, wires, boxes, known.arity(box.block)?.[0] ?? 0);
    const right = Math.max(placed.width, ...boxes.map((box) => box.x - left + box.width));
    const bottom = Math.max(placed.height, ...boxes.map((box) => box.y - top + box.height));
    const found: Laid = { boxes: [], wires, width: right - beyond.x, height: bottom - beyond.y };
    for (const box of boxes) {
      found.boxes.push(box);
      const laid = inner.get(box.id);
      if (!laid) continue;
      found.boxes.push(...laid.boxes);
      // bends are in pixels of the level they belong to; going outwards, each frame adds its place
      for (const wire of laid.wires) found.wires.push({ ...wire, bends: wire.bends.map(({ x, y }) => ({ x: x + box.x, y: y + box.y })) });
    }
    return found;
  };
  const { boxes, wires } = lay(graph.nodes, "", null, 0);
  return { boxes, wires };
}

/** Spreads the ports of what a box takes (and needs) over its width, in the order in which the wires arrive; ports for more stand at the right. */
function spotsOf(box: Box, wires: Wire[], boxes: Box[], least: number): number[] {
  const main = Math.min(box.inputs, Math.max(box.document.inputs?.length ?? 0, least));
  const comesFrom = (index: number): number => {
    const wire = wires.find((each) => each.to === box.path && each.index === index);
    if (!wire) return Number.MAX_SAFE_INTEGER;
    const source = boxes.find((each) => each.path === wire.source);
    return wire.bends.at(-1)?.x ?? (source ? source.x + source.width / 2 : box.x + box.width / 2);
  };
  const order = Array.from({ length: main }, (_, index) => index).sort((one, other) => comesFrom(one) - comesFrom(other));
  return Array.from({ length: box.inputs }, (_, index) => (index < main ? (order.indexOf(index) + 1) / (main + 1) : 1 - (SPARE * (box.inputs - index)) / box.width));
}

/** How many input ports a box shows: all that a block can take if they are few, otherwise one more than it takes. */
function portsFor(taken: number, arity: [number, number | null] | undefined): number {
  if (!arity) return Math.max(1, taken);
  const [least, most] = arity;
  return Math.max(taken, least, most === null ? taken + 1 : most <= FEW ? most : Math.min(taken + 1, most));
}

/** How many inputs a level has: the largest `@n` that it names, and one. */
export function portsOf(level: Level): number {
  const named = [...Object.values(level.nodes).flatMap((document) => document.inputs ?? []), ...level.outputs].filter((reference) => reference.startsWith("@"));
  return Math.max(0, ...named.map((reference) => Number(reference.slice(1)) + 1));
}

/** Boxes that were put somewhere by hand; a frame that has opened among them moves what is below it out of its way. */
function pinned(boxes: Box[], places: Record<string, [number, number]>, automatic: Map<string, Point>): Map<string, Point> {
  const found = new Map<string, Point>();
  const put = boxes.filter((box) => places[box.path] !== undefined);
  if (put.length === 0) return found;
  for (const box of put) {
    const [x, y] = places[box.path] as [number, number];
    found.set(box.id, { x: x - (box.width - BOX.width) / 2, y });
  }
  for (const box of boxes) if (!found.has(box.id)) found.set(box.id, beside(box, boxes, found, automatic));
  const rows = openRows(boxes, (box) => (found.get(box.id) as Point).y);
  for (const at of found.values()) at.y += rows.filter(({ top }) => at.y > top + NEAR).reduce((sum, { extra }) => sum + extra, 0);
  return found;
}

/** Frames that are open, and how much higher than a closed box: what is below them gives way. Those side by side count as one. */
export interface OpenRow {
  top: number;
  extra: number;
}

export function openRows(boxes: Box[], topOf: (box: Box) => number = (box) => box.y): OpenRow[] {
  const rows: OpenRow[] = [];
  const frames = boxes.filter((box) => box.frame).map((box) => ({ top: topOf(box), extra: box.height - BOX.height }));
  for (const { top, extra } of frames.sort((one, other) => one.top - other.top)) {
    const last = rows.at(-1);
    if (last && top <= last.top + NEAR) last.extra = Math.max(last.extra, extra);
    else rows.push({ top, extra });
  }
  return rows;
}

/** Where something that stands at `y` among open frames would stand if they were closed; what is beside one is in its row. */
export function closedAt(y: number, rows: OpenRow[]): number {
  const above = rows.filter(({ top }) => y > top + NEAR);
  const last = above.at(-1);
  const before = above.slice(0, -1).reduce((sum, { extra }) => sum + extra, 0);
  return last ? Math.max(last.top + NEAR, y - last.extra) - before : y;
}

/** A place for a box that has none among boxes that have: where it would stand below what it takes. */
function beside(box: Box, boxes: Box[], found: Map<string, Point>, automatic: Map<string, Point>): Point {
  const source = (box.document.inputs ?? []).map(nodeOf).find((id) => found.has(id));
  const own = automatic.get(box.id) ?? { x: 0, y: 0 };
  const from = source ? found.get(source) : undefined;
  const around = source ? boxes.find((each) => each.id === source) : undefined;
  const at = from && around ? { x: from.x + (around.width - box.width) / 2, y: from.y + around.height + 44 } : { ...own };
  const meets = (other: Box): boolean => {
    const place = found.get(other.id);
    return place !== undefined && at.x < place.x + other.width && place.x < at.x + box.width && at.y < place.y + other.height && place.y < at.y + box.height;
  };
  while (boxes.some(meets)) at.x += BOX.width + 28;
  return at;
}

/** A place on a level, relative to the frame around it, in the words of the document: as if every frame were closed. */
export function documentPoint(boxes: Box[], place: string, x: number, y: number, moved: ReadonlySet<string> = new Set()): Point {
  const level = boxes.filter((box) => box.place === place);
  const [one] = level;
  const left = one ? one.x + (one.width - BOX.width) / 2 - one.at.x : 0;
  const top = one ? closedAt(one.y, openRows(level)) - one.at.y : 0;
  const rows = openRows(level.filter((box) => !moved.has(box.path)));
  return { x: Math.round(x - left), y: Math.round(closedAt(y, rows) - top) };
}
