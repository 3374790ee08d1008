import { t } from "@studio";
import { Dialog } from "./dialog";
import { Compared } from "./differences";
import { settle, type Stale, stale } from "./save";
import { counted, moment, when } from "./words";

/** A save that met another version: both are shown, and one chooses. */
export function StaleSave() {
  const standing = stale.value;
  return standing && <Choice key={`${standing.theirs.name} ${standing.theirs.version}`} standing={standing} />;
}

function Choice({ standing }: { standing: Stale }) {
  const { mine, theirs, isForeign } = standing;
  const { title, version, saved } = theirs;
  return (
    <Dialog title={t(isForeign ? "graphs.stale.taken" : "graphs.stale.title", { title })} kind="s-stale" onClose={() => (stale.value = null)}>
      <p>{t(isForeign ? "graphs.stale.taken.text" : "graphs.stale.text", { title, version })}</p>
      <dl class="s-sides">
        <div>
          <dt>{t("graphs.stale.theirs")}</dt>
          <dd>
            {t("graphs.version", { version })} · <span title={moment(saved)}>{when(saved)}</span> · {counted("nodes", Object.keys(theirs.graph.nodes).length)}
          </dd>
        </div>
        <div>
          <dt>{t("graphs.stale.mine")}</dt>
          <dd>{counted("nodes", Object.keys(mine.nodes).length)}</dd>
        </div>
      </dl>
      <h3>{t("graphs.stale.differences")}</h3>
      <div class="s-dialog-list">
        <Compared old={theirs.graph} now={mine} none={t("graphs.same")} few={20} />
      </div>
      <div class="s-row s-choices">
        <button type="button" class="s-button" title={t("graphs.stale.keep.help", { version })} onClick={() => void settle(standing, "theirs")}>
          {t("graphs.stale.keep")}
        </button>
        <button type="button" class="s-button" title={t("graphs.stale.top.help", { version: version + 1 })} onClick={() => void settle(standing, "mine")}>
          {t("graphs.stale.top")}
        </button>
        <button type="button" class="s-button s-primary" title={t("graphs.stale.copy.help")} onClick={() => void settle(standing, "copy")}>
          {t("graphs.stale.copy")}
        </button>
      </div>
    </Dialog>
  );
}
