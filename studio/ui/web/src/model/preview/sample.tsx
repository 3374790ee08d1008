import { exact, t } from "@studio";
import { useId } from "preact/hooks";
import { plain } from "../../data/numbers";
import { entering } from "./ask";
import { OwnSample } from "./own";
import { Stepper } from "./parts";
import { own, ownForm, place, splits, wantsOwn } from "./state";
import { type Shown, SPLITS, type Split } from "./types";
import { Entry } from "./words";

/** What the sample is called in a picture's alternative text. */
export function sampleName(found: Shown | undefined): string {
  const { split, index, label, name } = found?.sample ?? {};
  if (split === undefined || index === undefined) return name ? t("preview.sample.mine", { name }) : t("preview.sample");
  const said = t("preview.sample.alt", { index, split: t(`data.split.${split}`) });
  return label === null || label === undefined ? said : t("preview.sample.labelled", { sample: said, label: typeof label === "number" ? plain(label) : label });
}

/** Which sample is looked at, and the sample itself. */
export function SampleChooser() {
  const id = useId();
  const { answer, busy } = entering.now.value;
  const isPicture = ownForm.value === null || ownForm.value.kind === "image" || ownForm.value.kind === "array";
  const isTyped = wantsOwn.value && (own.value?.way === "text" || own.value?.way === "row"); // the fields show it
  const entry = (
    <div class={`s-sample-entry${busy ? " s-preview-old" : ""}`} aria-busy={busy}>
      {answer?.map((found) => <Entry key={found.node} found={found} alt={sampleName(found)} />)}
    </div>
  );
  return (
    <section class={`s-preview-sample${isPicture ? "" : " s-preview-wide"}`} aria-labelledby={id}>
      <div class="s-spread">
        <h3 id={id}>{t("preview.sample")}</h3>
        <span class="s-segments" role="group" aria-label={t("preview.sample.from")}>
          {[false, true].map((mine) => (
            <button key={String(mine)} type="button" aria-pressed={wantsOwn.value === mine} onClick={() => (wantsOwn.value = mine)}>
              {t(mine ? "preview.sample.own" : "preview.sample.dataset")}
            </button>
          ))}
        </span>
      </div>
      <div class="s-sample-choice">
        {isPicture && entry}
        {wantsOwn.value ? <Given /> : <OfDataset found={answer?.[0]} />}
      </div>
      {!isPicture && !isTyped && entry}
      {wantsOwn.value && (
        <div class="s-own">
          <OwnSample />
        </div>
      )}
    </section>
  );
}

function OfDataset({ found }: { found: Shown | undefined }) {
  const { split, index } = place.value;
  const count = splits.value?.[split] ?? null;
  const last = count === null ? null : Math.max(0, count - 1);
  const { row, label = null } = found?.sample ?? {};
  return (
    <div class="s-sample-place">
      <select
        class="s-select"
        aria-label={t("data.split")}
        data-testid="preview-split"
        value={split}
        onChange={(event) => (place.value = { split: event.currentTarget.value as Split, index: 0 })}
      >
        {SPLITS.map((each) => (
          <option key={each} value={each} disabled={splits.value !== null && !splits.value[each]}>
            {t(`data.split.${each}`)}
          </option>
        ))}
      </select>
      <span class="s-row s-sample-number">
        <Stepper
          label={t("preview.sample.index")}
          value={index}
          most={last}
          previous={t("preview.sample.previous")}
          next={t("preview.sample.next")}
          onChange={(next) => (place.value = { split, index: next ?? 0 })}
        />
        <span class="s-muted s-fine s-number">{last === null ? "" : t("preview.sample.range", { last: exact(last) })}</span>
      </span>
      <span class="s-fine s-sample-label" title={row === undefined ? undefined : t("preview.sample.row", { row })}>
        {label !== null && t("preview.sample.label", { label: typeof label === "number" ? plain(label) : label })}
      </span>
    </div>
  );
}

/** What was given, and which of several samples in a file. */
function Given() {
  const given = own.value;
  const kind = ownForm.value?.kind;
  return (
    <div class="s-sample-place">
      <span class="s-sample-name" title={given?.way === "file" ? given.name : undefined}>
        {given ? (given.way === "file" ? given.name : t(`preview.own.${given.way}`)) : <span class="s-muted">{t("preview.own.none")}</span>}
      </span>
      {given?.way === "file" && kind !== "image" && (
        <Stepper
          label={t("preview.sample.index")}
          value={given.index}
          most={null}
          previous={t("preview.sample.previous")}
          next={t("preview.sample.next")}
          onChange={(index) => (own.value = { ...given, index: index ?? 0 })}
        />
      )}
    </div>
  );
}
