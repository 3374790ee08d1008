import { native, t } from "@studio";
import { memo } from "preact/compat";
import { useMemo, useRef, useEffect, useId, useState } from "preact/hooks";
import { familyClass } from "./family";
import { type Entry, entriesOf, found } from "./search";
import { blockForms } from "./state";
import { categoryText } from "./category";

/** What PageUp and PageDown pass. */
const PAGE = 8;

interface Props {
  /** How many axes come out of the node behind which a block is chosen, where that is known. */
  axes?: number | undefined;
  /** Ports of the graph stand in the list too. */
  ports?: "first" | "last" | undefined;
  autofocus?: boolean;
  testid: string;
  label: string;
  onChoose: (block: string) => void;
  onDrag?: (event: DragEvent, block: string) => void;
}

/** All blocks in a list that is searched while one types; drawn again only when it says something new. */
export const BlockList = memo(Listed);

function Listed({ axes, ports, autofocus = false, testid, label, onChoose, onDrag }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const entries = useMemo(() => entriesOf(Object.values(blockForms.value), native, categoryText, axes, ports), [blockForms.value, axes, ports]);
  const groups = useMemo(() => found(entries, query), [entries, query]);
  const names = groups.flatMap((group) => group.entries.map((entry) => entry.name));
  const active = query || autofocus ? names[place] : undefined;
  useEffect(() => {
    if (place === 0) list.current?.scrollTo({ top: 0 });
    else list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [place, query]);
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
  const row = (entry: Entry) => (
    <div
      key={entry.name}
      id={`${id}-${entry.name}`}
      role="option"
      aria-selected={entry.name === active}
      class={`s-palette-entry${entry.fits ? "" : " s-palette-apart"}`}
      data-testid={`${testid}-${entry.name}`}
      title={`${entry.name}: ${entry.summary}${entry.fits ? "" : `\n${t("model.add.apart")}`}`}
      draggable={onDrag !== undefined}
      onDragStart={onDrag && ((event) => onDrag(event, entry.name))}
      onClick={() => onChoose(entry.name)}
    >
      <strong>{entry.title}</strong>
      <span class="s-muted">
        {entry.summary} {!entry.fits && <em>{t("model.add.apart")}</em>}
      </span>
    </div>
  );
  return (
    <>
      <div class="s-field s-palette-search">
        <input
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck={false}
          autofocus={autofocus}
          aria-label={t("model.add.search")}
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={active && `${id}-${active}`}
          placeholder={t("model.add.search")}
          data-testid={`${testid}-search`}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setPlace(0);
          }}
          onKeyDown={(event) => {
            if (event.isComposing) return; // Enter and the arrows belong to the input of Chinese
            const step = moves[event.key];
            if (step !== undefined) setPlace(Math.max(0, Math.min(names.length - 1, place + step)));
            else if (event.key === "Enter" && active) onChoose(active);
            else return;
            event.preventDefault();
          }}
        />
      </div>
      <p class="s-muted s-fine" role="status">
        {names.length === 0 ? t("model.add.nothing") : names.length === 1 ? t("model.add.one") : t("model.add.count", { count: names.length })}
      </p>
      <div ref={list} id={`${id}-list`} class="s-palette-list" role="listbox" aria-label={label} tabIndex={-1}>
        {groups.map((group) => (
          <div key={group.category} role="group" aria-labelledby={`${id}-group-${group.category}`} class={familyClass(group.category)}>
            <h3 id={`${id}-group-${group.category}`}>
              <i class="s-dot-family" />
              {group.group}
            </h3>
            {group.entries.map(row)}
          </div>
        ))}
      </div>
    </>
  );
}
