import { Drop, type FieldSpec, Form, type Json, type Values, sentence, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { begin, listing, type Order } from "./state";

export const ACCEPTED = ".zip,.csv,.tsv,.txt,.xlsx,.parquet,.npz";

/** Fields whose names mean something else in other forms. */
const named = (field: FieldSpec): FieldSpec => ({ ...field, label: tOr(`data.option.${field.name}`, field.label) });

/** The column to predict, or several of them; what is chosen is one text with commas, as the command line takes it. */
function Targets({ id, columns, chosen, onChange }: { id: string; columns: string[]; chosen: string; onChange: (chosen: string) => void }) {
  const names = columns.includes(chosen) ? [chosen] : chosen.split(",").filter((name) => columns.includes(name));
  const set = (place: number, name: string) => onChange([...names.slice(0, place), ...(name ? [name] : []), ...names.slice(place + 1)].join(","));
  const free = columns.filter((name) => !names.includes(name) && !name.includes(","));
  return (
    <span class="s-targets">
      {[...names, ...(names.length === 0 || free.length > 0 ? [""] : [])].map((name, place) => (
        <select key={place} id={place === 0 ? id : undefined} aria-label={place > 0 ? t("data.option.target.further") : undefined} value={name} onChange={(event) => set(place, event.currentTarget.value)}>
          <option value="">{place === 0 ? t("data.option.guess") : t("data.option.target.further")}</option>
          {(place === 0 && names.length === 0 ? columns : [...(name ? [name] : []), ...free]).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      ))}
    </span>
  );
}

/** What a person says about an upload: name, target, kind, and in a closed group how to read it. */
export function Options({ order, onChange, columns }: { order: Order; onChange: (order: Order) => void; columns?: string[] }) {
  const id = useId();
  const options = (order.options ?? {}) as Values;
  const set = (name: string, value: Json | undefined) => {
    const next = { ...options };
    if (value === undefined || value === null || value === "") delete next[name];
    else next[name] = value;
    onChange({ ...order, options: next as Record<string, Json> });
  };
  return (
    <div class="s-form">
      <div class="s-field">
        <label for={`${id}-name`}>{t("data.option.name")}</label>
        <span class="s-input">
          <input id={`${id}-name`} type="text" autocomplete="off" value={order.name ?? ""} placeholder={t("data.option.name.default")} onInput={(event) => onChange({ ...order, name: event.currentTarget.value })} />
        </span>
      </div>
      <div class="s-field">
        <label for={`${id}-target`}>{t("data.option.target")}</label>
        {columns && columns.length > 0 ? (
          <Targets id={`${id}-target`} columns={columns} chosen={order.target ?? ""} onChange={(target) => onChange({ ...order, target })} />
        ) : (
          <span class="s-input">
            <input id={`${id}-target`} type="text" autocomplete="off" spellcheck={false} value={order.target ?? ""} placeholder={t("data.option.target.several")} onInput={(event) => onChange({ ...order, target: event.currentTarget.value })} />
          </span>
        )}
      </div>
      <div class="s-field">
        <label for={`${id}-kind`}>{t("data.option.kind")}</label>
        <select id={`${id}-kind`} value={order.kind ?? ""} onChange={(event) => onChange({ ...order, kind: event.currentTarget.value })}>
          <option value="">{t("data.option.find")}</option>
          {(listing.value?.kinds ?? []).map((kind) => (
            <option key={kind} value={kind}>
              {tOr(`kind.${kind}`, kind)}
            </option>
          ))}
        </select>
      </div>
      <details class="s-group">
        <summary>{t("data.option.reading")}</summary>
        <Form fields={(listing.value?.options ?? []).map(named)} values={options} onChange={set} />
      </details>
    </div>
  );
}

/** Drop, choose, or name a folder of the server. */
export function AddData() {
  const order = useSignal<Order>({});
  const path = useSignal("");
  const problem = useSignal<string | null>(null);
  const id = useId();

  const start = async (source: Order) => {
    problem.value = null;
    try {
      await begin({ ...order.value, ...source });
      order.value = {};
      path.value = "";
    } catch (error) {
      problem.value = sentence(error);
    }
  };

  return (
    <section class="s-panel" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("data.add")}</h2>
      <Drop accept={ACCEPTED} label={t("data.add.drop")} hint={t("data.add.hint")} onUpload={(sent) => start({ upload: sent.upload })} />
      {problem.value && (
        <p class="s-problem" role="alert">
          {problem.value}
        </p>
      )}
      <details class="s-group s-first-group">
        <summary>{t("data.add.folder")}</summary>
        <form
          class="s-form"
          onSubmit={(event) => {
            event.preventDefault();
            void start({ path: path.value });
          }}
        >
          <div class="s-field">
            <label for={`${id}-path`}>{t("data.add.path")}</label>
            <span class="s-input">
              <input id={`${id}-path`} type="text" autocomplete="off" spellcheck={false} value={path.value} placeholder="/home/me/pictures" onInput={(event) => (path.value = event.currentTarget.value)} />
            </span>
          </div>
          <button type="submit" class="s-button" disabled={!path.value.trim()}>
            {t("data.add.import")}
          </button>
          <p class="s-muted s-note">{t("data.add.path.help")}</p>
        </form>
      </details>
      <details class="s-group">
        <summary>{t("data.add.options")}</summary>
        <Options order={order.value} onChange={(next) => (order.value = next)} />
      </details>
    </section>
  );
}
