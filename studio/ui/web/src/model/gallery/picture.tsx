import { familyClass } from "../family";
import { type Arc, type Box, drawing, type Join } from "./geometry";
import type { Stage } from "./types";

const at = (value: number): string => value.toFixed(1);
const path = (...points: [number, number][]): string => `M${points.map(([x, y]) => `${at(x)} ${at(y)}`).join("L")}z`;

function Drawn({ box }: { box: Box }) {
  const { x, y, thickness, height, depth, cuts } = box;
  const [right, bottom] = [x + thickness, y + height];
  const lines = cuts.map((cut) => `M${at(x + cut)} ${at(bottom)}V${at(y)}l${at(depth)} ${at(-depth)}`).join("");
  return (
    <g class={familyClass(box.category)}>
      <path class="s-face-top" d={path([x, y], [x + depth, y - depth], [right + depth, y - depth], [right, y])} />
      <path class="s-face-side" d={path([right, y], [right + depth, y - depth], [right + depth, bottom - depth], [right, bottom])} />
      <path class="s-face-front" d={path([x, y], [right, y], [right, bottom], [x, bottom])} />
      {lines && <path class="s-face-cuts" d={lines} />}
    </g>
  );
}

const arc = ({ from, to, top }: Arc): string => `M${at(from.x)} ${at(from.y)}C${at(from.x)} ${at(top)} ${at(from.x)} ${at(top)} ${at((from.x + to.x) / 2)} ${at(top)}S${at(to.x)} ${at(top)} ${at(to.x)} ${at(to.y)}`;

const join = ({ from, to }: Join): string => {
  const half = at((from.x + to.x) / 2);
  return `M${at(from.x)} ${at(from.y)}C${half} ${at(from.y)} ${half} ${at(to.y)} ${at(to.x)} ${at(to.y)}`;
};

/** A network as a row of boxes, from input to output. */
export function Picture({ stages, width, height }: { stages: Stage[]; width: number; height: number }) {
  const { boxes, arcs, joins } = drawing(stages, width, height);
  return (
    <svg class="s-network-picture" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
      {arcs.map((each, index) => (
        <path key={index} class="s-network-arc" d={arc(each)} />
      ))}
      {joins.map((each, index) => (
        <path key={index} class="s-network-arc" d={join(each)} />
      ))}
      {boxes.map((box, index) => (
        <Drawn key={index} box={box} />
      ))}
    </svg>
  );
}
