import { bytes, exact, native, short, t } from "@studio";
import { shapeText } from "../graph";
import { isSmall, type Listed } from "./choose";
import { Picture } from "./picture";
import { counts } from "./state";
import type { Variant } from "./types";

const [WIDTH, HEIGHT] = [240, 88];

/** Year, and weights and multiply-adds at the size of the paper. */
function Published({ year, variant }: { year: number; variant: Variant | undefined }) {
  const figures = variant?.figures;
  if (!figures) return <span class="s-muted s-number s-fine">{year}</span>;
  const { weights, multiply_adds, input_shape } = figures;
  return (
    <span class="s-network-figures s-number s-fine">
      <span title={t("model.weights", { count: exact(weights) })}>{t("model.weights", { count: short(weights) })}</span>
      <span title={t("gallery.products", { count: exact(multiply_adds) })}>{t("gallery.products", { count: short(multiply_adds) })}</span>
      <span class="s-muted">{input_shape.length > 0 ? `${year} · ${shapeText(input_shape)}` : year}</span>
    </span>
  );
}

/** Whether a network goes with the dataset and the memory, in a few words. */
function Marks({ listed: { preset, variant }, free, id }: { listed: Listed; free: number | null; id: string }) {
  const count = variant && counts.value[variant.name];
  const reason = variant?.reason || (preset.fits ? "" : preset.reason);
  if (reason) {
    return (
      <span class="s-mark s-mark-no s-fine" id={id}>
        {native(reason)}
      </span>
    );
  }
  const small = isSmall(count, free);
  const needed = count && "training_bytes" in count ? bytes(count.training_bytes) : "";
  return (
    <span class="s-marks s-fine" id={id}>
      <span class="s-mark s-mark-yes">{t("gallery.fits")}</span>
      {count && !count.counting && count.problem !== undefined && (
        <span class="s-mark s-mark-bad" title={native(count.problem)}>
          {t("gallery.unmakeable")}
        </span>
      )}
      {needed && (
        <span class={`s-mark s-number ${small === false ? "s-mark-bad" : ""}`} title={small === false ? t("gallery.memory.large.help", { needed, free: bytes(free ?? 0) }) : t("gallery.memory.help", { needed })}>
          {small === false ? t("gallery.memory.large", { needed }) : t("gallery.memory", { needed })}
        </span>
      )}
    </span>
  );
}

interface CardProps {
  listed: Listed;
  isChosen: boolean;
  isCurrent: boolean;
  free: number | null;
  onChoose: () => void;
  onUse: () => void;
  onVariant: (name: string) => void;
}

/** A family of networks: what it looks like, what it is and costs, whether it fits, and its ready variants. */
export function Card({ listed, isChosen, isCurrent, free, onChoose, onUse, onVariant }: CardProps) {
  const { preset, variant } = listed;
  const id = `network-${preset.name}`;
  return (
    <li class={`s-network${preset.fits ? "" : " s-network-apart"}`} data-testid={id}>
      <button type="button" class="s-network-button" aria-pressed={isChosen} aria-describedby={`${id}-marks`} onClick={onChoose} onDblClick={onUse}>
        <strong title={native(preset.title)}>{native(preset.title)}</strong>
        <Picture stages={variant?.figures?.stages ?? []} width={WIDTH} height={HEIGHT} />
        <span class="s-fine s-two-lines">{native(preset.summary)}</span>
        <Published year={preset.year} variant={variant} />
        <Marks listed={listed} free={free} id={`${id}-marks`} />
      </button>
      {(preset.variants.length > 1 || isCurrent) && (
        <span class="s-spread s-network-foot">
          {preset.variants.length > 1 && (
            <select class="s-select" aria-label={t("gallery.variant.of", { name: native(preset.title) })} value={variant?.name ?? ""} onChange={(event) => onVariant(event.currentTarget.value)}>
              {preset.variants.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
          {isCurrent && <span class="s-mark s-mark-current s-fine">{t("gallery.current")}</span>}
        </span>
      )}
    </li>
  );
}
