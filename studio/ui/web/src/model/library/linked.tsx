import { newDraft, post, sentence, t } from "@studio";
import { useEffect, useState } from "preact/hooks";
import { settled } from "../edits";
import type { GraphDocument } from "../graph";
import { chosen, dataset, open, replaced } from "../state";
import { Dialog } from "./dialog";
import { LINK_KEY } from "./pack";
import { counted } from "./words";

/** Takes the network out of the address, so that a reload does not ask again. */
function takenFromAddress(): string | null {
  if (!location.hash.startsWith(LINK_KEY)) return null;
  const link = location.hash;
  const url = new URL(location.href);
  url.hash = "";
  history.replaceState(history.state, "", url);
  return link;
}

/** Asks whether the network that the address carries is to be opened; in a new draft, so that the one here stays. */
export function Linked() {
  const [found, setFound] = useState<GraphDocument | string | null>(null);
  const look = () => {
    const link = takenFromAddress();
    if (link === null) return;
    post<{ graph: GraphDocument }>("api/graphs/link", { link })
      .then(({ graph }) => setFound(graph))
      .catch((error: unknown) => setFound(sentence(error)));
  };
  useEffect(() => {
    look();
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  if (found === null) return null;
  const close = () => setFound(null);
  if (typeof found === "string") {
    return (
      <Dialog title={t("graphs.link.title")} kind="s-linked" onClose={close}>
        <p class="s-problem s-large" role="alert">
          {found}
        </p>
      </Dialog>
    );
  }
  const nodes = counted("nodes", Object.keys(found.nodes).length);
  const take = async () => {
    try {
      await settled(); // what was changed in the draft before stays with it
      await newDraft({ dataset: dataset.value, graph: JSON.parse(JSON.stringify(found)) });
      open.value = new Set();
      chosen.value = new Set();
      replaced.value += 1;
      close();
    } catch (error) {
      setFound(sentence(error));
    }
  };
  return (
    <Dialog title={t("graphs.link.title")} kind="s-linked" onClose={close}>
      <p>{found.name ? t("graphs.link.ask", { name: found.name, nodes }) : t("graphs.link.ask.unnamed", { nodes })}</p>
      <div class="s-row s-choices">
        <button type="button" class="s-button" onClick={close}>
          {t("graphs.link.no")}
        </button>
        <button type="button" class="s-button s-primary" autofocus onClick={() => void take()}>
          {t("graphs.link.yes")}
        </button>
      </div>
    </Dialog>
  );
}
