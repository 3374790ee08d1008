import { native, t } from "@studio";
import { useEffect, useRef } from "preact/hooks";
import { automatic, chooseNetwork } from "../edits";
import { network } from "../state";
import { shownVariant } from "./choose";
import { Picture } from "./picture";
import { presets, showing } from "./state";
import type { Preset } from "./types";

function Item({ preset }: { preset: Preset }) {
  const chosen = network.value?.preset?.family === preset.name;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const list = item.current?.parentElement;
    if (!chosen || !item.current || !list) return;
    // the list's own scrolling only: the page stays where it is
    const [card, frame] = [item.current.getBoundingClientRect(), list.getBoundingClientRect()];
    if (card.top < frame.top || card.bottom > frame.bottom) list.scrollTop += card.top - frame.top;
  }, [chosen]);
  return (
    <li ref={item}>
      <button type="button" class="s-card s-preset" aria-pressed={chosen} title={`${native(preset.summary)}\n${preset.paper}`} onClick={() => void chooseNetwork(preset.name, preset.params)}>
        <span class="s-spread">
          <strong>{native(preset.title)}</strong>
          <span class="s-muted s-number">{preset.year}</span>
        </span>
        <Picture stages={shownVariant(preset, "")?.figures?.stages ?? []} width={176} height={56} />
      </button>
    </li>
  );
}

/** Networks that fit the dataset, beside the canvas, and the way to all others. */
export function Networks() {
  const now = network.value;
  const family = presets.value?.find((preset) => preset.name === now?.preset?.family);
  return (
    <div class="s-networks-short">
      <button type="button" class="s-button" onClick={() => (showing.value = true)}>
        {t("gallery.open")}
      </button>
      <div class="s-spread">
        <span class="s-muted s-fine">{now?.automatic ? t("model.automatic.is", { name: native(family?.title ?? ""), dataset: native(now.dataset.title) }) : ""}</span>
        {now && !now.automatic && (
          <button type="button" class="s-button s-small" onClick={() => void automatic()}>
            {t("model.automatic")}
          </button>
        )}
      </div>
      <ul class="s-presets">{presets.value?.filter(({ fits }) => fits).map((preset) => <Item key={preset.name} preset={preset} />) ?? <li class="s-preset-wait" aria-hidden="true" />}</ul>
    </div>
  );
}
