import { exact, native, short, t } from "@studio";
import { useEffect, useRef } from "preact/hooks";
import { automatic, choosePreset } from "./edits";
import { figures, network, type Preset, presets } from "./state";
import { Sketch } from "./sketch";

function Card({ preset }: { preset: Preset }) {
  const chosen = network.value?.preset?.family === preset.name;
  const figure = figures.value[preset.name];
  const weights = figure?.weights;
  const id = `preset-${preset.name}`;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const list = item.current?.parentElement;
    if (!chosen || !item.current || !list) return;
    // the list's own scrolling only: the page stays where it is
    const [card, frame] = [item.current.getBoundingClientRect(), list.getBoundingClientRect()];
    if (card.left < frame.left || card.right > frame.right) list.scrollLeft += card.left - frame.left;
    if (card.top < frame.top || card.bottom > frame.bottom) list.scrollTop += card.top - frame.top;
  }, [chosen]);
  return (
    <li ref={item}>
      <button
        type="button"
        class="s-card s-preset"
        aria-pressed={chosen}
        disabled={!preset.fits}
        aria-describedby={preset.fits ? undefined : `${id}-reason`}
        title={preset.fits ? `${native(preset.summary)}\n${preset.paper}` : native(preset.reason)}
        onClick={() => void choosePreset(preset)}
      >
        <span class="s-spread">
          <strong>{native(preset.title)}</strong>
          <span class="s-muted s-number">{preset.year}</span>
        </span>
        <Sketch bars={figure?.bars ?? preset.bars} />
        {preset.fits && <span class="s-fine s-two-lines">{native(preset.summary)}</span>}
        {preset.fits ? (
          <span class="s-muted s-number s-fine" title={weights === undefined ? undefined : exact(weights)}>
            {weights === undefined ? t("model.counting") : t("model.weights", { count: short(weights) })}
          </span>
        ) : (
          <span class="s-muted s-fine" id={`${id}-reason`}>
            {native(preset.reason)}
          </span>
        )}
      </button>
    </li>
  );
}

/** Networks to begin with. */
export function Gallery() {
  const now = network.value;
  const family = presets.value?.find((preset) => preset.name === now?.preset?.family);
  return (
    <div class="s-gallery">
      <div class="s-spread">
        <span class="s-muted s-fine">{now?.automatic ? t("model.automatic.is", { name: native(family?.title ?? ""), dataset: native(now.dataset.title) }) : ""}</span>
        {now && !now.automatic && (
          <button type="button" class="s-button s-small" onClick={() => void automatic()}>
            {t("model.automatic")}
          </button>
        )}
      </div>
      <ul class="s-presets">{presets.value?.map((preset) => <Card key={preset.name} preset={preset} />) ?? <li class="s-preset-wait" aria-hidden="true" />}</ul>
    </div>
  );
}
