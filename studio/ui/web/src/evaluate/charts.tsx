import { short, t } from "@studio";
import { type Part, Shown } from "../shown";

/** The predictions over the whole of an input, and below them single ones that went worst. */
export function Charts({ parts, metrics }: { parts: Part[]; metrics: Record<string, number> }) {
  const single = parts.filter((part) => "about" in part && part.about === "window");
  const whole = parts.filter((part) => !single.includes(part));
  const { mae, mae_naive: naive, mase } = metrics;
  return (
    <>
      <section class="s-panel s-stack" aria-label={t("evaluate.charts")}>
        <h3>{t("evaluate.charts")}</h3>
        {mae !== undefined && naive !== undefined && (
          <p class="s-muted">
            {t("evaluate.charts.naive", { naive: short(naive), error: short(mae) })} {mase !== undefined && t("evaluate.charts.mase")}
          </p>
        )}
        {whole.map((part, place) => (
          <Shown key={place} part={part} />
        ))}
      </section>
      {single.length > 0 && (
        <section class="s-panel s-stack" aria-label={t("evaluate.mistakes.numbers")}>
          <h3>{t("evaluate.mistakes.numbers")}</h3>
          <div class="e-windows">
            {single.map((part, place) => (
              <Shown key={place} part={part} />
            ))}
          </div>
        </section>
      )}
    </>
  );
}
