import { t } from "@studio";
import type { Changed } from "./types";

/** Training samples, each as it is and as augmentation changes it by chance. */
export function Augmented({ rows }: { rows: Changed[] }) {
  return (
    <div class="s-augmented" data-testid="augmented">
      <div class="s-augmented-names s-muted s-fine" aria-hidden="true">
        <span>{t("preview.augmented.before")}</span>
        <span>{t("preview.augmented.after")}</span>
      </div>
      {rows.map((row, place) => (
        <div key={place} class="s-augmented-row" role="group" aria-label={row.label || t("preview.augmented.sample", { number: place + 1 })}>
          {row.pictures.map((picture, number) => {
            const mixed = number > 0 ? row.mixtures[number - 1] : "";
            const said = number === 0 ? t("preview.augmented.before") : t("preview.augmented.change", { number });
            return <img key={number} src={picture} alt={mixed ? `${said}: ${mixed}` : said} title={mixed || row.label} draggable={false} />;
          })}
        </div>
      ))}
    </div>
  );
}
