import { Drop, t } from "@studio";
import { PICTURES } from "./inputs";

/** A second picture, to be compared with the one that was asked about. */
export function Second({ ask }: { ask: (upload: string) => void }) {
  return (
    <section class="s-stack" aria-label={t("predict.second")}>
      <h4>{t("predict.second")}</h4>
      <Drop label={t("predict.second.drop")} hint={t("predict.second.hint")} accept={PICTURES} onUpload={({ upload }) => ask(upload)} />
    </section>
  );
}
