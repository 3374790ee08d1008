import { percent, short, t } from "@studio";
import { plain } from "../../data/numbers";
import { Bars } from "../../results/bars";
import { areShares } from "./numbers";
import { Pager } from "./parts";
import { look } from "./state";
import { Strip } from "./strip";
import type { Shown } from "./types";

/** Numbers side by side: with names as a list, an Output's as its answer, others as bars. */
export function Vector({ found }: { found: Shown }) {
  const { labels, answer, first } = found;
  const values = (found.values ?? []) as (number | null)[];
  const truth = found.sample.label ?? null;
  if (values.length === 0) return <p class="s-muted">{t("preview.empty")}</p>;
  return (
    <>
      {answer && <Answer answer={answer} truth={truth} />}
      {found.pages > 1 && (
        <div class="s-spread s-preview-row">
          <span class="s-muted s-fine">{t("preview.vector.part", { first, last: first + values.length - 1 })}</span>
          <Pager label={t("preview.pages.numbers")} page={found.page} pages={found.pages} onPage={(page) => look({ page })} />
        </div>
      )}
      {answer && labels && areShares(values) ? (
        <Bars classes={labels} probabilities={values} truth={truth === null ? null : String(truth)} />
      ) : labels ? (
        <NamedBars labels={labels} values={values} />
      ) : values.length === 1 ? (
        <p class="p-label s-number" title={String(values[0])}>
          {short(values[0])}
        </p>
      ) : (
        <Strip values={values} kind="bars" label={t("preview.vector.alt", { node: found.node, count: values.length })} name={(place) => String(first + place)} />
      )}
    </>
  );
}

/** What an Output says of the sample, and what is true. */
function Answer({ answer, truth }: { answer: NonNullable<Shown["answer"]>; truth: string | number | null }) {
  const isRight = "label" in answer && truth !== null && answer.label === String(truth);
  return (
    <div class="s-spread s-preview-answer">
      {"label" in answer ? (
        <p class="p-label">
          {answer.label} <small class="s-number s-muted">{"score" in answer ? short(answer.score) : percent(answer.probability)}</small>
        </p>
      ) : (
        <p class="p-label s-number" title={String(answer.value)}>
          {short(answer.value)} {answer.unit && <small>{answer.unit}</small>}
        </p>
      )}
      {truth !== null && (
        <p>
          {t("predict.truth", { truth: typeof truth === "number" ? plain(truth) : truth })}{" "}
          {"label" in answer && <span class={isRight ? "p-right" : "p-wrong"}>{t(isRight ? "predict.right" : "predict.wrong")}</span>}
        </p>
      )}
    </div>
  );
}

/** Numbers with names, as bars to the right of zero and to the left of it. */
function NamedBars({ labels, values }: { labels: string[]; values: (number | null)[] }) {
  const far = Math.max(1e-12, ...values.map((value) => Math.abs(value ?? 0)));
  const signed = values.some((value) => value !== null && value < 0);
  return (
    <ul class="s-named-bars" tabIndex={0} aria-label={t("preview.vector.named")}>
      {values.map((value, index) => {
        const wide = (100 * Math.abs(value ?? 0)) / far / (signed ? 2 : 1);
        const left = signed ? 50 - (value !== null && value < 0 ? wide : 0) : 0;
        return (
          <li key={index}>
            <span class="e-bar-name" title={labels[index]}>
              {labels[index]}
            </span>
            <span class="e-bar" aria-hidden="true">
              <span style={{ width: `${wide}%`, marginLeft: `${left}%` }} />
            </span>
            <span class="s-number" title={value === null ? undefined : String(value)}>
              {value === null ? "NaN" : short(value)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
