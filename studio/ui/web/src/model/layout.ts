/** Places boxes in layers from top to bottom: longest path, then crossings sorted out, then neighbours drawn together. */

export interface Placed {
  /** By box: centre and top, in pixels. */
  boxes: Map<string, { x: number; y: number }>;
  /** Per edge, in the order given: points from the source's foot to the target's head. */
  lines: { x: number; y: number }[][];
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
  /** Between layers, and between neighbours of a layer. */
  gap: number;
  beside: number;
}

interface Cell {
  key: string;
  width: number;
  x: number;
  up: Cell[];
  down: Cell[];
}

const SWEEPS = 6;
/** What a line takes that passes a layer without a box. */
const LINE_WIDTH = 16;

/** The layer of every box: one below the lowest of its sources. Edges that lead back are passed over. */
export function layersOf(boxes: string[], edges: { from: string; to: string }[]): Map<string, number> {
  const sources = new Map<string, string[]>(boxes.map((box) => [box, []]));
  for (const { from, to } of edges) if (sources.has(from)) sources.get(to)?.push(from);
  const layers = new Map<string, number>();
  const onWay = new Set<string>();
  const place = (start: string): void => {
    const stack = [start]; // no recursion: networks are hundreds of layers deep
    while (stack.length > 0) {
      const box = stack[stack.length - 1] as string;
      const missing = onWay.has(box) ? [] : (sources.get(box) ?? []).filter((source) => !layers.has(source) && !onWay.has(source));
      if (!layers.has(box) && missing.length > 0) {
        onWay.add(box);
        stack.push(...missing);
        continue;
      }
      stack.pop();
      onWay.delete(box);
      if (!layers.has(box)) layers.set(box, Math.max(-1, ...(sources.get(box) ?? []).map((source) => layers.get(source) ?? -1)) + 1);
    }
  };
  boxes.forEach(place);
  return layers;
}

const middle = (cells: Cell[], fallback: number): number => (cells.length ? cells.reduce((total, cell) => total + cell.x, 0) / cells.length : fallback);

/** Puts the cells of a layer as near to where they want to be as their widths allow, keeping their order. */
function settle(layer: Cell[], wanted: number[], beside: number): void {
  // runs of cells that push each other share their displacement
  let runs: { cells: Cell[]; wants: number[]; offsets: number[]; at: number; width: number }[] = [];
  layer.forEach((cell, index) => {
    runs.push({ cells: [cell], wants: [wanted[index] as number], offsets: [0], at: wanted[index] as number, width: cell.width });
    for (;;) {
      const last = runs[runs.length - 1];
      const before = runs[runs.length - 2];
      if (!last || !before) break;
      const first = last.cells[0] as Cell;
      const end = before.cells[before.cells.length - 1] as Cell;
      const least = before.at + (before.offsets[before.offsets.length - 1] as number) + end.width / 2 + beside + first.width / 2;
      if (last.at >= least) break;
      const shift = least - before.at;
      const offsets = [...before.offsets, ...last.offsets.map((offset) => offset + shift)];
      const wants = [...before.wants, ...last.wants];
      const at = wants.reduce((total, want, each) => total + want - (offsets[each] as number), 0) / wants.length;
      runs = [...runs.slice(0, -2), { cells: [...before.cells, ...last.cells], wants, offsets, at, width: 0 }];
    }
  });
  for (const run of runs) run.cells.forEach((cell, index) => (cell.x = run.at + (run.offsets[index] as number)));
}

/** Where every box and every line goes. */
export function layout(boxes: string[], edges: { from: string; to: string }[], size: Size): Placed {
  const layerOf = layersOf(boxes, edges);
  const layers: Cell[][] = [];
  const cells = new Map<string, Cell>();
  const add = (key: string, layer: number, width: number): Cell => {
    const cell: Cell = { key, width, x: 0, up: [], down: [] };
    while (layers.length <= layer) layers.push([]);
    (layers[layer] as Cell[]).push(cell);
    return cell;
  };
  for (const box of boxes) cells.set(box, add(box, layerOf.get(box) ?? 0, size.width));
  const ways: Cell[][] = edges.map(({ from, to }, index) => {
    const source = cells.get(from);
    const target = cells.get(to);
    const top = layerOf.get(from) ?? 0;
    const bottom = layerOf.get(to) ?? 0;
    if (!source || !target || bottom <= top) return [];
    const way = [source];
    for (let layer = top + 1; layer < bottom; layer += 1) way.push(add(`${index}:${layer}`, layer, LINE_WIDTH));
    way.push(target);
    for (let step = 1; step < way.length; step += 1) {
      (way[step - 1] as Cell).down.push(way[step] as Cell);
      (way[step] as Cell).up.push(way[step - 1] as Cell);
    }
    return way;
  });

  const number = (layer: Cell[]) => layer.forEach((cell, index) => (cell.x = index));
  layers.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const order = sweep % 2 === 0 ? layers : [...layers].reverse();
    for (const layer of order) {
      const place = new Map(layer.map((cell) => [cell, middle(sweep % 2 === 0 ? cell.up : cell.down, cell.x)]));
      layer.sort((left, right) => (place.get(left) as number) - (place.get(right) as number));
      number(layer);
    }
  }
  for (const layer of layers) settle(layer, layer.map((_, index) => (index - (layer.length - 1) / 2) * size.width), size.beside);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const order = sweep % 2 === 0 ? layers : [...layers].reverse();
    for (const layer of order) settle(layer, layer.map((cell) => middle(sweep === SWEEPS - 1 ? [...cell.up, ...cell.down] : sweep % 2 === 0 ? cell.up : cell.down, cell.x)), size.beside);
  }

  const all = layers.flat();
  const left = Math.min(0, ...all.map((cell) => cell.x - cell.width / 2));
  const right = Math.max(0, ...all.map((cell) => cell.x + cell.width / 2));
  const margin = size.beside;
  const level = new Map(layers.flatMap((layer, index) => layer.map((cell): [Cell, number] => [cell, margin + index * (size.height + size.gap)])));
  const x = (cell: Cell): number => cell.x - left + margin;
  const y = (cell: Cell): number => level.get(cell) ?? 0;
  return {
    boxes: new Map([...cells].map(([key, cell]) => [key, { x: x(cell), y: y(cell) }])),
    lines: ways.map((way) =>
      way.flatMap((cell, index) => {
        const points = [];
        if (index > 0) points.push({ x: x(cell), y: y(cell) });
        if (index < way.length - 1) points.push({ x: x(cell), y: y(cell) + size.height });
        return points;
      }),
    ),
    width: right - left + 2 * margin,
    height: layers.length * (size.height + size.gap) - size.gap + 2 * margin,
  };
}

/** A line through points that leaves and arrives straight down, as an SVG path. */
export function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x},${first.y}`;
  let last = first;
  for (const point of rest) {
    const half = (last.y + point.y) / 2;
    path += last.x === point.x ? `V${point.y}` : `C${last.x},${half} ${point.x},${half} ${point.x},${point.y}`;
    last = point;
  }
  return path;
}
