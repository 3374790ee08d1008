import { Curves, Icon, ago, bytes, call, color, duration, exact, get, link, parameter, poll, post, native, sentence, setParameters, short, statusWords, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Actions, type Notice, NoticeBar } from "./actions";
import { RecipeTable } from "./recipe-table";
import { type Order, type RunList, type RunRow, type SortKey, figure, isAlive, matching, metricName, metricValue, sorted, splitName, validationLoss } from "./rows";
import { Sparkline } from "./sparkline";

const MANY = 8;

/** Every training: a list to choose from, and the chosen ones side by side. */
export function RunsList() {
  const data = useSignal<RunList | null>(null);
  const problem = useSignal<string | null>(null);
  const chosen = useSignal<string[]>((parameter("compare") ?? "").split(",").filter(Boolean));
  const order = useSignal<Order>({ key: "when", descending: true });
  const words = useSignal("");
  const notice = useSignal<Notice | null>(null);
  const say = (value: Notice | null) => {
    notice.value = value;
  };

  const refresh = async () => {
    try {
      data.value = await get<RunList>("api/run-list");
      problem.value = null;
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  useEffect(() => poll(refresh, () => (data.value?.runs.some(isAlive) ? 2 : 6)), []);

  const choose = (runs: string[]) => {
    chosen.value = runs;
    setParameters({ compare: runs.length > 0 ? runs.join(",") : null });
  };
  if (!data.value) return <div class="s-panel s-muted r-loading">{problem.value ?? t("runs.loading")}</div>;

  const all = data.value.runs;
  const rows = sorted(matching(all, words.value), order.value);
  const picked = chosen.value.map((name) => all.find((row) => row.run === name)).filter((row) => row !== undefined);
  const colors = new Map(picked.map((row, index) => [row.run, color(index)]));
  const disk = all.reduce((sum, row) => sum + row.bytes, 0);

  return (
    <div class="s-stack r-runs">
      <NoticeBar notice={notice.value} say={say} refresh={refresh} />
      {problem.value && <p class="s-problem">{problem.value}</p>}
      <section class="s-panel" aria-label={t("page.runs")}>
        <div class="s-spread r-head">
          <h2>{t("page.runs")}</h2>
          {all.length > 0 && <span class="s-muted s-number">{t("runs.total", { count: all.length, size: bytes(disk) })}</span>}
        </div>
        {all.length === 0 ? (
          <div class="s-nothing">{t("runs.none")}</div>
        ) : (
          <>
            <div class="r-tools">
              {all.length > MANY && (
                <input class="s-select r-search" type="search" placeholder={t("runs.search")} aria-label={t("runs.search")} value={words.value} onInput={(event) => (words.value = event.currentTarget.value)} />
              )}
              {picked.length === 0 ? (
                <span class="s-muted">{t("runs.choose")}</span>
              ) : (
                <>
                  <span class="s-row">
                    {t("runs.chosen", { count: picked.length })}
                    <button type="button" class="s-button s-small" onClick={() => choose([])}>
                      {t("runs.unchoose")}
                    </button>
                  </span>
                  <Actions rows={picked} refresh={refresh} say={say} onDeleted={(gone) => choose(chosen.value.filter((name) => !gone.includes(name)))} />
                </>
              )}
            </div>
            <div class="s-scroll">
              <table class="s-table r-table">
                <thead>
                  <tr>
                    <th class="r-check">
                      <span class="s-visually-hidden">{t("runs.choice")}</span>
                    </th>
                    <Head of="title" order={order.value} set={(next) => (order.value = next)} />
                    <th>{t("runs.column.curve")}</th>
                    <Head of="loss" right order={order.value} set={(next) => (order.value = next)} />
                    <Head of="figure" right order={order.value} set={(next) => (order.value = next)} />
                    <Head of="dataset" order={order.value} set={(next) => (order.value = next)} />
                    <Head of="network" order={order.value} set={(next) => (order.value = next)} />
                    <Head of="when" order={order.value} set={(next) => (order.value = next)} />
                    <Head of="seconds" right order={order.value} set={(next) => (order.value = next)} />
                    <Head of="bytes" right order={order.value} set={(next) => (order.value = next)} />
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <Row
                      key={row.run}
                      row={row}
                      color={colors.get(row.run)}
                      choose={(on) => choose(on ? [...chosen.value, row.run] : chosen.value.filter((name) => name !== row.run))}
                    />
                  ))}
                </tbody>
              </table>
            </div>
            {rows.length === 0 && <div class="s-nothing">{t("runs.nomatch")}</div>}
          </>
        )}
        <Deleted list={data.value} refresh={refresh} say={say} />
      </section>
      {picked.length > 0 && <Side picked={picked} colors={colors} />}
    </div>
  );
}

function Head({ of, order, set, right = false }: { of: SortKey; order: Order; set: (order: Order) => void; right?: boolean }) {
  const active = order.key === of;
  const falling = of === "when" || of === "figure" || of === "bytes" || of === "seconds";
  return (
    <th scope="col" class={right ? "s-right" : ""} aria-sort={active ? (order.descending ? "descending" : "ascending") : "none"}>
      <button type="button" class="r-sort" onClick={() => set({ key: of, descending: active ? !order.descending : falling })}>
        {t(`runs.column.${of}`)}
        <span aria-hidden="true">{active ? (order.descending ? "↓" : "↑") : ""}</span>
      </button>
    </th>
  );
}

function Row({ row, color: swatch, choose }: { row: RunRow; color: string | undefined; choose: (on: boolean) => void }) {
  const best = figure(row);
  const loss = validationLoss(row);
  return (
    <tr aria-selected={swatch !== undefined} class={swatch ? "r-picked" : ""}>
      <td class="r-check">
        <input type="checkbox" checked={swatch !== undefined} aria-label={t("runs.choose.one", { name: row.title })} onChange={(event) => choose(event.currentTarget.checked)} />
        <span class="r-swatch" style={{ background: swatch ?? "transparent" }} />
      </td>
      <td class="r-name">
        <a href={link("runs", { run: row.run })} title={row.run}>
          {row.title}
        </a>
        <StatusLine row={row} />
      </td>
      <td class="r-curve">
        <Sparkline values={row.sparkline} {...(swatch ? { color: swatch } : {})} />
      </td>
      <td class="s-right r-loss" title={loss === null ? "" : String(loss)}>
        <span class="r-label">{t("runs.column.loss")} </span>
        {short(loss)}
      </td>
      <td class="s-right r-figure">
        {best ? (
          <span title={`${best.value}`}>
            {metricValue(best.name, best.value)}
            <span class="r-under s-muted">
              {metricName(best.name)}, {splitName(best.split)}
            </span>
          </span>
        ) : (
          "–"
        )}
      </td>
      <td class="r-dataset">{row.dataset}</td>
      <td class="r-network">
        {row.network}
        {row.weights !== null && (
          <span class="r-under s-muted" title={exact(row.weights)}>
            {t("line.weights", { count: short(row.weights) })}
          </span>
        )}
      </td>
      <td class="r-when" title={row.when === null ? "" : new Date(row.when * 1000).toLocaleString()}>
        {row.when === null ? "–" : ago(row.when)}
      </td>
      <td class="s-right r-seconds">{row.seconds === null ? "–" : duration(row.seconds)}</td>
      <td class="s-right r-bytes">{bytes(row.bytes)}</td>
    </tr>
  );
}

/** The status, and how far a run under way is. */
export function StatusLine({ row }: { row: RunRow }) {
  return (
    <span class="r-status">
      <span class={`s-status s-status-${row.status}`} title={native(row.reason ?? "")}>
        {statusWords(row)}
      </span>
      {row.epochs > 0 && <span class="s-muted s-number">{t("runs.epoch", { epoch: row.epoch, epochs: row.epochs })}</span>}
    </span>
  );
}

function Side({ picked, colors }: { picked: RunRow[]; colors: Map<string, string> }) {
  const several = picked.length > 1;
  return (
    <>
      <section class="s-panel" aria-label={t("runs.curves")}>
        <h2>{several ? t("runs.overlay", { count: picked.length }) : t("runs.curves")}</h2>
        {several && <p class="s-muted">{t("runs.overlay.help")}</p>}
        <Curves runs={picked.map((row) => ({ run: row.run, title: row.title, live: isAlive(row), stepsPerEpoch: row.steps_per_epoch }))} />
      </section>
      <section class="s-panel s-stack" aria-label={t("runs.comparison")}>
        {several && <Figures picked={picked} colors={colors} />}
        <RecipeTable runs={picked.map((row) => ({ run: row.run, title: row.title, ...(several ? { color: colors.get(row.run) as string } : {}) }))} />
      </section>
    </>
  );
}

function Figures({ picked, colors }: { picked: RunRow[]; colors: Map<string, string> }) {
  const keys = [...new Set(picked.flatMap((row) => Object.entries(row.metrics).flatMap(([split, values]) => Object.keys(values).map((name) => `${split}/${name}`))))];
  const order = ["test", "validation", "train"];
  const shown = keys.filter((key) => !key.endsWith("/batch_loss") && !key.endsWith("/learning_rate")).sort((a, b) => order.indexOf(a.split("/")[0] as string) - order.indexOf(b.split("/")[0] as string));
  return (
    <section aria-label={t("runs.figures")}>
      <h3>{t("runs.figures")}</h3>
      <div class="s-scroll">
        <table class="s-table r-recipe">
          <thead>
            <tr>
              <th scope="col">{t("runs.figure")}</th>
              {picked.map((row) => (
                <th scope="col" key={row.run}>
                  <span class="r-swatch" style={{ background: colors.get(row.run) as string }} />
                  {row.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((key) => {
              const [split, name] = key.split("/") as [string, string];
              return (
                <tr key={key}>
                  <th scope="row">
                    {metricName(name)}, {splitName(split)}
                  </th>
                  {picked.map((row) => {
                    const value = row.metrics[split]?.[name];
                    return <td key={row.run}>{value === undefined ? "–" : metricValue(name, value)}</td>;
                  })}
                </tr>
              );
            })}
            <tr>
              <th scope="row">{t("runs.column.seconds")}</th>
              {picked.map((row) => (
                <td key={row.run}>{row.seconds === null ? "–" : duration(row.seconds)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">{t("runs.weights")}</th>
              {picked.map((row) => (
                <td key={row.run} title={row.weights === null ? "" : exact(row.weights)}>
                  {short(row.weights)}
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">{t("runs.best")}</th>
              {picked.map((row) => (
                <td key={row.run}>{row.best_epoch ?? "–"}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Deleted({ list, refresh, say }: { list: RunList; refresh: () => Promise<void>; say: (notice: Notice | null) => void }) {
  const sure = useSignal(false);
  if (list.deleted.length === 0) return null;
  const size = bytes(list.deleted.reduce((sum, run) => sum + run.bytes, 0));
  const doing = (work: Promise<unknown>) =>
    void work
      .then(() => say(null))
      .catch((error: unknown) => say({ text: sentence(error), error: true }))
      .then(refresh);
  return (
    <details class="s-group r-deleted">
      <summary>
        {t("runs.deleted", { count: list.deleted.length })}
        <span class="s-muted s-number">{size}</span>
      </summary>
      <ul class="r-trash">
        {list.deleted.map((run) => (
          <li key={run.token} class="s-spread">
            <span>
              {run.title} <span class="s-muted">{t("runs.deleted.when", { when: ago(run.when) })}</span>
            </span>
            <button type="button" class="s-button s-small" aria-label={t("runs.restore.one", { name: run.title })} onClick={() => doing(post(`api/deleted-runs/${encodeURIComponent(run.token)}/restore`))}>
              <Icon name="reset" />
              {t("runs.restore")}
            </button>
          </li>
        ))}
      </ul>
      {sure.value ? (
        <div class="s-row">
          <span>{t("runs.empty.sure", { count: list.deleted.length, size })}</span>
          <button
            type="button"
            class="s-button s-small s-primary"
            onClick={() => {
              sure.value = false;
              doing(call("DELETE", "api/deleted-runs"));
            }}
          >
            {t("runs.empty.yes")}
          </button>
          <button type="button" class="s-button s-small" onClick={() => (sure.value = false)}>
            {t("runs.cancel")}
          </button>
        </div>
      ) : (
        <button type="button" class="s-button s-small" onClick={() => (sure.value = true)}>
          {t("runs.empty")}
        </button>
      )}
    </details>
  );
}
