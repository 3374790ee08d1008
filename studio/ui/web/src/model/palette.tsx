import { Icon, native, t, tOr } from "@studio";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { adding, addLayer } from "./edits";
import { familyClass } from "./family";
import { entriesOf, found } from "./search";
import { blockForms, network } from "./state";

/** What PageUp and PageDown pass. */
const PAGE = 8;

/** A category in the language of the page. */
export const categoryText = (category: string): string => tOr(`category.${category}`, native(category));

/** All blocks in a list that is searched while one types; there is one while a layer is being added. */
export function Palette() {
  const behind = adding.value;
  return behind === null ? null : <Choice key={behind} behind={behind} />;
}

function Choice({ behind }: { behind: string }) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const axes = network.value?.analysis?.nodes[behind]?.output_shapes[0]?.length;
  const entries = useMemo(() => entriesOf(Object.values(blockForms.value), native, categoryText, axes), [blockForms.value, axes]);
  const groups = useMemo(() => found(entries, query), [entries, query]);
  const names = groups.flatMap((group) => group.entries.map((entry) => entry.name));
  const active = names[place];
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    if (place === 0) list.current?.scrollTo({ top: 0 });
    else list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [place, query]);

  const close = () => {
    dialog.current?.close(); // gives the focus back
    adding.value = null;
  };
  const choose = (block: string) => {
    close();
    addLayer(behind, block);
  };
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
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
          <h2 id={`${id}-title`}>{t("model.add.title", { name: behind })}</h2>
          <button type="button" class="s-reset" aria-label={t("model.add.close")} title={t("model.add.close")} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <div class="s-field">
          <input
            type="text"
            role="combobox"
            autocomplete="off"
            spellcheck={false}
            autofocus
            aria-label={t("model.add.search")}
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls={`${id}-list`}
            aria-activedescendant={active && `${id}-${active}`}
            placeholder={t("model.add.search")}
            data-testid="palette-search"
            value={query}
            onInput={(event) => {
              setQuery(event.currentTarget.value);
              setPlace(0);
            }}
            onKeyDown={(event) => {
              if (event.isComposing) return; // Enter and the arrows belong to the input of Chinese
              const step = moves[event.key];
              if (step !== undefined) setPlace(Math.max(0, Math.min(names.length - 1, place + step)));
              else if (event.key === "Enter" && active) choose(active);
              else return;
              event.preventDefault();
            }}
          />
        </div>
        <p class="s-muted s-fine" role="status">
          {names.length === 0 ? t("model.add.nothing") : names.length === 1 ? t("model.add.one") : t("model.add.count", { count: names.length })}
        </p>
        <div ref={list} id={`${id}-list`} class="s-palette-list" role="listbox" aria-label={t("model.add.blocks")}>
          {groups.map((group) => (
            <div key={group.category} role="group" aria-labelledby={`${id}-group-${group.category}`} class={familyClass(group.category)}>
              <h3 id={`${id}-group-${group.category}`}>
                <i class="s-dot-family" />
                {group.group}
              </h3>
              {group.entries.map((entry) => (
                <div
                  key={entry.name}
                  id={`${id}-${entry.name}`}
                  role="option"
                  aria-selected={entry.name === active}
                  class={`s-palette-entry${entry.fits ? "" : " s-palette-apart"}`}
                  data-testid={`palette-${entry.name}`}
                  title={entry.title === entry.name ? undefined : entry.name}
                  onClick={() => choose(entry.name)}
                >
                  <strong>{entry.title}</strong>
                  <span class="s-muted">
                    {entry.summary} {!entry.fits && <em>{t("model.add.apart")}</em>}
                  </span>
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </dialog>
  );
}
