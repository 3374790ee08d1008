import { short, t } from "@studio";

/** The polyline of a small curve in a box of `width` by `height`: x evenly spread, y from lowest to highest. */
export function sparklinePoints(values: readonly number[], width: number, height: number, room = 2): string {
  if (values.length === 0) return "";
  const low = Math.min(...values);
  const high = Math.max(...values);
  const span = high - low || 1;
  const step = values.length > 1 ? (width - 2 * room) / (values.length - 1) : 0;
  return values.map((value, index) => `${(room + index * step).toFixed(1)},${(height - room - ((value - low) / span) * (height - 2 * room)).toFixed(1)}`).join(" ");
}

/** The validation loss over the epochs, the size of a word. */
export function Sparkline({ values, color = "var(--s-accent)" }: { values: readonly number[]; color?: string }) {
  const [width, height] = [96, 24];
  if (values.length === 0) return <span class="s-sparkline s-muted" />;
  const first = values[0] as number;
  const last = values.at(-1) as number;
  const name = t("runs.sparkline", { first: short(first), last: short(last), low: short(Math.min(...values)) });
  const points = sparklinePoints(values, width, height);
  const [x, y] = (points.split(" ").at(-1) as string).split(",");
  return (
    <svg class="s-sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={name}>
      <title>{name}</title>
      {values.length > 1 && <polyline points={points} fill="none" stroke={color} stroke-width="1.5" stroke-linejoin="round" />}
      <circle cx={x} cy={y} r="2" fill={color} />
    </svg>
  );
}
