import { computed } from "@preact/signals";
import type { Edge, Node } from "@xyflow/react";
import { moduleArity, shapeText } from "../graph";
import { blockForms, chosen, network, open } from "../state";
import { byShownNode, share } from "./figures";
import type { BoxData } from "./node";
import { type Box, type Scene, sceneOf, type Wire } from "./scene";
import type { WireData } from "./wire";

/** The canvas's nodes and edges, out of the network; what has not changed stays the same object, so that it is not drawn again. */

export type BoxFlow = Node<BoxData>;
export type WireFlow = Edge<WireData>;

const defaultsOf = computed(() => {
  const kept = new Map<string, Record<string, unknown>>();
  const forms = blockForms.value;
  return (block: string): Record<string, unknown> => {
    const known = kept.get(block);
    if (known) return known;
    const found = Object.fromEntries(forms[block]?.fields.map((field) => [field.name, field.default]) ?? []);
    if (forms[block]) kept.set(block, found);
    return found;
  };
});

export const scene = computed<Scene>(() => {
  const now = network.value;
  const graph = now?.graph;
  if (!graph) return { boxes: [], wires: [] };
  const figures = now.analysis?.nodes ?? {};
  const forms = blockForms.value;
  return sceneOf(graph, {
    levels: now.analysis?.levels ?? {},
    open: open.value,
    arity: (block) => forms[block]?.arity ?? moduleArity(graph, block),
    outputs: (path) => figures[path]?.output_shapes.length ?? 1,
    defaults: defaultsOf.value,
  });
});

/** How many nodes of the document use each module. */
export const uses = computed(() => {
  const graph = network.value?.graph;
  const found = new Map<string, number>();
  for (const level of graph ? [graph, ...Object.values(graph.modules)] : []) {
    for (const { block = "" } of Object.values(level.nodes)) if (block.startsWith("module:")) found.set(block, (found.get(block) ?? 0) + 1);
  }
  return found;
});

const titleOf = (block: string): string => blockForms.value[block]?.title ?? network.value?.blocks?.[block]?.title ?? block.replace("module:", "");

function flowOf(box: Box, data: BoxData): BoxFlow {
  const { width, height } = box;
  return {
    id: box.path,
    type: box.frame ? "frame" : "box",
    position: { x: box.x, y: box.y },
    ...(box.place ? { parentId: box.place } : {}),
    width,
    height,
    measured: { width, height },
    data,
    selected: chosen.peek().has(box.path),
    ...(box.frame ? { dragHandle: ".s-frame-head" } : {}),
  };
}

let before = new Map<string, { key: string; flow: BoxFlow }>();

export const boxes = computed<BoxFlow[]>(() => {
  const now = network.value;
  const figures = now?.analysis?.nodes ?? {};
  const drawn = scene.value.boxes;
  const shown = new Set(drawn.map((box) => box.path));
  const messages = byShownNode(now?.analysis?.messages ?? [], (path) => shown.has(path));
  const kept = new Map<string, { key: string; flow: BoxFlow }>();
  const found = drawn.map((box, index) => {
    const { block } = box;
    const figure = figures[box.path];
    const data: BoxData = {
      box,
      title: titleOf(block),
      category: block.startsWith("module:") ? "module" : (blockForms.value[block]?.category ?? now?.blocks?.[block]?.category),
      weights: figure?.weights,
      share: share(figure?.weights ?? 0, now?.analysis?.weights),
      shape: shapeText(figure?.output_shapes[0]),
      messages: messages.get(box.path) ?? [],
      uses: uses.value.get(block) ?? 0,
      first: index === 0,
    };
    const key = JSON.stringify(data);
    const last = before.get(box.path);
    const flow = last?.key === key ? last.flow : flowOf(box, data);
    kept.set(box.path, { key, flow });
    return flow;
  });
  before = kept;
  return found;
});

/** The last of the wires that lead from one output to one box: it says the shape for all of them, which would stand on each other. */
export function speaking(all: Wire[]): Set<string> {
  return new Set(new Map(all.map(({ id, source, sourceHandle, target }) => [`${source} ${sourceHandle} ${target}`, id])).values());
}

let wiresBefore = new Map<string, { key: string; flow: WireFlow }>();

export const wires = computed<WireFlow[]>(() => {
  const figures = network.value?.analysis?.nodes ?? {};
  const kept = new Map<string, { key: string; flow: WireFlow }>();
  const labelled = speaking(scene.value.wires);
  const found = scene.value.wires.map((wire) => {
    const { path, output, side } = wire.carries;
    const shape = !labelled.has(wire.id) ? "" : shapeText(side === "out" ? figures[path]?.output_shapes[output] : figures[path]?.input_shapes[output]);
    const key = JSON.stringify([wire, shape]);
    const last = wiresBefore.get(wire.id);
    const { id, source, sourceHandle, target, targetHandle } = wire;
    const flow: WireFlow = last?.key === key ? last.flow : { id, type: "wire", source, sourceHandle, target, targetHandle, data: { wire, shape }, focusable: false, zIndex: wire.to.split("/").length - 1 };
    kept.set(id, { key, flow });
    return flow;
  });
  wiresBefore = kept;
  return found;
});
