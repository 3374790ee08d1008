import { get, sentence, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Comparison, ComparisonRow } from "./rows";

const sentenceCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

const label = (row: ComparisonRow): string => (row.field === "" ? t("runs.recipe.name") : row.part === "graph" ? row.field : row.field.split(".").map((part) => tOr(`field.${part}`, sentenceCase(part))).join(" · "));

/** The recipes of runs, a column each; with several runs first only what differs. */
export function RecipeTable({ runs }: { runs: { run: string; title: string; color?: string }[] }) {
  const data = useSignal<Comparison | null>(null);
  const problem = useSignal<string | null>(null);
  const onlyDifferent = useSignal(true);
  const several = runs.length > 1;
  const names = runs.map(({ run }) => run).join("\n");
  useEffect(() => {
    const abort = new AbortController();
    get<Comparison>(`api/run-comparison?${runs.map(({ run }) => `run=${encodeURIComponent(run)}`).join("&")}`, abort.signal).then(
      (answer) => {
        data.value = answer;
        problem.value = null;
      },
      (error: unknown) => {
        if (!abort.signal.aborted) problem.value = sentence(error);
      },
    );
    return () => abort.abort();
  }, [names]);

  if (problem.value) return <p class="s-problem">{problem.value}</p>;
  const shown = data.value && data.value.runs.join("\n") === names ? data.value.rows : [];
  const rows = several && onlyDifferent.value ? shown.filter((row) => !row.same) : shown;
  const parts = [...new Set(rows.map((row) => row.part))];
  return (
    <section aria-label={t("runs.recipe")}>
      <div class="s-spread">
        {several && <h3>{t("runs.recipes")}</h3>}
        {several && (
          <label class="s-check">
            <input type="checkbox" checked={onlyDifferent.value} onChange={(event) => (onlyDifferent.value = event.currentTarget.checked)} />
            {t("runs.recipe.different")}
          </label>
        )}
      </div>
      {several && data.value && rows.length === 0 && <p class="s-muted">{t("runs.recipe.same")}</p>}
      {rows.length > 0 && (
        <div class="s-scroll">
          <table class="s-table r-recipe">
            <thead>
              <tr>
                <th scope="col">{t("runs.recipe.field")}</th>
                {runs.map(({ run, title, color }) => (
                  <th scope="col" key={run}>
                    {color && <span class="r-swatch" style={{ background: color }} />}
                    {several ? title : t("runs.recipe.value")}
                  </th>
                ))}
              </tr>
            </thead>
            {parts.map((part) => (
              <tbody key={part}>
                <tr class="r-part">
                  <th colSpan={runs.length + 1} scope="colgroup">
                    {tOr(`runs.part.${part}`, part)}
                  </th>
                </tr>
                {rows
                  .filter((row) => row.part === part)
                  .map((row) => (
                    <tr key={row.field}>
                      <th scope="row">{label(row)}</th>
                      {row.values.map((value, index) => (
                        <td key={index} class={row.same || !several ? "" : "r-differs"}>
                          {value === null ? <span class="s-muted">{t("runs.recipe.missing")}</span> : value}
                        </td>
                      ))}
                    </tr>
                  ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </section>
  );
}
