import { Icon, t } from "@studio";
import { useId } from "preact/hooks";
import { type Box, insideOf } from "./canvas/scene";
import { scene } from "./canvas/view";
import { setInput } from "./edits";
import { type GraphDocument, moduleArity, nextInput, nodeOf, possibleInputs, shapeText } from "./graph";
import { blockForms, network } from "./state";

/** Which outputs a node takes, in order. */
export function Structure({ box }: { box: Box }) {
  const id = useId();
  const now = network.value;
  const graph = now?.graph;
  if (!graph) return null;
  const around = scene.value.boxes.find((each) => each.path === box.place);
  const level = around ? insideOf(graph, now.analysis?.levels ?? {}, around.path, around.block) : graph;
  if (!level) return null;
  const here: GraphDocument = { ...graph, nodes: level.nodes };
  const begin = box.place ? `${box.place}/` : "";
  const figures = now.analysis?.nodes;
  const inputs = box.document.inputs ?? [];
  const [least, most] = blockForms.value[box.block]?.arity ?? moduleArity(graph, box.block) ?? [inputs.length, inputs.length];
  const ports = box.place ? Array.from({ length: figures?.[box.place]?.input_shapes.length ?? 0 }, (_, index) => `@${index}`) : [];
  const possible = [...ports, ...possibleInputs(here, box.id, (name) => figures?.[begin + name]?.output_shapes.length ?? 1)];
  const next = most === null || inputs.length < most ? (nextInput(here, box.id) ?? ports[0] ?? null) : null;
  const title = (reference: string): string => {
    const [, output = "0"] = reference.split(":");
    const shape = reference.startsWith("@") ? figures?.[box.place]?.input_shapes[Number(reference.slice(1))] : figures?.[begin + nodeOf(reference)]?.output_shapes[Number(output)];
    const name = reference.startsWith("@") ? t("canvas.port", { number: Number(reference.slice(1)) + 1 }) : reference;
    return shape ? `${name}  (${shapeText(shape)})` : name;
  };
  if (inputs.length === 0 && !next) return null;
  return (
    <div class="s-structure" data-testid={`structure-${box.id}`}>
      <div class="s-wires" role="group" aria-labelledby={`${id}-inputs`}>
        <span id={`${id}-inputs`} class="s-wires-label">
          {t(most === 1 && inputs.length < 2 ? "model.input" : "model.inputs")}
        </span>
        {inputs.map((reference, index) => {
          const now = reference.replace(/:0$/, "");
          const place = t("model.input.number", { number: index + 1 });
          return (
            <span key={index} class="s-wire">
              <select class="s-select" aria-label={place} data-testid={`input-${index}`} value={now} onChange={(event) => void setInput(box.path, index, event.currentTarget.value)}>
                {!possible.includes(now) && <option value={now}>{now}</option>}
                {possible.map((each) => (
                  <option key={each} value={each}>
                    {title(each)}
                  </option>
                ))}
              </select>
              {inputs.length > least && (
                <button type="button" class="s-reset" aria-label={t("model.input.remove", { number: index + 1 })} title={t("model.input.remove", { number: index + 1 })} onClick={() => void setInput(box.path, index, null)}>
                  <Icon name="close" />
                </button>
              )}
            </span>
          );
        })}
        {next && (
          <button type="button" class="s-button s-small" data-testid="input-add" onClick={() => void setInput(box.path, inputs.length, next)}>
            <Icon name="plus" />
            {t("model.input.add")}
          </button>
        )}
      </div>
    </div>
  );
}
