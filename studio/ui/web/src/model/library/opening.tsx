import { call, get, Icon, native, post, sentence, t } from "@studio";
import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { opening, openSaved } from "./draft";
import { History } from "./history";
import type { Entry, Saved } from "./types";
import { counted, moment, when } from "./words";

const MOST_BLOCKS = 5;
const addressOf = (name: string): string => `api/graphs/${encodeURIComponent(name)}`;

/** What of a list the typed words mean. */
export function matching(entries: Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ title, note, blocks }) => {
    const text = [title, note, ...Object.keys(blocks ?? {})].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function Row({ entry, isChosen, onChoose, onOpen }: { entry: Entry; isChosen: boolean; onChoose: () => void; onOpen: () => void }) {
  return (
    <li>
      <button type="button" class="s-saved" aria-current={isChosen} onClick={onChoose} onDblClick={onOpen}>
        <strong>{entry.title}</strong>
        <span class="s-muted s-fine" title={moment(entry.saved)}>
          {when(entry.saved)} · {counted("versions", entry.versions)}
          {entry.problem ? "" : ` · ${counted("nodes", entry.nodes)}`}
        </span>
        {entry.problem && (
          <span class="s-damaged s-fine">
            <Icon name="warning" />
            {t("graphs.damaged")}
          </span>
        )}
      </button>
    </li>
  );
}

/** The title of a network, typed anew in place. */
function Renaming({ entry, onDone, onProblem }: { entry: Entry; onDone: (renamed: boolean) => void; onProblem: (text: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const rename = () =>
    call("PATCH", addressOf(entry.name), { name: field.current?.value ?? "" })
      .then(() => onDone(true))
      .catch((error: unknown) => onProblem(sentence(error)));
  return (
    <form
      class="s-row s-renaming"
      onSubmit={(event) => {
        event.preventDefault();
        void rename();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault(); // leaves the dialog open
        event.stopPropagation();
        onDone(false);
      }}
    >
      <input ref={field} class="s-text" type="text" maxLength={200} autocomplete="off" spellcheck={false} aria-label={t("graphs.title")} defaultValue={entry.title} />
      <button type="submit" class="s-button">
        {t("graphs.rename")}
      </button>
      <button type="button" class="s-button" onClick={() => onDone(false)}>
        {t("graphs.cancel")}
      </button>
    </form>
  );
}

type Doing = "rename" | "delete" | null;

/** The chosen network: what can be done with it, and its versions. */
function Details({ entry, onOpen, onChanged, onBack }: { entry: Entry; onOpen: (version: number | null) => void; onChanged: (chosen?: string) => void; onBack: () => void }) {
  const [doing, setDoing] = useState<Doing>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = (work: Promise<unknown>) => {
    setProblem(null);
    work.catch((error: unknown) => setProblem(sentence(error)));
  };
  const blocks = Object.entries(entry.blocks ?? {});
  return (
    <section class="s-details" aria-label={entry.title}>
      <button type="button" class="s-link-button s-back" onClick={onBack}>
        {t("graphs.back")}
      </button>
      {doing === "rename" ? (
        <Renaming
          entry={entry}
          onProblem={setProblem}
          onDone={(renamed) => {
            setDoing(null);
            setProblem(null);
            if (renamed) onChanged();
          }}
        />
      ) : (
        <h3>{entry.title}</h3>
      )}
      {entry.problem ? (
        <p class="s-problem">{native(entry.problem)}</p>
      ) : (
        <p class="s-muted s-fine">
          {blocks
            .slice(0, MOST_BLOCKS)
            .map(([block, count]) => `${count} ${block}`)
            .join(" · ")}
          {blocks.length > MOST_BLOCKS && " …"}
        </p>
      )}
      {problem && (
        <p class="s-problem" role="alert">
          {problem}
        </p>
      )}
      {doing === "delete" ? (
        <div class="s-row s-asked" role="group" aria-label={t("graphs.delete")}>
          <span>{t("graphs.delete.ask", { title: entry.title, versions: counted("versions", entry.versions) })}</span>
          <button type="button" class="s-button s-danger" autofocus onClick={() => attempt(call("DELETE", addressOf(entry.name)).then(() => onChanged("")))}>
            {t("graphs.delete.sure")}
          </button>
          <button type="button" class="s-button" onClick={() => setDoing(null)}>
            {t("graphs.cancel")}
          </button>
        </div>
      ) : (
        <div class="s-row">
          <button type="button" class="s-button s-primary" onClick={() => onOpen(null)}>
            {t("canvas.open")}
          </button>
          <button type="button" class="s-button" disabled={doing === "rename"} onClick={() => setDoing("rename")}>
            {t("graphs.rename")}
          </button>
          <button type="button" class="s-button" onClick={() => attempt(post<Saved>(`${addressOf(entry.name)}/duplicate`).then((copy) => onChanged(copy.name)))}>
            {t("graphs.duplicate")}
          </button>
          <button type="button" class="s-button" onClick={() => setDoing("delete")}>
            {t("graphs.delete")}
          </button>
        </div>
      )}
      <History entry={entry} onOpen={onOpen} />
    </section>
  );
}

/** The saved networks of the workspace, to open one of them. */
export function Opening() {
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [query, setQuery] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const close = () => (opening.value = false);

  const load = async (chosen?: string) => {
    try {
      setEntries((await get<{ graphs: Entry[] }>("api/graphs")).graphs);
      if (chosen !== undefined) setPicked(chosen || null);
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  useEffect(() => void load(), []);

  const open = async (entry: Entry, version: number | null) => {
    setProblem(null);
    try {
      const saved = await get<Saved>(`${addressOf(entry.name)}${version === null ? "" : `?version=${version}`}`);
      close();
      await openSaved(saved, entry.version);
    } catch (error) {
      setProblem(sentence(error));
    }
  };

  const shown = matching(entries ?? [], query);
  const isPicked = shown.some(({ name }) => name === picked);
  const entry = shown.find(({ name }) => name === picked) ?? shown[0];
  return (
    <Dialog title={t("graphs.open.title")} kind="s-opening" onClose={close}>
      {problem && (
        <p class="s-problem" role="alert">
          {problem}
        </p>
      )}
      {entries?.length === 0 ? (
        <p class="s-nothing">{t("graphs.none")}</p>
      ) : (
        <div class={`s-library${isPicked ? " s-picked" : ""}`}>
          <div class="s-list">
            <input class="s-text" type="search" autofocus autocomplete="off" spellcheck={false} aria-label={t("graphs.search")} placeholder={t("graphs.search")} value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
            <ul aria-label={t("graphs.open.title")}>
              {shown.map((each) => (
                <Row key={each.name} entry={each} isChosen={each.name === entry?.name} onChoose={() => setPicked(each.name)} onOpen={() => void open(each, null)} />
              ))}
            </ul>
            {entries !== null && shown.length === 0 && <p class="s-muted s-fine">{t("canvas.search.nothing")}</p>}
          </div>
          {entry && <Details key={entry.name} entry={entry} onOpen={(version) => void open(entry, version)} onChanged={(chosen) => void load(chosen)} onBack={() => setPicked(null)} />}
        </div>
      )}
    </Dialog>
  );
}
