import { address, draft, exact, Form, Icon, native, short, t } from "@studio";
import { useEffect, useId, useRef } from "preact/hooks";
import { totals } from "./drawing";
import { useExplanation } from "./explain";
import { About, Numbers, Parts } from "./explained";
import { focusing, setLayerParam, undo, undoable } from "./edits";
import { familyClass } from "./family";
import { type Message, type Row, shapeText } from "./graph";
import { Palette } from "./palette";
import { type BlockForm, blockForms, counting, network, problem, seen, select, selected, toggle } from "./state";
import { Structure } from "./structure";

const SIGNS = { error: "✕", warning: "!", hint: "i" } as const;
const RANK = { error: 0, warning: 1, hint: 2 } as const;

/** Every finding about the network, the worst first; a click leads to its row. */
export function Problems() {
  const now = network.value;
  const messages = [...(now?.analysis?.messages ?? [])].sort((left, right) => RANK[left.severity] - RANK[right.severity]);
  const whole = problem.value ?? (now?.problem && Object.keys(now.field_problems).length === 0 ? now.problem : null);
  return (
    <>
      {whole && (
        <p class="s-problem s-large" role="alert">
          {native(whole)}
        </p>
      )}
      {messages.length > 0 && (
        <ul class="s-messages" aria-label={t("model.problems")}>
          {messages.map((message) => (
            <li key={`${message.node} ${message.text}`} class={`s-message-${message.severity}`}>
              <span class="s-message-sign" role="img" aria-label={t(`model.severity.${message.severity}`)}>
                {SIGNS[message.severity]}
              </span>
              <span>
                {message.node && (
                  <button type="button" class="s-message-node" onClick={() => select(message.node)}>
                    {message.node}
                  </button>
                )}{" "}
                {native(message.text)} <em>{native(message.fix)}</em>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What the server said of the parameters of a node, by name; a sentence about a block within goes with the field that holds it. */
export function fieldProblems(messages: Message[], path: string, block: string): Record<string, string> {
  const found: Record<string, string> = {};
  let name = "";
  for (const line of messages.filter((message) => message.node === path).flatMap((message) => message.text.split("\n"))) {
    const match = /^(\w+): invalid (\w+)\. (.*)$/.exec(line);
    if (match?.[1] === block && match[2] && match[3]) found[(name = match[2])] = match[3];
    else if (name) found[name] += `\n${line}`;
  }
  return found;
}

/** The errors of a node that no field of its form shows. */
export function otherProblems(messages: Message[], path: string, block: string, form: BlockForm | undefined): Message[] {
  const fields = new Set(form?.fields.map((field) => field.name));
  return messages.filter((message) => {
    if (message.node !== path || message.severity !== "error") return false;
    const named = Object.keys(fieldProblems([message], path, block));
    return named.length === 0 || named.some((name) => !fields.has(name));
  });
}

function LayerForm({ row, columns }: { row: Row; columns: number }) {
  const form = blockForms.value[row.block];
  const messages = network.value?.analysis?.messages ?? [];
  const { told, old } = useExplanation(row.path);
  const editable = row.depth === 0 && !row.document.reuse;
  const structure = row.depth === 0 && <Structure row={row} problems={otherProblems(messages, row.path, row.block, form)} />;
  return (
    <tr class="s-layer-form">
      <td colSpan={columns}>
        <div class="s-layer-inner">
          {form ? (
            <>
              <p>
                <strong>{form.title}.</strong> {native(form.summary)}
              </p>
              {form.usage && <p class="s-muted">{native(form.usage)}</p>}
              {row.document.title && <p class="s-muted">{native(row.document.title)}</p>}
              {!editable && <p class="s-muted">{row.document.reuse ? t("model.layer.reused", { name: row.document.reuse }) : t("model.layer.inner")}</p>}
              {structure}
              <div class="s-layer-halves">
                <Form
                  key={row.path}
                  fields={form.fields}
                  values={(row.document.params ?? {}) as Parameters<typeof Form>[0]["values"]}
                  problems={fieldProblems(messages, row.path, row.block)}
                  disabled={!editable}
                  onChange={(name, value) => setLayerParam(row.id, name, value)}
                />
                <Numbers path={row.path} told={told} old={old} />
              </div>
              <Parts path={row.path} parts={told?.parts ?? []} />
              <About form={form} />
              {editable && network.value?.preset && <p class="s-muted s-fine s-layer-note">{t("model.layer.own")}</p>}
            </>
          ) : (
            <>
              <p class="s-muted">{t("model.layer.noform")}</p>
              {structure}
              <Numbers path={row.path} told={told} old={old} />
              <Parts path={row.path} parts={told?.parts ?? []} />
            </>
          )}
        </div>
      </td>
    </tr>
  );
}

function Layer({ row }: { row: Row }) {
  const now = network.value;
  const figures = now?.analysis?.nodes[row.path];
  const element = useRef<HTMLTableRowElement>(null);
  const { path } = row;
  const chosen = selected.value === path;
  const worst = now?.analysis?.messages.find((message) => message.node === row.path && message.severity !== "hint");
  useEffect(() => {
    const pane = element.current?.closest(".s-layer-pane");
    if (!chosen || !pane || !element.current) return;
    const row = element.current.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    const head = pane.querySelector("thead")?.offsetHeight ?? 0; // the column titles stay above the rows
    if (row.top < frame.top + head) pane.scrollTop -= frame.top + head - row.top;
    else if (row.bottom + frame.height / 2 > frame.bottom) pane.scrollTop += row.top - frame.top - frame.height / 3;
    if (focusing.value === path) {
      focusing.value = null;
      element.current.querySelector<HTMLElement>(".s-layer-button")?.focus();
    }
  }, [chosen]);
  const cell = (value: number | undefined) => (
    <td class="s-right" title={value ? exact(value) : undefined}>
      {value ? short(value) : figures ? "–" : ""}
    </td>
  );
  const title = now?.blocks?.[row.block]?.title ?? row.block;
  return (
    <>
      <tr ref={element} class={chosen ? "s-chosen" : ""} data-testid={`layer-${row.path}`} onClick={() => (chosen ? (selected.value = null) : select(row.path))}>
        <th scope="row">
          <span class="s-layer-name" style={{ paddingLeft: `${row.depth * 16}px` }}>
            {row.composite ? (
              <button
                type="button"
                class={`s-twist${row.open ? " s-twisted" : ""}`}
                aria-expanded={row.open}
                aria-label={row.open ? t("model.close", { name: row.path }) : t("model.open", { name: row.path })}
                onClick={(event) => {
                  event.stopPropagation();
                  toggle(row.path);
                }}
              />
            ) : (
              (row.depth > 0 || seen.value?.rows.some((each) => each.composite)) && <span class="s-twist-none" />
            )}
            <i class={`s-dot-family ${familyClass(now?.blocks?.[row.block]?.category)}`} />
            <button
              type="button"
              class="s-layer-button"
              aria-expanded={chosen}
              aria-label={t("model.layer.show", { name: row.path })}
              onClick={(event) => {
                event.stopPropagation();
                if (chosen) selected.value = null;
                else select(row.path);
              }}
            >
              {row.id}
            </button>
            {worst && (
              <span class={`s-message-sign s-sign-${worst.severity}`} role="img" aria-label={t(`model.severity.${worst.severity}`)}>
                {SIGNS[worst.severity]}
              </span>
            )}
          </span>
        </th>
        <td>{title.replace("module:", "")}</td>
        <td class="s-number">{figures?.output_shapes.map(shapeText).join("; ")}</td>
        {cell(figures?.weights)}
        {cell(figures?.multiply_adds)}
        <td class="s-right s-number">{figures?.receptive_field && figures.receptive_field.length > 0 ? figures.receptive_field.join(" × ") : figures ? "–" : ""}</td>
      </tr>
      {chosen && <LayerForm row={row} columns={6} />}
    </>
  );
}

/** The layers as a table, with totals. */
export function Layers() {
  const id = useId();
  const rows = seen.value?.rows ?? [];
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest("textarea, [contenteditable], input:not([type=checkbox], [type=radio])");
      if (typing || event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || !undoable.peek()) return;
      event.preventDefault();
      undo();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return (
    <section class="s-panel s-layers" aria-labelledby={`${id}-title`} aria-busy={counting.value}>
      <div class="s-spread s-tools">
        <h2 id={`${id}-title`}>{t("model.layers")}</h2>
        <div class="s-row">
          <span class="s-muted s-fine" role="status">
            {counting.value ? t("model.counting") : ""}
          </span>
          <button type="button" class="s-button s-small" data-testid="undo" title={t("model.undo.keys")} disabled={!undoable.value} onClick={undo}>
            <Icon name="undo" />
            {t("model.undo")}
          </button>
          {draft.value && network.value?.graph && (
            <a class="s-button s-small" href={address(`api/model/graph?draft=${draft.value.id}`)} download>
              <Icon name="download" />
              {t("model.download")}
            </a>
          )}
        </div>
      </div>
      <dl class={`s-facts${counting.value ? " s-old" : ""}`}>
        {totals().map((total) => (
          <div key={total.name}>
            <dt>{total.name}</dt>
            <dd class="s-number" title={total.exact}>
              {total.value}
            </dd>
          </div>
        ))}
      </dl>
      <Problems />
      <div class={`s-scroll s-layer-pane${counting.value ? " s-old" : ""}`}>
        <table class="s-table">
          <thead>
            <tr>
              <th scope="col">{t("model.column.layer")}</th>
              <th scope="col">{t("model.column.block")}</th>
              <th scope="col">{t("model.column.shape")}</th>
              <th scope="col" class="s-right">
                {t("model.column.weights")}
              </th>
              <th scope="col" class="s-right">
                {t("model.column.multiply_adds")}
              </th>
              <th scope="col" class="s-right">
                {t("model.column.field")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Layer key={row.path} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <Palette />
    </section>
  );
}
