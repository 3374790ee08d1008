import { draft, Icon, type IconName, t } from "@studio";
import { useEffect, useId, useRef } from "preact/hooks";
import { edit, EMPTY, loadSteps, put, redo, steps, undo } from "./edits";
import { group, helping, searching, ungroup } from "./canvas/keys";
import { showing } from "./gallery/state";
import { opening } from "./library/draft";
import { ACCEPTED, exportText, takeFile } from "./library/files";
import { MoreExports } from "./library/more";
import { save } from "./library/save";
import { chosen, network, open, selected } from "./state";

function Tool({ icon, name, title, disabled = false, onClick }: { icon?: IconName; name: string; title?: string; disabled?: boolean; onClick: () => void }) {
  return (
    <button type="button" class="s-tool" disabled={disabled} title={title ?? name} onClick={onClick}>
      {icon && <Icon name={icon} />}
      {name}
    </button>
  );
}

/** The name of the network, which is typed in place; `onChange` would be each character here, as React has it. */
function Name() {
  const now = network.value?.graph?.name ?? "";
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current && document.activeElement !== field.current) field.current.value = now;
  }, [now]);
  return (
    <input
      ref={field}
      class="s-graph-name"
      type="text"
      maxLength={200}
      spellcheck={false}
      autocomplete="off"
      aria-label={t("canvas.name")}
      placeholder={t("canvas.name.empty")}
      defaultValue={now}
      onChangeCapture={(event) => event.currentTarget.value !== now && void edit({ do: "name", name: event.currentTarget.value })}
    />
  );
}

/** What is done with the network as a whole. */
export function Toolbar() {
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const current = draft.value?.id;
  useEffect(() => {
    if (current) void loadSteps(current);
  }, [current, draft.value?.revision]);
  const isThere = Boolean(network.value?.graph);
  const node = selected.value;
  const isComposite = node !== null && (node in (network.value?.analysis?.levels ?? {}) || (network.value?.graph?.nodes[node]?.block ?? "").startsWith("module:"));
  return (
    <div class="s-toolbar" role="toolbar" aria-label={t("canvas.tools")}>
      <Name />
      <Tool
        name={t("canvas.new")}
        title={t("canvas.new.help")}
        onClick={() => {
          open.value = new Set();
          void put({ ...EMPTY });
        }}
      />
      <Tool name={t("canvas.open")} title={t("canvas.open.help")} onClick={() => (opening.value = true)} />
      <Tool name={t("gallery.tool")} title={t("gallery.tool.help")} onClick={() => (showing.value = true)} />
      <Tool name={t("canvas.save")} title={t("canvas.save.help")} disabled={!isThere} onClick={() => void save()} />
      <label class="s-tool s-file" title={t("canvas.import.help")}>
        {t("canvas.import")}
        <input
          ref={file}
          id={`${id}-file`}
          class="s-visually-hidden"
          type="file"
          accept={ACCEPTED}
          aria-label={t("canvas.import")}
          onChange={(event) => {
            const [first] = event.currentTarget.files ?? [];
            if (first) void takeFile(first);
            event.currentTarget.value = "";
          }}
        />
      </label>
      <Tool name={t("canvas.export")} title={t("canvas.export.help")} disabled={!isThere} onClick={() => void exportText("json")} />
      <MoreExports disabled={!isThere} />
      <span class="s-tool-gap" />
      <Tool icon="undo" name={t("canvas.undo")} title={t("canvas.undo.help")} disabled={!steps.value.undo} onClick={() => void undo()} />
      <Tool icon="redo" name={t("canvas.redo")} title={t("canvas.redo.help")} disabled={!steps.value.redo} onClick={() => void redo()} />
      <span class="s-tool-gap" />
      <Tool name={t("canvas.arrange")} title={t("canvas.arrange.help")} disabled={!isThere} onClick={() => void edit({ do: "arrange" })} />
      <Tool icon="group" name={t("canvas.group")} title={t("canvas.group.help")} disabled={chosen.value.size === 0} onClick={group} />
      <Tool name={t("canvas.ungroup")} title={t("canvas.ungroup.help")} disabled={!isComposite} onClick={ungroup} />
      <span class="s-tool-gap" />
      <Tool icon="search" name={t("canvas.search")} title={t("canvas.search.help")} onClick={() => (searching.value = true)} />
      <Tool name="?" title={t("canvas.keys")} onClick={() => (helping.value = true)} />
    </div>
  );
}
