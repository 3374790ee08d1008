import { native, t } from "@studio";
import { useEffect, useId } from "preact/hooks";
import { dataset } from "../state";
import { again, follow, shown } from "./ask";
import { Augmented } from "./augmented";
import { Figure, Heading } from "./figure";
import { Figures } from "./parts";
import { SampleChooser } from "./sample";
import { loadChoices, tab } from "./state";
import { KernelFold, SourceChooser, WeightFold } from "./weights";

const TABS = ["settings", "preview"] as const;

/** The choice between what a node is and what it makes of a sample; it stays when another node is chosen. */
export function NodeTabs() {
  return (
    <div class="s-segments s-wide s-node-tabs" role="tablist" aria-label={t("preview.tabs")}>
      {TABS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`node-tab-${each}`}
          aria-selected={tab.value === each}
          aria-pressed={tab.value === each}
          data-testid={`tab-${each}`}
          onClick={() => (tab.value = each)}
        >
          {t(`preview.tab.${each}`)}
        </button>
      ))}
    </div>
  );
}

/** What a real sample looks like at a node. */
export function Preview({ path }: { path: string }) {
  const name = dataset.value;
  const id = useId();
  useEffect(() => void loadChoices(name), [name]);
  useEffect(() => follow(path), [path]);
  const { answer, problem, busy } = shown.now.value;
  return (
    <div class="s-preview" role="tabpanel" aria-labelledby="node-tab-preview" data-testid={`preview-${path}`}>
      <SampleChooser />
      <SourceChooser taken={answer?.weights_taken ?? null} />
      <section class={`s-preview-shown${busy ? " s-preview-old" : ""}`} aria-labelledby={answer ? id : undefined} aria-busy={busy}>
        {problem !== null ? (
          <div class="s-preview-wait s-refused">
            <p class="s-preview-problem" role="alert">
              {problem}
            </p>
            <button type="button" class="s-button s-small" onClick={again}>
              {t("preview.again")}
            </button>
          </div>
        ) : answer ? (
          <>
            <Heading found={answer} id={id} />
            {answer.note && <p class="s-muted s-fine">{native(answer.note)}</p>}
            {answer.augmented?.length ? <Augmented rows={answer.augmented} /> : <Figure found={answer} />}
            {!answer.augmented?.length && answer.statistics && answer.statistics.count > 1 && answer.kind !== "tokens" && <Figures statistics={answer.statistics} />}
            {answer.kernels && <KernelFold node={answer.node} kernels={answer.kernels} />}
            {answer.weights && <WeightFold weights={answer.weights} />}
          </>
        ) : (
          <p class="s-preview-wait s-muted" role="status">
            {t("preview.busy")}
          </p>
        )}
      </section>
    </div>
  );
}
