import { t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { edit } from "./edits";
import type { GraphDocument } from "./graph";
import { network } from "./state";

/** How many of the last layers are trained: those behind the last one that is frozen. */
export function trainedLast(graph: GraphDocument, layers: string[]): number {
  const fromTheEnd = [...layers].reverse().findIndex((name) => graph.nodes[name]?.trainable === false);
  return fromTheEnd < 0 ? layers.length : fromTheEnd;
}

/** A slider that freezes all layers but the last. */
export function Freezing() {
  const id = useId();
  const now = network.value;
  const layers = now?.analysis?.layers ?? [];
  const known = now?.graph ? trainedLast(now.graph, layers) : 0;
  const drawn = useSignal(known);
  useEffect(() => {
    drawn.value = known;
  }, [known, layers.length]);
  if (!now?.graph || layers.length < 2) return null;
  const count = Math.min(drawn.value, layers.length);
  const words = count === layers.length ? t("canvas.freezing.all", { all: layers.length }) : t("canvas.freezing.last", { count, all: layers.length });
  return (
    <p class="s-row s-freezing">
      <label for={id}>{t("canvas.freezing")}</label>
      <input
        id={id}
        type="range"
        min={1}
        max={layers.length}
        step={1}
        value={count}
        aria-valuetext={words}
        data-testid="train-last"
        onInput={(event) => {
          drawn.value = Number(event.currentTarget.value);
        }}
        onChangeCapture={(event) => void edit({ do: "freeze", layers, keep_last: Number(event.currentTarget.value) }, "freeze")}
      />
      <span class="s-number" role="status">
        {words}
      </span>
    </p>
  );
}
