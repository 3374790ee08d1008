import { bytes, exact, Form, type Fields, Icon, type Json, native, sentence, short, t } from "@studio";
import { useEffect, useRef, useState } from "preact/hooks";
import { shapeText } from "../graph";
import { network } from "../state";
import { isSmall } from "./choose";
import { Picture } from "./picture";
import { counted, counts, usualBatch } from "./state";
import type { Count, Preset, Variant } from "./types";

const SETTLE_MILLISECONDS = 250;

export interface Choice {
  preset: Preset;
  /** The ready variant from which it comes. */
  variant: Variant | undefined;
  params: Fields;
}

/** What the choice would be on the dataset; the last one that was known stays until the next is. */
function useCount({ preset, variant, params }: Choice): { count: Count | undefined; isOld: boolean } {
  const key = JSON.stringify([preset.name, params]);
  const ready = variant && JSON.stringify(variant.params) === JSON.stringify(params) ? counts.value[variant.name] : undefined;
  const [own, setOwn] = useState<{ key: string; count: Count } | null>(null);
  useEffect(() => {
    if (!preset.fits || ready) return;
    let isWanted = true;
    const keep = (count: Count | null) => isWanted && count && setOwn({ key, count });
    const timer = setTimeout(() => {
      counted({ preset: preset.name, params }, () => isWanted)
        .then(keep)
        .catch((error: unknown) => keep({ counting: false, problem: sentence(error), field_problems: {} }));
    }, SETTLE_MILLISECONDS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [key, Boolean(ready)]);
  const isSame = own?.key === key;
  const isRelated = own !== null && own.key.startsWith(`["${preset.name}",`);
  return { count: ready ?? (isSame || isRelated ? own?.count : undefined), isOld: preset.fits && !ready && !isSame };
}

const shapeOf = (shape: (number | null)[]): string => (shape.length === 0 ? t("gallery.text") : shapeText(shape));

/** The figures at the size of the paper, and on the dataset. */
function Compared({ choice, count, isOld }: { choice: Choice; count: Count | undefined; isOld: boolean }) {
  const paper = choice.variant?.figures;
  const here = count && "training_bytes" in count ? count : undefined;
  const title = native(network.value?.dataset.title ?? "");
  const cell = (value: number | undefined) => (
    <td class="s-right" title={value === undefined ? undefined : exact(value)}>
      {value === undefined ? "–" : short(value)}
    </td>
  );
  return (
    <table class={`s-table${isOld ? " s-old" : ""}`}>
      <thead>
        <tr>
          <td />
          <th class="s-right">{t("gallery.published")}</th>
          {choice.preset.fits && <th class="s-right">{t("gallery.on", { dataset: title })}</th>}
        </tr>
      </thead>
      <tbody>
        {(["weights", "trainable_weights", "multiply_adds"] as const).map((name) => (
          <tr key={name}>
            <th>{t(`gallery.figure.${name}`)}</th>
            {cell(paper?.[name])}
            {choice.preset.fits && cell(here?.[name])}
          </tr>
        ))}
        <tr>
          <th>{t("gallery.figure.input")}</th>
          <td class="s-right">{paper ? shapeOf(paper.input_shape) : "–"}</td>
          {choice.preset.fits && <td class="s-right">{here ? shapeOf(here.input_shape) : "–"}</td>}
        </tr>
      </tbody>
    </table>
  );
}

/** How much memory a training takes, beside what is free. */
function Memory({ count, free }: { count: Count | undefined; free: number | null }) {
  if (!count || !("training_bytes" in count)) return null;
  const needed = bytes(count.training_bytes);
  const small = isSmall(count, free);
  const values = { needed, batch: usualBatch.value, free: bytes(free ?? 0) };
  return <p class={`s-fine ${small === false ? "s-mark-bad" : "s-muted"}`}>{small === null ? t("gallery.memory.help", { needed }) : t(small ? "gallery.memory.small.long" : "gallery.memory.large.long", values)}</p>;
}

/** The ready variants side by side. */
function Variants({ choice, free, onVariant }: { choice: Choice; free: number | null; onVariant: (name: string) => void }) {
  return (
    <div class="s-scroll s-network-variants">
      <table class="s-table" aria-label={t("gallery.variants")}>
        <thead>
          <tr>
            <th>{t("gallery.variants")}</th>
            <th class="s-right">{t("gallery.figure.weights")}</th>
            <th class="s-right">{t("gallery.figure.multiply_adds")}</th>
            {choice.preset.fits && <th class="s-right">{t("gallery.figure.memory")}</th>}
          </tr>
        </thead>
        <tbody>
          {choice.preset.variants.map(({ name, figures, reason }) => {
            const count = counts.value[name];
            return (
              <tr key={name} class={choice.variant?.name === name ? "s-chosen" : ""} onClick={() => onVariant(name)}>
                <th>
                  <button type="button" class="s-layer-button" aria-pressed={choice.variant?.name === name} title={reason ? native(reason) : name}>
                    {name}
                  </button>
                </th>
                <td class="s-right" title={figures ? exact(figures.weights) : ""}>
                  {short(figures?.weights)}
                </td>
                <td class="s-right" title={figures ? exact(figures.multiply_adds) : ""}>
                  {short(figures?.multiply_adds)}
                </td>
                {choice.preset.fits && <td class={`s-right${isSmall(count, free) === false ? " s-mark-bad" : ""}`}>{count && "training_bytes" in count ? bytes(count.training_bytes) : reason ? "–" : "…"}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface DetailsProps {
  choice: Choice;
  free: number | null;
  onParam: (name: string, value: Json | undefined) => void;
  onVariant: (name: string) => void;
  onUse: () => void;
  onPretrained: (name: string) => void;
  onBack: () => void;
}

/** All about the chosen network: figures, variants and parameters, and the way onto the canvas. */
export function Details({ choice, free, onParam, onVariant, onUse, onPretrained, onBack }: DetailsProps) {
  const { preset, variant, params } = choice;
  const panel = useRef<HTMLElement>(null);
  const { count, isOld } = useCount(choice);
  const refused = count && !count.counting && count.problem !== undefined && !isOld ? count : null;
  const reason = variant?.reason || (preset.fits ? (refused?.problem ?? "") : preset.reason);
  useEffect(() => {
    if (panel.current) panel.current.scrollTop = 0;
  }, [preset.name]);
  const stages = (count && "training_bytes" in count ? count.stages : null) ?? variant?.figures?.stages ?? [];
  return (
    <aside class="s-network-details" aria-label={native(preset.title)} data-testid="network-details">
      <section ref={panel} class="s-network-scroll" tabIndex={-1}>
        <button type="button" class="s-button s-small s-network-back" onClick={onBack}>
          {t("gallery.back")}
        </button>
        <header>
          <h3>{native(preset.title)}</h3>
          <p class="s-muted s-paper">
            {preset.year} · {preset.paper}
          </p>
        </header>
        <Picture stages={stages} width={360} height={132} />
        <p>
          {native(preset.summary)} {native(preset.usage)}
        </p>
        <Compared choice={choice} count={count} isOld={isOld} />
        <Memory count={count} free={free} />
        {preset.variants.length > 1 && <Variants choice={choice} free={free} onVariant={onVariant} />}
        {preset.fields.length > 0 && (
          <section aria-label={t("gallery.parameters")}>
            <h4>{t("gallery.parameters")}</h4>
            <Form key={preset.name} fields={preset.fields} values={params} problems={refused?.field_problems ?? {}} onChange={onParam} />
          </section>
        )}
      </section>
      <div class="s-network-use">
        {reason && (
          <p class="s-fine s-network-reason" id="network-reason">
            <Icon name="warning" />
            {native(reason)}
          </p>
        )}
        {variant && variant.imagenet !== "no" && reason === "" && (
          <>
            <p id="network-imagenet" class="s-fine s-muted s-network-said">
              {t(`gallery.imagenet.${variant.imagenet}`)}
            </p>
            <button type="button" class="s-button" aria-describedby="network-imagenet" onClick={() => onPretrained(variant.name)}>
              {t("gallery.imagenet")}
            </button>
          </>
        )}
        <button type="button" class="s-button s-primary" disabled={reason !== ""} aria-describedby={reason ? "network-reason" : undefined} onClick={onUse}>
          {t("gallery.use")}
        </button>
      </div>
    </aside>
  );
}
