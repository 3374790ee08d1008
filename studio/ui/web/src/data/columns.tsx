import { exact, short, t, tOr } from "@studio";
import { around, plain } from "./numbers";
import type { Column } from "./state";

/** A figure of the data themselves, as it stands there: years and prices keep their digits. */
const figure = (value: number | string | null | undefined): string => (typeof value === "number" ? plain(value) : (value ?? "–"));

function Spark({ counts }: { counts: number[] }) {
  const most = Math.max(1, ...counts);
  const width = 96 / counts.length;
  return (
    <svg class="s-spread-line" viewBox="0 0 96 24" width="96" height="24" aria-hidden="true">
      {counts.map((count, index) => (
        <rect key={index} x={index * width + 0.5} width={Math.max(0.5, width - 1)} y={24 - (count / most) * 24} height={(count / most) * 24} />
      ))}
    </svg>
  );
}

function what(column: Column): string {
  const { statistics } = column;
  const values = column.values?.slice(0, 4).join(", ");
  const listed = (count: number): string => (values ? `: ${values}${count > 4 ? " …" : ""}` : "");
  if (column.categories !== undefined) return t("data.column.categories", { count: column.categories }) + listed(column.categories);
  if (column.words !== undefined) return t("data.column.words", { count: column.words }) + listed(column.words);
  if (column.kind === "number") {
    const [mean, deviation] = around(Number(statistics.mean ?? Number.NaN), Number(statistics.standard_deviation ?? Number.NaN));
    return t("data.column.range", { least: figure(statistics.minimum), most: figure(statistics.maximum), mean, deviation });
  }
  if (column.kind === "date") return t("data.column.dates", { first: figure(statistics.minimum), last: figure(statistics.maximum) });
  return "";
}

/** Every column of a table: what it is, what is missing, how it is spread. */
export function Columns({ columns, count }: { columns: Column[]; count: number }) {
  return (
    <section class="s-panel" aria-labelledby="data-columns">
      <div class="s-spread">
        <h2 id="data-columns">{t("data.columns")}</h2>
        <span class="s-muted s-fine">{t("data.columns.note")}</span>
      </div>
      <div class="s-scroll s-tall">
        <table class="s-table s-listed">
          <thead>
            <tr>
              <th scope="col">{t("data.column")}</th>
              <th scope="col">{t("data.column.kind")}</th>
              <th scope="col">{t("data.column.role")}</th>
              <th scope="col" class="s-right">
                {t("data.column.missing")}
              </th>
              <th scope="col">{t("data.column.spread")}</th>
              <th scope="col">{t("data.column.values")}</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => {
              const missing = Number(column.statistics.missing ?? 0);
              return (
                <tr key={column.name} class={column.role === "target" ? "s-target" : column.role === "unused" ? "s-muted" : ""}>
                  <th scope="row">{column.name + (column.unit ? ` (${column.unit})` : "")}</th>
                  <td>{tOr(`data.kind.${column.kind}`, column.kind)}</td>
                  <td>{tOr(`data.role.${column.role}`, column.role)}</td>
                  <td class={`s-right${missing ? " s-missing" : ""}`} title={exact(missing)}>
                    {missing ? short(missing) : "–"}
                  </td>
                  <td>{column.counts && column.counts.length > 0 && <Spark counts={column.counts} />}</td>
                  <td class="s-number">{what(column)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {count > columns.length && <p class="s-muted s-note">{t("data.columns.more", { count: exact(count - columns.length) })}</p>}
    </section>
  );
}
