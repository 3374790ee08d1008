import { exact, percent, short, t } from "@studio";
import { useSignal } from "@preact/signals";
import { thumbnail } from "../shown/neighbours";
import { offerDetails } from "./details";
import { Axes, BOX, ticks } from "./numbers";

interface IdentityDetails {
  classes: number;
  ways: number;
  threshold: number;
  equal_error_rate: number;
  recall_at_5: number;
  pairs: { same: number; different: number };
  histogram: { edges: number[]; same: number[]; different: number[] };
  curve: [number, number][];
  map: { points: [number, number, number, number][]; classes: string[] };
}

/** Colours of classes on the map; each comes again with another shape. */
const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6BB1"];
/** Circle, square, triangle, diamond. */
const SHAPES = ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-3.5-3.5h7v7h-7z", "M0-4.6L4.4 3.2H-4.4z", "M0-5L4.4 0L0 5L-4.4 0z"];

/** The look of a class on the map. */
export const look = (index: number): { colour: string; shape: string } => ({
  colour: COLOURS[index % COLOURS.length] as string,
  shape: SHAPES[Math.floor(index / COLOURS.length) % SHAPES.length] as string,
});

const x = (value: number): number => BOX.left + value * (BOX.width - BOX.left - BOX.right);
const y = (value: number): number => BOX.height - BOX.bottom - value * (BOX.height - BOX.top - BOX.bottom);

/** Points as the path of steps over equal bins. */
function steps(edges: number[], shares: number[], across: (value: number) => number, up: (value: number) => number): string {
  const corners = shares.flatMap((share, index) => [`${across(edges[index] as number)},${up(share)}`, `${across(edges[index + 1] as number)},${up(share)}`]);
  return `M${across(edges[0] as number)},${up(0)}L${corners.join("L")}L${across(edges.at(-1) as number)},${up(0)}Z`;
}

/** How far equal and different pairs are apart, and where the line between them is drawn. */
function Distances({ details }: { details: IdentityDetails }) {
  const { edges, same, different } = details.histogram;
  const largest = edges.at(-1) || 1;
  const most = Math.max(...same, ...different) || 1;
  const across = (value: number): number => x(value / largest);
  const up = (value: number): number => y(value / most);
  const line = across(details.threshold);
  return (
    <figure class="e-chart">
      <figcaption>{t("evaluate.pairs.distances")}</figcaption>
      <ul class="e-legend">
        <li class="e-same">{t("evaluate.pairs.same", { count: exact(details.pairs.same) })}</li>
        <li class="e-different">{t("evaluate.pairs.different", { count: exact(details.pairs.different) })}</li>
      </ul>
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={t("evaluate.pairs.distances.name", { threshold: short(details.threshold), error: percent(details.equal_error_rate) })}>
        <Axes xs={ticks(0, largest)} ys={ticks(0, most)} x={across} y={up} xLabel={t("evaluate.pairs.distance")} yLabel={t("evaluate.pairs.share")} />
        <path class="e-different" d={steps(edges, different, across, up)} />
        <path class="e-same" d={steps(edges, same, across, up)} />
        <line class="e-diagonal" x1={line} x2={line} y1={BOX.top} y2={BOX.height - BOX.bottom} />
        <text class="e-note" x={line + (line > BOX.width * 0.6 ? -6 : 6)} y={BOX.top + 12} text-anchor={line > BOX.width * 0.6 ? "end" : "start"}>
          {t("evaluate.pairs.threshold", { threshold: short(details.threshold) })}
        </text>
      </svg>
    </figure>
  );
}

/** The ROC curve of "same or not", with the point of equal error. */
function Curve({ details }: { details: IdentityDetails }) {
  const marks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const error = details.equal_error_rate;
  return (
    <figure class="e-chart">
      <figcaption>{t("evaluate.roc")}</figcaption>
      <p class="e-legend s-muted">{t("evaluate.roc.help")}</p>
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={t("evaluate.roc.name", { error: percent(error) })}>
        <Axes xs={marks} ys={marks} x={x} y={y} xLabel={t("evaluate.roc.false")} yLabel={t("evaluate.roc.true")} />
        <line class="e-diagonal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
        <path class="e-line" d={`M${details.curve.map(([wrong, right]) => `${x(wrong)},${y(right)}`).join("L")}`} />
        <circle cx={x(error)} cy={y(1 - error)} r={5}>
          <title>{t("evaluate.roc.name", { error: percent(error) })}</title>
        </circle>
      </svg>
    </figure>
  );
}

/** Samples on a plane, like ones near each other; the one under the pointer is shown. */
function Map({ details, dataset }: { details: IdentityDetails; dataset: string | null }) {
  const { points, classes } = details.map;
  const chosen = useSignal<number | null>(null);
  const only = useSignal<number | null>(null);
  const point = chosen.value === null ? null : points[chosen.value];
  const side = 480;
  const place = (value: number): number => 16 + value * (side - 32);
  return (
    <figure class="e-chart e-map">
      <figcaption>{t("evaluate.map")}</figcaption>
      <p class="s-muted">{t("evaluate.map.help")}</p>
      <div class="e-map-columns">
        <svg viewBox={`0 0 ${side} ${side}`} role="img" aria-label={t("evaluate.map.name", { count: points.length, classes: classes.length })} onPointerLeave={() => (chosen.value = null)}>
          {points.map(([left, top, index, row], number) => (
            <path
              key={row}
              class={only.value !== null && only.value !== index ? "e-faint" : ""}
              d={look(index).shape}
              fill={look(index).colour}
              transform={`translate(${place(left)} ${place(1 - top)})${chosen.value === number ? " scale(1.6)" : ""}`}
              onPointerEnter={() => (chosen.value = number)}
            />
          ))}
        </svg>
        <div class="s-stack">
          <div class="e-map-shown" aria-live="polite">
            {point ? (
              <>
                {dataset && <img class="s-part-picture" src={thumbnail(dataset, point[3])} alt={t("evaluate.picture", { row: point[3] })} />}
                <span>{classes[point[2]]}</span>
                <span class="s-muted s-number">{t("evaluate.row", { row: point[3] })}</span>
              </>
            ) : (
              <span class="s-muted">{t("evaluate.map.point")}</span>
            )}
          </div>
          <ul class="e-map-classes">
            {classes.map((name, index) => (
              <li key={name}>
                <button type="button" aria-pressed={only.value === index} onClick={() => (only.value = only.value === index ? null : index)}>
                  <svg viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">
                    <path d={look(index).shape} fill={look(index).colour} />
                  </svg>
                  <span>{name}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </figure>
  );
}

offerDetails<IdentityDetails>("identity", ({ details, evaluated }) => (
  <>
    <section class="s-panel s-stack" aria-label={t("evaluate.pairs.title")}>
      <h3>{t("evaluate.pairs.title")}</h3>
      <p class="s-muted">{t("evaluate.pairs.help", { classes: details.classes, ways: details.ways, recall: percent(details.recall_at_5) })}</p>
      <div class="e-two">
        <Distances details={details} />
        {details.curve.length > 0 && <Curve details={details} />}
      </div>
    </section>
    {details.map.points.length > 0 && (
      <section class="s-panel" aria-label={t("evaluate.map")}>
        <Map details={details} dataset={evaluated.has_samples ? (evaluated.dataset ?? null) : null} />
      </section>
    )}
  </>
));
