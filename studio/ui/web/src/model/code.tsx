import { effect } from "@preact/signals";
import { draft, Icon, link, native, post, recipe, sentence, t } from "@studio";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { dataset, selected } from "./state";

interface Answer {
  waiting?: boolean;
  code: string;
  problem: string | null;
}

const SETTLE_MILLISECONDS = 300;
const WORDS = /(#.*$)|("""[^]*?"""|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b(import|from|class|def|return|if|else|for|in|not|None|True|False|as|with|self|super|raise|lambda)\b|\b(\d+(?:\.\d+)?(?:e-?\d+)?)\b/gm;

/** A line of Python in coloured pieces: [kind, text]. */
export function coloured(line: string): [string, string][] {
  const found: [string, string][] = [];
  let at = 0;
  for (const match of line.matchAll(WORDS)) {
    if (match.index > at) found.push(["", line.slice(at, match.index)]);
    found.push([match[1] ? "comment" : match[2] ? "text" : match[3] ? "word" : "number", match[0]]);
    at = match.index + match[0].length;
  }
  if (at < line.length) found.push(["", line.slice(at)]);
  return found;
}

/** The lines that make the layers of a node: statements that give a layer its name, or one that begins with it and goes on. */
export function linesOf(lines: string[], path: string | null): Set<number> {
  const found = new Set<number>();
  if (!path) return found;
  const name = path.replaceAll("/", "_");
  let start = 0;
  lines.forEach((line, index) => {
    if (!/^[\s)]/.test(line)) start = index;
    const given = /\bname="(\w+)"/.exec(line)?.[1];
    if (given !== name && !given?.startsWith(`${name}_`)) return;
    let end = index;
    while (/^[\s)]/.test(lines[end + 1] ?? "")) end += 1;
    for (let each = start; each <= end; each += 1) found.add(each);
  });
  return found;
}

/** The code of the draft's network, asked for anew whenever it changes; the one before stays until then. */
function useCode(): { answer: Answer | null; old: boolean } {
  const [state, setState] = useState<{ answer: Answer | null; old: boolean }>({ answer: null, old: true });
  useEffect(() => {
    let asked = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (key: string, question: unknown): Promise<void> => {
      for (;;) {
        const found = await post<Answer>("api/model/code", question).catch((error: unknown) => ({ code: "", problem: sentence(error) }));
        if (asked !== key) return;
        if ("waiting" in found && found.waiting) continue;
        setState((before) => ({ answer: found.problem && before.answer?.code ? { ...found, code: before.answer.code } : found, old: false }));
        return;
      }
    };
    const stop = effect(() => {
      if (!draft.value) return;
      const question = { dataset: dataset.value, graph: recipe.value.graph ?? null };
      const key = JSON.stringify(question);
      if (key === asked) return;
      const first = asked === "";
      asked = key;
      setState((before) => ({ ...before, old: true }));
      clearTimeout(timer);
      timer = setTimeout(() => void ask(key, question), first ? 0 : SETTLE_MILLISECONDS);
    });
    return () => {
      asked = "";
      clearTimeout(timer);
      stop();
    };
  }, []);
  return state;
}

/** The network as Keras code. */
export function Code() {
  const { answer, old } = useCode();
  const [copied, setCopied] = useState(false);
  const pane = useRef<HTMLPreElement>(null);
  const lines = useMemo(() => (answer?.code ?? "").trimEnd().split("\n"), [answer?.code]);
  const marked = useMemo(() => linesOf(lines, selected.value), [lines, selected.value]);
  useEffect(() => {
    const element = pane.current;
    const first = element?.querySelector<HTMLElement>(".s-marked");
    if (element && first) element.scrollTop = first.offsetTop - element.clientHeight / 3;
  }, [marked]);
  const copy = async () => {
    await navigator.clipboard.writeText(answer?.code ?? "").catch(() => undefined);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="s-keras" data-testid="keras-code">
      <div class="s-spread">
        <span class="s-muted s-fine">{t("canvas.code.help")}</span>
        <span class="s-row">
          <span class="s-muted s-fine" role="status">
            {copied ? t("canvas.code.copied") : ""}
          </span>
          <button type="button" class="s-button s-small" disabled={!answer?.code} onClick={() => void copy()}>
            <Icon name="copy" />
            {t("canvas.code.copy")}
          </button>
          <a class="s-button s-small" href={link("api/model/code", { download: "true" })} download>
            <Icon name="download" />
            {t("canvas.code.download")}
          </a>
        </span>
      </div>
      {answer?.problem && (
        <p class="s-problem s-large" role="alert">
          {native(answer.problem)}
        </p>
      )}
      <pre ref={pane} class={`s-code s-keras-lines${old ? " s-dim" : ""}`} tabIndex={0} aria-label={t("canvas.tab.code")} aria-busy={old}>
        {lines.map((line, index) => (
          <span key={index} class={marked.has(index) ? "s-marked" : ""}>
            {coloured(line).map(([kind, text]) => (kind ? <i class={`s-py-${kind}`}>{text}</i> : text))}
            {"\n"}
          </span>
        ))}
      </pre>
    </div>
  );
}
