import { Icon, native, t } from "@studio";
import { useId } from "preact/hooks";
import { adding, removeLayer, setInput } from "./edits";
import { type Message, moduleArity, nextInput, possibleInputs, removable, type Row, shapeText } from "./graph";
import { blockForms, network } from "./state";

/** Where a layer of the graph stands: what it takes, what comes behind it, and the way to take it out. */
export function Structure({ row, problems }: { row: Row; problems: Message[] }) {
  const id = useId();
  const graph = network.value?.graph;
  const figures = network.value?.analysis?.nodes;
  if (!graph) return null;
  const inputs = row.document.inputs ?? [];
  const [least, most] = blockForms.value[row.block]?.arity ?? moduleArity(graph, row.block) ?? [inputs.length, inputs.length];
  const possible = possibleInputs(graph, row.id, (name) => figures?.[name]?.output_shapes.length ?? 1);
  const next = most === null || inputs.length < most ? nextInput(graph, row.id) : null;
  const title = (reference: string): string => {
    const [name = "", output = "0"] = reference.split(":");
    const shape = shapeText(figures?.[name]?.output_shapes[Number(output)]);
    return shape ? `${reference}  (${shape})` : reference;
  };
  return (
    <div class="s-structure" data-testid={`structure-${row.id}`}>
      {(inputs.length > 0 || next) && (
        <div class="s-wires" role="group" aria-labelledby={`${id}-inputs`}>
          <span id={`${id}-inputs`} class="s-wires-label">
            {t(most === 1 && inputs.length < 2 ? "model.input" : "model.inputs")}
          </span>
          {inputs.map((reference, index) => {
            const now = reference.replace(/:0$/, "");
            const place = t("model.input.number", { number: index + 1 });
            return (
              <span key={index} class="s-wire">
                <select class="s-select" aria-label={place} data-testid={`input-${index}`} value={now} onChange={(event) => setInput(row.id, index, event.currentTarget.value)}>
                  {!possible.includes(now) && <option value={now}>{now}</option>}
                  {possible.map((each) => (
                    <option key={each} value={each}>
                      {title(each)}
                    </option>
                  ))}
                </select>
                {inputs.length > least && (
                  <button type="button" class="s-reset" aria-label={t("model.input.remove", { number: index + 1 })} title={t("model.input.remove", { number: index + 1 })} onClick={() => setInput(row.id, index, null)}>
                    <Icon name="close" />
                  </button>
                )}
              </span>
            );
          })}
          {next && (
            <button type="button" class="s-button s-small" data-testid="input-add" onClick={() => setInput(row.id, inputs.length, next)}>
              <Icon name="plus" />
              {t("model.input.add")}
            </button>
          )}
        </div>
      )}
      <div class="s-row">
        {row.block !== "Output" && (
          <button type="button" class="s-button s-small" data-testid="layer-add" onClick={() => (adding.value = row.id)}>
            <Icon name="plus" />
            {t("model.add")}
          </button>
        )}
        {removable(graph, row.id) && (
          <button type="button" class="s-button s-small" data-testid="layer-remove" aria-label={t("model.remove.of", { name: row.id })} onClick={() => removeLayer(row.id)}>
            {t("model.remove")}
          </button>
        )}
      </div>
      {problems.map((message) => (
        <p key={message.text} class="s-problem" role="alert">
          {native(message.text)} {native(message.fix)}
        </p>
      ))}
    </div>
  );
}
