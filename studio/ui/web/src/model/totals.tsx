import { bytes, draft, exact, short, t } from "@studio";
import { counting, network, rows } from "./state";

/** The figures of the whole network. */
export function totals(): { name: string; value: string; exact: string }[] {
  const analysis = network.value?.analysis;
  const figure = (value: number | undefined) => ({ value: value === undefined ? "–" : short(value), exact: value === undefined ? "" : exact(value) });
  const batch = draft.value?.line.settings.batch_size;
  const layers = rows.value.filter((row) => row.depth === 0).length;
  return [
    { name: t("model.total.weights"), ...figure(analysis?.weights) },
    { name: t("model.total.trainable"), ...figure(analysis?.trainable_weights) },
    { name: t("model.total.multiply_adds"), value: figure(analysis?.multiply_adds).value, exact: analysis ? t("model.total.per", { count: exact(analysis.multiply_adds) }) : "" },
    {
      name: t("canvas.total.memory"),
      value: analysis?.training_bytes == null ? "–" : bytes(analysis.training_bytes),
      exact: analysis ? t("canvas.total.memory.help", { batch: batch ?? "?", count: exact(analysis.activations) }) : "",
    },
    { name: t("canvas.total.field"), value: analysis?.receptive_field ? analysis.receptive_field.join(" × ") : "–", exact: t("canvas.total.field.help") },
    { name: t("canvas.total.depth"), ...figure(analysis?.depth), exact: t("canvas.total.depth.help") },
    { name: t("model.total.nodes"), ...figure(analysis ? Object.keys(analysis.nodes).filter((path) => !(path in analysis.levels)).length : layers) },
  ];
}

export function Totals() {
  return (
    <dl class={`s-facts${counting.value ? " s-old" : ""}`} aria-label={t("canvas.totals")}>
      {totals().map((total) => (
        <div key={total.name}>
          <dt>{total.name}</dt>
          <dd class="s-number" title={total.exact}>
            {total.value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
