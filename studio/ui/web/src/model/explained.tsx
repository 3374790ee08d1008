import { exact, native, short, t, tOr } from "@studio";
import { useId } from "preact/hooks";
import type { Explanation } from "./explain";
import { shapeText } from "./graph";
import { type BlockForm, network, select } from "./state";

/** "Height, width" in the page's language. */
export function labelText(label: string): string {
  const parts = label.split(", ").map((part) => tOr(`explain.label.${part.toLowerCase()}`, native(part)));
  return parts.map((part, index) => (index === 0 ? part : part.toLowerCase())).join(", ");
}

/** A formula or a shape with the signs of print: "28 x 28 -> 5 * 5 = 25" becomes "28 × 28 → 5 × 5 = 25". */
export function printed(text: string): string {
  return native(text)
    .replace(/(\d|\bany|\?) x (?=\d|any\b|\?)/g, "$1 × ")
    .replace(/ \* /g, " × ")
    .replace(/ -> /g, " → ")
    .replace(/\b(any|and|nothing|none|one number|counted as 1 each)\b/g, (word) => tOr(`explain.word.${word}`, word))
    .replace(/\b(length|height|width|depth):/g, (_, axis: string) => `${labelText(axis)}:`);
}

function Worked({ text }: { text: string }) {
  const said = printed(text);
  const at = said.lastIndexOf(" = ");
  return at < 0 ? (
    <>{said}</>
  ) : (
    <>
      {said.slice(0, at + 3)}
      <b>{said.slice(at + 3)}</b>
    </>
  );
}

/** The figures of a layer, with the numbers of this network in their formulas. */
export function Numbers({ path, told, old }: { path: string; told: Explanation | null; old: boolean }) {
  const id = useId();
  return (
    <section class="s-explained" aria-labelledby={`${id}-title`} aria-busy={old} data-testid={`explained-${path}`}>
      <h3 id={`${id}-title`}>{t("explain.title")}</h3>
      <dl class={`s-lines${old ? " s-dim" : ""}${told ? "" : " s-waiting"}`}>
        {told?.lines.map((line) => (
          <div key={line.label}>
            <dt>{labelText(line.label)}</dt>
            <dd class="s-formula">
              <Worked text={line.text} />
            </dd>
          </div>
        ))}
      </dl>
      {told && told.lines.length === 0 && <p class="s-muted s-fine">{t("explain.unknown")}</p>}
    </section>
  );
}

/** What a composite is made of; a click leads to the part. */
export function Parts({ path, parts }: { path: string; parts: Explanation["parts"] }) {
  const id = useId();
  const figure = (value: number) => (
    <td class="s-right" title={value ? exact(value) : undefined}>
      {value ? short(value) : "–"}
    </td>
  );
  if (parts.length === 0) return null;
  return (
    <section class="s-parts" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{t("explain.parts")}</h3>
      <div class="s-scroll">
        <table class="s-table">
          <thead>
            <tr>
              <th scope="col">{t("model.column.layer")}</th>
              <th scope="col">{t("model.column.block")}</th>
              <th scope="col">{t("model.column.shape")}</th>
              <th scope="col" class="s-right">
                {t("model.column.weights")}
              </th>
              <th scope="col" class="s-right">
                {t("model.column.multiply_adds")}
              </th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <tr key={part.id}>
                <th scope="row">
                  <button type="button" class="s-message-node" aria-label={t("model.layer.show", { name: `${path}/${part.id}` })} onClick={() => select(`${path}/${part.id}`)}>
                    {part.id}
                  </button>
                </th>
                <td>{network.value?.blocks?.[part.block]?.title ?? part.block}</td>
                <td class="s-number">{part.output_shapes.map(shapeText).join("; ")}</td>
                {figure(part.weights)}
                {figure(part.multiply_adds)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** What a block computes in general, and where it comes from. */
export function About({ form }: { form: BlockForm }) {
  const facts = [
    ["formula", form.formula],
    ["shapes", form.shapes],
    ["weights", form.weights],
    ["multiply_adds", form.multiply_adds],
    ["source", form.source],
  ] as const;
  return (
    <dl class="s-lines s-about">
      {facts.map(
        ([name, text]) =>
          text && (
            <div key={name}>
              <dt>{t(`explain.${name}`)}</dt>
              <dd class={name === "formula" ? "s-formula" : ""}>{native(text).replaceAll(" -> ", " → ")}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
