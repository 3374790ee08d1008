import {
  applyEdgeChanges,
  applyNodeChanges,
  type Connection,
  ConnectionMode,
  type EdgeChange,
  type FinalConnectionState,
  MarkerType,
  MiniMap,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { effect } from "@preact/signals";
import { Icon, t } from "@studio";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { addBlock, adding, edit, type Edit } from "../edits";
import { possibleInputs } from "../graph";
import { takeFile } from "../library/files";
import { chosen, network, opened, replaced, selected, toggle } from "../state";
import { familyClass } from "../family";
import { FrameNode, BoxNode } from "./node";
import { BOX, documentPoint } from "./scene";
import { boxes, type BoxFlow, scene, type WireFlow, wires } from "./view";
import { chosenEdge } from "./keys";
import { keepPlaces } from "./places";
import { WireEdge } from "./wire";

export const BLOCK_TYPE = "application/x-studio-block";
const NODE_TYPES = { box: BoxNode, frame: FrameNode };
const EDGE_TYPES = { wire: WireEdge };
// What is handed to React Flow stays the same object from one drawing to the next; otherwise it draws every node and edge again.
const EDGE_OPTIONS = { markerEnd: { type: MarkerType.Arrow, width: 16, height: 16, strokeWidth: 1.5 } };
const MAP_SIZE = { width: 144, height: 112 };
const MORE_KEYS = ["Meta", "Control", "Shift"];
const onMap = (node: BoxFlow): string => `s-family-map ${familyClass(node.data.category)}${node.type === "frame" ? " s-map-frame" : ""}`;
const FAR = 0.58;
const SMALLEST_OPENED = 0.55;
const SMALLEST_FIRST = 0.8;
const MARGIN = 32;

type Flow = ReactFlowInstance<BoxFlow, WireFlow>;

/** The input that a connection leads to, as edits name it; null if its ends stand on different levels. */
export function connected({ source, sourceHandle, target, targetHandle }: Pick<Connection, "source" | "sourceHandle" | "target" | "targetHandle">): Edit | null {
  const from = scene.value.boxes.find((box) => box.path === source);
  const into = scene.value.boxes.find((box) => box.path === target);
  const [kind, output = "0"] = (sourceHandle ?? "out-0").split("-");
  const [end, number = "0"] = (targetHandle ?? "in-0").split("-");
  if (!from || !into) return null;
  const sourcePlace = kind === "inner" ? from.path : from.place;
  const targetPlace = end === "result" ? into.path : into.place;
  if (sourcePlace !== targetPlace) return null;
  const reference = kind === "inner" ? `@${output}` : from.id + (output === "0" ? "" : `:${output}`);
  if (end === "result") return { do: "connect", source: reference, to: `${into.path}/@out`, index: Number(number) };
  return { do: "connect", source: reference, to: into.path, index: Math.min(Number(number), into.document.inputs?.length ?? 0) };
}

/** Whether a connection would be taken: both ends on one level, and no circle. */
function isPossible(connection: Connection | WireFlow): boolean {
  const made = connected({ ...connection, sourceHandle: connection.sourceHandle ?? null, targetHandle: connection.targetHandle ?? null });
  const graph = network.value?.graph;
  if (!made || !graph) return false;
  const { source, to } = made as { source: string; to: string } & Edit;
  if (source.startsWith("@") || to.endsWith("/@out") || to.includes("/")) return source !== to;
  return possibleInputs(graph, to).includes(source.split(":")[0] as string);
}

function Zoom() {
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  return (
    <div class="s-canvas-zoom" role="group" aria-label={t("model.zoom")}>
      <button type="button" aria-label={t("model.zoom.in")} title={t("model.zoom.in")} onClick={() => void zoomIn()}>
        <Icon name="plus" />
      </button>
      <button type="button" aria-label={t("model.zoom.out")} title={t("model.zoom.out")} onClick={() => void zoomOut()}>
        <Icon name="minus" />
      </button>
      <button type="button" aria-label={t("canvas.fit")} title={t("canvas.fit")} onClick={() => void fitView({ padding: 0.08, maxZoom: 1 })}>
        <Icon name="fit" />
      </button>
    </div>
  );
}

/** Puts the network into the view: as a whole if it can be read then, else from its top. */
function show(flow: Flow, pane: HTMLElement): void {
  const top = scene.value.boxes.filter((box) => !box.place);
  if (top.length === 0) return void flow.setViewport({ x: 0, y: 0, zoom: 1 });
  const left = Math.min(...top.map((box) => box.x));
  const upper = Math.min(...top.map((box) => box.y));
  const width = Math.max(...top.map((box) => box.x + box.width)) - left;
  const height = Math.max(...top.map((box) => box.y + box.height)) - upper;
  const fits = Math.min((pane.clientWidth - 2 * MARGIN) / width, (pane.clientHeight - 2 * MARGIN) / height);
  const zoom = Math.max(SMALLEST_FIRST, Math.min(1, fits));
  void flow.setViewport({ x: (pane.clientWidth - width * zoom) / 2 - left * zoom, y: Math.max(MARGIN, (pane.clientHeight - height * zoom) / 2) - upper * zoom, zoom });
}

/** Where a path stands on the canvas. */
function absolute(path: string): { x: number; y: number; width: number; height: number } | null {
  const all = new Map(scene.value.boxes.map((box) => [box.path, box]));
  const box = all.get(path);
  if (!box) return null;
  let { x, y } = box;
  for (let around = box.place ? all.get(box.place) : undefined; around; around = around.place ? all.get(around.place) : undefined) {
    x += around.x;
    y += around.y;
  }
  return { x, y, width: box.width, height: box.height };
}

function lookAt(flow: Flow, pane: HTMLElement, path: string): void {
  const place = absolute(path);
  if (!place) return;
  const { x, y, zoom } = flow.getViewport();
  const [left, top] = [place.x * zoom + x, place.y * zoom + y];
  const isSeen = left > -BOX.width * zoom * 0.5 && top > -BOX.height * zoom * 0.5 && left + BOX.width * zoom * 0.5 < pane.clientWidth && top + BOX.height * zoom * 0.5 < pane.clientHeight;
  if (isSeen) return;
  const near = Math.max(zoom, FAR + 0.2);
  void flow.setCenter(place.x + place.width / 2, place.y + Math.min(place.height / 2, pane.clientHeight / 3 / near), { zoom: near });
}

/** Brings what is inside a composite that was just opened into view: as a whole if it can be read then, else from its top. */
function lookInto(flow: Flow, pane: HTMLElement, path: string): void {
  const place = absolute(path);
  if (!place) return;
  const { x, y, zoom } = flow.getViewport();
  const [width, height] = [pane.clientWidth - 2 * MARGIN, pane.clientHeight - 2 * MARGIN];
  const isSeen = place.x * zoom + x >= 0 && place.y * zoom + y >= 0 && (place.x + place.width) * zoom + x <= pane.clientWidth && (place.y + place.height) * zoom + y <= pane.clientHeight;
  if (isSeen) return;
  const near = Math.min(zoom, Math.max(SMALLEST_OPENED, Math.min(width / place.width, height / place.height)));
  void flow.setViewport({ x: (pane.clientWidth - place.width * near) / 2 - place.x * near, y: MARGIN + Math.max(0, (height - place.height * near) / 2) - place.y * near, zoom: near });
}

function Drawn() {
  const flow = useReactFlow<BoxFlow, WireFlow>();
  const pane = useRef<HTMLDivElement>(null);
  const [nodes, setNodes] = useState<BoxFlow[]>(boxes.value);
  const [edges, setEdges] = useState<WireFlow[]>(wires.value);
  const [isOver, setOver] = useState(false);
  const [isFraming, setFraming] = useState(false);
  /** What was chosen when the mouse was pressed. */
  const pressed = useRef<ReadonlySet<string>>(chosen.value);
  /** Where boxes stand that are being moved, until the server has said where they are. */
  const held = useRef(new Map<string, BoxFlow["position"]>());
  const far = useStore((state) => state.transform[2] < FAR);

  const draw = useCallback(() => {
    setNodes(
      boxes.value.map((box) => {
        const isChosen = chosen.value.has(box.id);
        const position = held.current.get(box.id);
        if (position) return { ...box, selected: isChosen, position };
        return isChosen === (box.selected ?? false) ? box : { ...box, selected: isChosen };
      }),
    );
  }, []);
  useEffect(() => effect(draw), []);
  useEffect(() => effect(() => setEdges(wires.value)), []);
  useEffect(
    () =>
      effect(() => {
        if (replaced.value === 0) return;
        // another network comes into view as a whole; an edited one stays where it is
        requestAnimationFrame(() => pane.current && show(flow, pane.current));
      }),
    [],
  );
  useEffect(
    () =>
      effect(() => {
        const path = opened.value;
        if (!path) return;
        opened.value = null;
        requestAnimationFrame(() => pane.current && lookInto(flow, pane.current, path));
      }),
    [],
  );
  useEffect(
    () =>
      effect(() => {
        const path = selected.value;
        if (path) requestAnimationFrame(() => pane.current && lookAt(flow, pane.current, path));
      }),
    [],
  );

  const onNodesChange = useCallback((changes: NodeChange<BoxFlow>[]) => {
    const selections = changes.filter((change) => change.type === "select");
    if (selections.length > 0) {
      const next = new Set(chosen.peek());
      for (const { id, selected: is } of selections) {
        if (is) next.add(id);
        else next.delete(id);
      }
      chosen.value = next;
      if (next.size > 0) chosenEdge.value = null;
    }
    const others = changes.filter((change) => change.type === "position");
    for (const { id, position } of others) if (position) held.current.set(id, position);
    if (others.length > 0) setNodes((now) => applyNodeChanges(others, now));
  }, []);
  const onEdgesChange = useCallback((changes: EdgeChange<WireFlow>[]) => {
    const selections = changes.filter((change) => change.type === "select");
    for (const { id, selected: is } of selections) {
      const wire = scene.peek().wires.find((each) => each.id === id);
      if (is && wire) chosenEdge.value = wire;
      else if (chosenEdge.peek()?.id === id) chosenEdge.value = null;
    }
    setEdges((now) => applyEdgeChanges(selections, now));
  }, []);

  const onMoved = async (moved: BoxFlow[]) => {
    const positions: Record<string, [number, number]> = {};
    let place = "";
    const all = new Set(moved.map((node) => node.id));
    for (const node of moved) {
      const box = scene.value.boxes.find((each) => each.path === node.id);
      if (!box) continue;
      place = box.place;
      const { x, y } = documentPoint(scene.value.boxes, place, node.position.x + (box.width - BOX.width) / 2, node.position.y, all);
      positions[box.path] = [x, y];
    }
    const isStill = Object.entries(positions).every(([path, [x, y]]) => {
      const at = scene.value.boxes.find((each) => each.path === path)?.at;
      return at && Math.abs(at.x - x) < 2 && Math.abs(at.y - y) < 2;
    });
    const then = new Map(held.current);
    if (!isStill) await edit([...keepPlaces(place), { do: "move", positions }]);
    for (const [id, position] of then) if (held.current.get(id) === position) held.current.delete(id); // a box may have been taken up again
    draw();
  };

  const onConnect = (connection: Connection) => {
    const made = connected(connection);
    if (made) void edit(made);
  };
  const onConnectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    if (state.toNode || !state.fromNode || state.fromHandle?.type !== "source") return;
    const box = scene.value.boxes.find((each) => each.path === state.fromNode?.id);
    if (!box) return;
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (!point) return;
    const [kind, output = "0"] = (state.fromHandle.id ?? "out-0").split("-");
    const place = kind === "inner" ? box.path : box.place;
    const reference = kind === "inner" ? `@${output}` : box.id + (output === "0" ? "" : `:${output}`);
    adding.value = { kind: "from", reference, place, position: spot(point, place, 0), keep: keepPlaces(place) };
  };

  /** Where the document puts a box that is to appear at the mouse, on one of the levels. */
  const spot = ({ clientX, clientY }: { clientX: number; clientY: number }, place: string, down: number): [number, number] => {
    const at = flow.screenToFlowPosition({ x: clientX, y: clientY });
    const origin = place ? absolute(place) : null;
    const { x, y } = documentPoint(scene.value.boxes, place, at.x - (origin?.x ?? 0) - BOX.width / 2, at.y - (origin?.y ?? 0) - down);
    return [x, y];
  };

  const handlers = useMemo(
    () => ({
      // set on the element itself: nothing is to be drawn again because of it
      onMove: (event: MouseEvent | TouchEvent | null) => event && pane.current && (pane.current.dataset.moving = "true"),
      onMoveEnd: () => delete pane.current?.dataset.moving,
      onConnect,
      onConnectEnd,
      onNodeDragStop: (_: unknown, __: unknown, moved: BoxFlow[]) => void onMoved(moved),
      onSelectionDragStop: (_: unknown, moved: BoxFlow[]) => void onMoved(moved),
      onNodeClick: (event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }, node: BoxFlow) => {
        // a key that was pressed while a field had the focus is not heard by the canvas itself: what it makes of the click is put right
        if (event.shiftKey || event.ctrlKey || event.metaKey) {
          const next = new Set(pressed.current);
          if (!next.delete(node.id)) next.add(node.id);
          chosen.value = next;
        } else if (chosen.value.size > 1) chosen.value = new Set([node.id]); // of several that are chosen, the one that is clicked stays
      },
      onNodeDoubleClick: (_: unknown, node: BoxFlow) => node.data.box.composite && toggle(node.id),
    }),
    [],
  );

  /** What a block was dropped on decides where it goes: on an edge, behind a node, into a frame, or free. */
  const onDrop = (event: DragEvent) => {
    setOver(false);
    const [file] = event.dataTransfer?.files ?? [];
    const block = event.dataTransfer?.getData(BLOCK_TYPE);
    if (!block && !file) return;
    event.preventDefault();
    if (!block) return void (file && takeFile(file));
    const under = document.elementsFromPoint(event.clientX, event.clientY);
    const hit = under.map((element) => element.closest<HTMLElement | SVGGElement>(".s-wire-line, .s-node")).find(Boolean);
    if (hit?.dataset.to) return void addBlock(block, { kind: "edge", to: hit.dataset.to, index: Number(hit.dataset.index), from: "" });
    const path = hit?.dataset.testid?.replace(/^node-/, "");
    if (path) return void addBlock(block, { kind: "after", node: path });
    const frame = under.map((element) => element.closest<HTMLElement>(".s-frame-node")).find(Boolean);
    const place = frame?.dataset.testid?.replace(/^node-/, "") ?? "";
    const position = spot(event, place, BOX.height / 2);
    void edit([...keepPlaces(place), { do: "add", block, place, position }]);
  };

  const isEmpty = network.value?.graph && Object.keys(network.value.graph.nodes).length === 0;
  return (
    <div
      ref={pane}
      class={`s-canvas${far ? " s-far" : ""}${isOver ? " s-over" : ""}`}
      onDragOver={(event: DragEvent) => {
        if (!event.dataTransfer?.types.some((type) => type === BLOCK_TYPE || type === "Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onPointerMoveCapture={(event: PointerEvent) => setFraming(event.shiftKey)}
      onPointerDownCapture={() => (pressed.current = chosen.value)}
      onDrop={onDrop}
    >
      <ReactFlow<BoxFlow, WireFlow>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES as never}
        edgeTypes={EDGE_TYPES as never}
        defaultEdgeOptions={EDGE_OPTIONS}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        isValidConnection={isPossible}
        {...handlers}
        connectionMode={ConnectionMode.Strict}
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode={MORE_KEYS}
        selectionKeyCode="Shift"
        selectionOnDrag={isFraming}
        panOnDrag={!isFraming}
        deleteKeyCode={null}
        disableKeyboardA11y
        nodesFocusable={false}
        edgesFocusable={false}
        zoomOnDoubleClick={false}
        elevateNodesOnSelect={false}
        nodeDragThreshold={4}
        connectionRadius={24}
        minZoom={0.05}
        maxZoom={2}
        attributionPosition="bottom-left"
        aria-label={t("canvas.label")}
      >
        <MiniMap pannable zoomable ariaLabel={t("canvas.map")} nodeClassName={onMap as never} nodeStrokeWidth={0} style={MAP_SIZE} />
        <Zoom />
      </ReactFlow>
      {isEmpty && <p class="s-canvas-empty">{t("canvas.empty")}</p>}
    </div>
  );
}

/** The network as a drawing that is edited. */
export function Canvas() {
  return (
    <ReactFlowProvider>
      <Drawn />
    </ReactFlowProvider>
  );
}
