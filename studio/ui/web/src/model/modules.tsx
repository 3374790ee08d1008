import { t } from "@studio";
import { BLOCK_TYPE } from "./canvas/canvas";
import { lastNode } from "./canvas/keys";
import { addBlock } from "./edits";
import { network, selected } from "./state";

/** The modules of this network. */
export function Modules() {
  const names = Object.keys(network.value?.graph?.modules ?? {});
  return (
    <div class="s-modules">
      {names.length === 0 ? (
        <p class="s-muted">{t("canvas.modules.none")}</p>
      ) : (
        <ul>
          {names.map((name) => (
            <li key={name}>
              <button
                type="button"
                class="s-palette-entry"
                draggable
                data-testid={`palette-module:${name}`}
                onDragStart={(event) => event.dataTransfer?.setData(BLOCK_TYPE, `module:${name}`)}
                onClick={() => void addBlock(`module:${name}`, { kind: "after", node: selected.value ?? lastNode() })}
              >
                <strong>{name}</strong>
                <span class="s-muted">{t("canvas.module.nodes", { count: Object.keys(network.value?.graph?.modules[name]?.nodes ?? {}).length })}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
