import { BaseEdge, type EdgeProps, getBezierPath } from "@xyflow/react";
import { Icon, t } from "@studio";
import { adding } from "../edits";
import type { Point } from "./layout";
import type { Wire } from "./scene";

export interface WireData extends Record<string, unknown> {
  wire: Wire;
  shape: string;
}

/** A line through points that leaves and arrives straight down, as an SVG path. */
export function through(points: Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x},${first.y}`;
  let last = first;
  for (const point of rest) {
    const half = (last.y + point.y) / 2;
    path += Math.abs(last.x - point.x) < 0.5 ? `V${point.y}` : `C${last.x},${half} ${point.x},${half} ${point.x},${point.y}`;
    last = point;
  }
  return path;
}

/** Where the label of a line stands: in the middle of its last stretch. */
export function labelAt(points: Point[]): Point {
  const last = points[points.length - 1] as Point;
  const before = points[points.length - 2] ?? last;
  return { x: (last.x + before.x) / 2, y: (last.y + before.y) / 2 };
}

/** The shape of a tensor on its way, and the place where a block can be put in between. */
export function WireEdge({ id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, markerEnd, selected }: EdgeProps & { data: WireData }) {
  const { wire, shape } = data;
  const ends = [{ x: sourceX, y: sourceY }, ...wire.bends, { x: targetX, y: targetY }];
  const straight = wire.bends.length === 0 && targetY > sourceY;
  const [bezier, middleX, middleY] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const isOwn = wire.bends.length > 0 || straight;
  const path = isOwn ? through(ends) : bezier;
  const label = isOwn ? labelAt(ends) : { x: middleX, y: middleY };
  const from = wire.source + (wire.sourceHandle === "out-0" ? "" : ` (${wire.sourceHandle})`);
  const name = t("canvas.edge.insert", { from, to: wire.to.replace("@out", t("canvas.edge.end")) });
  const insert = () => (adding.value = { kind: "edge", to: wire.to, index: wire.index, from: wire.reference });
  return (
    <g class="s-wire-line" data-testid={`edge-${wire.to}-${wire.index}`} data-to={wire.to} data-index={wire.index}>
      <BaseEdge id={id} path={path} interactionWidth={18} {...(markerEnd ? { markerEnd } : {})} className={selected ? "s-wire-chosen" : ""} />
      {shape && (
        <text class="s-wire-shape" x={label.x + 8} y={label.y + 4}>
          {shape}
        </text>
      )}
      {/* beside the line, which itself can be clicked and then taken out */}
      <foreignObject class="s-wire-insert" x={label.x - 28} y={label.y - 10} width={20} height={20}>
        <button type="button" class="nodrag nopan" tabIndex={-1} aria-label={name} title={name} onClick={insert}>
          <Icon name="plus" />
        </button>
      </foreignObject>
    </g>
  );
}
