import { percent, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";

interface MatrixProps {
  names: string[];
  indices: number[];
  counts: number[][];
  all: number;
  chosen: [number, number] | null;
  /** Left out where the samples are not there to be shown. */
  choose?: ((truth: number, predicted: number) => void) | undefined;
}

/** The share of its row that a cell holds, 0 to 1. */
export const shares = (counts: number[][]): number[][] => counts.map((row) => {
  const sum = row.reduce((total, count) => total + count, 0);
  return row.map((count) => (sum > 0 ? count / sum : 0));
});

/** True classes down, predicted classes across; a click on a cell shows its samples. */
export function Matrix({ names, indices, counts, all, chosen, choose }: MatrixProps) {
  const inPercent = useSignal(false);
  const part = useMemo(() => shares(counts), [counts]);
  const longest = Math.max(...indices.map((index) => names[index]?.length ?? 0));
  const form = indices.length > 16 ? " e-small" : indices.length <= 6 ? " e-few" : "";
  const upright = indices.length > 16 || (indices.length > 6 && longest > 4);
  return (
    <section aria-label={t("evaluate.matrix")}>
      <div class="s-spread">
        <h3>{t("evaluate.matrix")}</h3>
        <span class="s-segments" role="group" aria-label={t("evaluate.matrix.unit")}>
          {[false, true].map((one) => (
            <button type="button" key={String(one)} aria-pressed={inPercent.value === one} onClick={() => (inPercent.value = one)}>
              {one ? t("evaluate.matrix.percent") : t("evaluate.matrix.counts")}
            </button>
          ))}
        </span>
      </div>
      <p class="s-muted">{indices.length < all ? t("evaluate.matrix.part", { count: indices.length, all }) : choose ? t("evaluate.matrix.help") : t("evaluate.matrix.plain")}</p>
      <div class="s-scroll e-matrix-scroll" tabIndex={0} role="region" aria-label={t("evaluate.matrix")}>
        <table class={`e-matrix${form}${upright ? " e-upright" : ""}`}>
          <thead>
            <tr>
              <td class="e-corner s-muted">{t("evaluate.matrix.axes")}</td>
              {indices.map((index) => (
                <th scope="col" key={index} title={names[index]}>
                  <span>{names[index]}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, y) => (
              <tr key={indices[y]}>
                <th scope="row" title={names[indices[y] as number]}>
                  <span>{names[indices[y] as number]}</span>
                </th>
                {row.map((count, x) => {
                  const truth = indices[y] as number;
                  const predicted = indices[x] as number;
                  const share = part[y]?.[x] ?? 0;
                  const right = x === y;
                  const shown = inPercent.value ? (share === 0 ? "" : share < 0.01 ? "<1" : Math.round(share * 100)) : count || "";
                  return (
                    <td key={predicted}>
                      <button
                        type="button"
                        class={`${right ? "e-hit" : "e-miss"}${share > 0.55 ? " e-full" : ""}`}
                        style={{ "--share": Math.round((right ? share : Math.sqrt(share)) * 100) + "%" }}
                        disabled={count === 0 || !choose}
                        aria-pressed={chosen !== null && chosen[0] === truth && chosen[1] === predicted}
                        aria-label={t("evaluate.cell", { truth: names[truth] ?? "", predicted: names[predicted] ?? "", count, share: percent(share) })}
                        title={t("evaluate.cell", { truth: names[truth] ?? "", predicted: names[predicted] ?? "", count, share: percent(share) })}
                        onClick={() => choose?.(truth, predicted)}
                      >
                        {shown}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
