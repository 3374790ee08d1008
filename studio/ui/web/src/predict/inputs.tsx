import { Drop, Icon, address, post, sentence, short, t } from "@studio";
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { Asked, Column, InputForm, TablePrediction } from "./types";

export const PICTURES = ".png,.jpg,.jpeg,.gif,.bmp,.webp,image/*";
export const LARGEST_PASTE = 20_000_000;

/** A bound of a column with all the digits that matter. */
const digits = (value: number | string | null): string => (typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value ?? ""));

/** A blob as a data address. */
export const dataAddress = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(blob);
  });

/** The first picture among pasted things. */
export function pastedPicture(items: DataTransferItemList | undefined): File | null {
  for (const item of items ?? []) if (item.kind === "file" && item.type.startsWith("image/")) return item.getAsFile();
  return null;
}

/** A picture of one's own: dropped, chosen or pasted. */
export function PictureInput({ ask }: { ask: (asked: Asked) => void }) {
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = pastedPicture(event.clipboardData?.items);
      if (!file) return;
      event.preventDefault();
      if (file.size > LARGEST_PASTE) {
        problem.value = t("predict.paste.large");
        return;
      }
      problem.value = null;
      dataAddress(file).then(
        (picture) => ask({ picture }),
        (error: unknown) => {
          problem.value = sentence(error);
        },
      );
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
  return (
    <>
      <Drop label={t("predict.drop")} hint={t("predict.drop.hint")} accept={PICTURES} onUpload={({ upload }) => ask({ upload })} />
      {problem.value && <p class="s-problem">{problem.value}</p>}
    </>
  );
}

/** A text of one's own. */
export function TextInput({ ask, busy }: { ask: (asked: Asked) => void; busy: boolean }) {
  const text = useSignal("");
  const id = useId();
  const send = () => {
    if (text.value.trim()) ask({ text: text.value });
  };
  return (
    <form
      class="s-stack"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="s-field">
        <label for={id}>{t("predict.text")}</label>
        <textarea
          id={id}
          class="p-text"
          rows={6}
          maxLength={100_000}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
          }}
        />
      </div>
      <div class="s-row">
        <button type="submit" class="s-button s-primary" disabled={busy || !text.value.trim()}>
          {t("predict.ask")}
        </button>
        {text.value.trim() ? <span class="s-muted p-keys">{t("predict.text.keys")}</span> : <span class="s-muted">{t("predict.text.empty")}</span>}
      </div>
    </form>
  );
}

/** What a column's field may hold. */
function hintOf(column: Column): string {
  if (column.kind === "number" && column.minimum !== null) return t("predict.range", { low: digits(column.minimum), high: digits(column.maximum) });
  if (column.kind === "words" && column.words.length > 0) return t("predict.words", { words: column.words.join(", ") });
  return column.kind === "date" ? t("predict.date") : "";
}

function ColumnField({ column, value, set }: { column: Column; value: string; set: (value: string) => void }) {
  const id = useId();
  const hint = hintOf(column);
  return (
    <div class="s-field">
      <label for={id} title={column.name}>
        {column.name}
      </label>
      {column.kind === "category" && column.choices.length > 0 ? (
        <select id={id} data-testid={`column-${column.name}`} value={value} onChange={(event) => set(event.currentTarget.value)}>
          <option value="">{t("predict.missing")}</option>
          {column.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <span class="s-input">
          <input
            id={id}
            data-testid={`column-${column.name}`}
            type="text"
            autocomplete="off"
            inputMode={column.kind === "number" ? "decimal" : "text"}
            class={column.kind === "number" ? "s-number" : ""}
            value={value}
            placeholder={t("predict.missing")}
            title={hint}
            onInput={(event) => set(event.currentTarget.value)}
          />
          <span class="s-unit" aria-hidden="true">
            {column.unit ?? ""}
          </span>
        </span>
      )}
      {hint && <small class="s-muted p-hint">{hint}</small>}
    </div>
  );
}

/** One row of a table, a field per column, with typical values filled in. */
export function RowInput({ form, ask, busy, row, action, reason }: { form: Pick<InputForm, "columns">; ask: (asked: { values: Record<string, string> }) => void; busy: boolean; row: Record<string, string> | null; action?: string; reason?: string | null }) {
  const typical = Object.fromEntries(form.columns.map((column) => [column.name, column.value]));
  const values = useSignal<Record<string, string>>(row ?? typical);
  useEffect(() => {
    if (row) values.value = row;
  }, [row]);
  return (
    <form
      class="s-stack"
      onSubmit={(event) => {
        event.preventDefault();
        ask({ values: values.value });
      }}
    >
      <div class="p-columns">
        {form.columns.map((column) => (
          <ColumnField
            key={column.name}
            column={column}
            value={values.value[column.name] ?? ""}
            set={(value) => {
              values.value = { ...values.value, [column.name]: value };
            }}
          />
        ))}
      </div>
      <div class="s-row">
        <button type="submit" class="s-button s-primary" disabled={busy || Boolean(reason)}>
          {action ?? t("predict.ask")}
        </button>
        <button type="button" class="s-button" onClick={() => (values.value = typical)}>
          {t("predict.typical")}
        </button>
        {reason && <span class="s-muted">{reason}</span>}
      </div>
    </form>
  );
}

/** A series of one's own: a table file whose end is continued, or that holds sequences. */
export function SeriesInput({ form, ask }: { form: InputForm["series"]; ask: (asked: Asked) => void }) {
  const label = t(form === "wide" ? "predict.series.wide" : "predict.series.drop");
  const hint = t(form === "forecast" ? "predict.series.hint" : form === "wide" ? "predict.series.hint.wide" : "predict.series.hint.long");
  return <Drop label={label} hint={hint} accept=".csv,.tsv,.txt,.xlsx,.parquet" onUpload={({ upload }) => ask({ upload })} />;
}

interface Chosen {
  /** An upload, or a text. */
  value: string;
  name: string;
}

/** One of several inputs: a file to be chosen, or a text. */
function PartInput({ part, single, chosen, set }: { part: { name: string; kind: string }; single: boolean; chosen: Chosen | undefined; set: (chosen: Chosen) => void }) {
  const id = useId();
  if (part.kind === "text")
    return (
      <div class="s-field">
        <label for={id}>{part.name}</label>
        <textarea id={id} class="p-text" rows={4} maxLength={100_000} value={chosen?.value ?? ""} onInput={(event) => set({ value: event.currentTarget.value, name: part.name })} />
      </div>
    );
  const isPicture = part.kind === "image";
  const label = t(isPicture ? "predict.drop" : "predict.several.drop");
  return (
    <Drop
      label={single ? label : t("predict.several.of", { name: part.name, label })}
      hint={chosen ? t("predict.several.chosen", { name: chosen.name }) : t(single ? (isPicture ? "predict.several.hint" : "predict.several.file") : "predict.several.together")}
      {...(isPicture ? { accept: PICTURES } : {})}
      onUpload={({ upload, name }) => set({ value: upload, name })}
    />
  );
}

/** Files and texts that are asked about together, with the columns beside them where there are any. */
export function SeveralInput({ form, ask, busy }: { form: InputForm; ask: (asked: Asked) => void; busy: boolean }) {
  const chosen = useSignal<Record<string, Chosen>>({});
  const parts = form.parts ?? [];
  const lacking = parts.find((part) => !chosen.value[part.name]?.value.trim());
  const single = parts.length === 1;
  const named = Object.fromEntries(Object.entries(chosen.value).map(([name, { value }]) => [name, value]));
  const reason = !lacking ? null : lacking.kind === "text" ? t("predict.text.empty") : !single ? t("predict.several.lacking.of", { name: lacking.name }) : t(lacking.kind === "image" ? "predict.several.lacking.picture" : "predict.several.lacking");
  return (
    <div class="s-stack">
      {parts.map((part) => (
        <PartInput
          key={part.name}
          part={part}
          single={single}
          chosen={chosen.value[part.name]}
          set={(one) => {
            chosen.value = { ...chosen.value, [part.name]: one };
          }}
        />
      ))}
      {form.columns.length > 0 ? (
        <RowInput form={form} row={null} busy={busy} reason={reason} ask={({ values }) => ask({ values, parts: named })} />
      ) : (
        <div class="s-row">
          <button type="button" class="s-button s-primary" disabled={busy || reason !== null} onClick={() => ask({ parts: named })}>
            {t("predict.ask")}
          </button>
          {reason && <span class="s-muted">{reason}</span>}
        </div>
      )}
    </div>
  );
}

/** Files that hold many samples, by what they hold. */
const TABLE_FILES = { table: ".csv,.tsv,.txt,.xlsx,.parquet", archive: ".zip", array: ".npy,.npz" };

/** A table of one's own: every row predicted, to look at and to download; with files in an archive that holds them, too. */
export function TableInput({ run, state, holds }: { run: string; state: string; holds: keyof typeof TABLE_FILES }) {
  const found = useSignal<TablePrediction | null>(null);
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const take = async (upload: string) => {
    busy.value = true;
    problem.value = null;
    found.value = null;
    try {
      found.value = await post<TablePrediction>(`api/prediction/${encodeURIComponent(run)}/table`, { state, upload });
    } catch (error) {
      problem.value = sentence(error);
    }
    busy.value = false;
  };
  return (
    <div class="s-stack">
      <Drop
        label={t(holds === "table" ? "predict.table.drop" : `predict.table.${holds}`)}
        hint={t(holds === "table" ? "predict.table.hint" : `predict.table.${holds}.hint`)}
        accept={TABLE_FILES[holds]}
        onUpload={({ upload }) => take(upload)}
      />
      {busy.value && <p role="status">{t("predict.busy")}</p>}
      {problem.value && (
        <div class="s-notice s-error" role="alert">
          {problem.value}
        </div>
      )}
      {found.value && (
        <>
          <div class="s-spread">
            <span>{t("predict.table.done", { count: found.value.total })}</span>
            <a class="s-button" href={address(found.value.download)} download="predictions.csv">
              <Icon name="download" />
              {t("predict.table.download")}
            </a>
          </div>
          {found.value.notes.map((note) => (
            <p key={note} class="s-muted">
              {note}
            </p>
          ))}
          <div class="s-scroll e-tall">
            <table class="s-table p-table">
              <thead>
                <tr>
                  {found.value.columns.map((name, index) => (
                    <th scope="col" key={name} class={found.value?.rows.some((cells) => typeof cells[index] === "number") ? "s-right" : ""}>
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {found.value.rows.map((cells, index) => (
                  <tr key={index}>
                    {cells.map((cell, place) => (
                      <td key={place} class={typeof cell === "number" ? "s-right" : ""}>{typeof cell === "number" ? short(cell) : cell}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  );
}
