import { get, sentence, short, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Part, Shown } from "../shown";
import type { Asked } from "./types";

interface Sample {
  row: number;
  label: string | number | null;
  picture?: string;
  text?: string;
  cells?: (string | number | boolean | null)[];
  parts?: (Part & { picture?: string })[];
}

/** What a sample looks like at first sight. */
const stills = (sample: Sample): string[] => (sample.picture ? [sample.picture] : (sample.parts ?? []).flatMap((part) => (part.role === "input" && part.picture ? [part.picture] : [])));

/** Inputs that are drawn from numbers. */
const drawn = (sample: Sample): Part[] => (stills(sample).length > 0 ? [] : (sample.parts ?? []).filter((part) => part.role === "input" && part.kind === "series"));

const truthOf = (sample: Sample): string => (typeof sample.label === "number" ? short(sample.label) : (sample.label ?? ""));

interface SamplePage {
  total: number;
  kind: string;
  columns: string[];
  samples: Sample[];
}

/** Samples of the test data, which training has not seen: a click predicts one. */
export function SampleInput({ dataset, ask, chosen, onRow }: { dataset: string; ask: (asked: Asked) => void; chosen: number | null; onRow: (values: Record<string, string>) => void }) {
  const page = useSignal<SamplePage | null>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    get<SamplePage>(`api/datasets/${encodeURIComponent(dataset)}/samples?split=test&limit=40`).then(
      (answer) => {
        page.value = answer;
      },
      (error: unknown) => {
        problem.value = sentence(error);
      },
    );
  }, [dataset]);
  if (problem.value) return <p class="s-problem">{problem.value}</p>;
  if (!page.value) return <p class="s-muted">{t("runs.loading")}</p>;
  const { samples, columns } = page.value;
  if (samples.length === 0) return <p class="s-muted">{t("predict.samples.none")}</p>;
  const press = (sample: Sample) => {
    if (sample.cells) onRow(Object.fromEntries(columns.map((name, index) => [name, sample.cells?.[index] === null ? "" : String(sample.cells?.[index])])));
    ask({ row: sample.row });
  };
  return (
    <div class={samples[0] && stills(samples[0]).length > 0 ? "p-pictures" : samples[0] && drawn(samples[0]).length > 0 ? "p-stretches" : "p-lines"} role="group" aria-label={t("predict.samples")}>
      {samples.map((sample) => (
        <button
          type="button"
          key={sample.row}
          class="p-sample"
          aria-pressed={chosen === sample.row}
          aria-label={t("predict.sample", { row: sample.row, label: truthOf(sample) || "–" })}
          onClick={() => press(sample)}
        >
          {stills(sample).length > 0 && (
            <span class="p-stills">
              {stills(sample).map((picture, place) => (
                <img key={place} class={sample.parts?.some((part) => part.kind === "sound") ? "p-wide" : ""} src={picture} alt="" />
              ))}
            </span>
          )}
          {drawn(sample).map((part) => (
            <Shown key={part.name} part={part} />
          ))}
          {sample.text !== undefined && <span class="p-excerpt">{sample.text}</span>}
          {sample.cells && (
            <span class="p-excerpt">
              {columns
                .map((name, index) => ({ name, value: sample.cells?.[index] ?? "–" }))
                .filter(({ value }) => value !== sample.label) // it stands behind them
                .slice(0, 6)
                .map(({ name, value }) => `${name} ${value}`)
                .join(", ")}
            </span>
          )}
          <span class="s-muted p-truth">{truthOf(sample)}</span>
        </button>
      ))}
    </div>
  );
}
