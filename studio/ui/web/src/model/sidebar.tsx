import { useSignal } from "@preact/signals";
import { t } from "@studio";
import { BlockList } from "./blocklist";
import { BLOCK_TYPE } from "./canvas/canvas";
import { lastNode } from "./canvas/keys";
import { addBlock } from "./edits";
import { Gallery } from "./gallery";
import { Modules } from "./modules";
import { chosen, network, selected } from "./state";

type Tab = "blocks" | "networks" | "modules";

/** The node behind which a block from the list goes. */
const behindNow = (): string | null => selected.peek() ?? [...chosen.peek()].at(-1) ?? lastNode();

const append = (block: string): void => void addBlock(block, { kind: "after", node: behindNow() });

function take(event: DragEvent, block: string): void {
  if (!event.dataTransfer) return;
  event.dataTransfer.setData(BLOCK_TYPE, block);
  event.dataTransfer.effectAllowed = "copy";
}

/** What a network is made of: blocks, whole networks to begin with, and modules of one's own. */
export function Sidebar() {
  const tab = useSignal<Tab>("blocks");
  const behind = chosen.value.size > 0 || network.value ? behindNow() : null;
  const axes = behind ? network.value?.analysis?.nodes[behind]?.output_shapes[0]?.length : undefined;
  const tabs: Tab[] = ["blocks", "networks", "modules"];
  return (
    <section class="s-panel s-sidebar" aria-label={t("canvas.sidebar")}>
      <div class="s-segments s-wide" role="tablist" aria-label={t("canvas.sidebar")}>
        {tabs.map((each) => (
          <button key={each} type="button" role="tab" aria-selected={tab.value === each} aria-pressed={tab.value === each} onClick={() => (tab.value = each)}>
            {t(`canvas.tab.${each}`)}
          </button>
        ))}
      </div>
      {tab.value === "blocks" && (
        <BlockList
          axes={axes}
          ports
          testid="palette"
          label={t("model.add.blocks")}
          onChoose={append}
          onDrag={take}
        />
      )}
      {tab.value === "networks" && <Gallery />}
      {tab.value === "modules" && <Modules />}
    </section>
  );
}
