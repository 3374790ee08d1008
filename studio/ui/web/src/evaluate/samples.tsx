import { percent, short, t } from "@studio";
import { type Part, Parts, Shown } from "../shown";
import type { Told } from "./types";

/** Samples with what they are, what they were taken for, and how sure the network was. */
export function Samples({ samples, columns, unit }: { samples: Told[]; columns: string[]; unit: string | null }) {
  const pictures = samples.some((sample) => sample.picture);
  if (pictures) {
    return (
      <ul class="e-pictures">
        {samples.map((sample) => (
          <li key={sample.row}>
            <img src={sample.picture} alt={t("evaluate.picture", { row: sample.row })} />
            <Verdict sample={sample} unit={unit} />
          </li>
        ))}
      </ul>
    );
  }
  if (samples.some((sample) => sample.parts)) {
    return (
      <ul class="e-pictures e-given">
        {samples.map((sample) => (
          <li key={sample.row}>
            <Given parts={sample.parts?.filter((part) => part.role === "input") ?? []} row={sample.row} />
            <Verdict sample={sample} unit={unit} />
          </li>
        ))}
      </ul>
    );
  }
  const shown = columns.slice(0, 8);
  const numeric = shown.map((_, index) => samples.some((sample) => typeof sample.cells?.[index] === "number"));
  return (
    <div class="s-scroll">
      <table class="s-table e-rows">
        <thead>
          <tr>
            <th scope="col" class={right(samples[0]?.error !== undefined)}>
              {t("evaluate.truth")}
            </th>
            <th scope="col" class={right(samples[0]?.error !== undefined)}>
              {t("evaluate.predicted")}
            </th>
            <th scope="col" class="s-right">
              {t(samples[0]?.error !== undefined ? "evaluate.error" : samples[0]?.score !== undefined ? "evaluate.score" : "evaluate.probability")}
            </th>
            {samples[0]?.text !== undefined && <th scope="col">{t("predict.text")}</th>}
            {shown.map((name, index) => (
              <th scope="col" class={right(numeric[index])} key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {samples.map((sample) => (
            <tr key={sample.row} title={t("evaluate.row", { row: sample.row })}>
              <td class={right(sample.error !== undefined)}>{typeof sample.truth === "number" ? short(sample.truth) : sample.truth}</td>
              <td class={right(sample.error !== undefined)}>{typeof sample.predicted === "number" ? short(sample.predicted) : sample.predicted}</td>
              <td class="s-right">{sample.error === undefined ? surety(sample) : signed(sample.error)}</td>
              {sample.text !== undefined && <td class="e-text">{sample.text}</td>}
              {shown.map((name, index) => {
                const cell = sample.cells?.[index];
                return (
                  <td key={name} class={`s-muted ${right(numeric[index])}`}>
                    {typeof cell === "number" ? String(Number(cell.toPrecision(6))) : String(cell ?? "–")}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What was given: one thing as it is, several with their names. */
function Given({ parts, row }: { parts: Part[]; row: number }) {
  const [only, ...others] = parts;
  if (!only) return null;
  return others.length > 0 ? <Parts parts={parts} /> : <Shown part={only} alt={t("evaluate.picture", { row })} />;
}

/** Numbers stand under each other by their last digit. */
const right = (numbers: boolean | undefined): string => (numbers ? "s-right" : "");

export const signed = (value: number): string => (value > 0 ? "+" : "") + short(value);

/** The predicted class's probability, or its score where scores are no probabilities. */
const surety = (sample: Told): string => (sample.score === undefined ? percent(sample.probability ?? 0) : short(sample.score));

function Verdict({ sample, unit }: { sample: Told; unit: string | null }) {
  if (sample.error !== undefined) {
    return (
      <span class="e-verdict">
        <span>{t("evaluate.said", { value: [short(sample.predicted as number), unit].filter(Boolean).join(" ") })}</span>
        <span class="s-muted">
          {t("evaluate.instead", { truth: short(sample.truth as number) })} ({signed(sample.error)})
        </span>
      </span>
    );
  }
  const wrong = sample.predicted !== sample.truth;
  return (
    <span class="e-verdict">
      <span class={wrong ? "p-wrong" : "p-right"}>
        <strong>{sample.predicted}</strong> <span class="s-number">({surety(sample)})</span>
      </span>
      {wrong && (
        <span class="s-muted">
          {t("evaluate.instead", { truth: sample.truth })} {sample.truth_probability !== undefined && <span class="s-number">({percent(sample.truth_probability)})</span>}
        </span>
      )}
    </span>
  );
}
