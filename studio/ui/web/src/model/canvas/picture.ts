import { getBezierPath, Position } from "@xyflow/react";
import { PATHS, short } from "@studio";
import { type Colours, mixed } from "./colours";
import { worst } from "./figures";
import type { Point } from "./layout";
import type { BoxFlow, WireFlow } from "./view";
import { labelAt, through } from "./wire";

/** The canvas as a drawing that stands alone: plain SVG with its own colours, which every program opens. */

export interface Picture {
  svg: string;
  width: number;
  height: number;
}

type Place = Point & { width: number; height: number; flow: BoxFlow };

const FONTS = "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const MARGIN = 24;
const PORT = 6;
const HEAD = 30;
/** Where the ports inside a frame stand: below its head, and above its lower edge. */
const INNER = 44;
const RESULT = 16;
const SIGNS = { error: "×", warning: "!", hint: "i" } as const;
const NOTHING = "\u200b";

/** Text as XML takes it: without marks of its own, and without characters that it forbids. */
export const escaped = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");

let pen: CanvasRenderingContext2D | null | undefined;

/** How wide a text is; where nothing can be measured, about that. */
function widthOf(text: string, size: number, weight: number): number {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * size * 0.56;
  pen.font = `${weight} ${size}px ${FONTS}`;
  return pen.measureText(text).width;
}

/** The beginning of a text that fits, with an ellipsis where the rest is left out. */
function fitted(text: string, room: number, size: number, weight: number): string {
  if (widthOf(text, size, weight) <= room) return text;
  const letters = [...text];
  let [least, most] = [0, letters.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (widthOf(`${letters.slice(0, middle).join("")}…`, size, weight) <= room) least = middle;
    else most = middle - 1;
  }
  return `${letters.slice(0, least).join("")}…`;
}

const write = (text: string, x: number, y: number, size: number, fill: string, more = ""): string =>
  `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"${more}>${escaped(text)}</text>`;
const round = (value: number): number => Math.round(value * 10) / 10;

/** A sign of the page's own set, at a place and size. */
const icon = (name: "lock" | "link", x: number, y: number, size: number, stroke: string): string =>
  `<path d="${PATHS[name]}" transform="translate(${round(x)} ${round(y)}) scale(${size / 24})" fill="none" stroke="${stroke}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>`;

/** Where all boxes stand on the canvas. */
function placed(boxes: BoxFlow[]): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const flow of boxes) {
    const around = flow.parentId ? found.get(flow.parentId) : undefined; // frames come before what is inside them
    const { width, height } = flow.data.box;
    found.set(flow.id, { x: flow.position.x + (around?.x ?? 0), y: flow.position.y + (around?.y ?? 0), width, height, flow });
  }
  return found;
}

/** The middle of a port. */
function portOf({ x, y, width, height, flow }: Place, handle: string): Point {
  const { box } = flow.data;
  const [kind, number = "0"] = handle.split("-");
  const index = Number(number);
  const spread = x + (width * (index + 1)) / (box.outputs + 1);
  const spot = x + width * (box.spots[index] ?? 0.5);
  if (kind === "in") return { x: spot, y };
  if (kind === "inner") return { x: spot, y: y + INNER };
  if (kind === "result") return { x: spread, y: y + height - RESULT };
  return { x: spread, y: y + height };
}

interface Line {
  path: string;
  ends: [Point, Point];
  label: Point;
  shape: string;
}

function lineOf({ data, source, sourceHandle, target, targetHandle }: WireFlow, places: Map<string, Place>): Line | null {
  const [from, to] = [places.get(source), places.get(target)];
  if (!from || !to || !data) return null;
  const { bends } = data.wire;
  const ends: [Point, Point] = [portOf(from, sourceHandle ?? "out-0"), portOf(to, targetHandle ?? "in-0")];
  const [start, end] = [{ x: ends[0].x, y: ends[0].y + PORT }, { x: ends[1].x, y: ends[1].y - PORT }];
  const points = [start, ...bends, end];
  if (bends.length > 0 || end.y > start.y) return { path: through(points), ends, label: labelAt(points), shape: data.shape };
  const [path, x, y] = getBezierPath({ sourceX: start.x, sourceY: start.y, targetX: end.x, targetY: end.y, sourcePosition: Position.Bottom, targetPosition: Position.Top });
  return { path, ends, label: { x, y }, shape: data.shape };
}

/** The signs of a box, from right to left; and how much room they leave. */
function signsOf({ data }: BoxFlow, right: number, middle: number, colours: Colours): { drawn: string; left: number } {
  let left = right;
  let drawn = "";
  const severity = worst(data.messages);
  if (severity) {
    const fill = { error: colours.red, warning: colours.amber, hint: colours.muted }[severity];
    drawn += `<circle cx="${left - 8}" cy="${middle}" r="8" fill="${fill}"/>${write(SIGNS[severity], left - 8, middle + 4, 11, colours.surface, ' font-weight="700" text-anchor="middle"')}`;
    left -= 22;
  }
  if (data.box.document.trainable === false) {
    drawn += icon("lock", left - 16, middle - 8, 16, colours.muted);
    left -= 20;
  }
  if (data.uses > 1) {
    drawn += write(`×${data.uses}`, left, middle + 4, 11, colours.muted, ' font-weight="600" text-anchor="end"');
    left -= widthOf(`×${data.uses}`, 11, 600) + 4;
  }
  if (data.box.document.reuse) {
    drawn += icon("link", left - 16, middle - 8, 16, colours.muted);
    left -= 20;
  }
  return { drawn, left };
}

function drawnBox({ x, y, width, height, flow }: Place, colours: Colours): string {
  const { box, title, category, weights, share, messages } = flow.data;
  const family = colours.family(category);
  const severity = worst(messages);
  const rect = (dx: number, fill: string, stroke: string, strong = 1): string =>
    `<rect x="${round(x + dx + strong / 2)}" y="${round(y + dx + strong / 2)}" width="${width - strong}" height="${height - strong}" rx="4" fill="${fill}" stroke="${stroke}" stroke-width="${strong}"/>`;
  const ground = severity === "error" ? colours.redSoft : mixed(family, 0.1, colours.surface);
  const edge = severity === "error" ? colours.red : severity === "warning" ? colours.amber : mixed(family, 0.55, colours.surface);
  const signs = signsOf(flow, x + width - 8, y + 16, colours);
  const figure = weights ? short(weights) : "";
  const room = width - 24 - (figure ? widthOf(figure, 11, 400) + 6 : 0);
  const words = fitted(`${title} ${box.brief}`.trim(), room, 12, 400);
  return [
    box.composite ? rect(4, mixed(family, 0.2, colours.surface), mixed(family, 0.45, colours.surface)) : "",
    rect(0, ground, edge, severity === "error" || severity === "warning" ? 2 : 1),
    box.document.reuse ? `<rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" rx="4" fill="url(#shared)"/>` : "",
    `<path d="M${round(x + 6)} ${round(y)}v${height}h-2a4 4 0 0 1 -4 -4v-${height - 8}a4 4 0 0 1 4 -4z" fill="${family}"/>`,
    write(fitted(box.id, signs.left - x - 20, 13, 600), x + 16, y + 20.5, 13, colours.text, ' font-weight="600"'),
    signs.drawn,
    write(words, x + 16, y + 45, 12, colours.muted),
    figure && write(figure, x + width - 8, y + 45, 11, colours.muted, ' text-anchor="end"'),
    weights ? `<rect x="${round(x + 6)}" y="${round(y + height - 3)}" width="${round(Math.min(width - 6, width * share))}" height="3" fill="${family}" opacity="0.6"/>` : "",
  ].join("");
}

function drawnFrame({ x, y, width, height, flow }: Place, colours: Colours): string {
  const { box, title, category, weights } = flow.data;
  const family = colours.family(category);
  const signs = signsOf(flow, x + width - 8, y + HEAD / 2, colours);
  const figure = weights ? short(weights) : "";
  const end = signs.left - (figure ? widthOf(figure, 11, 400) + 8 : 0);
  const name = fitted(box.id, end - x - 18, 13, 600);
  const beside = x + 14 + widthOf(name, 13, 600) + 8;
  const head = `M${round(x)} ${round(y + HEAD)}v-24a6 6 0 0 1 6 -6h${width - 12}a6 6 0 0 1 6 6v24z`;
  return [
    `<rect x="${round(x + 0.5)}" y="${round(y + 0.5)}" width="${width - 1}" height="${height - 1}" rx="6" fill="${mixed(family, 0.05, colours.page)}" stroke="${mixed(family, 0.45, colours.surface)}"/>`,
    `<path d="${head}" fill="${mixed(family, 0.14, colours.surface)}"/>`,
    `<path d="M${round(x + 6)} ${round(y)}v${HEAD}h-6v-24a6 6 0 0 1 6 -6z" fill="${family}"/>`,
    write(name, x + 14, y + 19.5, 13, colours.text, ' font-weight="600"'),
    end - beside > 24 ? write(fitted(title, end - beside - 4, 12, 400), beside, y + 19.5, 12, colours.muted) : "",
    figure && write(figure, signs.left - 4, y + 19, 11, colours.muted, ' text-anchor="end"'),
    signs.drawn,
  ].join("");
}

/** What the canvas shows, as SVG. */
export function picture(boxes: BoxFlow[], wires: WireFlow[], colours: Colours, name: string): Picture {
  const places = placed(boxes);
  const all = [...places.values()];
  const lines = wires.map((wire) => lineOf(wire, places)).filter((line) => line !== null);
  const points = [
    ...all.flatMap(({ x, y, width, height }) => [{ x, y }, { x: x + width + 4, y: y + height + 4 }]),
    ...wires.flatMap(({ data }) => data?.wire.bends ?? []),
    ...lines.filter(({ shape }) => shape).map(({ label, shape }) => ({ x: label.x + 8 + widthOf(shape, 11, 400), y: label.y })),
  ];
  const bound = (axis: "x" | "y", of: (...values: number[]) => number): number => points.reduce((far, point) => of(far, point[axis]), points[0]?.[axis] ?? 0);
  const [left, top] = [Math.floor(bound("x", Math.min)) - MARGIN, Math.floor(bound("y", Math.min)) - MARGIN];
  const width = Math.ceil(bound("x", Math.max)) + MARGIN - left;
  const height = Math.ceil(bound("y", Math.max)) + MARGIN - top;
  const isFrame = ({ flow }: Place): boolean => flow.data.box.frame;
  const dot = ({ x, y }: Point): string => `<circle cx="${round(x)}" cy="${round(y)}" r="5" fill="${colours.muted}" stroke="${colours.surface}" stroke-width="2"/>`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}" font-family="${FONTS}">`,
    `<title>${escaped(name || NOTHING)}</title>`,
    `<defs><pattern id="shared" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect x="6" width="2" height="8" fill="${colours.text}" opacity="0.05"/></pattern></defs>`,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${colours.page}"/>`,
    ...all.filter(isFrame).map((place) => drawnFrame(place, colours)),
    ...lines.map(({ path }) => `<path d="${path}" fill="none" stroke="${colours.line}" stroke-width="1.5"/>`),
    ...lines.map(({ ends: [, { x, y }] }) => `<path d="M${round(x - 4)} ${round(y - PORT - 5)}l4 5l4 -5" fill="none" stroke="${colours.muted}" stroke-width="1.5" stroke-linecap="round"/>`),
    ...all.filter((place) => !isFrame(place)).map((place) => drawnBox(place, colours)),
    ...lines.flatMap(({ ends }) => ends.map(dot)),
    ...lines.filter(({ shape }) => shape).map(({ label, shape }) => write(shape, label.x + 8, label.y + 4, 11, colours.muted, ` stroke="${colours.page}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"`)),
    "</svg>",
  ].join("\n");
  return { svg, width, height };
}
