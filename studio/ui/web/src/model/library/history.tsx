import { get, native, sentence, t } from "@studio";
import { useEffect, useState } from "preact/hooks";
import type { GraphDocument } from "../graph";
import { currentGraph } from "./draft";
import { Compared } from "./differences";
import type { Entry, Version } from "./types";
import { counted, moment, when } from "./words";

const AT_ONCE = 8;

/** What a version changed: against the newest one before it that can be read. */
function Changes({ name, version, before }: { name: string; version: Version; before: Version | undefined }) {
  if (version.problem) return <p class="s-problem">{native(version.problem)}</p>;
  if (!before) return <p class="s-muted s-fine">{t("graphs.first", { nodes: counted("nodes", version.nodes) })}</p>;
  return <Compared old={{ name, version: before.version }} now={{ name, version: version.version }} none={t("graphs.same")} />;
}

function Entered({ name, version, before, onOpen }: { name: string; version: Version; before: Version | undefined; onOpen: () => void }) {
  const [canvas, setCanvas] = useState<GraphDocument | string | null>(null);
  const compareNow = () =>
    currentGraph()
      .then(setCanvas)
      .catch((error: unknown) => setCanvas(sentence(error)));
  return (
    <li aria-label={t("graphs.version", { version: version.version })}>
      <div class="s-spread">
        <strong>{t("graphs.version", { version: version.version })}</strong>
        <span class="s-muted s-fine" title={moment(version.saved)}>
          {when(version.saved)}
        </span>
      </div>
      {version.note && <p class="s-note">{native(version.note)}</p>}
      <Changes name={name} version={version} before={before} />
      {!version.problem && (
        <div class="s-row">
          <button type="button" class="s-button s-small" onClick={onOpen}>
            {t("graphs.version.open")}
          </button>
          <button type="button" class="s-button s-small" aria-expanded={canvas !== null} onClick={() => (canvas === null ? void compareNow() : setCanvas(null))}>
            {t("graphs.version.compare")}
          </button>
        </div>
      )}
      {canvas !== null && (
        <div class="s-compared" role="region" aria-label={t("graphs.version.compare")}>
          {typeof canvas === "string" ? (
            <p class="s-problem">{canvas}</p>
          ) : (
            <>
              <p class="s-fine">{t("graphs.version.canvas", { version: version.version })}</p>
              <Compared old={{ name, version: version.version }} now={canvas} none={t("graphs.version.equal")} few={20} />
            </>
          )}
        </div>
      )}
    </li>
  );
}

/** The versions of a saved network, the newest first. */
export function History({ entry, onOpen }: { entry: Entry; onOpen: (version: number) => void }) {
  const [versions, setVersions] = useState<Version[]>([]);
  const [shown, setShown] = useState(AT_ONCE);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    get<{ versions: Version[] }>(`api/graphs/${encodeURIComponent(entry.name)}/versions`)
      .then((found) => setVersions(found.versions))
      .catch((error: unknown) => setProblem(sentence(error)));
  }, [entry.name, entry.versions]);
  return (
    <>
      <h4>{t("graphs.history")}</h4>
      {problem && <p class="s-problem">{problem}</p>}
      <ol class="s-history" reversed>
        {versions.slice(0, shown).map((version, index) => (
          <Entered
            key={version.version}
            name={entry.name}
            version={version}
            before={versions.slice(index + 1).find((each) => !each.problem)}
            onOpen={() => onOpen(version.version)}
          />
        ))}
      </ol>
      {versions.length > shown && (
        <button type="button" class="s-link-button" onClick={() => setShown(shown + AT_ONCE)}>
          {t("graphs.older")}
        </button>
      )}
    </>
  );
}
