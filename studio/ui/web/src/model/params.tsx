import { Form, native, t } from "@studio";
import { leaveField, setParam } from "./edits";
import { presets } from "./gallery/state";
import { network } from "./state";

/** What is set of the network as a whole: the form of its preset, as long as it is one. */
export function Params() {
  const now = network.value;
  const preset = presets.value?.find((each) => each.name === now?.preset?.family);
  if (now?.preset && preset) {
    return (
      <div class="s-inspected" onFocusOut={() => leaveField()}>
        <h2>{native(preset.title)}</h2>
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
        <p class="s-muted s-fine">{t("canvas.choose.hint")}</p>
      </div>
    );
  }
  return (
    <div class="s-inspected">
      <h2>{now?.graph?.name || t("model.own.title")}</h2>
      <p class="s-muted">{t("canvas.choose.hint")}</p>
    </div>
  );
}
