import { exact, short, t, type Word } from "@studio";
import { useEffect, useRef } from "preact/hooks";
import { share } from "./numbers";
import type { Colours, Statistics } from "./types";

/** Small things that several figures are made of. */

interface StepperProps {
  label: string;
  value: number | null;
  /** The largest number; null for no limit. */
  most: number | null;
  /** What an empty field stands for; without it there has to be a number. */
  empty?: string;
  previous: string;
  next: string;
  onChange: (value: number | null) => void;
}

/** A number from 0, typed or stepped through. */
export function Stepper({ label, value, most, empty, previous, next, onChange }: StepperProps) {
  const field = useRef<HTMLInputElement>(null);
  const text = value === null ? "" : String(value);
  useEffect(() => {
    if (field.current && document.activeElement !== field.current) field.current.value = text;
  }, [text]);
  const step = (to: number) => {
    onChange(to);
    if (field.current) field.current.value = String(to);
  };
  const take = (typed: string) => {
    if (typed === "" && empty !== undefined) onChange(null);
    const number = Number(typed);
    if (typed !== "" && Number.isInteger(number) && number >= 0 && (most === null || number <= most)) onChange(number);
  };
  return (
    <span class="s-stepper" role="group" aria-label={label}>
      <button type="button" aria-label={previous} title={previous} disabled={value === null || value <= 0} onClick={() => step((value ?? 1) - 1)}>
        ‹
      </button>
      <input
        ref={field}
        type="number"
        inputMode="numeric"
        min={0}
        max={most ?? undefined}
        aria-label={label}
        placeholder={empty}
        defaultValue={text}
        onInput={(event) => take(event.currentTarget.value)}
        onBlur={(event) => (event.currentTarget.value = text)}
      />
      <button type="button" aria-label={next} title={next} disabled={most !== null && (value ?? -1) >= most} onClick={() => step((value ?? -1) + 1)}>
        ›
      </button>
    </span>
  );
}

/** Leads from page to page. */
export function Pager({ label, page, pages, onPage }: { label: string; page: number; pages: number; onPage: (page: number) => void }) {
  if (pages < 2) return null;
  return (
    <span class="s-stepper" role="group" aria-label={label}>
      <button type="button" aria-label={t("preview.page.previous")} title={t("preview.page.previous")} disabled={page === 0} onClick={() => onPage(page - 1)}>
        ‹
      </button>
      <span class="s-number">{t("preview.page", { page: page + 1, pages })}</span>
      <button type="button" aria-label={t("preview.page.next")} title={t("preview.page.next")} disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>
        ›
      </button>
    </span>
  );
}

/** The colours that stand for numbers, with the numbers at both ends. */
export function ColourBar({ colours }: { colours: Colours | null }) {
  if (!colours) return <span class="s-colour-bar s-muted s-fine">{t("preview.colours.rgb")}</span>;
  const { name, palette, range } = colours;
  const said = range ? t("preview.colours.alt", { low: short(range[0]), high: short(range[1]) }) : t("preview.colours.each");
  const around = name === "diverging";
  const [low, high] = range ? range.map(short) : around ? [t("preview.colours.negative"), t("preview.colours.positive")] : [t("preview.colours.low"), t("preview.colours.high")];
  return (
    <span class="s-colour-bar">
      <span class="s-colours" role="img" aria-label={said} style={{ background: `linear-gradient(to right, ${palette.join(", ")})` }} />
      <span class="s-fine s-number s-muted">
        <span title={range ? String(range[0]) : undefined}>{low}</span>
        {around && <span>0</span>}
        <span title={range ? String(range[1]) : undefined}>{high}</span>
      </span>
    </span>
  );
}

const FIGURES = ["minimum", "mean", "maximum", "standard_deviation", "zeros", "not_finite"] as const;

/** The figures of many numbers: short, exact on hover. */
export function Figures({ statistics }: { statistics: Statistics }) {
  return (
    <dl class="s-preview-figures" title={t("preview.count", { count: exact(statistics.count) })}>
      {FIGURES.map((name) => {
        const value = statistics[name];
        const isShare = name === "zeros" || name === "not_finite";
        return (
          <div key={name} class={name === "not_finite" && statistics.not_finite > 0 ? "s-preview-bad" : ""}>
            <dt>{t(`preview.figure.${name}` as Word)}</dt>
            <dd class="s-number" title={value === null ? undefined : isShare ? `${value * 100} %` : String(value)}>
              {isShare ? share(value ?? 0) : short(value)}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
