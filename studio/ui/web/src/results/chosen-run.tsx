import { get, parameter, pulse, sentence, setParameters, shownRun, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RunList, RunRow } from "../runs/rows";

export type State = "best" | "last";

export interface ChosenRun {
  /** Runs with saved weights, the newest first; null until they are known. */
  runs: RunRow[] | null;
  run: RunRow | null;
  state: State;
  problem: string | null;
  choose: (run: string) => void;
  setState: (state: State) => void;
}

/** The run of `?run=NAME` (or the latest that can be used) and the state of `?state=`. */
export function useChosenRun(): ChosenRun {
  const runs = useSignal<RunRow[] | null>(null);
  const problem = useSignal<string | null>(null);
  const state = useSignal<State>(parameter("state") === "last" ? "last" : "best");
  const active = pulse.value?.active.map((row) => row.run).join() ?? "";
  useEffect(() => {
    get<RunList>("api/run-list").then(
      (answer) => {
        runs.value = answer.runs.filter((row) => row.has_state);
        problem.value = null;
      },
      (error: unknown) => {
        problem.value = sentence(error);
      },
    );
  }, [active]);
  const named = runs.value?.find((row) => row.run === shownRun.value);
  const run = named ?? (shownRun.value === null ? (runs.value?.find((row) => row.has_results) ?? runs.value?.[0]) : undefined) ?? null;
  return {
    runs: runs.value,
    run,
    state: state.value,
    problem: problem.value,
    choose: (name) => {
      setParameters({ run: name });
      shownRun.value = name;
    },
    setState: (next) => {
      setParameters({ state: next === "best" ? null : next });
      state.value = next;
    },
  };
}

/** The choice of a run, and of its best or last state. */
export function RunChooser({ chosen }: { chosen: ChosenRun }) {
  const { runs, run, state } = chosen;
  return (
    <div class="e-chooser">
      <div class="s-field">
        <label for="studio-run">{t("results.run")}</label>
        <select id="studio-run" value={run?.run ?? ""} onChange={(event) => chosen.choose(event.currentTarget.value)}>
          {!run && <option value="">{shownRun.value ?? "–"}</option>}
          {runs?.map((row) => (
            <option key={row.run} value={row.run}>
              {row.title} · {row.dataset} · {tOr(`status.${row.status}`, row.status)}
            </option>
          ))}
        </select>
      </div>
      <div class="s-field">
        <span class="e-label">{t("results.state")}</span>
        <span class="s-segments" role="group" aria-label={t("results.state")}>
          {(["best", "last"] as const).map((one) => (
            <button type="button" key={one} aria-pressed={state === one} title={t(`results.state.${one}.help`)} onClick={() => chosen.setState(one)}>
              {t(`results.state.${one}`)}
            </button>
          ))}
        </span>
      </div>
    </div>
  );
}

/** What stands in place of a page that needs a run with saved weights where there is none. */
export function NoRun({ chosen }: { chosen: ChosenRun }) {
  const text =
    chosen.problem ?? (chosen.runs === null ? t("runs.loading") : chosen.runs.length === 0 ? t("results.none") : t("results.gone", { name: shownRun.value ?? "" }));
  return <div class="s-panel s-nothing">{text}</div>;
}
