import { columns, type Place } from "./columns";
import type { Stage } from "./types";

/** A network drawn as boxes in a row, equal towers above each other: height and depth by height and width of what a stage gives, thickness by its channels. */

export interface Box {
  category: string;
  /** Upper left corner of the front face. */
  x: number;
  y: number;
  thickness: number;
  height: number;
  /** How far the box reaches to the back: to the right and up, by the same length. */
  depth: number;
  /** Cuts between its layers, from its left edge. */
  cuts: number[];
}

/** A way from one stage to another that is not the next. */
export interface Arc {
  from: { x: number; y: number };
  to: { x: number; y: number };
  /** How far above both it passes. */
  top: number;
}

/** A way to a stage of the next column that does not stand beside it. */
export type Join = Pick<Arc, "from" | "to">;

export interface Drawing {
  boxes: Box[];
  arcs: Arc[];
  joins: Join[];
}

const SLANT = 0.32;
/** How much of the height a sequence of vectors and a single vector may take. */
const SEQUENCE = 0.8;
const VECTOR = 0.75;
const LEAST = 4;
const PLATE = 2.5;
/** Units of a vector that is drawn at its full height. */
const LARGEST_VECTOR = 8192;
const FINEST_CUT = 2;
const HEADROOM = 10;
/** Between towers, and between their ends and where they meet. */
const ROW_GAP = 4;
const JOIN_GAP = 10;
const KNOWN = 16;
/** How much thicker than its measure a box may be drawn where there is room. */
const MOST_SCALE = 2;

const log = (value: number): number => Math.log2(1 + Math.max(0, value));
const sizeOf = (size: number | null | undefined): number => size ?? KNOWN;

interface Measured {
  height: number;
  depth: number;
  thickness: number;
}

/** The measures of a stage, before the row is brought to its width; `largest` are the largest sides of pictures and lengths of sequences. */
function measured({ category, shape }: Stage, largest: { side: number; length: number }, room: number): Measured {
  const flat = category === "input" || category === "pooling";
  const thick = (channels: number): number => (flat ? PLATE : Math.max(PLATE, log(channels) * 1.6));
  if (shape.length >= 3) {
    const scaled = (side: number): number => Math.max(LEAST, room * Math.sqrt(side / largest.side));
    const [height, width] = [sizeOf(shape.at(-3)), sizeOf(shape.at(-2))];
    return { height: scaled(height), depth: scaled(width) * SLANT, thickness: thick(sizeOf(shape.at(-1))) };
  }
  if (shape.length === 2) return { height: Math.max(LEAST, room * SEQUENCE * Math.sqrt(sizeOf(shape[0]) / largest.length)), depth: LEAST, thickness: thick(sizeOf(shape[1])) };
  const units = shape.length === 1 ? sizeOf(shape[0]) : 1;
  return { height: Math.max(LEAST, room * VECTOR * Math.min(1, log(units) / log(LARGEST_VECTOR))), depth: PLATE, thickness: PLATE };
}

/** Where everything stands within a picture of this size. */
export function drawing(stages: Stage[], width: number, height: number): Drawing {
  const sides = stages.filter(({ shape }) => shape.length >= 3).flatMap(({ shape }) => [sizeOf(shape.at(-3)), sizeOf(shape.at(-2))]);
  const lengths = stages.filter(({ shape }) => shape.length === 2).map(({ shape }) => sizeOf(shape[0]));
  const largest = { side: Math.max(1, ...sides), length: Math.max(1, ...lengths) };
  const { places, rows } = columns(stages);
  const ways = stages.flatMap((stage, index) => (stage.inputs ?? [index - 1]).filter((input) => input >= 0).map((input): [number, number] => [input, index]));
  const isNext = ([source, target]: [number, number]): boolean => places[target]?.column === (places[source]?.column ?? 0) + 1;
  const jumps = ways.filter((way) => !isNext(way));
  const inColumn = (index: number): number => places.filter(({ column }) => column === places[index]?.column).length;
  const joined = ways.filter((way) => isNext(way) && (places[way[0]]?.middle !== places[way[1]]?.middle || inColumn(way[0]) > inColumn(way[1])));
  const head = jumps.length > 0 ? HEADROOM : 0;
  const room = ((height - head) / rows - (rows > 1 ? ROW_GAP : 0)) / (1 + SLANT);
  const all = stages.map((stage) => measured(stage, largest, room));
  // how far a box's own depth reaches over the gap behind it grows with it, so that small boxes stand close
  const reach = Math.max(0, ...all.map(({ depth }) => depth / 2));
  const wide: number[] = [];
  all.forEach(({ depth, thickness }, index) => {
    const column = places[index]?.column ?? index;
    const gap = 2 + depth * 0.28 + (joined.some(([source]) => source === index) ? JOIN_GAP : 0);
    wide[column] = Math.max(wide[column] ?? 0, thickness + gap);
  });
  const whole = wide.reduce((total, each) => total + each, 0) || 1;
  const scale = Math.min((width - 2 * reach) / whole, MOST_SCALE);
  const begins = wide.map((_, column) => (width - whole * scale) / 2 + scale * wide.slice(0, column).reduce((total, each) => total + each, 0));
  const boxes = all.map((each, index): Box => {
    const stage = stages[index] as Stage;
    const place = places[index] as Place;
    const middle = head + (height - head) * place.middle;
    const thickness = each.thickness * scale;
    const parts = Math.min(stage.layers, Math.floor(thickness / FINEST_CUT));
    return {
      category: stage.category,
      x: (begins[place.column] ?? 0) - each.depth / 2,
      y: middle - each.height / 2 + each.depth / 2,
      thickness,
      height: each.height,
      depth: each.depth,
      cuts: Array.from({ length: Math.max(0, parts - 1) }, (_, cut) => (thickness * (cut + 1)) / parts),
    };
  });
  const crown = ({ x, y, thickness, depth }: Box) => ({ x: x + (thickness + depth) / 2, y: y - depth / 2 });
  const arcs = jumps.flatMap(([source, target]) => {
    const [from, to] = [boxes[source], boxes[target]];
    if (!from || !to) return [];
    const between = boxes.slice(source, target + 1).map((box) => box.y - box.depth);
    return [{ from: crown(from), to: crown(to), top: Math.max(1, Math.min(...between) - 5) }];
  });
  const joins = joined.flatMap(([source, target]) => {
    const [from, to] = [boxes[source], boxes[target]];
    return from && to ? [{ from: { x: from.x + from.thickness + from.depth / 2, y: from.y + (from.height - from.depth) / 2 }, to: { x: to.x, y: to.y + to.height / 2 } }] : [];
  });
  return { boxes, arcs, joins };
}
