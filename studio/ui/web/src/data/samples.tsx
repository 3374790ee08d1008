import { exact, get, sentence, t } from "@studio";
import { useEffect, useId, useState } from "preact/hooks";
import { type Part, Parts, Tools } from "../shown";
import { plain } from "./numbers";
import { type Details, type Split, SPLITS } from "./state";

interface Sample {
  row: number;
  split: Split;
  label: string | number | null;
  picture?: string;
  path?: string;
  text?: string;
  words?: number;
  characters?: number;
  cells?: (string | number | boolean | null)[];
  parts?: Part[];
}

interface Page {
  total: number;
  kind: "image" | "text" | "array" | "table" | "parts";
  columns: string[];
  samples: Sample[];
}

const SIZES = { image: 48, array: 48, sound: 20, text: 12, table: 12 };

/** How many samples of this kind of data a page shows. */
const sizeOf = (data: Details): number => SIZES[(["image", "array", "sound", "text"] as const).find((kind) => data.inputs.includes(kind)) ?? "table"];

function Picture({ sample }: { sample: Sample }) {
  const label = sample.label === null ? "" : String(sample.label);
  return (
    <figure class="s-sample" title={[sample.path, t("data.sample.row", { row: sample.row, split: t(`data.split.${sample.split}`) })].filter(Boolean).join("\n")}>
      <img src={sample.picture} alt={t("data.sample.picture", { label: label || sample.row })} loading="lazy" decoding="async" />
      <figcaption>{typeof sample.label === "number" ? plain(sample.label) : label}</figcaption>
    </figure>
  );
}

const cell = (value: string | number | boolean | null): string => (value === null || value === "" ? "" : typeof value === "number" ? plain(value) : String(value));

function Rows({ page, target }: { page: Page; target: string | null }) {
  const numeric = page.columns.map((_, index) => page.samples.some((sample) => typeof sample.cells?.[index] === "number"));
  const look = (index: number): string => [numeric[index] ? "s-right" : "", page.columns[index] === target ? "s-target" : ""].join(" ").trim();
  return (
    <div class="s-scroll s-tall">
      <table class="s-table s-cells">
        <thead>
          <tr>
            <th scope="col" class="s-right">
              {t("data.row")}
            </th>
            {page.columns.map((name, index) => (
              <th key={name} scope="col" class={look(index)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.samples.map((sample) => (
            <tr key={sample.row}>
              <td class="s-right s-muted" title={t(`data.split.${sample.split}`)}>
                {sample.row}
              </td>
              {sample.cells?.map((value, index) => (
                <td key={page.columns[index]} class={look(index)} title={typeof value === "string" ? value : undefined}>
                  {value === null || value === "" ? <span class="s-missing-cell">{t("data.missing")}</span> : cell(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Texts({ page }: { page: Page }) {
  return (
    <ul class="s-texts">
      {page.samples.map((sample) => (
        <li key={sample.row}>
          <div class="s-text-head">
            <strong>{typeof sample.label === "number" ? plain(sample.label) : sample.label}</strong>
            <span class="s-muted s-number">{t("data.text.length", { words: exact(sample.words ?? 0), characters: exact(sample.characters ?? 0) })}</span>
          </div>
          <p dir="auto">
            {sample.text}
            {(sample.characters ?? 0) > (sample.text ?? "").length && "…"}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Samples, by split and class, page by page. */
export function Samples({ data }: { data: Details }) {
  const id = useId();
  const size = sizeOf(data);
  const [split, setSplit] = useState<Split | "">("");
  const [label, setLabel] = useState("");
  const [offset, setOffset] = useState(0);
  const [page, setPage] = useState<Page | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const classes = data.target && ["category", "identity"].includes(data.target.kind) ? data.target.classes : null; // others have several at once

  useEffect(() => {
    const abort = new AbortController();
    const query = new URLSearchParams({ offset: String(offset), limit: String(size), ...(split ? { split } : {}), ...(label ? { label } : {}) });
    get<Page>(`api/datasets/${encodeURIComponent(data.name)}/samples?${query}`, abort.signal)
      .then((loaded) => {
        setPage(loaded);
        setProblem(null);
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setProblem(sentence(error));
      });
    return () => abort.abort();
  }, [data.hash, split, label, offset]);

  const total = page?.total ?? 0;
  const last = Math.min(offset + size, total);
  return (
    <section class="s-panel" aria-labelledby={`${id}-title`}>
      <div class="s-spread s-tools">
        <h2 id={`${id}-title`}>{t("data.samples")}</h2>
        <div class="s-row">
          <div class="s-segments" role="group" aria-label={t("data.split")}>
            {(["", ...SPLITS] as const).map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={split === each}
                aria-label={each ? t("data.split.only", { split: t(`data.split.${each}`) }) : t("data.split.any")}
                onClick={() => {
                  setSplit(each);
                  setOffset(0);
                }}
              >
                {each ? t(`data.split.${each}`) : t("data.split.all")}
              </button>
            ))}
          </div>
          {classes && (
            <select
              class="s-select s-small-select"
              aria-label={t("data.class")}
              value={label}
              onChange={(event) => {
                setLabel(event.currentTarget.value);
                setOffset(0);
              }}
            >
              <option value="">{t("data.class.all")}</option>
              {classes.map((name, index) => (
                <option key={name} value={index}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </div>
      </div>
      {problem && (
        <p class="s-problem" role="alert">
          {problem}
        </p>
      )}
      <div class={`s-samples s-samples-${page?.kind ?? "none"}`}>
        {page && page.samples.length === 0 && <p class="s-nothing">{t("data.samples.none")}</p>}
        {page && (page.kind === "image" || page.kind === "array") && (
          <div class="s-grid">
            {page.samples.map((sample) => (
              <Picture key={sample.row} sample={sample} />
            ))}
          </div>
        )}
        {page?.kind === "text" && <Texts page={page} />}
        {page?.kind === "parts" && <Tools parts={page.samples.flatMap((sample) => sample.parts ?? [])} />}
        {page?.kind === "parts" && (
          <ul class="s-part-cards">
            {page.samples.map((sample) => (
              <li key={sample.row} title={t("data.sample.row", { row: sample.row, split: t(`data.split.${sample.split}`) })}>
                <Parts parts={sample.parts ?? []} />
              </li>
            ))}
          </ul>
        )}
        {page?.kind === "table" && page.samples.length > 0 && <Rows page={page} target={data.target?.name ?? null} />}
      </div>
      <div class="s-row s-pager" role="group" aria-label={t("data.pages")}>
        <button type="button" class="s-button s-small" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - size))}>
          {t("data.previous")}
        </button>
        <span class="s-muted s-number" aria-live="polite">
          {total > 0 ? t("data.range", { first: exact(offset + 1), last: exact(last), total: exact(total) }) : " "}
        </span>
        <button type="button" class="s-button s-small" disabled={last >= total} onClick={() => setOffset(offset + size)}>
          {t("data.next")}
        </button>
      </div>
    </section>
  );
}
