/** A mean and its deviation with as many decimals as the deviation makes sense of: 30.7851 and 17.5234 -> 30.8 and 17.5. */
export function around(mean: number, deviation: number): [string, string] {
  if (!(deviation > 0) || !Number.isFinite(mean) || deviation < 1e-6 || deviation >= 1e15) return [plain(mean), plain(deviation)];
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(deviation)));
  return [String(Number(mean.toFixed(decimals))), String(Number(deviation.toFixed(decimals)))];
}

/** A value out of the data in at most six significant digits, never with a unit prefix: 2007 -> "2007", 0.123456789 -> "0.123457". */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return value.toExponential(3);
  if (size >= 1e5) return String(Math.round(value));
  return String(Number(value.toPrecision(6)));
}
