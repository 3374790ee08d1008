import { short, t } from "@studio";
import { signed } from "./samples";

interface Box {
  width: number;
  height: number;
  left: number;
  bottom: number;
  top: number;
  right: number;
}
export const BOX: Box = { width: 480, height: 360, left: 56, bottom: 40, top: 8, right: 12 };

/** About `wanted` round values between two bounds. */
export function ticks(low: number, high: number, wanted = 5): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const found: number[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}

export function Axes({ xs, ys, x, y, xLabel, yLabel }: { xs: number[]; ys: number[]; x: (value: number) => number; y: (value: number) => number; xLabel: string; yLabel: string }) {
  return (
    <g class="e-axes">
      {xs.map((value) => (
        <g key={value}>
          <line x1={x(value)} x2={x(value)} y1={BOX.top} y2={BOX.height - BOX.bottom} />
          <text x={x(value)} y={BOX.height - BOX.bottom + 16} text-anchor="middle">
            {short(value)}
          </text>
        </g>
      ))}
      {ys.map((value) => (
        <g key={value}>
          <line x1={BOX.left} x2={BOX.width - BOX.right} y1={y(value)} y2={y(value)} />
          <text x={BOX.left - 6} y={y(value) + 4} text-anchor="end">
            {short(value)}
          </text>
        </g>
      ))}
      <text x={(BOX.left + BOX.width - BOX.right) / 2} y={BOX.height - 6} text-anchor="middle">
        {xLabel}
      </text>
      <text x={-(BOX.height - BOX.bottom) / 2} y={12} text-anchor="middle" transform="rotate(-90)">
        {yLabel}
      </text>
    </g>
  );
}

/** Predicted against true: the nearer to the line, the better. */
export function Scatter({ points, unit }: { points: [number, number, number][]; unit: string | null }) {
  const all = points.flatMap(([truth, predicted]) => [truth, predicted]);
  const lowest = Math.min(...all);
  const highest = Math.max(...all);
  const room = (highest - lowest || Math.abs(highest) || 1) * 0.04;
  const [low, high] = [lowest - room, highest + room];
  const x = (value: number) => BOX.left + ((value - low) / (high - low)) * (BOX.width - BOX.left - BOX.right);
  const y = (value: number) => BOX.height - BOX.bottom - ((value - low) / (high - low)) * (BOX.height - BOX.top - BOX.bottom);
  const marks = ticks(low, high);
  const suffix = unit ? ` (${unit})` : "";
  return (
    <figure class="e-chart">
      <figcaption>{t("evaluate.scatter")}</figcaption>
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={t("evaluate.scatter.name", { count: points.length })}>
        <Axes xs={marks} ys={marks} x={x} y={y} xLabel={t("evaluate.truth") + suffix} yLabel={t("evaluate.predicted") + suffix} />
        <line class="e-diagonal" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
        {points.map(([truth, predicted, row]) => (
          <circle key={row} cx={x(truth)} cy={y(predicted)} r={points.length > 500 ? 2 : 3}>
            <title>{t("evaluate.point", { truth: short(truth), predicted: short(predicted), error: signed(predicted - truth) })}</title>
          </circle>
        ))}
      </svg>
    </figure>
  );
}

/** How often the prediction is off by how much. */
export function Residuals({ edges, counts, unit, bias, spread }: { edges: number[]; counts: number[]; unit: string | null; bias: number; spread: number }) {
  const low = edges[0] as number;
  const high = edges.at(-1) as number;
  const most = Math.max(1, ...counts);
  const x = (value: number) => BOX.left + ((value - low) / (high - low || 1)) * (BOX.width - BOX.left - BOX.right);
  const y = (value: number) => BOX.height - BOX.bottom - (value / most) * (BOX.height - BOX.top - BOX.bottom);
  const suffix = unit ? ` (${unit})` : "";
  return (
    <figure class="e-chart">
      <figcaption>{t("evaluate.residuals")}</figcaption>
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={t("evaluate.residuals.name", { bias: signed(bias), spread: short(spread) })}>
        <Axes xs={ticks(low, high)} ys={ticks(0, most).filter(Number.isInteger)} x={x} y={y} xLabel={t("evaluate.error.axis") + suffix} yLabel={t("evaluate.samples")} />
        {counts.map((count, index) => {
          const [from, to] = [edges[index] as number, edges[index + 1] as number];
          return (
            <rect key={from} x={x(from) + 0.5} width={Math.max(1, x(to) - x(from) - 1)} y={y(count)} height={BOX.height - BOX.bottom - y(count)}>
              <title>{t("evaluate.bin", { from: signed(from), to: signed(to), count })}</title>
            </rect>
          );
        })}
        {low < 0 && high > 0 && <line class="e-diagonal" x1={x(0)} x2={x(0)} y1={BOX.top} y2={BOX.height - BOX.bottom} />}
      </svg>
    </figure>
  );
}
