import { native, t } from "@studio";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { behindNow } from "./behind";
import { scene } from "./canvas/view";
import { helping, searching } from "./canvas/keys";
import { categoryText } from "./category";
import { append, chooseNetwork, focusing } from "./edits";
import { familyClass } from "./family";
import { presets } from "./gallery/state";
import { entriesOf, found } from "./search";
import { blockForms, network, select } from "./state";

const MOST = 60;

interface Hit {
  key: string;
  kind: "node" | "block" | "network";
  name: string;
  text: string;
  category: string | undefined;
  run: () => void;
}

/** Everything that the typed words mean: nodes of this network, blocks, networks to begin with. */
function hits(query: string): Hit[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  const titles = blockForms.value;
  const nodes: Hit[] = scene.value.boxes
    .filter((box) => fits(`${box.path} ${titles[box.block]?.title ?? box.block} ${box.document.title ?? ""}`))
    .map((box) => ({
      key: `node ${box.path}`,
      kind: "node",
      name: box.path,
      text: titles[box.block]?.title ?? box.block,
      category: titles[box.block]?.category,
      run: () => {
        focusing.value = box.path;
        select(box.path);
      },
    }));
  const behind = behindNow();
  const axes = behind ? network.value?.analysis?.nodes[behind]?.output_shapes[0]?.length : undefined;
  const blocks: Hit[] = found(entriesOf(Object.values(titles), native, categoryText, axes, "last"), query)
    .flatMap((group) => group.entries)
    .map((entry) => ({ key: `block ${entry.name}`, kind: "block", name: entry.title, text: entry.summary, category: entry.category, run: () => void append(entry.name) }));
  const networks: Hit[] = (presets.value ?? [])
    .filter((preset) => preset.fits && fits(`${preset.name} ${preset.title} ${preset.summary} ${preset.variants.map(({ name }) => name).join(" ")} ${native(preset.summary)}`))
    .map((preset) => ({ key: `network ${preset.name}`, kind: "network", name: native(preset.title), text: native(preset.summary), category: undefined, run: () => void chooseNetwork(preset.name, preset.params) }));
  return words.length === 0 ? [...nodes, ...networks, ...blocks].slice(0, MOST) : [...nodes.slice(0, 20), ...networks, ...blocks].slice(0, MOST);
}

function useDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []); // at once: the next key is typed into it
  return dialog;
}

function Search() {
  const id = useId();
  const dialog = useDialog();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const all = useMemo(() => hits(query), [query]);
  const active = all[place];
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [place, query]);
  const close = () => {
    dialog.current?.close();
    searching.value = false;
  };
  const choose = (hit: Hit) => {
    close();
    hit.run();
  };
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  return (
    <dialog
      ref={dialog}
      class="s-palette s-quick"
      aria-label={t("canvas.search")}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="s-palette-inner">
        <div class="s-field">
          <input
            type="text"
            role="combobox"
            autofocus
            autocomplete="off"
            spellcheck={false}
            aria-label={t("canvas.search.label")}
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={active && `${id}-${place}`}
            placeholder={t("canvas.search.label")}
            data-testid="quick-search"
            value={query}
            onInput={(event) => {
              setQuery(event.currentTarget.value);
              setPlace(0);
            }}
            onKeyDown={(event) => {
              if (event.isComposing) return;
              const step = moves[event.key];
              if (step !== undefined) setPlace(Math.max(0, Math.min(all.length - 1, place + step)));
              else if (event.key === "Enter" && active) choose(active);
              else return;
              event.preventDefault();
            }}
          />
        </div>
        {all.length === 0 && <p class="s-muted s-fine">{t("canvas.search.nothing")}</p>}
        <div ref={list} id={`${id}-list`} class="s-palette-list" role="listbox" aria-label={t("canvas.search")}>
          {all.map((hit, index) => (
            <div key={hit.key} id={`${id}-${index}`} role="option" aria-selected={index === place} class={`s-palette-entry s-quick-entry ${familyClass(hit.category)}`} onClick={() => choose(hit)}>
              <i class="s-dot-family" />
              <strong>{hit.name}</strong>
              <span class="s-muted">{hit.text}</span>
              <span class="s-muted s-fine">{t(`canvas.search.${hit.kind}`)}</span>
            </div>
          ))}
        </div>
      </div>
    </dialog>
  );
}

const KEYS = ["add", "replace", "remove", "copy", "cut", "paste", "duplicate", "all", "undo", "redo", "group", "ungroup", "walk", "nudge", "enter", "space", "rename", "save", "search", "escape", "box"] as const;

function Keys() {
  const dialog = useDialog();
  const close = () => {
    dialog.current?.close();
    helping.value = false;
  };
  return (
    <dialog
      ref={dialog}
      class="s-palette s-keys"
      aria-label={t("canvas.keys")}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <h2>{t("canvas.keys")}</h2>
      <dl>
        {KEYS.map((name) => {
          const [keys = "", text = ""] = t(`canvas.key.${name}`).split(": ");
          return (
            <div key={name}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          );
        })}
      </dl>
      <button type="button" class="s-button" onClick={close}>
        {t("model.add.close")}
      </button>
    </dialog>
  );
}

/** The search over everything (Ctrl-K), and the list of keys. */
export function Quick() {
  return (
    <>
      {searching.value && <Search />}
      {helping.value && <Keys />}
    </>
  );
}
