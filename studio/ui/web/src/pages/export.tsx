import { Form, type FieldSpec, Icon, type Values, address, ago, bytes, call, exact, get, poll, post, register, native, sentence, short, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ChosenRun, NoRun, RunChooser, useChosenRun } from "../results/chosen-run";
import { Working } from "../results/working";

/** The format that needs least of whoever takes it. */
const USUAL = "saved_model";

interface Format {
  name: string;
  title: string;
  summary: string;
  usage: string;
  runtime: string;
  fields: FieldSpec[];
}

interface Exported {
  name: string;
  format: string;
  state: string;
  created: number;
  bytes: number;
  max_abs_difference: number | null;
  samples_checked: number;
  notes: string[];
  client: string;
  readme: string;
  files: string[];
}

interface Exports {
  exports: Exported[];
  working: number | null;
  problem: string | null;
}

const WRITTEN: Record<string, string> = { keras: "Keras", tensorflow: "TensorFlow" };

/** The packages that a format needs, as their makers write them. */
const written = (runtime: string): string =>
  runtime
    .split(" ")
    .map((name) => WRITTEN[name] ?? name)
    .join(" + ");

function ExportPage() {
  const chosen = useChosenRun();
  const formats = useSignal<Format[]>([]);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    get<{ formats: Format[] }>("api/export-formats").then(
      (answer) => {
        formats.value = answer.formats;
      },
      (error: unknown) => {
        problem.value = sentence(error);
      },
    );
  }, []);
  if (!chosen.run && chosen.runs?.length === 0) return <NoRun chosen={chosen} />;
  return (
    <div class="s-stack">
      <section class="s-panel" aria-label={t("page.export")}>
        <h2>{t("page.export")}</h2>
        <p class="s-muted">{t("export.intro")}</p>
        <RunChooser chosen={chosen} />
        {problem.value && <p class="s-problem">{problem.value}</p>}
      </section>
      {chosen.run ? <OfRun key={chosen.run.run} chosen={chosen} formats={formats.value} /> : <NoRun chosen={chosen} />}
    </div>
  );
}

function OfRun({ chosen, formats }: { chosen: ChosenRun; formats: Format[] }) {
  const run = chosen.run?.run ?? "";
  const data = useSignal<Exports | null>(null);
  const format = useSignal<string | null>(null);
  const options = useSignal<Values>({});
  const problem = useSignal<string | null>(null);
  const shown = useSignal<string | null>(null);
  const path = `api/exports/${encodeURIComponent(run)}`;
  const refresh = async () => {
    try {
      const before = data.value;
      const answer = await get<Exports>(path);
      if (before?.working != null && answer.working === null && !answer.problem) shown.value = answer.exports[0]?.name ?? null;
      data.value = answer;
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  const working = data.value?.working ?? null;
  useEffect(() => poll(refresh, () => (data.value?.working != null ? 1 : null)), [run, working !== null]);

  const picked = formats.find((one) => one.name === (format.value ?? USUAL)) ?? formats[0];
  const start = async () => {
    problem.value = null;
    try {
      data.value = await post<Exports>(path, { format: picked?.name, state: chosen.state, options: options.value });
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  const made = data.value?.exports ?? [];
  const current = made.find((one) => one.name === shown.value) ?? made[0];
  const failure = problem.value ?? (data.value?.problem ? native(data.value.problem) : null);
  return (
    <>
      <section class="s-panel s-stack" aria-label={t("export.format")}>
        <h3 id="export-format">{t("export.format")}</h3>
        <div class="s-cards" role="group" aria-labelledby="export-format">
          {formats.map((one) => (
            <button
              type="button"
              key={one.name}
              class="s-card"
              aria-pressed={one.name === picked?.name}
              onClick={() => {
                format.value = one.name;
                options.value = {};
              }}
            >
              <strong>{tOr(`export.format.${one.name}`, one.title)}</strong>
              <span class="s-muted">{tOr(`export.format.${one.name}.summary`, one.summary)}</span>
              <span class="s-chip">{t("export.needs", { runtime: written(one.runtime) })}</span>
            </button>
          ))}
        </div>
        {picked && picked.fields.length > 0 && (
          <Form
            fields={picked.fields}
            values={options.value}
            onChange={(name, value) => {
              options.value = { ...options.value, [name]: value };
            }}
          />
        )}
        <div class="s-row">
          <button type="button" class="s-button s-primary" disabled={!picked || working !== null} onClick={() => void start()}>
            {t("export.start")}
          </button>
          <span class="s-muted">{t("export.check")}</span>
        </div>
        {working !== null && <Working seconds={working} text={t("export.working")} />}
        {failure && working === null && (
          <div class="s-notice s-error" role="alert">
            {failure}
          </div>
        )}
      </section>
      {current && <Result run={run} made={current} />}
      <Former
        run={run}
        made={made}
        current={current?.name ?? null}
        show={(name) => {
          shown.value = name;
        }}
        refresh={refresh}
        fail={(text) => {
          problem.value = text;
        }}
      />
    </>
  );
}

const title = (one: Exported): string => tOr(`export.format.${one.format}`, one.format) + (one.state === "best" ? "" : ` (${t("results.state.last")})`);

function Download({ run, name }: { run: string; name: string }) {
  return (
    <a class="s-button s-small" href={address(`api/exports/${encodeURIComponent(run)}/${encodeURIComponent(name)}/zip`)} download={`${run}-${name}.zip`} aria-label={t("export.download.one", { name })}>
      <Icon name="download" />
      {t("export.download")}
    </a>
  );
}

function Result({ run, made }: { run: string; made: Exported }) {
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(made.client);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 2000);
  };
  return (
    <section class="s-panel s-stack" aria-label={t("export.result")}>
      <div class="s-spread">
        <h2 class="r-title">{title(made)}</h2>
        <Download run={run} name={made.name} />
      </div>
      <dl class="r-facts">
        <div>
          <dt>{t("export.size")}</dt>
          <dd title={exact(made.bytes)}>{bytes(made.bytes)}</dd>
        </div>
        <div>
          <dt>{t("export.difference")}</dt>
          <dd title={String(made.max_abs_difference)}>{made.max_abs_difference === null ? t("export.unchecked") : short(made.max_abs_difference)}</dd>
        </div>
        <div>
          <dt>{t("export.samples")}</dt>
          <dd>{made.samples_checked}</dd>
        </div>
        <div>
          <dt>{t("export.when")}</dt>
          <dd>{ago(made.created)}</dd>
        </div>
      </dl>
      {made.max_abs_difference !== null && (
        <p class="s-row e-checked">
          <Icon name="check" />
          <span>{t("export.checked", { count: made.samples_checked, difference: short(made.max_abs_difference).replace("-", "-\u2060") })}</span>
        </p>
      )}
      {made.notes.map((note) => (
        <p key={note} class="s-notice s-warning">
          {native(note)}
        </p>
      ))}
      <div>
        <div class="s-spread">
          <h3>{t("export.client")}</h3>
          <button type="button" class="s-button s-small" onClick={() => void copy()}>
            <Icon name={copied.value ? "check" : "copy"} />
            {copied.value ? t("export.copied") : t("export.copy")}
          </button>
        </div>
        <pre class="s-code" tabIndex={0} aria-label={t("export.client")}>
          {made.client}
        </pre>
      </div>
      <details class="s-group">
        <summary>{t("export.inside")}</summary>
        <ul class="e-files">
          {made.files.map((file) => (
            <li key={file}>{file}</li>
          ))}
        </ul>
        {made.readme && <pre class="s-code s-wrap">{made.readme}</pre>}
      </details>
    </section>
  );
}

interface FormerProps {
  run: string;
  made: Exported[];
  current: string | null;
  show: (name: string) => void;
  refresh: () => Promise<void>;
  fail: (text: string) => void;
}

function Former({ run, made, current, show, refresh, fail }: FormerProps) {
  const remove = async (name: string) => {
    try {
      await call("DELETE", `api/exports/${encodeURIComponent(run)}/${encodeURIComponent(name)}`);
    } catch (error) {
      fail(sentence(error));
    }
    await refresh();
  };
  return (
    <section class="s-panel" aria-label={t("export.former")}>
      <h3>{t("export.former")}</h3>
      {made.length === 0 ? (
        <p class="s-muted">{t("export.former.none")}</p>
      ) : (
        <div class="s-scroll">
          <table class="s-table e-former">
            <thead>
              <tr>
                <th scope="col">{t("export.format")}</th>
                <th scope="col">{t("export.when")}</th>
                <th scope="col" class="s-right">
                  {t("export.size")}
                </th>
                <th scope="col" class="s-right e-difference">
                  {t("export.difference")}
                </th>
                <th scope="col">
                  <span class="s-visually-hidden">{t("runs.actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {made.map((one) => (
                <tr key={one.name} class={one.name === current ? "r-picked" : ""}>
                  <td>
                    <button type="button" class="e-link" onClick={() => show(one.name)} aria-current={one.name === current}>
                      {title(one)}
                    </button>
                  </td>
                  <td>{ago(one.created)}</td>
                  <td class="s-right">{bytes(one.bytes)}</td>
                  <td class="s-right e-difference">{one.max_abs_difference === null ? "–" : short(one.max_abs_difference)}</td>
                  <td>
                    <span class="s-row">
                      <Download run={run} name={one.name} />
                      <button type="button" class="s-button s-small" aria-label={t("export.delete.one", { name: one.name })} onClick={() => void remove(one.name)}>
                        {t("export.delete")}
                      </button>
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

register("export", ExportPage);
