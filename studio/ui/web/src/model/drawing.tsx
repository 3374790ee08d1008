import { exact, short, t } from "@studio";
import { computed, signal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { familyClass } from "./family";
import { brief, type Row, shapeText } from "./graph";
import { curve, layout } from "./layout";
import { blockForms, counting, network, seen, select, selected, toggle } from "./state";

const SIZE = { width: 176, height: 44, gap: 32, beside: 24 };
const ZOOMS = [0.4, 0.55, 0.75, 1, 1.25];
const PLAIN = ZOOMS.indexOf(1);
const SMALLEST_FITTED = 1;
const zoom = signal(PLAIN);
/** The person has set the size; until then wide networks are drawn smaller. */
const zoomed = signal(false);

function zoomBy(step: number): void {
  zoomed.value = true;
  zoom.value += step;
}

const placed = computed(() => {
  const now = seen.value;
  return now && layout(now.boxes.map((row) => row.path), now.edges, SIZE);
});

/** Shortens a text to what fits into a box. */
const fit = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

function Box({ row, x, y }: { row: Row; x: number; y: number }) {
  const now = network.value;
  const figures = now?.analysis?.nodes[row.path];
  const worst = now?.analysis?.messages.filter((message) => message.node === row.path || message.node.startsWith(`${row.path}/`)).map((message) => message.severity) ?? [];
  const title = now?.blocks?.[row.block]?.title ?? row.block.replace("module:", "");
  const category = now?.blocks?.[row.block]?.category;
  const form = blockForms.value[row.block];
  const few = brief(row.document, Object.fromEntries(form?.fields.map((field) => [field.name, field.default]) ?? []));
  const name = [
    row.path,
    title,
    figures && t("model.node.gives", { shape: shapeText(figures.output_shapes[0]) }),
    figures && figures.weights > 0 && t("model.weights", { count: exact(figures.weights) }),
    worst.includes("error") && t("model.severity.error"),
  ]
    .filter(Boolean)
    .join(", ");
  return (
    <g
      class={`s-box ${familyClass(category)}${selected.value === row.path ? " s-selected" : ""}${worst.includes("error") ? " s-bad" : worst.includes("warning") ? " s-odd" : ""}`}
      transform={`translate(${x - SIZE.width / 2} ${y})`}
      role="button"
      tabIndex={0}
      aria-label={name}
      aria-pressed={selected.value === row.path}
      data-testid={`drawn-${row.path}`}
      onClick={() => select(row.path)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        select(row.path);
      }}
    >
      <title>{row.document.title ? `${name}\n${row.document.title}` : name}</title>
      <rect class="s-box-ground" width={SIZE.width} height={SIZE.height} rx={4} />
      <rect class="s-box-family" width={6} height={SIZE.height} rx={2} />
      <text x={16} y={18} class="s-box-name">
        {fit(row.id, row.composite ? 17 : 20)}
      </text>
      <text x={16} y={34} class="s-box-block">
        {fit(few ? `${title} ${few}` : title, 26)}
      </text>
      {row.composite && (
        <g
          class="s-box-open"
          role="button"
          tabIndex={0}
          aria-label={t("model.open", { name: row.path })}
          transform={`translate(${SIZE.width - 28} 6)`}
          onClick={(event) => {
            event.stopPropagation();
            toggle(row.path);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            event.stopPropagation();
            toggle(row.path);
          }}
        >
          <rect width={22} height={22} rx={4} />
          <path d="M7 11H15M11 7V15" />
        </g>
      )}
    </g>
  );
}

/** Frames around the boxes of composites that are shown from inside, with the way back. */
function frames(): { path: string; x: number; y: number; width: number; height: number }[] {
  const now = seen.value;
  const places = placed.value;
  if (!now || !places) return [];
  return now.rows
    .filter((row) => row.open)
    .map((row) => {
      const inside = now.boxes.filter((box) => box.path.startsWith(`${row.path}/`)).flatMap((box) => places.boxes.get(box.path) ?? []);
      const deepest = Math.max(0, ...now.rows.filter((each) => each.open && each.path.startsWith(`${row.path}/`)).map((each) => each.path.split("/").length - row.path.split("/").length));
      const margin = 8 + 5 * deepest;
      const left = Math.min(...inside.map((place) => place.x)) - SIZE.width / 2 - margin;
      const right = Math.max(...inside.map((place) => place.x)) + SIZE.width / 2 + margin;
      const top = Math.min(...inside.map((place) => place.y)) - margin;
      const bottom = Math.max(...inside.map((place) => place.y)) + SIZE.height + margin;
      return { path: row.path, x: left, y: top, width: right - left, height: bottom - top };
    })
    .filter((frame) => Number.isFinite(frame.width));
}

/** The network, drawn from input to output. */
export function Drawing() {
  const id = useId();
  const pane = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; y: number; left: number; top: number } | null>(null);
  const now = network.value;
  const places = placed.value;
  const scale = ZOOMS[zoom.value] ?? 1;
  const chosen = selected.value;

  useEffect(() => {
    const place = chosen ? places?.boxes.get(chosen) : undefined;
    const element = pane.current;
    if (!place || !element) return;
    const [x, y] = [place.x * scale, place.y * scale];
    const hidden = y < element.scrollTop || y + SIZE.height * scale > element.scrollTop + element.clientHeight || x < element.scrollLeft || x > element.scrollLeft + element.clientWidth;
    if (hidden) element.scrollTo({ left: x - element.clientWidth / 2, top: y - element.clientHeight / 2 });
  }, [chosen, places]);

  useLayoutEffect(() => {
    const element = pane.current;
    if (!element || !places || zoomed.value) return;
    let fitting = PLAIN;
    while (fitting > SMALLEST_FITTED && places.width * (ZOOMS[fitting] ?? 1) > element.clientWidth) fitting -= 1;
    zoom.value = fitting;
  }, [places?.width]);

  useEffect(() => {
    const element = pane.current;
    if (element && places) element.scrollLeft = (places.width * scale - element.clientWidth) / 2;
  }, [places?.width, scale]);

  return (
    <section class="s-panel s-drawing" aria-labelledby={`${id}-title`} aria-busy={counting.value}>
      <div class="s-spread s-tools">
        <h2 id={`${id}-title`}>{t("model.drawing")}</h2>
        <div class="s-row">
          <div class="s-segments" role="group" aria-label={t("model.zoom")}>
            <button type="button" aria-label={t("model.zoom.out")} disabled={zoom.value === 0} onClick={() => zoomBy(-1)}>
              −
            </button>
            <button type="button" aria-label={t("model.zoom.in")} disabled={zoom.value === ZOOMS.length - 1} onClick={() => zoomBy(1)}>
              +
            </button>
          </div>
        </div>
      </div>
      <div
        class="s-pane"
        ref={pane}
        tabIndex={0}
        role="group"
        aria-label={t("model.drawing.pane")}
        onPointerDown={(event) => {
          if (event.pointerType !== "mouse" || (event.target as Element).closest(".s-box, .s-box-open")) return; // fingers scroll by themselves
          drag.current = { x: event.clientX, y: event.clientY, left: event.currentTarget.scrollLeft, top: event.currentTarget.scrollTop };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (!drag.current) return;
          event.currentTarget.scrollLeft = drag.current.left - (event.clientX - drag.current.x);
          event.currentTarget.scrollTop = drag.current.top - (event.clientY - drag.current.y);
        }}
        onPointerUp={() => (drag.current = null)}
        onPointerCancel={() => (drag.current = null)}
      >
        {seen.value && places && (
          <svg class="s-net" width={places.width * scale} height={places.height * scale} viewBox={`0 0 ${places.width} ${places.height}`} role="group" aria-label={t("model.drawing.of", { name: now?.graph?.name ?? "" })}>
            {frames().map((frame) => (
              <g key={frame.path} class="s-frame" transform={`translate(${frame.x} ${frame.y})`}>
                <rect width={frame.width} height={frame.height} rx={6} />
              </g>
            ))}
            {seen.value.edges.map((edge, index) => {
              const points = places.lines[index] ?? [];
              const last = points[points.length - 1];
              const before = points[points.length - 2];
              const shape = now?.analysis?.nodes[edge.from]?.output_shapes[edge.output];
              const first = seen.value?.edges.findIndex((each) => each.from === edge.from) === index;
              const start = points[0];
              return (
                <g key={`${edge.from}-${edge.to}-${index}`} class="s-edge">
                  <path d={curve(points)} />
                  {last && before && <path class="s-head" d={`M${last.x - 4},${last.y - 6}L${last.x},${last.y}L${last.x + 4},${last.y - 6}`} />}
                  {start && first && shape && (
                    <text x={start.x + 8} y={start.y + 15}>
                      {shapeText(shape)}
                    </text>
                  )}
                </g>
              );
            })}
            {seen.value.boxes.map((row) => {
              const place = places.boxes.get(row.path);
              return place && <Box key={row.path} row={row} x={place.x} y={place.y} />;
            })}
            {frames().map((frame) => (
              <g
                key={`${frame.path}-close`}
                class="s-box-open"
                role="button"
                tabIndex={0}
                aria-label={t("model.close", { name: frame.path })}
                transform={`translate(${frame.x + frame.width - 11 - 26 * (frame.path.split("/").length - 1)} ${frame.y - 11})`}
                onClick={() => toggle(frame.path)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" && event.key !== " ") return;
                  event.preventDefault();
                  toggle(frame.path);
                }}
              >
                <title>{t("model.close", { name: frame.path })}</title>
                <rect width={22} height={22} rx={4} />
                <path d="M7 11H15" />
              </g>
            ))}
          </svg>
        )}
      </div>
    </section>
  );
}

/** The figures of the whole network. */
export const totals = (): { name: string; value: string; exact: string }[] => {
  const analysis = network.value?.analysis;
  const figure = (value: number | undefined) => ({ value: value === undefined ? "–" : short(value), exact: value === undefined ? "" : exact(value) });
  const layers = seen.value?.rows.filter((row) => row.depth === 0).length;
  return [
    { name: t("model.total.weights"), ...figure(analysis?.weights) },
    { name: t("model.total.trainable"), ...figure(analysis?.trainable_weights) },
    { name: t("model.total.multiply_adds"), value: figure(analysis?.multiply_adds).value, exact: analysis ? t("model.total.per", { count: exact(analysis.multiply_adds) }) : "" },
    { name: t("model.total.nodes"), ...figure(analysis ? Object.keys(analysis.nodes).filter((path) => !(path in analysis.levels)).length : layers) },
  ];
};

