import { Icon, poll, native, sentence, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Options } from "./add";
import { begin, details, dismiss, type ImportState, listing, type Order, show, watchImports } from "./state";

function Again({ state }: { state: ImportState }) {
  const order = useSignal<Order>({
    name: state.asked.name ?? "",
    target: state.asked.target ?? "",
    kind: state.asked.kind ?? "",
    options: state.asked.options,
  });
  const problem = useSignal<string | null>(null);
  const made = details.value?.name === state.dataset ? details.value : null;
  const columns = made && made.figures.columns.map((column) => column.name);
  const again = async () => {
    problem.value = null;
    try {
      await begin({ ...order.value, again: state.id });
      await dismiss(state.id);
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  return (
    <details class="s-group s-first-group">
      <summary>{state.problem ? t("data.import.retry") : t("data.import.again")}</summary>
      <Options order={order.value} onChange={(next) => (order.value = next)} {...(columns ? { columns } : {})} />
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
      <button type="button" class="s-button s-after" onClick={() => void again()}>
        {t("data.import.again.do")}
      </button>
    </details>
  );
}

function Import({ state }: { state: ImportState }) {
  const name = state.file;
  return (
    <section class="s-panel s-import" aria-label={t("data.import", { name })}>
      <div class="s-spread">
        <h2>{state.done ? (state.problem ? t("data.import.failed", { name }) : t("data.import.done", { name })) : t("data.import", { name })}</h2>
        <button type="button" class="s-button s-small" onClick={() => void dismiss(state.id)}>
          <Icon name="close" />
          {state.done ? t("data.import.dismiss") : t("data.cancel")}
        </button>
      </div>
      {!state.done && (
        <>
          <div class="s-progress" role="progressbar" aria-label={t("data.import.progress")} aria-valuenow={Math.round(state.fraction * 100)} aria-valuemin={0} aria-valuemax={100}>
            <div style={{ width: `${state.fraction * 100}%` }} />
          </div>
          <p class="s-muted s-number s-note">{native(state.text) || " "}</p>
        </>
      )}
      {state.problem && (
        <p class="s-problem s-large" role="alert">
          {native(state.problem)}
        </p>
      )}
      {state.dataset && (
        <>
          {state.warnings.length > 0 ? (
            <>
              <h3>{t("data.report")}</h3>
              <ul class="s-report">
                {state.warnings.map((warning) => (
                  <li key={warning}>{native(warning)}</li>
                ))}
              </ul>
            </>
          ) : (
            <p class="s-muted">{t("data.report.none")}</p>
          )}
          {details.value?.name !== state.dataset && (
            <button type="button" class="s-button" onClick={() => state.dataset && void show(state.dataset)}>
              {t("data.import.show", { name: state.title ?? state.dataset })}
            </button>
          )}
        </>
      )}
      {state.done && state.repeatable && <Again state={state} />}
    </section>
  );
}

/** The imports under way and those that have ended and not been put away. */
export function Imports() {
  useEffect(() => poll(watchImports, () => (listing.value?.imports.some((each) => !each.done) ? 0.4 : 1.5)), []);
  const imports = listing.value?.imports ?? [];
  return (
    <>
      {imports.map((state) => (
        <Import key={state.id} state={state} />
      ))}
    </>
  );
}
