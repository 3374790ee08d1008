import { useSignal } from "@preact/signals";
import { t } from "@studio";
import { Code } from "./code";
import { Freezing } from "./freezing";
import { counting, network } from "./state";
import { Problems } from "./problems";
import { Layers } from "./table";
import { Totals } from "./totals";

type Tab = "problems" | "layers" | "code";

/** What is known of the network: totals, findings, and its nodes in a table. */
export function Below() {
  const chosenTab = useSignal<Tab | null>(null);
  const messages = network.value?.analysis?.messages ?? [];
  const serious = messages.filter((message) => message.severity !== "hint").length;
  const tab = chosenTab.value ?? (serious > 0 ? "problems" : "layers");
  const names: Record<Tab, string> = { problems: `${t("canvas.tab.problems")}${messages.length ? ` (${messages.length})` : ""}`, layers: t("model.layers"), code: t("canvas.tab.code") };
  return (
    <section class="s-panel s-below" aria-label={t("canvas.below")} aria-busy={counting.value}>
      <Totals />
      <Freezing />
      <div class="s-spread">
        <div class="s-segments" role="tablist" aria-label={t("canvas.below")}>
          {(["problems", "layers", "code"] as const).map((each) => (
            <button key={each} type="button" role="tab" aria-selected={tab === each} aria-pressed={tab === each} onClick={() => (chosenTab.value = each)}>
              {names[each]}
            </button>
          ))}
        </div>
        <span class="s-muted s-fine" role="status">
          {counting.value ? t("model.counting") : ""}
        </span>
      </div>
      {tab === "problems" ? <Problems /> : tab === "layers" ? <Layers /> : <Code />}
    </section>
  );
}
