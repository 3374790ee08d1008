import { Handle, type NodeProps, Position } from "@xyflow/react";
import { exact, Icon, short, t } from "@studio";
import { useEffect, useRef } from "preact/hooks";
import { focusing } from "../edits";
import { familyClass } from "../family";
import type { Message } from "../graph";
import { select, toggle } from "../state";
import type { Box } from "./scene";
import { worst } from "./figures";
import { scene } from "./view";

export interface BoxData extends Record<string, unknown> {
  box: Box;
  title: string;
  category: string | undefined;
  weights: number | undefined;
  /** Its part of the network's weights, 0 to 1. */
  share: number;
  shape: string;
  messages: Message[];
  /** How many nodes use a module; those that share weights have the name of the owner in `box.document.reuse`. */
  uses: number;
  first: boolean;
}

const SIGNS = { error: "✕", warning: "!", hint: "i" } as const;

/** The ports of a box: what it takes above, what it gives below. */
function Ports({ box }: { box: Box }) {
  const at = (index: number, count: number) => ({ left: `${((index + 1) / (count + 1)) * 100}%` });
  return (
    <>
      {Array.from({ length: box.inputs }, (_, index) => (
        <Handle
          key={`in-${index}`}
          id={`in-${index}`}
          type="target"
          position={Position.Top}
          style={{ left: `${100 * (box.spots[index] ?? 0.5)}%` }}
          class={index < (box.document.inputs?.length ?? 0) ? "" : "s-port-free"}
          data-testid={`port-in-${box.path}-${index}`}
          aria-label={t("canvas.port.in", { name: box.path, number: index + 1 })}
        />
      ))}
      {Array.from({ length: box.outputs }, (_, index) => (
        <Handle
          key={`out-${index}`}
          id={`out-${index}`}
          type="source"
          position={Position.Bottom}
          style={at(index, box.outputs)}
          data-testid={`port-out-${box.path}-${index}`}
          aria-label={t("canvas.port.out", { name: box.path, number: index + 1 })}
        />
      ))}
    </>
  );
}

/** Signs for what matters about a node at a glance. */
function Signs({ data }: { data: BoxData }) {
  const { box, messages, uses } = data;
  const severity = worst(messages);
  const { reuse } = box.document;
  const place = box.place ? `${box.place}/` : "";
  return (
    <span class="s-node-signs">
      {reuse && (
        <button
          type="button"
          class="s-node-sign nodrag"
          title={t("canvas.shares", { name: reuse })}
          aria-label={t("canvas.shares", { name: reuse })}
          onClick={(event) => {
            event.stopPropagation();
            select(place + reuse);
          }}
        >
          <Icon name="link" />
        </button>
      )}
      {uses > 1 && (
        <span class="s-node-uses" title={t("canvas.uses", { count: uses })}>
          ×{uses}
        </span>
      )}
      {box.document.trainable === false && (
        <span class="s-node-sign" role="img" title={t("canvas.frozen")} aria-label={t("canvas.frozen")}>
          <Icon name="lock" />
        </span>
      )}
      {severity && (
        <span class={`s-message-sign s-sign-${severity}`} role="img" title={messages.map(({ text }) => text).join("\n")} aria-label={t(`model.severity.${severity}`)}>
          {SIGNS[severity]}
        </span>
      )}
    </span>
  );
}

function Opener({ box }: { box: Box }) {
  const name = t(box.frame ? "model.close" : "model.open", { name: box.path });
  return (
    <button
      type="button"
      class="s-node-open nodrag"
      aria-expanded={box.frame}
      aria-label={name}
      title={name}
      onClick={(event) => {
        event.stopPropagation();
        toggle(box.path);
      }}
    >
      <Icon name={box.frame ? "minus" : "plus"} />
    </button>
  );
}

const isFrozen = (box: Box): boolean => box.document.trainable === false;

/** What a screen reader says of a box. */
function label(data: BoxData): string {
  const { box, title, shape, weights, messages } = data;
  const severity = worst(messages);
  return [
    box.path,
    title,
    shape && t("model.node.gives", { shape }),
    weights ? t("model.weights", { count: exact(weights) }) : "",
    isFrozen(box) ? t("canvas.frozen.short") : "",
    severity ? t(`model.severity.${severity}`) : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** The focus goes where an edit or an arrow key leads. */
function useFocus(path: string, isFrame: boolean) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // a box that is about to give way to its frame is drawn once more before it goes
    if (focusing.value !== path || !element.current || scene.peek().boxes.find((box) => box.path === path)?.frame !== isFrame) return;
    focusing.value = null;
    element.current.focus({ preventScroll: true });
  });
  return element;
}

/** A node of the network. */
export function BoxNode({ data, selected: isChosen = false }: NodeProps & { data: BoxData }) {
  const { box, title, category, weights } = data;
  const element = useFocus(box.path, false);
  const severity = worst(data.messages);
  return (
    <div
      ref={element}
      class={`s-node ${familyClass(category)}${isChosen ? " s-node-chosen" : ""}${severity && severity !== "hint" ? ` s-node-${severity}` : ""}${box.composite ? " s-node-composite" : ""}${box.document.reuse ? " s-node-shared" : ""}${isFrozen(box) ? " s-node-frozen" : ""}`}
      style={{ width: `${box.width}px`, height: `${box.height}px` }}
      role="button"
      tabIndex={isChosen || data.first ? 0 : -1}
      aria-label={label(data)}
      aria-pressed={isChosen}
      data-testid={`node-${box.path}`}
      title={box.document.title || undefined}
    >
      <Ports box={box} />
      <div class="s-node-inside">
        <i class="s-node-family" />
        <span class="s-node-name">{box.id}</span>
        <Signs data={data} />
        {box.composite && <Opener box={box} />}
        <span class="s-node-block">
          <b>{title}</b> {box.brief}
        </span>
        <span class="s-node-weights s-number" title={weights ? t("model.weights", { count: exact(weights) }) : undefined}>
          {weights ? short(weights) : ""}
        </span>
        {weights ? <i class="s-node-share" style={{ width: `${100 * data.share}%` }} /> : null}
      </div>
    </div>
  );
}

/** A composite or module that is shown from inside: its ports stand on its edges, outside and inside. */
export function FrameNode({ data, selected: isChosen = false }: NodeProps & { data: BoxData }) {
  const { box, title, category, weights } = data;
  const element = useFocus(box.path, true);
  const at = (index: number, count: number) => ({ left: `${((index + 1) / (count + 1)) * 100}%` });
  return (
    <div
      ref={element}
      class={`s-frame-node ${familyClass(category)}${isChosen ? " s-node-chosen" : ""}${isFrozen(box) ? " s-node-frozen" : ""}`}
      style={{ width: `${box.width}px`, height: `${box.height}px` }}
      role="button"
      tabIndex={isChosen || data.first ? 0 : -1}
      aria-label={label(data)}
      aria-pressed={isChosen}
      data-testid={`node-${box.path}`}
    >
      <Ports box={box} />
      <span class="s-frame-head">
        <i class="s-node-family" />
        <span class="s-node-name">{box.id}</span>
        <span class="s-node-block">{title}</span>
        <span class="s-node-weights s-number">{weights ? short(weights) : ""}</span>
        <Signs data={data} />
        <Opener box={box} />
      </span>
      {Array.from({ length: Math.max(box.inputs, box.document.inputs?.length ?? 0) }, (_, index) => (
        <Handle key={`inner-${index}`} id={`inner-${index}`} type="source" position={Position.Bottom} style={{ left: `${100 * (box.spots[index] ?? 0.5)}%`, top: "32px", bottom: "auto" }} class="s-port-inner" data-testid={`port-inner-${box.path}-${index}`} />
      ))}
      {Array.from({ length: box.outputs }, (_, index) => (
        <Handle key={`result-${index}`} id={`result-${index}`} type="target" position={Position.Top} style={{ ...at(index, box.outputs), top: "auto", bottom: "4px" }} class="s-port-inner" data-testid={`port-result-${box.path}-${index}`} />
      ))}
    </div>
  );
}

