import { signal } from "@preact/signals";
import { draft, type Json, post, saved, saving, sending, sentence } from "@studio";
import { lastNode } from "../behind";
import { adding, edit, focusing, redo, refused, removeNodes, undo } from "../edits";
import { chosen, select, selected, toggle } from "../state";
import { keepPlaces } from "./places";
import { scene } from "./view";
import type { Box, Wire } from "./scene";

/** What the keyboard does on the canvas, and the clipboard. */

/** The edge that was clicked last; it goes with Delete. */
export const chosenEdge = signal<Wire | null>(null);
/** Whether the search over blocks, networks and nodes is open. */
export const searching = signal(false);
/** Whether the list of keys is shown. */
export const helping = signal(false);

const CLIP = "studio.clip";
const paths = (): string[] => [...chosen.value];
const placeOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");

/** Copies the chosen nodes, for this and for other pages. */
export async function copy(): Promise<boolean> {
  const current = draft.value;
  if (!current || chosen.value.size === 0) return false;
  try {
    const clip = JSON.stringify(await post("api/model/copy", { draft: current.id, nodes: paths() }));
    localStorage.setItem(CLIP, clip);
    await navigator.clipboard?.writeText(clip).catch(() => undefined); // a page that is not trusted keeps it to itself
    return true;
  } catch (error) {
    refused.value = sentence(error);
    return false;
  }
}

export async function cut(): Promise<void> {
  const nodes = paths();
  if (await copy()) await removeNodes(nodes);
}

/** Puts in what was copied, behind the chosen node. */
export function paste(text: string | null = localStorage.getItem(CLIP)): void {
  if (!text) return;
  let clip: Json;
  try {
    clip = JSON.parse(text) as Json;
  } catch {
    return;
  }
  if (typeof clip !== "object" || clip === null || !("format" in clip)) return;
  void edit({ do: "paste", clip, ...(selected.value ? { after: selected.value } : { place: "" }) });
}

export function duplicate(): void {
  if (chosen.value.size > 0) void edit({ do: "duplicate", nodes: paths() });
}

/** Takes out the chosen nodes, or the chosen edge. */
export function removeChosen(): void {
  const edge = chosenEdge.value;
  if (chosen.value.size > 0) void removeNodes(paths());
  else if (edge) void edit({ do: "disconnect", to: edge.to, index: edge.index });
  chosenEdge.value = null;
}

export function group(): void {
  if (chosen.value.size > 0) void edit({ do: "group", nodes: paths() });
}

export function ungroup(): void {
  if (selected.value) void edit({ do: "ungroup", node: selected.value });
}

/** Chooses all nodes of the level on which one chooses now. */
export function chooseAll(): void {
  const place = placeOf(paths()[0] ?? "");
  chosen.value = new Set(scene.value.boxes.filter((box) => box.place === place).map((box) => box.path));
}

/** Leads to another node: along the edges, or to a neighbour beside. */
function walk(key: string): void {
  const { boxes, wires } = scene.value;
  const from = selected.value ?? paths()[0];
  const box = boxes.find((each) => each.path === from);
  const first = boxes[0]?.path;
  if (!box) {
    if (first) lead(first);
    return;
  }
  const level = boxes.filter((each) => each.place === box.place);
  const on = (path: string): boolean => level.some((each) => each.path === path);
  const follower = (path: string) => wires.find((wire) => wire.source === path && wire.sourceHandle.startsWith("out") && wire.targetHandle.startsWith("in"))?.target;
  if (key === "ArrowDown") lead(inside(box) ?? follower(box.path) ?? level[level.indexOf(box) + 1]?.path ?? follower(box.place));
  else if (key === "ArrowUp") lead(wires.find((wire) => wire.target === box.path && on(wire.source))?.source ?? level[level.indexOf(box) - 1]?.path ?? (box.place || undefined));
  else {
    const side = key === "ArrowRight" ? 1 : -1;
    const beside = level.filter((each) => side * (each.x - box.x) > 8).sort((one, other) => distance(one, box) - distance(other, box));
    lead(beside[0]?.path);
  }
}

/** The first node inside an open frame: the arrows lead into it, and out of it again. */
const inside = (box: Box): string | undefined => (box.frame ? scene.value.boxes.find((each) => each.place === box.path)?.path : undefined);

const distance = (one: { x: number; y: number }, other: { x: number; y: number }): number => Math.abs(one.y - other.y) * 2 + Math.abs(one.x - other.x);

function lead(path: string | undefined): void {
  if (!path) return;
  focusing.value = path;
  select(path);
}

const name = () => document.querySelector<HTMLInputElement>(".s-inspector .s-node-id");

/** Escape leads from the fields of a node to the node. */
const backToNode = (path: string): void => document.querySelector<HTMLElement>(`[data-testid="node-${CSS.escape(path)}"]`)?.focus({ preventScroll: true });

let nudged: { key: string; positions: Record<string, [number, number]> } | null = null;

/** Moves the chosen nodes by hand, a step of the grid at a time; what is under way counts already. */
function nudge(key: string): void {
  const [x, y] = { ArrowUp: [0, -8], ArrowDown: [0, 8], ArrowLeft: [-8, 0], ArrowRight: [8, 0] }[key] as [number, number];
  const moved = scene.value.boxes.filter((box) => chosen.value.has(box.path));
  const [first] = moved;
  if (!first) return;
  const what = `nudge ${moved.map((box) => box.path).join(" ")}`;
  const from = saving.value && nudged?.key === what ? nudged.positions : {};
  const positions = Object.fromEntries(moved.map(({ path, at }) => [path, [(from[path]?.[0] ?? at.x) + x, (from[path]?.[1] ?? at.y) + y] as [number, number]]));
  nudged = { key: what, positions };
  void edit([...keepPlaces(first.place), { do: "move", positions }], what);
}

/** What the keys do while the canvas, and no field, has them. */
function plain(event: KeyboardEvent): boolean {
  const node = selected.value;
  switch (event.key) {
    case "Delete":
    case "Backspace":
      removeChosen();
      return true;
    case "ArrowUp":
    case "ArrowDown":
    case "ArrowLeft":
    case "ArrowRight":
      if (event.shiftKey) nudge(event.key);
      else walk(event.key);
      return true;
    case "Enter":
      if (!node) return false;
      (document.querySelector<HTMLElement>(".s-inspector .s-form :is(input, select)") ?? document.querySelector<HTMLElement>(".s-inspector :is(input, select)"))?.focus();
      return true;
    case " ":
      if (!node) return false;
      if (!scene.value.boxes.find((box) => box.path === node)?.composite) return true;
      focusing.value = node; // as a frame it is another element
      toggle(node);
      return true;
    case "Escape":
      chosen.value = new Set();
      chosenEdge.value = null;
      return true;
    case "a":
    case "+":
      adding.value = { kind: "after", node: node ?? lastNode() };
      return true;
    case "r":
      if (node) adding.value = { kind: "replace", node };
      return node !== null;
    case "F2":
      name()?.focus(); // at once: the next key belongs to the name
      name()?.select();
      return node !== null;
    case "?":
      helping.value = true;
      return true;
    default:
      return false;
  }
}

function withControl(event: KeyboardEvent): boolean {
  switch (event.key.toLowerCase()) {
    case "z":
      void (event.shiftKey ? redo() : undo());
      return true;
    case "y":
      void redo();
      return true;
    case "c":
      void copy();
      return true;
    case "x":
      void cut();
      return true;
    case "d":
      duplicate();
      return true;
    case "a":
      chooseAll();
      return true;
    case "g":
      if (event.shiftKey) ungroup();
      else group();
      return true;
    default:
      return false;
  }
}

/** Keys that a button, a link or a tab with the focus has for itself; with all others the chosen node is meant there too. */
const THEIRS = new Set(["Enter", " ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const isField = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
const isControl = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest("button, a, summary, dialog, [role=tab], [role=option]") !== null && target.closest(".s-node, .s-frame-node") === null;

/** Listens to the keys of the whole page; undo and redo also work while a field of the canvas has the focus. */
export function listen(): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "k") {
      event.preventDefault();
      searching.value = !searching.value;
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (isField(event.target)) {
      if (event.key === "Escape" && selected.value && (event.target as HTMLElement).closest(".s-inspector")) backToNode(selected.value);
      return;
    }
    if (event.altKey || getSelection()?.toString()) return;
    const isTheirs = isControl(event.target) && THEIRS.has(event.key);
    if (control ? withControl(event) : !isTheirs && plain(event)) event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (isField(event.target) || document.querySelector("dialog[open]")) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    paste(text.includes('"studio.clip/') ? text : undefined);
    event.preventDefault();
  };
  const onLeave = (event: MouseEvent) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || link.target || !sending.value || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // what was typed last arrives before the page is left
    void saved().then(() => location.assign(link.href));
  };
  document.addEventListener("click", onLeave, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("paste", onPaste);
  return () => {
    document.removeEventListener("click", onLeave, true);
    document.removeEventListener("keydown", onKey);
    document.removeEventListener("paste", onPaste);
  };
}
