import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { short } from "./format";
import { align, visible } from "./series";

/** A line to draw. */
export interface ChartLine {
  label: string;
  color: string;
  x: readonly number[];
  y: readonly (number | null)[];
  width?: number;
  dash?: number[];
  /** Share of the colour, 0 to 1. */
  opacity?: number;
  hidden?: boolean;
  /** Draws the single points too (for series of few points). */
  points?: boolean;
}

export interface Mark {
  x: number;
  label: string;
}

interface ChartProps {
  lines: ChartLine[];
  /** What a screen reader hears in place of the picture. */
  name: string;
  xLabel?: string;
  log?: boolean;
  height?: number;
  xFormat?: (value: number) => string;
  yFormat?: (value: number) => string;
  /** What the x axis spans, for charts that stand below each other; without it the lines decide. */
  xRange?: [number, number];
  /** Least distance between two marks of the x axis, for long words below it. */
  xSpace?: number;
  /** Whether the x axis has whole numbers only. */
  xWhole?: boolean;
  /** Moments to point out: an upright line with a word beside it. */
  marks?: readonly Mark[];
  /** Charts with the same word share the cursor. */
  sync?: string;
  /** The x value under the cursor, null when it has left. */
  onCursor?: (x: number | null) => void;
}

/** Okabe and Ito (2008): colours that colour-blind people can tell apart; the order goes from most to least different. */
export const PALETTE = {
  light: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00", "#5b6470"],
  dark: ["#56B4E9", "#E69F00", "#2BC79A", "#E0A0C4", "#F0E442", "#5E9BE6", "#F28A4B", "#a0a9b3"],
};

export const isDark = (): boolean => document.documentElement.dataset.theme === "dark";

/** The n-th colour of the palette, for the colours that the page has now. */
export function color(index: number): string {
  const palette = isDark() ? PALETTE.dark : PALETTE.light;
  return palette[index % palette.length] as string;
}

/** Distances between marks that leave whole numbers whole. */
const WHOLE = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function translucent(hex: string, opacity: number): string {
  return opacity >= 1 ? hex : hex + Math.round(opacity * 255).toString(16).padStart(2, "0");
}

/** Lines over a common x axis, drawn by uPlot: drag to zoom in, double-click to see all again. */
export function Chart({ lines, name, xLabel, log = false, height = 240, xFormat = short, yFormat = short, xRange, xSpace = 64, xWhole = false, marks = [], sync, onCursor }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zoom = useRef<[number, number] | null>(null);
  const cursor = useRef(onCursor);
  cursor.current = onCursor;
  const latest = useRef({ lines, log, xRange, marks });
  latest.current = { lines, log, xRange, marks };

  const shape = JSON.stringify([lines.map((line) => [line.label, line.color, line.width, line.dash, line.opacity, line.points]), log, height, xLabel, isDark()]);

  /** Draws what is to be seen now: all, or the part that was zoomed into. */
  const show = (current: uPlot) => {
    const now = latest.current;
    const data = toData(now.lines, now.log, zoom.current, partsOf(current.width));
    const range = zoom.current ?? now.xRange;
    if (current.data !== data) current.setData(data, range === undefined);
    if (range && range[1] > range[0]) current.setScale("x", { min: range[0], max: range[1] });
  };

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const axis = { stroke: token("--s-muted"), grid: { stroke: token("--s-line"), width: 1 }, ticks: { stroke: token("--s-line"), width: 1 }, font: "12px system-ui, sans-serif" };
    zoom.current = null;
    const options: uPlot.Options = {
      width: Math.max(element.clientWidth, 200),
      height,
      legend: { show: false },
      padding: [12, 12, 0, 0],
      cursor: {
        y: false,
        points: { size: 6 },
        drag: { x: true, y: false, setScale: true },
        ...(sync ? { sync: { key: sync, setSeries: false, scales: ["x", null] } } : {}),
      },
      scales: { x: { time: false }, y: log ? { distr: 3 } : { range: (_, low, high) => padded(low, high) } },
      axes: [
        { ...axis, size: xLabel ? 44 : 28, ...(xLabel ? { label: xLabel, labelSize: 16, labelFont: "12px system-ui, sans-serif", labelGap: 0 } : {}), values: (_, ticks) => ticks.map(xFormat), space: xSpace, ...(xWhole ? { incrs: WHOLE } : {}) },
        { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : yFormat(tick))) },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: translucent(line.color, line.opacity ?? 1),
          width: line.width ?? 2,
          spanGaps: true,
          show: !line.hidden,
          ...(line.dash ? { dash: line.dash } : {}),
          points: { show: line.points ?? false, size: 5 },
        })),
      ],
      hooks: {
        draw: [(self) => drawMarks(self, latest.current.marks)],
        setCursor: [(self) => cursor.current?.(self.cursor.idx == null ? null : (self.data[0][self.cursor.idx] ?? null))],
        setSelect: [
          (self) => {
            const { left, width } = self.select;
            if (width < 4) return;
            zoom.current = [self.posToVal(left, "x"), self.posToVal(left + width, "x")];
            setTimeout(() => plot.current === self && show(self)); // after uPlot has zoomed by itself
          },
        ],
      },
    };
    const made = new uPlot(options, toData(lines, log, null, partsOf(options.width)), element);
    plot.current = made;
    made.over.addEventListener("dblclick", () => {
      zoom.current = null;
      setTimeout(() => plot.current === made && show(made));
    });
    show(made);
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => plot.current?.redraw(false), [JSON.stringify(marks)]);

  useEffect(() => {
    const current = plot.current;
    if (!current) return;
    lines.forEach((line, index) => {
      if (current.series[index + 1]?.show === (line.hidden ?? false)) current.setSeries(index + 1, { show: !line.hidden });
    });
    show(current);
  });

  return <div class="s-chart" ref={host} role="img" aria-label={name} style={{ height: `${height}px` }} />;
}

function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly Mark[]): void {
  const pixels = globalThis.devicePixelRatio || 1;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = token("--s-muted");
  ctx.lineWidth = pixels;
  ctx.setLineDash([4 * pixels, 4 * pixels]);
  ctx.font = `${12 * pixels}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  for (const { x, label } of marks) {
    const left = valToPos(x, "x", true);
    if (left < bbox.left || left > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(label, left + 4 * pixels, bbox.top);
  }
  ctx.restore();
}

/** Into how many parts a long line is reduced: its lowest and highest point per two pixels of the screen. */
const partsOf = (width: number): number => Math.max(100, Math.ceil((width * (globalThis.devicePixelRatio || 1)) / 2));

type Memo = { key: unknown[]; data: uPlot.AlignedData };
const memos = new WeakMap<object, Memo>();

/** The lines as uPlot takes them; the same lines and range give the same object, so that drawing anew costs nothing. */
function toData(lines: ChartLine[], log: boolean, range: [number, number] | null, parts: number): uPlot.AlignedData {
  const key = [log, parts, range?.[0], range?.[1], ...lines.flatMap((line) => [line.x, line.y, line.y.length])];
  const anchor = lines[0]?.y as object | undefined;
  const known = anchor && memos.get(anchor);
  if (known && known.key.length === key.length && known.key.every((part, index) => part === key[index])) return known.data;
  const { x, y } = align(lines.map((line) => visible(line.x, line.y, range, parts)));
  const drawn = log ? y.map((values) => values.map((value) => (value !== null && value > 0 ? value : null))) : y;
  const data = [x, ...drawn] as uPlot.AlignedData;
  if (anchor) memos.set(anchor, { key, data });
  return data;
}

function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}
