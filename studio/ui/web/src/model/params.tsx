import { Form, native, t } from "@studio";
import { useId } from "preact/hooks";
import { before, setParam, undoLayers } from "./edits";
import { network, presets } from "./state";

/** The form of the chosen preset; for a graph of one's own, the way back. */
export function Params() {
  const id = useId();
  const now = network.value;
  const preset = presets.value?.find((each) => each.name === now?.preset?.family);
  return (
    <section class="s-panel s-params" aria-labelledby={`${id}-title`}>
      {now?.preset && preset ? (
        <>
          <h2 id={`${id}-title`}>{native(preset.title)}</h2>
          <p>{native(preset.summary)}</p>
          <p class="s-muted s-paper">
            {preset.year} · {preset.paper}
          </p>
          <Form key={preset.name} fields={preset.fields} values={now.preset.params} problems={now.field_problems} onChange={setParam} />
          {preset.usage && (
            <details class="s-group s-first-group">
              <summary>{t("model.about")}</summary>
              <p>{native(preset.usage)}</p>
            </details>
          )}
        </>
      ) : now?.graph ? (
        <>
          <h2 id={`${id}-title`}>{now.graph.name || t("model.own.title")}</h2>
          <p>{t("model.own.text")}</p>
          {before.value !== null && (
            <button type="button" class="s-button" onClick={undoLayers}>
              {t("model.undo.all")}
            </button>
          )}
        </>
      ) : (
        <h2 id={`${id}-title`}>{t("model.params")}</h2>
      )}
    </section>
  );
}
