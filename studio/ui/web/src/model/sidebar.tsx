import { useSignal } from "@preact/signals";
import { t } from "@studio";
import { behindNow } from "./behind";
import { BlockList } from "./blocklist";
import { BLOCK_TYPE } from "./canvas/canvas";
import { append } from "./edits";
import { Networks } from "./gallery/list";
import { Modules } from "./modules";
import { network } from "./state";

type Tab = "blocks" | "networks" | "modules";

const choose = (block: string): void => void append(block);

function take(event: DragEvent, block: string): void {
  if (!event.dataTransfer) return;
  event.dataTransfer.setData(BLOCK_TYPE, block);
  event.dataTransfer.effectAllowed = "copy";
}

/** What a network is made of: blocks, whole networks to begin with, and modules of one's own. */
export function Sidebar() {
  const tab = useSignal<Tab>("blocks");
  const behind = behindNow();
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
          ports="first"
          testid="palette"
          label={t("model.add.blocks")}
          onChoose={choose}
          onDrag={take}
        />
      )}
      {tab.value === "networks" && <Networks />}
      {tab.value === "modules" && <Modules />}
    </section>
  );
}
