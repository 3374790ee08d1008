import { exact, short, t } from "@studio";
import { offerDetails } from "./details";
import { Axes, BOX, ticks } from "./numbers";
import { signed } from "./samples";

interface PictureDetails {
  /** Whether the pictures are to come out as they went in. */
  copy: boolean;
  scale: number;
  /** How far the pictures are better than what there was before, in decibels, and how many of them are. */
  gain?: number;
  better?: number;
  /** How many pictures have an error in each range. */
  errors?: { edges: number[]; counts: number[] };
}

/** How much better pictures have become; of copies, how large their errors are. */
offerDetails<PictureDetails>("image", ({ details, evaluated }) => (
  <>
    {details.gain !== undefined && (
      <section class="s-panel" aria-label={t("evaluate.gain")}>
        <h3>{t("evaluate.gain")}</h3>
        <p>
          {t(details.scale > 1 ? "evaluate.gain.scale" : "evaluate.gain.noise", { better: exact(details.better ?? 0), samples: exact(evaluated.samples), gain: signed(details.gain) })}
        </p>
        <p class="s-muted">{t("evaluate.gain.help")}</p>
      </section>
    )}
    {details.errors && (
      <section class="s-panel" aria-label={t("evaluate.spread")}>
        <h3>{t("evaluate.spread")}</h3>
        <p class="s-muted">{t("evaluate.spread.help")}</p>
        <Errors {...details.errors} />
      </section>
    )}
  </>
));

function Errors({ edges, counts }: { edges: number[]; counts: number[] }) {
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const most = Math.max(...counts, 1);
  const x = (value: number): number => BOX.left + ((value - low) / (high - low || 1)) * (BOX.width - BOX.left - BOX.right);
  const y = (value: number): number => BOX.height - BOX.bottom - (value / most) * (BOX.height - BOX.bottom - BOX.top);
  return (
    <figure class="e-chart e-narrow">
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={t("evaluate.spread")}>
        <Axes xs={ticks(low, high, 4)} ys={ticks(0, most).filter(Number.isInteger)} x={x} y={y} xLabel={t("metric.mse")} yLabel={t("evaluate.samples")} />
        {counts.map((count, index) => {
          const [from, to] = [edges[index] ?? low, edges[index + 1] ?? high];
          return (
            <rect key={from} x={x(from) + 0.5} width={Math.max(1, x(to) - x(from) - 1)} y={y(count)} height={y(0) - y(count)}>
              <title>{`${short(from)} – ${short(to)}: ${exact(count)}`}</title>
            </rect>
          );
        })}
      </svg>
    </figure>
  );
}
