import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post, sentence } from "./api";
import { page } from "./bar";
import { type Difference, graphDifferences } from "./compare";
import { conflict, differences, draft, draftGone, draftProblem, link, resolveConflict, saved, saving, setParameters } from "./drafts";
import { exact, short } from "./format";
import { Icon } from "./icons";
import { ask } from "./pulse";
import { shownRun } from "./run";
import { native, t } from "./words";

function Part({ to, name, empty, children }: { to: string; name: string; empty: boolean; children: preact.ComponentChildren }) {
  return (
    <a class={`s-line-part${empty ? " s-empty" : ""}`} href={link(to)}>
      <span class="s-line-name">{name}</span>
      <span class="s-line-value">{children}</span>
    </a>
  );
}

const MOST_DIFFERENCES = 8;

/** What differs between our version of the draft and the other one: of the networks in sentences, of all else by field. */
function useDifferences(): string[] {
  const standing = conflict.value;
  const graphs = useSignal<Difference[] | null>([]);
  useEffect(() => {
    graphs.value = [];
    if (!standing) return;
    void graphDifferences(standing.mine, standing.theirs.recipe)
      .catch(() => null)
      .then((found) => {
        if (conflict.value === standing) graphs.value = found;
      });
  }, [standing]);
  if (!standing) return [];
  const fields = differences(standing.mine, standing.theirs.recipe).filter(({ field }) => graphs.value === null || field.split(".")[0] !== "graph");
  return [...fields.map((item) => t("draft.difference", item)), ...(graphs.value ?? []).map(({ sentence: said }) => t("draft.difference.graph", { said: native(said) }))];
}

export function Conflict() {
  const found = useDifferences();
  if (!conflict.value) return null;
  return (
    <div class="s-notice s-warning" role="alert">
      <p>{t("draft.stale")}</p>
      <ul>
        {found.slice(0, MOST_DIFFERENCES).map((said) => (
          <li key={said}>{said}</li>
        ))}
        {found.length > MOST_DIFFERENCES && <li>{t("draft.difference.more", { count: found.length - MOST_DIFFERENCES })}</li>}
      </ul>
      <div class="s-row">
        <button type="button" class="s-button" onClick={() => void resolveConflict("theirs")}>
          {t("draft.theirs")}
        </button>
        <button type="button" class="s-button" onClick={() => void resolveConflict("mine")}>
          {t("draft.mine")}
        </button>
      </div>
    </div>
  );
}

/** The one line under the bar: dataset -> network -> settings -> Train. */
export function TrainLine() {
  const starting = useSignal(false);
  const refused = useSignal<string | null>(null);
  const current = draft.value;
  const line = current?.line;
  const settings = line?.settings ?? {};
  const problem = line?.problem ?? null;
  const said = problem && native(problem.text);
  const reason = refused.value ?? draftProblem.value ?? said ?? null;

  const train = async () => {
    starting.value = true;
    refused.value = null;
    try {
      await saved();
      if (!draft.value || conflict.value) return;
      const { run } = await post<{ run: string }>(`api/drafts/${draft.value.id}/train`, { revision: draft.value.revision });
      if (page === "train") {
        setParameters({ run });
        shownRun.value = run;
        void ask();
      } else {
        location.assign(link("train", { run }));
        return; // the button stays busy until the next page is there
      }
    } catch (error) {
      refused.value = sentence(error);
    }
    starting.value = false;
  };

  const words = [
    settings.epochs !== undefined && t("line.epochs", { count: settings.epochs }),
    settings.optimizer && native(settings.optimizer) + (settings.learning_rate === undefined ? "" : ` ${short(settings.learning_rate)}`),
    settings.batch_size !== undefined && t("line.batch", { count: settings.batch_size }),
  ].filter(Boolean);

  return (
    <>
      <section class="s-line" aria-label={t("line.label")}>
        <div class="s-line-parts">
          <Part to="data" name={t("line.dataset")} empty={!line?.dataset}>
            {line ? ((line.dataset && native(line.dataset.title)) ?? t("line.dataset.none")) : " "}
          </Part>
          <Icon name="arrow" />
          <Part to="model" name={t("line.network")} empty={!line?.network}>
            {line ? (line.network?.name ?? t("line.network.none")) : " "}
            {line?.network?.weights != null && (
              <span class="s-muted s-number" title={exact(line.network.weights)}>
                {" "}
                {t("line.weights", { count: short(line.network.weights) })}
              </span>
            )}
          </Part>
          <Icon name="arrow" />
          <Part to="train" name={t("line.settings")} empty={false}>
            <span class="s-number">{words.join(" · ") || " "}</span>
          </Part>
        </div>
        <div class="s-line-action">
          {reason && (
            <p class="s-line-reason" id="studio-train-reason" role="status" title={reason}>
              <Icon name="warning" />
              <span>{problem && reason === said ? <a href={link(problem.page)}>{reason}</a> : reason}</span>
            </p>
          )}
          <span class="s-line-state s-muted" aria-live="polite">
            {saving.value ? t("draft.saving") : ""}
          </span>
          <button
            type="button"
            class="s-button s-primary s-train"
            aria-label={t("line.train")}
            aria-busy={starting.value}
            aria-describedby={reason ? "studio-train-reason" : undefined}
            disabled={!current || starting.value || problem !== null || conflict.value !== null}
            onClick={() => void train()}
          >
            <Icon name="play" />
            {starting.value ? t("line.starting") : t("line.train")}
          </button>
        </div>
      </section>
      {draftGone.value && (
        <div class="s-notice" role="status">
          {t("draft.gone")}
        </div>
      )}
      <Conflict />
    </>
  );
}
