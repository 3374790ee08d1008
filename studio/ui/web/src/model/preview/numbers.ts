import { percent, t } from "@studio";
import type { GraphDocument } from "../graph";
import type { Grid, Source, Token } from "./types";

/** The pure parts of the preview: what is where in a picture, and numbers as lines, bars and words. */

const INPUTS_SHOWN = 3;
const MAPS_PER_PAGE = 64;
const MOST_COLUMNS = 8;

/** The Inputs that a node depends on, in the order of the document. */
export function inputsOf(graph: GraphDocument | null, path: string): string[] {
  const nodes = graph?.nodes ?? {};
  const found = new Set<string>();
  const waiting = [path.split("/")[0] ?? ""];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const document = nodes[node];
    if (found.has(node) || !document) continue;
    found.add(node);
    for (const reference of document.inputs ?? []) waiting.push(reference.split(":")[0] ?? "");
  }
  return Object.keys(nodes)
    .filter((node) => found.has(node) && nodes[node]?.block === "Input")
    .slice(0, INPUTS_SHOWN);
}

/** The place of a tile in its picture: x, y, width, height. */
export function tileBox(grid: Grid, index: number): [number, number, number, number] {
  const [width, height] = grid.tile;
  return [(index % grid.columns) * (width + grid.gap), Math.floor(index / grid.columns) * (height + grid.gap), width, height];
}

/** Width by height of the picture with all maps of a page, so that a single one can stand in the same place. */
export function pageRatio(channels: number, page: number, tile: [number, number]): number {
  const count = Math.max(1, Math.min(MAPS_PER_PAGE, channels - page * MAPS_PER_PAGE));
  const columns = Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(count)));
  return (columns * tile[0]) / (Math.ceil(count / columns) * tile[1]);
}

export const pageOf = (channel: number): number => Math.floor(channel / MAPS_PER_PAGE);

/** Neighbours together, so that no more than so many are left: the lowest and the highest of each group; null without a finite number. */
export function groups(values: readonly (number | null)[], most: number): ([number, number] | null)[] {
  const size = Math.max(1, Math.ceil(values.length / most));
  const found: ([number, number] | null)[] = [];
  for (let start = 0; start < values.length; start += size) {
    const finite = values.slice(start, start + size).filter((value) => value !== null);
    found.push(finite.length ? [Math.min(...finite), Math.max(...finite)] : null);
  }
  return found;
}

/** The ends of an axis that begins at zero. */
export function ends(values: readonly (number | null)[]): [number, number] {
  let [low, high] = [0, 0];
  for (const value of values) if (value !== null) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low === high ? [0, 1] : [low, high];
}

const number = (value: number): string => String(Number(value.toFixed(2)));

/** Bars from zero, as the path of a drawing of this size. */
export function barsPath(values: readonly (number | null)[], [low, high]: [number, number], width: number, height: number): string {
  const bars = groups(values, width / 2);
  const step = width / Math.max(1, bars.length);
  const gap = step >= 3 ? 1 : 0;
  const y = (value: number): number => height * (1 - (value - low) / (high - low));
  return bars
    .map((bar, index) => {
      if (!bar) return "";
      const [top, bottom] = [y(Math.max(0, bar[1])), y(Math.min(0, bar[0]))];
      return `M${number(index * step)} ${number(top)}h${number(step - gap)}V${number(bottom)}h${number(gap - step)}z`;
    })
    .join("");
}

/** A line through the values, broken where one is no finite number. */
export function linePath(values: readonly (number | null)[], [low, high]: [number, number], width: number, height: number): string {
  const step = width / Math.max(1, values.length);
  let path = "";
  values.forEach((value, index) => {
    if (value === null) return;
    const before = index > 0 && values[index - 1] !== null;
    path += `${before ? "L" : "M"}${number((index + 0.5) * step)} ${number(height * (1 - (value - low) / (high - low)))}`;
  });
  return path;
}

/** A share in few characters: 0 -> "0 %", 0.0004 -> "< 0.1 %". */
export const share = (value: number): string => (value === 0 ? "0 %" : value < 0.0005 ? "< 0.1 %" : value > 0.9995 && value < 1 ? "> 99.9 %" : percent(value));

/** Whether numbers are the shares of a whole. */
export const areShares = (values: readonly (number | null)[]): values is number[] =>
  values.length > 1 && values.every((value) => value !== null && value >= 0 && value <= 1) && Math.abs((values as number[]).reduce((sum, value) => sum + value, 0) - 1) < 0.01;

/** Tokens without the padding behind them, and how much that is. */
export function withoutPadding(tokens: readonly Token[]): { shown: readonly Token[]; padding: number } {
  let end = tokens.length;
  while (end > 0 && tokens[end - 1]?.id === 0 && !tokens[end - 1]?.token) end -= 1;
  return { shown: tokens.slice(0, end), padding: tokens.length - end };
}

/** A saved state as the value of a choice, and back; "" is fresh weights. */
export const sourceValue = (chosen: { run: string; state: string } | null): string => (chosen ? `${chosen.run}/${chosen.state}` : "");

export function sourceOf(value: string): { run: string; state: string } | null {
  const cut = value.indexOf("/");
  return cut < 0 ? null : { run: value.slice(0, cut), state: value.slice(cut + 1) };
}

/** The name of a saved state: "best, epoch 12". */
export function stateName(state: Source["states"][number]): string {
  const name = state.state === "best" || state.state === "last" ? t(`preview.state.${state.state}`) : state.state;
  return state.epoch === null ? name : t("preview.state.epoch", { name, epoch: state.epoch });
}
