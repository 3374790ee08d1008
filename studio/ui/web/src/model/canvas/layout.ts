import dagre from "@dagrejs/dagre";

/** Where the boxes of one level go: from top to bottom, by dagre. */

export interface Sized {
  id: string;
  width: number;
  height: number;
}

export interface Link {
  id: string;
  from: string;
  to: string;
  /** It leads to a first input: the way that is drawn straight. */
  main: boolean;
}

export interface Point {
  x: number;
  y: number;
}

export interface Placed {
  /** Left and top of each box, in pixels. */
  boxes: Map<string, Point>;
  /** Per link the bends between its ends; none where it runs straight. */
  bends: Map<string, Point[]>;
  width: number;
  height: number;
}

const BETWEEN_RANKS = 44;
const BETWEEN_BOXES = 28;
const BETWEEN_LINKS = 18;
/** How much straighter the main way is drawn than shortcuts around it. */
const MAIN_WEIGHT = 12;
const KEPT = 200;
const kept = new Map<string, Placed>();

/** Lays out one level; levels that were seen before are remembered, since most edits change no place. */
export function layout(boxes: Sized[], links: Link[]): Placed {
  const key = JSON.stringify([boxes.map(({ id, width, height }) => [id, width, height]), links.map(({ from, to, main }) => [from, to, main])]);
  const known = kept.get(key);
  if (known) {
    kept.delete(key);
    kept.set(key, known);
    return renamed(known, links);
  }
  const placed = chainLayout(boxes, links) ?? byDagre(boxes, links);
  kept.set(key, placed);
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return renamed(placed, links);
}

/** Bends are kept by the number of the link. */
function renamed(placed: Placed, links: Link[]): Placed {
  return { ...placed, bends: new Map(links.map(({ id }, index) => [id, placed.bends.get(String(index)) ?? []])) };
}

/** A plain chain needs no search: most of a deep network is one. */
function chainLayout(boxes: Sized[], links: Link[]): Placed | null {
  if (links.length !== boxes.length - 1 || !links.every((link, index) => link.from === boxes[index]?.id && link.to === boxes[index + 1]?.id)) return null;
  const width = Math.max(0, ...boxes.map((box) => box.width));
  const places = new Map<string, Point>();
  let y = 0;
  for (const box of boxes) {
    places.set(box.id, { x: (width - box.width) / 2, y });
    y += box.height + BETWEEN_RANKS;
  }
  return { boxes: places, bends: new Map(), width, height: Math.max(0, y - BETWEEN_RANKS) };
}

function byDagre(boxes: Sized[], links: Link[]): Placed {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", ranksep: BETWEEN_RANKS, nodesep: BETWEEN_BOXES, edgesep: BETWEEN_LINKS, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  links.forEach(({ from, to, main }, index) => graph.setEdge(from, to, { weight: main ? MAIN_WEIGHT : 1 }, String(index)));
  dagre.layout(graph);
  const places = new Map<string, Point>();
  // boxes of a rank have their middle at one height: a low one beside an open frame begins where the frame does
  const tops = new Map<number, number>();
  for (const box of boxes) {
    const { y } = graph.node(box.id) as Point;
    tops.set(y, Math.min(tops.get(y) ?? y, y - box.height / 2));
  }
  for (const box of boxes) {
    const { x, y } = graph.node(box.id) as Point;
    places.set(box.id, { x: x - box.width / 2, y: tops.get(y) as number });
  }
  const bends = new Map<string, Point[]>();
  links.forEach(({ from, to }, index) => {
    const { points = [] } = graph.edge(from, to, String(index)) as { points?: Point[] };
    // the first and the last lie on the boxes; a single one between two neighbours is no bend
    if (points.length > 3) bends.set(String(index), points.slice(1, -1));
  });
  straighten(boxes, links.filter(({ main }) => main), places, bends);
  const right = Math.max(0, ...boxes.map((box) => (places.get(box.id) as Point).x + box.width), ...[...bends.values()].flat().map((point) => point.x));
  const left = Math.min(0, ...[...bends.values()].flat().map((point) => point.x));
  const bottom = Math.max(0, ...boxes.map((box) => (places.get(box.id) as Point).y + box.height));
  if (left < 0) {
    for (const place of places.values()) place.x -= left;
    for (const points of bends.values()) for (const point of points) point.x -= left;
  }
  return { boxes: places, bends, width: right - left, height: bottom };
}

/** Puts each box right below what it takes first, where nothing is in the way: merging boxes would stand between their sources otherwise. */
function straighten(boxes: Sized[], main: Link[], places: Map<string, Point>, bends: Map<string, Point[]>): void {
  const sized = new Map(boxes.map((box) => [box.id, box]));
  const points = [...bends.values()].flat();
  for (const { from, to } of main) {
    const [above, below] = [sized.get(from), sized.get(to)];
    const [start, at] = [places.get(from), places.get(to)];
    if (!above || !below || !start || !at) continue;
    const left = start.x + (above.width - below.width) / 2;
    const isTaken = (x: number, y: number, width: number, height: number): boolean =>
      x < left + below.width + BETWEEN_LINKS && left < x + width + BETWEEN_LINKS && y < at.y + below.height && at.y < y + height;
    const meetsBox = boxes.some((box) => box !== below && isTaken((places.get(box.id) as Point).x, (places.get(box.id) as Point).y, box.width, box.height));
    if (!meetsBox && !points.some(({ x, y }) => isTaken(x, y, 0, 0))) at.x = left;
  }
}
