import { Chart, type ChartLine, color, exact, short, t, tOr } from "@studio";
import { offer, type Part } from "./part";

/** A stretch of a series: each column between 0 and 1. */
export interface SeriesPart {
  columns: string[];
  more: number;
  heights: number[][];
  /** How many of the columns are predicted; they come first. */
  first: number;
  last: number[];
  steps: number;
  /** The share at the beginning that is empty, since the longest sequence is longer. */
  blank?: number;
  caption?: string;
}

interface Line {
  name: string;
  steps: number | null;
  look: string;
  points: boolean;
  x: number[];
  y: number[];
}

export interface ChartPart {
  title: string;
  lines: Line[];
  unit: string | null;
  /** What stands below: dates (seconds since 1970), numbers, or rows. */
  moments: "date" | "number" | "row";
  about: "series" | "steps" | "window";
}

const WIDTH = 160;
const HEIGHT = 72;
const ROOM = 3;
const SPLITS = new Set(["train", "validation", "test"]);

/** The points of a small curve. */
export function curvePoints(heights: readonly number[], blank = 0): string {
  const start = ROOM + blank * (WIDTH - 2 * ROOM);
  const step = heights.length > 1 ? (WIDTH - ROOM - start) / (heights.length - 1) : 0;
  return heights.map((height, place) => `${(start + place * step).toFixed(1)},${(HEIGHT - ROOM - height * (HEIGHT - 2 * ROOM)).toFixed(1)}`).join(" ");
}

function Stretch({ part, alt }: { part: Part & SeriesPart; alt: string }) {
  const told = part.columns.map((name, place) => `${name} ${short(part.last[place] ?? 0)}`).join(", ");
  const name = t("shown.series", { steps: exact(part.steps), last: told });
  return (
    <figure class="s-stretch" title={name}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${alt} ${part.caption ?? ""} ${name}`.trim()} preserveAspectRatio="none">
        {[...part.heights].reverse().map((heights, reversed) => {
          const place = part.heights.length - 1 - reversed;
          return <polyline key={part.columns[place]} points={curvePoints(heights, part.blank)} style={{ stroke: color(place) }} class={place < part.first ? "" : "s-stretch-beside"} />;
        })}
      </svg>
      {part.columns.length > 1 && (
        <span class="s-stretch-key s-muted">
          {part.columns.map((column, place) => (
            <span key={column}>
              <i style={{ background: color(place) }} class={place < part.first ? "" : "s-stretch-beside"} />
              {column}
            </span>
          ))}
          {part.more > 0 && <span>{t("shown.series.more", { count: part.more })}</span>}
        </span>
      )}
      {part.caption && <figcaption class="s-muted s-number">{part.caption}</figcaption>}
    </figure>
  );
}

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** How lines look: what was is grey, what is said has a colour. */
function look(line: Line): Pick<ChartLine, "color" | "width" | "dash" | "points"> {
  if (SPLITS.has(line.look)) return { color: token(`--s-split-${line.look}`), width: 1.5 };
  const dense = line.x.length > 400 ? 1 : 2;
  switch (line.look) {
    case "said":
      return { color: color(1), width: dense, points: line.points || line.x.length < 30 };
    case "far":
      return { color: color(3), width: dense, dash: [6, 4] };
    case "future":
      return { color: token("--s-muted"), width: 2, dash: [2, 4], points: line.points };
    case "naive":
      return { color: token("--s-muted"), width: 2, dash: [6, 4], points: true };
    default:
      return { color: color(0), width: dense };
  }
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A moment on the axis: years and whole numbers keep their digits. */
function momentOf(moments: ChartPart["moments"], span: number): (value: number) => string {
  if (moments !== "date") return (value) => String(Number(value.toPrecision(10)));
  return (value) => {
    const at = new Date(value * 1000);
    const day = `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}`;
    if (span > 3 * 365 * 86400) return day;
    const date = `${day}-${two(at.getUTCDate())}`;
    return span > 4 * 86400 ? date : `${date.slice(5)} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  };
}

const labelOf = (line: Line): string => tOr(SPLITS.has(line.name) ? `data.split.${line.name}` : `shown.line.${line.name}`, line.name, { count: line.steps ?? 0 });

function Lines({ part }: { part: Part & ChartPart; alt: string }) {
  const xs = part.lines.flatMap((line) => [line.x[0] ?? 0, line.x.at(-1) ?? 0]);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const lines = part.lines.map((line): ChartLine => ({ label: labelOf(line), x: line.x, y: line.y, ...look(line) }));
  const unit = part.unit ? ` (${part.unit})` : "";
  const heading = part.about === "steps" ? t("shown.chart.steps") : part.title;
  return (
    <figure class="s-lines">
      <figcaption class="s-spread">
        <strong>
          {heading}
          {unit}
        </strong>
        <span class="s-lines-key">
          {lines.map((line) => (
            <span key={line.label}>
              <i style={{ background: line.color }} />
              {line.label}
            </span>
          ))}
        </span>
      </figcaption>
      <Chart lines={lines} name={`${heading}: ${lines.map((line) => line.label).join(", ")}`} height={200} xFormat={momentOf(part.moments, high - low)} xRange={[low, high]} xSpace={part.moments === "date" ? 96 : 64} xWhole={part.moments !== "date" && xs.every(Number.isInteger)} {...(part.about === "series" ? {} : { xLabel: t(`shown.axis.${part.about}`) })} />
    </figure>
  );
}

function Values({ part }: { part: Part & { rows: number[][]; names: string[]; unit: string | null } }) {
  return (
    <div class="s-scroll s-values">
      <table class="s-table">
        <thead>
          <tr>
            <th scope="col">{t("shown.step")}</th>
            {part.names.map((name) => (
              <th scope="col" class="s-right" key={name}>
                {name}
                {part.unit ? ` (${part.unit})` : ""}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {part.rows.map((row, place) => (
            <tr key={place}>
              <th scope="row">{place + 1}</th>
              {row.map((value, column) => (
                <td key={column} class="s-right" title={String(value)}>
                  {short(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

offer<SeriesPart>("series", Stretch, true);
offer<ChartPart>("chart", Lines, true);
offer<{ rows: number[][]; names: string[]; unit: string | null }>("values", Values);
