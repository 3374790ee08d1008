import { Icon, t } from "@studio";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { BlockList } from "./blocklist";
import { type Adding, addBlock, adding } from "./edits";
import { network } from "./state";

/** The list of blocks as a dialog, where one is being chosen for a place: behind a node, on an edge, instead of a node. */
export function Palette() {
  const wanted = adding.value;
  return wanted === null ? null : <Choice key={JSON.stringify(wanted)} wanted={wanted} />;
}

/** The node whose output the block is to take. */
function sourceOf(wanted: Adding): string | null {
  if (wanted.kind === "after") return wanted.node;
  if (wanted.kind === "edge") return wanted.to.slice(0, wanted.to.lastIndexOf("/") + 1) + (wanted.from.split(":")[0] ?? "");
  if (wanted.kind === "from") return (wanted.place ? `${wanted.place}/` : "") + (wanted.reference.split(":")[0] ?? "");
  return null;
}

function titleOf(wanted: Adding): string {
  if (wanted.kind === "replace") return t("canvas.replace.title", { name: wanted.node });
  if (wanted.kind === "edge") return t("canvas.insert.title", { from: wanted.from, to: wanted.to.replace("@out", t("canvas.edge.end")) });
  if (wanted.kind === "from") return t("model.add.title", { name: wanted.reference });
  return wanted.node === null ? t("canvas.add.title") : t("model.add.title", { name: wanted.node });
}

function Choice({ wanted }: { wanted: Adding }) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const figures = network.value?.analysis?.nodes;
  const source = sourceOf(wanted);
  const axes = wanted.kind === "replace" ? figures?.[wanted.node]?.input_shapes[0]?.length : source ? figures?.[source]?.output_shapes[0]?.length : undefined;
  useLayoutEffect(() => dialog.current?.showModal(), []); // at once: the next key is typed into it
  const close = () => {
    dialog.current?.close(); // gives the focus back
    adding.value = null;
  };
  return (
    <dialog
      ref={dialog}
      class="s-palette"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="s-palette-inner">
        <div class="s-spread">
          <h2 id={`${id}-title`}>{titleOf(wanted)}</h2>
          <button type="button" class="s-reset" aria-label={t("model.add.close")} title={t("model.add.close")} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <BlockList
          axes={axes}
          ports={wanted.kind === "edge" ? undefined : "last"}
          autofocus
          testid="choice"
          label={t("model.add.blocks")}
          onChoose={(block) => {
            close();
            void addBlock(block, wanted);
          }}
        />
      </div>
    </dialog>
  );
}
