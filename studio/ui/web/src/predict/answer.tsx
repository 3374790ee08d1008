import { duration, native, percent, short, t } from "@studio";
import { Bars } from "../results/bars";
import type { InputForm, Prediction } from "./types";

/** What the network says, how sure it is, and what it saw. */
export function Answer({ form, prediction, busy, problem }: { form: InputForm; prediction: Prediction | null; busy: boolean; problem: string | null }) {
  const target = form.target;
  return (
    <section class="s-panel s-stack p-answer" aria-label={t("predict.answer")} aria-busy={busy}>
      <h3>{target ? t("predict.answer.of", { name: target.name }) : t("predict.answer")}</h3>
      <div class="s-stack" aria-live="polite">
        {problem ? (
          <div class="s-notice s-error" role="alert">
            {problem}
          </div>
        ) : !prediction ? (
          <p class="s-muted">{busy ? t("predict.busy") : t(`predict.empty.${form.kind}`)}</p>
        ) : (
          <>
            {prediction.value !== undefined ? (
              <p class="p-label s-number" title={String(prediction.value)}>
                {short(prediction.value)} {target?.unit && <small>{target.unit}</small>}
              </p>
            ) : (
              <p class="p-label">
                {prediction.label} {prediction.probabilities && <small class="s-number s-muted">{percent(Math.max(...prediction.probabilities))}</small>}
              </p>
            )}
            {prediction.truth !== null && (
              <p>
                {t("predict.truth", { truth: typeof prediction.truth === "number" ? short(prediction.truth) : prediction.truth })}
                {prediction.label !== undefined && (
                  <span class={prediction.label === String(prediction.truth) ? "p-right" : "p-wrong"}> {prediction.label === String(prediction.truth) ? t("predict.right") : t("predict.wrong")}</span>
                )}
                {prediction.value !== undefined && typeof prediction.truth === "number" && <span class="s-muted"> {t("predict.off", { value: short(prediction.value - prediction.truth) })}</span>}
              </p>
            )}
            {prediction.probabilities && target?.classes && <Bars classes={target.classes} probabilities={prediction.probabilities} truth={prediction.truth === null ? null : String(prediction.truth)} />}
          </>
        )}
      </div>
      {prediction && (prediction.given || prediction.seen) && !problem && (
        <div class="p-seen">
          {prediction.given && (
            <figure>
              <img src={prediction.given} alt={t("predict.given")} />
              <figcaption class="s-muted">{t("predict.given")}</figcaption>
            </figure>
          )}
          {prediction.seen && (
            <figure>
              <img class="p-pixels" src={prediction.seen} alt={t("predict.seen")} />
              <figcaption class="s-muted">{t("predict.seen")}</figcaption>
            </figure>
          )}
        </div>
      )}
      {!problem &&
        prediction?.notes.map((note) => (
          <p key={note} class="s-muted">
            {native(note)}
          </p>
        ))}
      {prediction && !problem && <p class="s-muted s-number p-took">{t("predict.took", { time: duration(prediction.seconds) })}</p>}
    </section>
  );
}
