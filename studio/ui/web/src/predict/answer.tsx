import { duration, native, percent, short, t, tOr } from "@studio";
import { Bars, Scores } from "../results/bars";
import type { ComponentChildren } from "preact";
import { Parts, Shown, Tools } from "../shown";
import type { InputForm, Prediction } from "./types";

/** What the network says, how sure it is, and what it saw. */
export function Answer({ form, prediction, busy, problem, children }: { form: InputForm; prediction: Prediction | null; busy: boolean; problem: string | null; children?: ComponentChildren }) {
  const target = form.target;
  return (
    <section class={`s-panel s-stack p-answer ${target?.kind === "image" ? "p-answer-picture" : ""}`} aria-label={t("predict.answer")} aria-busy={busy}>
      <h3>{target ? t("predict.answer.of", { name: target.name }) : t("predict.answer")}</h3>
      <div class="s-stack" aria-live="polite">
        {problem ? (
          <div class="s-notice s-error" role="alert">
            {problem}
          </div>
        ) : !prediction ? (
          <p class="s-muted">{busy ? t("predict.busy") : t(form.kind === "image" && !form.drawing ? "predict.empty.picture" : form.kind === "several" && form.columns.length === 0 ? "predict.empty.together" : `predict.empty.${form.kind}`)}</p>
        ) : (
          <>
            {prediction.parts ? (
              <>
                <Tools parts={prediction.parts} />
                <div class="p-parts">
                  {prediction.parts.map((part) => (
                    <div key={part.role} class="p-part">
                      {part.role === "target" && <p class="s-muted">{t("evaluate.truth")}</p>}
                      {part.heading && <p class="s-muted">{tOr(part.heading, "")}</p>}
                      <Shown part={part} />
                    </div>
                  ))}
                </div>
              </>
            ) : prediction.value !== undefined ? (
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
            {prediction.scores && target?.classes && <Scores classes={target.classes} scores={prediction.scores} />}
            {prediction.probabilities && target?.classes && <Bars classes={target.classes} probabilities={prediction.probabilities} truth={trueLabels(prediction) ?? (prediction.truth === null ? null : String(prediction.truth))} apart={target.kind === "labels"} />}
            {prediction.probabilities && target?.kind === "labels" && <p class="s-muted s-fine">{t("predict.labels")}</p>}
            {prediction.further?.map((other) => <Further key={other.name} other={other} />)}
          </>
        )}
      </div>
      {!problem && prediction?.drawn?.map((part, place) => <Shown key={place} part={part} alt={t("predict.given")} />)}
      {!problem && children}
      {prediction?.heard && !problem && (
        <div class="p-heard">
          <Shown part={prediction.heard} alt={t("predict.given")} />
        </div>
      )}
      {prediction?.beside && prediction.beside.length > 0 && !problem && <Parts parts={prediction.beside} />}
      {prediction && (prediction.given || prediction.seen) && !problem && (
        <div class="p-seen">
          {prediction.given && (
            <figure>
              <img class={form.kind === "array" ? "p-pixels" : ""} src={prediction.given} alt={t("predict.given")} />
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

/** The true ones of several labels, where they are known. */
const trueLabels = (prediction: Prediction): string[] | undefined => (prediction.parts?.find((part) => part.role === "target" && part.kind === "labels") as { labels?: string[] } | undefined)?.labels;

/** What is said of another target, and what is true of it. */
function Further({ other }: { other: NonNullable<Prediction["further"]>[number] }) {
  const said = other.parts.find((part) => part.role === "said");
  const truth = other.parts.find((part) => part.role === "target");
  return (
    <section class="p-further" aria-label={t("predict.answer.of", { name: other.name })}>
      <h4>{t("predict.answer.of", { name: other.name })}</h4>
      {said && (
        <div class="p-further-said">
          <Shown part={said} />
        </div>
      )}
      {truth && (
        <p class="s-muted">
          {t("evaluate.truth")}: <Shown part={truth} />
        </p>
      )}
      {other.probabilities && other.classes && <Bars classes={other.classes} probabilities={other.probabilities} apart={other.kind === "labels"} />}
    </section>
  );
}
