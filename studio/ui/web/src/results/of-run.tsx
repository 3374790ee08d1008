import { link, t } from "@studio";
import { metricName, metricValue, splitName } from "../runs/rows";

/** Where a trained network can be taken from here. */
export function RunLinks({ run, small = false }: { run: string; small?: boolean }) {
  return (
    <>
      {(["evaluate", "predict", "export"] as const).map((page) => (
        <a key={page} class={`s-button${small ? " s-small" : ""}`} href={link(page, { run })}>
          {t(`page.${page}`)}
        </a>
      ))}
    </>
  );
}

type Metrics = Record<string, Record<string, number>>;

/** Figures of these are drawn, not listed. */
const DRAWN = ["batch_loss", "learning_rate"];

/** The names of all figures that a table of results lists. */
export const listed = (metrics: Metrics): string[] => [...new Set(Object.values(metrics).flatMap(Object.keys))].filter((name) => !DRAWN.includes(name));

/** One row per metric, one column per split. */
export function FigureTable({ metrics, heading }: { metrics: Metrics; heading: string }) {
  const splits = ["train", "validation", "test"].filter((split) => metrics[split]);
  return (
    <div class="s-scroll">
      <table class="s-table e-results">
        <thead>
          <tr>
            <th scope="col">{heading}</th>
            {splits.map((split) => (
              <th key={split} scope="col" class="s-right">
                {splitName(split)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {listed(metrics).map((name) => (
            <tr key={name}>
              <th scope="row">{metricName(name)}</th>
              {splits.map((split) => {
                const value = metrics[split]?.[name];
                return (
                  <td key={split} class="s-right" title={value === undefined ? "" : String(value)}>
                    {value === undefined ? "–" : metricValue(name, value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
