import { language, t } from "./words";

const UNITS = ["", " k", " M", " G", " T"];

/** A number in at most four significant characters: 61706 -> "61.7 k". */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  let size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  if (size < 1000) return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  let unit = 0;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${value < 0 ? "-" : ""}${Number(size.toPrecision(3))}${UNITS[unit]}`;
}

/** Every digit, grouped as the language does it: 61706 -> "61,706". */
export const exact = (value: number): string => value.toLocaleString(language);

/** Bytes in decimal units: 1500000 -> "1.5 MB". */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** A share between 0 and 1 in percent: 0.9755 -> "97.6 %". */
export const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

/** Seconds for people: 75 -> "1 min 15 s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds > 0 && seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.round((whole % 3600) / 60);
  return minutes === 60 ? `${hours + 1} h 0 min` : `${hours} h ${minutes} min`;
}

/** How long ago a moment (seconds since 1970) was. */
export function ago(moment: number, now: number = Date.now() / 1000): string {
  const seconds = Math.max(0, now - moment);
  if (seconds < 60) return t("time.now");
  if (seconds < 3600) return t("time.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t("time.hours", { n: Math.floor(seconds / 3600) });
  if (seconds < 30 * 86400) return t("time.days", { n: Math.floor(seconds / 86400) });
  return new Date(moment * 1000).toLocaleDateString(language);
}
