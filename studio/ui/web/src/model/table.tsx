import { exact, short, t } from "@studio";
import { useEffect, useRef } from "preact/hooks";
import { share } from "./canvas/figures";
import { familyClass } from "./family";
import { type Row, shapeText } from "./graph";
import { counting, network, seen, select, selected, toggle } from "./state";
import { chosen } from "./state";

/** A figure with its part of the whole as a bar, so that the one layer that has most of all is seen. */
function Figure({ value, whole, known }: { value: number | undefined; whole: number | undefined; known: boolean }) {
  return (
    <td class="s-right s-number s-share-cell" title={value ? exact(value) : undefined}>
      {value ? short(value) : known ? "–" : ""}
      {value ? <i class="s-share" style={{ width: `${100 * share(value, whole)}%` }} /> : null}
    </td>
  );
}

function Layer({ row }: { row: Row }) {
  const now = network.value;
  const figures = now?.analysis?.nodes[row.path];
  const element = useRef<HTMLTableRowElement>(null);
  const isChosen = chosen.value.has(row.path);
  useEffect(() => {
    const pane = element.current?.closest(".s-layer-pane");
    if (selected.value !== row.path || !pane || !element.current) return;
    const at = element.current.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    const head = pane.querySelector("thead")?.offsetHeight ?? 0; // the column titles stay above the rows
    if (at.top < frame.top + head) pane.scrollTop -= frame.top + head - at.top;
    else if (at.bottom > frame.bottom) pane.scrollTop += at.bottom - frame.bottom;
  }, [isChosen]);
  const title = now?.blocks?.[row.block]?.title ?? row.block;
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
            (row.depth > 0 || seen.value?.rows.some((each) => each.composite)) && <span class="s-twist-none" />
          )}
          <i class={`s-dot-family ${familyClass(now?.blocks?.[row.block]?.category)}`} />
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
      <Figure value={figures?.weights} whole={now?.analysis?.weights} known={figures !== undefined} />
      <Figure value={figures?.multiply_adds} whole={now?.analysis?.multiply_adds} known={figures !== undefined} />
      <td class="s-right s-number">{figures?.receptive_field && figures.receptive_field.length > 0 ? figures.receptive_field.join(" × ") : figures ? "–" : ""}</td>
    </tr>
  );
}

/** The nodes as a table, with the part that each has of weights and cost. */
export function Layers() {
  const rows = seen.value?.rows ?? [];
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
          {rows.map((row) => (
            <Layer key={row.path} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
