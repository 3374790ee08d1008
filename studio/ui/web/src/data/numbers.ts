/** A value out of the data in at most six significant digits, never with a unit prefix: 2007 -> "2007", 0.123456789 -> "0.123457". */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return value.toExponential(3);
  if (size >= 1e5) return String(Math.round(value));
  return String(Number(value.toPrecision(6)));
}
