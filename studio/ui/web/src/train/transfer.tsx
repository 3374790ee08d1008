import { address, ApiError, at, change, draft, Field, type FieldSpec, get, Icon, type Json, link, recipe, sentence, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";

/** Where the weights that a training begins with may come from. */
interface Sources {
  runs: { run: string; network: string; dataset: string }[];
  /** What the weights of the draft are of, where they came from a file. */
  kept: string | null;
}

export interface TransferForms {
  transfer: FieldSpec[];
  unfreeze: FieldSpec[];
}

const KEPT = "kept";
const FILE = "file";
const RUN = "run:";
const IMAGENET = "imagenet:";
const HUB = "hub:";
/** A section without fields would be dropped, so that the rate always stands in it. */
const RATE = "transfer.unfreeze.learning_rate";

/** The draft's other source is dropped with a new one; what is frozen stays. */
function begin(source: { run?: string; weights?: string }): void {
  change({ "transfer.run": source.run, "transfer.weights": source.weights, "transfer.state": undefined });
}

/** What weights that a network comes with are called: those from ImageNet, and those of keras-hub; null for others. */
function published(weights: Json | undefined): string | null {
  if (typeof weights !== "string") return null;
  if (weights.startsWith(IMAGENET)) return t("train.transfer.imagenet", { name: weights.slice(IMAGENET.length) });
  return weights.startsWith(HUB) ? t("train.transfer.hub", { name: weights.slice(HUB.length) }) : null;
}

/** Says that the draft begins with the weights of another run, or with imported ones, with a way to begin anew instead. */
export function TransferNote() {
  const run = at(recipe.value, "transfer.run");
  const weights = at(recipe.value, "transfer.weights");
  if (typeof run !== "string" && typeof weights !== "string") return null;
  const said = published(weights);
  return (
    <p class="s-row s-transfer">
      {typeof run === "string" ? (
        <span>
          {t("train.transfer")} <a href={link("runs", { run })}>{run}</a>
        </span>
      ) : (
        <span>{said ? t("train.transfer.begins.published", { name: said }) : t("train.transfer.imported")}</span>
      )}
      <button type="button" class="s-button s-small" onClick={() => change({ transfer: undefined })}>
        <Icon name="close" />
        {t("train.transfer.drop")}
      </button>
    </p>
  );
}

async function taken(file: File): Promise<{ weights: string }> {
  const response = await fetch(address(`api/train/weights?name=${encodeURIComponent(file.name)}`), { method: "POST", body: file }).catch(() => null);
  if (!response) throw new ApiError(t("draft.lost"), 0);
  const answer = (await response.json().catch(() => ({}))) as { weights?: string; error?: string };
  if (!response.ok || !answer.weights) throw new ApiError(answer.error ?? t("model.upload.refused", { status: response.status }), response.status);
  return { weights: answer.weights };
}

/** The choice of the source: none, a run of this workspace, or a file from this computer. */
function Source() {
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const found = useSignal<Sources>({ runs: [], kept: null });
  const reading = useSignal(false);
  const problem = useSignal<string | null>(null);
  const run = at(recipe.value, "transfer.run");
  const weights = at(recipe.value, "transfer.weights");
  useEffect(() => {
    const asked = typeof weights === "string" ? `?weights=${encodeURIComponent(weights)}` : "";
    get<Sources>(`api/train/sources${asked}`).then(
      (answer) => {
        found.value = answer;
      },
      (error: unknown) => {
        problem.value = sentence(error);
      },
    );
  }, [weights, draft.value?.id]);
  const take = async (chosen: File) => {
    problem.value = null;
    reading.value = true;
    try {
      begin(await taken(chosen));
    } catch (error) {
      problem.value = sentence(error);
    }
    reading.value = false;
  };
  const value = typeof run === "string" ? RUN + run : typeof weights === "string" ? KEPT : "";
  const isGone = typeof run === "string" && !found.value.runs.some((each) => each.run === run);
  return (
    <div class={`s-field${problem.value ? " s-wrong" : ""}`}>
      <label for={id}>{t("train.transfer.source")}</label>
      <select
        id={id}
        value={value}
        disabled={reading.value}
        aria-describedby={`${id}-said`}
        data-testid="transfer-source"
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          if (chosen === FILE) {
            event.currentTarget.value = value;
            file.current?.click();
          } else if (chosen !== KEPT) begin(chosen ? { run: chosen.slice(RUN.length) } : {});
        }}
      >
        <option value="">{t("train.transfer.none")}</option>
        {value === KEPT && <option value={KEPT}>{published(weights) ?? t("train.transfer.kept", { name: found.value.kept ?? String(weights) })}</option>}
        <option value={FILE}>{t("train.transfer.file")}</option>
        <optgroup label={t("train.transfer.group.runs")}>
          {isGone && <option value={value}>{String(run)}</option>}
          {found.value.runs.map((each) => (
            <option key={each.run} value={RUN + each.run}>
              {`${each.run} (${each.network}, ${each.dataset})`}
            </option>
          ))}
        </optgroup>
      </select>
      <input
        ref={file}
        type="file"
        hidden
        accept=".keras,.h5,.zip"
        aria-label={t("train.transfer.file.title")}
        data-testid="transfer-file"
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (chosen) void take(chosen);
        }}
      />
      <p id={`${id}-said`} class={problem.value ? "s-problem" : "s-muted s-fine"} role="status">
        {problem.value ?? (reading.value ? t("train.transfer.reading") : "")}
      </p>
    </div>
  );
}

/** Where the weights come from, what is frozen, and when it is unfrozen. */
export function TransferSettings({ forms }: { forms: TransferForms }) {
  const values = recipe.value.transfer;
  const unfreezes = at(recipe.value, "transfer.unfreeze") != null;
  const spec = (fields: FieldSpec[], name: string, shownAs = name): FieldSpec => ({ ...(fields.find((field) => field.name === name) as FieldSpec), name: shownAs });
  const usualRate = spec(forms.unfreeze, "learning_rate").default ?? 0.1;
  const set = (path: string) => (value: Json | undefined) => change({ [`transfer.${path}`]: value === null ? undefined : value });
  return (
    <details class="s-group">
      <summary>
        {t("train.group.transfer")}
        {values != null && <span class="s-muted">{String(at(recipe.value, "transfer.run") ?? "")}</span>}
      </summary>
      <p class="s-muted">{t("train.transfer.help")}</p>
      <div class="s-form">
        <Source />
        <Field prefix="transfer." field={spec(forms.transfer, "train_last")} value={at(recipe.value, "transfer.train_last")} onChange={set("train_last")} />
        <label class="s-check">
          <input type="checkbox" checked={unfreezes} onChange={(event) => change(event.currentTarget.checked ? { [RATE]: usualRate } : { "transfer.unfreeze": undefined })} />
          {t("train.transfer.unfreeze")}
        </label>
        {unfreezes && (
          <>
            <Field prefix="transfer." field={spec(forms.unfreeze, "after", "unfreeze_after")} value={at(recipe.value, "transfer.unfreeze.after")} onChange={set("unfreeze.after")} />
            <Field prefix="transfer." field={spec(forms.unfreeze, "learning_rate", "unfreeze_rate")} value={at(recipe.value, RATE)} onChange={(value) => change({ [RATE]: value ?? usualRate })} />
            <Field prefix="transfer." field={spec(forms.unfreeze, "layers", "unfreeze_layers")} value={at(recipe.value, "transfer.unfreeze.layers")} onChange={set("unfreeze.layers")} />
          </>
        )}
      </div>
    </details>
  );
}
