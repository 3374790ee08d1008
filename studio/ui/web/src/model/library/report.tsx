import { change, t } from "@studio";
import { Dialog } from "./dialog";
import { say } from "./draft";
import { report, shownLink } from "./files";
import { remark } from "./reasons";
import type { Imported } from "./types";
import { counted } from "./words";

/** What came of a network of another program: its nodes, and which of its weights. */
export function Report() {
  const found = report.value;
  return found && <Found key={found.file} found={found} />;
}

function Sentences({ title, found }: { title: string; found: string[] }) {
  return found.length === 0 ? null : (
    <>
      <h3>{title}</h3>
      <ul class="s-differences">
        {found.map((each, index) => (
          <li key={index}>{remark(each)}</li>
        ))}
      </ul>
    </>
  );
}

function Found({ found }: { found: Imported & { file: string } }) {
  const { nodes, notes, weights_taken: taken, weights_left: left } = found.report;
  const close = () => (report.value = null);
  const begin = () => {
    change({ transfer: found.transfer });
    close();
    say(t("graphs.report.begun"));
  };
  return (
    <Dialog title={t("graphs.report.title", { name: found.file })} kind="s-report" onClose={close}>
      <p>{t("graphs.report.text", { nodes: counted("nodes", nodes), weights: counted("weights", taken.length) })}</p>
      <div class="s-dialog-list">
        <Sentences title={t("graphs.report.notes")} found={notes} />
        <Sentences title={t("graphs.report.left")} found={left} />
        {taken.length > 0 && (
          <details class="s-group" open={notes.length + left.length === 0}>
            <summary>{t("graphs.report.taken")}</summary>
            <ul class="s-names">
              {taken.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <div class="s-row s-choices">
        <button type="button" class="s-button" onClick={close}>
          {t("model.add.close")}
        </button>
        {found.transfer && (
          <button type="button" class="s-button s-primary" title={t("graphs.report.begin.help")} onClick={begin}>
            {t("graphs.report.begin")}
          </button>
        )}
      </div>
    </Dialog>
  );
}

/** A link for copying by hand, where the page may not write to the clipboard. */
export function ShownLink() {
  const link = shownLink.value;
  return (
    link && (
      <Dialog title={t("graphs.link.copy")} kind="s-shown-link" onClose={() => (shownLink.value = null)}>
        <p>{t("graphs.link.by.hand")}</p>
        <textarea class="s-text" readOnly rows={4} autofocus aria-label={t("graphs.link.copy")} value={link} onFocus={(event) => event.currentTarget.select()} />
      </Dialog>
    )
  );
}
