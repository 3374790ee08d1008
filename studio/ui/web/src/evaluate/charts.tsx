import { t } from "@studio";
import { type Part, Shown } from "../shown";

/** The predictions over the whole of an input, and below them single ones that went worst. */
export function Charts({ parts }: { parts: Part[] }) {
  const single = parts.filter((part) => "about" in part && part.about === "window");
  const whole = parts.filter((part) => !single.includes(part));
  return (
    <>
      <section class="s-panel s-stack" aria-label={t("evaluate.charts")}>
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
