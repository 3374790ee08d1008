import { Icon, native, t } from "@studio";
import { refused } from "./edits";

/** Why the last edit was not made: over the page rather than in it, so that nothing moves. The next edit takes it away. */
export function Refusal() {
  return (
    refused.value && (
      <div class="s-refusal">
        <p class="s-problem s-large" role="alert">
          {native(refused.value)}
        </p>
        <button type="button" class="s-reset" aria-label={t("model.add.close")} title={t("model.add.close")} onClick={() => (refused.value = null)}>
          <Icon name="close" />
        </button>
      </div>
    )
  );
}
