import { useSignal } from "@preact/signals";
import { short, t } from "@studio";
import { barsPath, ends, linePath } from "./numbers";

const WIDTH = 304;
const HEIGHT = 112;

interface StripProps {
  values: readonly (number | null)[];
  kind: "bars" | "line";
  label: string;
  /** The name of a value by its place. */
  name: (place: number) => string;
}

/** Many numbers as bars or as a line; pointing at one, or an arrow key, tells what it is. */
export function Strip({ values, kind, label, name }: StripProps) {
  const chosen = useSignal<number | null>(null);
  const at = chosen.value === null ? null : Math.min(chosen.value, values.length - 1);
  const range = ends(values);
  const step = WIDTH / values.length;
  const said = (place: number): string => t("preview.value", { name: name(place), value: short(values[place] ?? Number.NaN) });
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    chosen.value = Math.max(0, Math.min(values.length - 1, Math.floor(((event.clientX - box.left) / box.width) * values.length)));
  };
  const lead = (event: KeyboardEvent) => {
    const now = at ?? -1;
    const to: Record<string, number> = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: values.length - 1, PageUp: now + 16, PageDown: now - 16 };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    chosen.value = Math.max(0, Math.min(values.length - 1, next));
  };
  const zero = HEIGHT * (1 - (0 - range[0]) / (range[1] - range[0]));
  const missing = values.map((value, index) => (value === null ? `M${(index + 0.5) * step} 0V${HEIGHT}` : "")).join("");
  return (
    <div class="s-strip">
      <div class="s-strip-chart">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="slider"
          tabIndex={0}
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={values.length - 1}
          aria-valuenow={at ?? 0}
          aria-valuetext={said(at ?? 0)}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => (chosen.value = null)}
          onKeyDown={lead}
          onBlur={() => (chosen.value = null)}
        >
          {at !== null && <rect class="s-strip-at" x={at * step} width={Math.max(1, step)} height={HEIGHT} />}
          {missing && <path class="s-strip-missing" d={missing} />}
          <line class="s-strip-zero" x2={WIDTH} y1={zero} y2={zero} />
          <path class={`s-strip-${kind}`} d={(kind === "bars" ? barsPath : linePath)(values, range, WIDTH, HEIGHT)} />
        </svg>
        <span class="s-strip-end s-fine s-number" title={String(range[1])}>
          {short(range[1])}
        </span>
        <span class="s-strip-end s-strip-low s-fine s-number" title={String(range[0])}>
          {short(range[0])}
        </span>
      </div>
      <p class="s-fine s-number s-muted">{at === null ? t("preview.point") : said(at)}</p>
    </div>
  );
}
