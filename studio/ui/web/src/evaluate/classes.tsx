import { exact, percent, t } from "@studio";
import { useSignal } from "@preact/signals";
import type { ClassRow, Pair } from "./types";

type Key = "name" | "samples" | "precision" | "recall" | "f1";

/** Rows by a column; those without a figure stand last. */
export function sortedClasses(rows: ClassRow[], key: Key, descending: boolean): ClassRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const [a, b] = [left[key], right[key]];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * (typeof a === "string" ? a.localeCompare(String(b), undefined, { numeric: true }) : a - (b as number));
  });
}

/** How well each class is recognised. */
export function PerClass({ rows, choose, title = t("evaluate.classes") }: { rows: ClassRow[]; choose?: ((truth: number) => void) | undefined; title?: string }) {
  const order = useSignal<{ key: Key | null; descending: boolean }>({ key: null, descending: false });
  const { key, descending } = order.value;
  const shown = key === null ? rows : sortedClasses(rows, key, descending);
  const columns: Key[] = ["name", "samples", "precision", "recall", "f1"];
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <div class="s-scroll e-tall">
        <table class="s-table">
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" key={column} class={column === "name" ? "" : "s-right"} aria-sort={key === column ? (descending ? "descending" : "ascending") : "none"}>
                  <button type="button" class="r-sort" title={t(`evaluate.class.${column}.help`)} onClick={() => (order.value = { key: column, descending: key === column ? !descending : column === "samples" })}>
                    {t(`evaluate.class.${column}`)}
                    <span aria-hidden="true">{key === column ? (descending ? "↓" : "↑") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.index}>
                <td>
                  {choose ? (
                    <button type="button" class="e-link" aria-label={t("evaluate.class.show", { name: row.name })} onClick={() => choose(row.index)}>
                      {row.name}
                    </button>
                  ) : (
                    row.name
                  )}
                </td>
                <td class="s-right">{exact(row.samples)}</td>
                {(["precision", "recall", "f1"] as const).map((name) => (
                  <td class="s-right e-share" key={name} style={{ "--share": `${(row[name] ?? 0) * 100}%` }}>
                    {row[name] === null ? "–" : percent(row[name] as number)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Which classes are taken for each other. */
export function Pairs({ pairs, names, choose }: { pairs: Pair[]; names: string[]; choose?: ((truth: number, predicted: number) => void) | undefined }) {
  const words = (pair: Pair): string => t("evaluate.pair", { truth: names[pair.truth] ?? "", predicted: names[pair.predicted] ?? "" });
  return (
    <section aria-label={t("evaluate.pairs")}>
      <h3>{t("evaluate.pairs")}</h3>
      {pairs.length === 0 ? (
        <p class="s-muted">{t("evaluate.pairs.none")}</p>
      ) : (
        <ul class="e-pairs">
          {pairs.map((pair) => (
            <li key={`${pair.truth} ${pair.predicted}`}>
              {choose ? (
                <button type="button" class="e-link" onClick={() => choose(pair.truth, pair.predicted)}>
                  {words(pair)}
                </button>
              ) : (
                words(pair)
              )}
              <span class="s-muted s-number">
                {pair.count}× {pair.share !== null && `(${percent(pair.share)})`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
