import { exact, short, t } from "@studio";
import { memo } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import { share } from "./canvas/figures";
import { familyClass } from "./family";
import { type NodeFigures, type Row, shapeText } from "./graph";
import { chosen, counting, network, rows, select, selected, toggle } from "./state";

/** A figure with its part of the whole as a bar, so that the one layer that has most of all is seen. */
function Figure({ value, part, known }: { value: number | undefined; part: number; known: boolean }) {
  return (
    <td class="s-right s-number s-share-cell" title={value ? exact(value) : undefined}>
      {value ? short(value) : known ? "–" : ""}
      {value ? <i class="s-share" style={{ width: `${100 * part}%` }} /> : null}
    </td>
  );
}

interface LayerProps {
  row: Row;
  figures: NodeFigures | undefined;
  title: string;
  category: string | undefined;
  isChosen: boolean;
  /** Whether any node of the table is a composite, so that names stand in one line. */
  indented: boolean;
  /** Its part of the network's weights, and of its multiply-adds, 0 to 1. */
  weights: number;
  multiplyAdds: number;
}

/** A row is drawn again only when something in it is new: a network has hundreds. */
const Layer = memo(
  LayerRow,
  (before: LayerProps, now: LayerProps) => (Object.keys(now) as (keyof LayerProps)[]).every((key) => before[key] === now[key] || JSON.stringify(before[key]) === JSON.stringify(now[key])),
);

function LayerRow({ row, figures, title, category, isChosen, indented, weights, multiplyAdds }: LayerProps) {
  const element = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    const pane = element.current?.closest(".s-layer-pane");
    if (!isChosen || selected.peek() !== row.path || !pane || !element.current) return;
    const at = element.current.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    const head = pane.querySelector("thead")?.offsetHeight ?? 0; // the column titles stay above the rows
    if (at.top < frame.top + head) pane.scrollTop -= frame.top + head - at.top;
    else if (at.bottom > frame.bottom) pane.scrollTop += at.bottom - frame.bottom;
  }, [isChosen]);
  return (
    <tr ref={element} class={isChosen ? "s-chosen" : ""} data-testid={`layer-${row.path}`} onClick={() => select(row.path)}>
      <th scope="row">
        <span class="s-layer-name" style={{ paddingLeft: `${row.depth * 16}px` }}>
          {row.composite ? (
            <button
              type="button"
              class={`s-twist${row.open ? " s-twisted" : ""}`}
              aria-expanded={row.open}
              aria-label={row.open ? t("model.close", { name: row.path }) : t("model.open", { name: row.path })}
              onClick={(event) => {
                event.stopPropagation();
                toggle(row.path);
              }}
            />
          ) : (
            indented && <span class="s-twist-none" />
          )}
          <i class={`s-dot-family ${familyClass(category)}`} />
          <button
            type="button"
            class="s-layer-button"
            aria-pressed={isChosen}
            aria-label={t("model.layer.show", { name: row.path })}
            onClick={(event) => {
              event.stopPropagation();
              select(row.path);
            }}
          >
            {row.id}
          </button>
        </span>
      </th>
      <td>{title.replace("module:", "")}</td>
      <td class="s-number">{figures?.output_shapes.map(shapeText).join("; ")}</td>
      <Figure value={figures?.weights} part={weights} known={figures !== undefined} />
      <Figure value={figures?.multiply_adds} part={multiplyAdds} known={figures !== undefined} />
      <td class="s-right s-number">{figures?.receptive_field && figures.receptive_field.length > 0 ? figures.receptive_field.join(" × ") : figures ? "–" : ""}</td>
    </tr>
  );
}

/** The nodes as a table, with the part that each has of weights and cost. */
export function Layers() {
  const all = rows.value;
  const now = network.value;
  const { nodes = {}, weights, multiply_adds: multiplyAdds } = now?.analysis ?? {};
  const indented = all.some((row) => row.composite);
  return (
    <div class={`s-scroll s-layer-pane${counting.value ? " s-old" : ""}`}>
      <table class="s-table">
        <thead>
          <tr>
            <th scope="col">{t("model.column.layer")}</th>
            <th scope="col">{t("model.column.block")}</th>
            <th scope="col">{t("model.column.shape")}</th>
            <th scope="col" class="s-right">
              {t("model.column.weights")}
            </th>
            <th scope="col" class="s-right">
              {t("model.column.multiply_adds")}
            </th>
            <th scope="col" class="s-right">
              {t("model.column.field")}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((row) => (
            <Layer
              key={row.path}
              row={row}
              figures={nodes[row.path]}
              title={now?.blocks?.[row.block]?.title ?? row.block}
              category={now?.blocks?.[row.block]?.category}
              isChosen={chosen.value.has(row.path)}
              indented={indented}
              weights={share(nodes[row.path]?.weights ?? 0, weights)}
              multiplyAdds={share(nodes[row.path]?.multiply_adds ?? 0, multiplyAdds)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
