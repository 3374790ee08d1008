import { exact, percent, t } from "@studio";
import { offerDetails } from "./details";

interface MaskDetails {
  table: { columns: string[]; rows: [name: string, iou: number | null, dice: number | null, pixels: number, predicted: number][] };
  colours: string[];
}

const Share = ({ value }: { value: number | null }) => (
  <td class="s-right e-share" style={{ "--share": `${(value ?? 0) * 100}%` }}>
    {value === null ? "–" : percent(value)}
  </td>
);

/** How well the areas of each class are met. */
offerDetails<MaskDetails>("mask", ({ details }) => (
  <section class="s-panel" aria-label={t("evaluate.masks")}>
    <h3>{t("evaluate.masks")}</h3>
    <p class="s-muted">{t("evaluate.masks.help")}</p>
    <div class="s-scroll e-tall">
      <table class="s-table e-masks">
        <thead>
          <tr>
            <th scope="col">{t("evaluate.class.name")}</th>
            <th scope="col" class="s-right" title={t("evaluate.masks.iou.help")}>
              {t("evaluate.masks.iou")}
            </th>
            <th scope="col" class="s-right" title={t("evaluate.masks.dice.help")}>
              {t("evaluate.masks.dice")}
            </th>
            <th scope="col" class="s-right">{t("evaluate.masks.pixels")}</th>
            <th scope="col" class="s-right">{t("evaluate.masks.predicted")}</th>
          </tr>
        </thead>
        <tbody>
          {details.table.rows.map(([name, iou, dice, pixels, predicted], index) => (
            <tr key={name}>
              <th scope="row">
                <i class="s-swatch" style={{ background: details.colours[index] }} />
                {name}
              </th>
              <Share value={iou} />
              <Share value={dice} />
              <td class="s-right">{exact(pixels)}</td>
              <td class="s-right">{exact(predicted)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
));
