import { call, get, Icon, native, post, sentence, t } from "@studio";
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { BLOCK_TYPE } from "./canvas/canvas";
import { portsOf } from "./canvas/scene";
import { uses } from "./canvas/view";
import { append, edit } from "./edits";
import type { GraphDocument } from "./graph";
import { currentGraph, say } from "./library/draft";
import type { KeptModule } from "./library/types";
import { counted } from "./library/words";
import { network } from "./state";

const kept = signal<KeptModule[] | null>(null);
const KEPT = "kept:";

async function loadKept(): Promise<void> {
  kept.value = (await get<{ modules: KeptModule[] }>("api/graphs/modules")).modules;
}

const figures = (nodes: number, inputs: number, outputs: number): string => [counted("nodes", nodes), counted("inputs", inputs), counted("outputs", outputs)].join(" · ");

/** A module to click or to drag, as a block of the palette. */
function Entry({ block, title, about, more, testid }: { block: string; title: string; about: string; more?: string; testid: string }) {
  return (
    <button
      type="button"
      class="s-palette-entry"
      draggable
      data-testid={testid}
      title={more}
      onDragStart={(event) => {
        event.dataTransfer?.setData(BLOCK_TYPE, block);
        if (event.dataTransfer) event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={() => void append(block)}
    >
      <strong>{title}</strong>
      <span class="s-muted">{about}</span>
      {more && <span class="s-muted">{more}</span>}
    </button>
  );
}

/** One line of text that is typed in place. */
function Typed({ label, value, button, onDone, onCancel }: { label: string; value: string; button: string; onDone: (text: string) => void; onCancel: () => void }) {
  const [text, setText] = useState(value);
  return (
    <form
      class="s-typed"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(text);
      }}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <input class="s-text" type="text" autofocus maxLength={200} autocomplete="off" spellcheck={false} aria-label={label} value={text} ref={focused} onInput={(event) => setText(event.currentTarget.value)} />
      <span class="s-row">
        <button type="submit" class="s-button s-small">
          {button}
        </button>
        <button type="button" class="s-button s-small" onClick={onCancel}>
          {t("graphs.cancel")}
        </button>
      </span>
    </form>
  );
}

const focused = (field: HTMLInputElement | null): void => field?.focus();

/** Keeps a module of this network; where another one has the name, it says so and offers both ways. */
function Keeping({ name, onDone }: { name: string; onDone: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [title, setTitle] = useState(name);
  const keep = async (wanted: string, replace: boolean) => {
    setTitle(wanted);
    try {
      await post("api/graphs/modules", { graph: await currentGraph(), module: name, name: wanted, replace });
      await loadKept();
      say(t("graphs.kept", { name: wanted.trim() || name }));
      onDone();
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  useEffect(() => void keep(name, false), []);
  if (problem === null) return null;
  const isTaken = kept.value?.some((each) => each.title === title.trim());
  return (
    <div class="s-keeping">
      <p class="s-problem" role="alert">
        {problem}
      </p>
      <Typed label={t("graphs.keep.name")} value={title} button={t("graphs.keep.as")} onDone={(text) => void keep(text, false)} onCancel={onDone} />
      {isTaken && (
        <button type="button" class="s-button s-small" onClick={() => void keep(title, true)}>
          {t("graphs.keep.replace")}
        </button>
      )}
    </div>
  );
}

/** A module of this network. */
function Own({ name, graph }: { name: string; graph: GraphDocument }) {
  const [doing, setDoing] = useState<"rename" | "keep" | null>(null);
  const level = graph.modules[name];
  if (!level) return null;
  return (
    <li>
      <Entry
        block={`module:${name}`}
        title={name}
        about={figures(Object.keys(level.nodes).length, portsOf(level), level.outputs.length)}
        more={counted("uses", uses.value.get(`module:${name}`) ?? 0)}
        testid={`palette-module:${name}`}
      />
      {doing === "rename" ? (
        <Typed
          label={t("graphs.module.name")}
          value={name}
          button={t("graphs.rename")}
          onCancel={() => setDoing(null)}
          onDone={(text) => {
            setDoing(null);
            if (text.trim() !== name) void edit({ do: "rename_module", module: name, name: text.trim() });
          }}
        />
      ) : (
        <span class="s-module-ways">
          <button type="button" class="s-link-button" aria-label={t("graphs.module.rename", { name })} onClick={() => setDoing("rename")}>
            {t("graphs.rename")}
          </button>
          <button type="button" class="s-link-button" aria-label={t("graphs.keep.module", { name })} onClick={() => setDoing("keep")}>
            {t("graphs.keep")}
          </button>
        </span>
      )}
      {doing === "keep" && <Keeping name={name} onDone={() => setDoing(null)} />}
    </li>
  );
}

/** A module that is kept for any network. */
function Kept({ module }: { module: KeptModule }) {
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { name, title, description = "", nodes = 0, inputs = 0, outputs = 0 } = module;
  const remove = () =>
    call("DELETE", `api/graphs/modules/${encodeURIComponent(name)}`)
      .then(loadKept)
      .catch((error: unknown) => setProblem(sentence(error)));
  return (
    <li>
      {module.problem ? (
        <p class="s-damaged s-fine">
          <Icon name="warning" />
          {native(module.problem)}
        </p>
      ) : (
        <Entry block={KEPT + name} title={title} about={figures(nodes, inputs, outputs)} {...(description ? { more: description } : {})} testid={`palette-kept:${name}`} />
      )}
      {isAsked ? (
        <div class="s-keeping" role="group" aria-label={t("graphs.module.delete", { name: title })}>
          <p class="s-fine">{t("graphs.module.delete.ask", { name: title })}</p>
          <span class="s-row">
            <button type="button" class="s-button s-small s-danger" onClick={() => void remove()}>
              {t("graphs.delete.sure")}
            </button>
            <button type="button" class="s-button s-small" onClick={() => setAsked(false)}>
              {t("graphs.cancel")}
            </button>
          </span>
        </div>
      ) : (
        <span class="s-module-ways">
          <button type="button" class="s-link-button" aria-label={t("graphs.module.delete", { name: title })} onClick={() => setAsked(true)}>
            {t("graphs.delete")}
          </button>
        </span>
      )}
      {problem && <p class="s-problem">{problem}</p>}
    </li>
  );
}

/** The modules of this network, and those of the workspace that any network can use. */
export function Modules() {
  const graph = network.value?.graph;
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => void loadKept().catch((error: unknown) => setProblem(sentence(error))), []);
  const names = Object.keys(graph?.modules ?? {});
  return (
    <div class="s-modules">
      <h3>{t("graphs.modules.own")}</h3>
      {names.length === 0 && <p class="s-muted s-fine">{t("canvas.modules.none")}</p>}
      <ul aria-label={t("graphs.modules.own")}>{graph && names.map((name) => <Own key={name} name={name} graph={graph} />)}</ul>
      <h3>{t("graphs.modules.kept")}</h3>
      {problem && <p class="s-problem">{problem}</p>}
      {kept.value?.length === 0 && <p class="s-muted s-fine">{t("graphs.modules.kept.none")}</p>}
      <ul aria-label={t("graphs.modules.kept")}>
        {kept.value?.map((module) => (
          <Kept key={module.name} module={module} />
        ))}
      </ul>
    </div>
  );
}
