import { type Draft, Icon, address, ask, bytes, call, post, sentence, t } from "@studio";
import { useSignal } from "@preact/signals";
import { type ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type RunRow, canResume, isAlive } from "./rows";

/** What was just done, with a way back where there is one. */
export interface Notice {
  text: string;
  error?: boolean;
  undo?: () => Promise<void>;
}

const path = (run: string, rest = ""): string => `api/runs/${encodeURIComponent(run)}${rest}`;

export async function openAsDraft(row: RunRow, continued: boolean): Promise<void> {
  const made = await post<Draft>(path(row.run, "/draft"), { continued });
  location.assign(address(`train?draft=${made.id}`));
}

interface ActionsProps {
  rows: RunRow[];
  refresh: () => Promise<void>;
  say: (notice: Notice | null) => void;
  /** Called after runs were deleted. */
  onDeleted?: (runs: string[]) => void;
}

function Act({ name, busy, run, primary = false, children }: { name: string; busy: boolean; run: () => void; primary?: boolean; children?: ComponentChildren }) {
  return (
    <button type="button" class={`s-button s-small${primary ? " s-primary" : ""}`} disabled={busy} onClick={run}>
      {children}
      {name}
    </button>
  );
}

/** What can be done with the chosen runs; only what fits them is offered. */
export function Actions({ rows, refresh, say, onDeleted }: ActionsProps) {
  const busy = useSignal(false);
  const asking = useSignal<"title" | "weights" | null>(null);
  const title = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const chosen = rows.map((row) => row.run).join("\n");
  useEffect(() => {
    asking.value = null;
  }, [chosen]);
  useEffect(() => {
    if (asking.value === "title") field.current?.select();
  }, [asking.value]);

  const doing = async (work: () => Promise<Notice | null>): Promise<void> => {
    busy.value = true;
    say(null);
    try {
      say(await work());
    } catch (error) {
      say({ text: sentence(error), error: true });
    }
    busy.value = false;
    asking.value = null;
    await Promise.all([refresh(), ask()]);
  };
  const each = (work: (row: RunRow) => Promise<unknown>, which: RunRow[] = rows, done: Notice | null = null) =>
    void doing(async () => {
      for (const row of which) await work(row);
      return done;
    });

  const single = rows.length === 1 ? (rows[0] as RunRow) : null;
  const ended = rows.filter((row) => !isAlive(row));
  const alive = rows.filter(isAlive);
  const resumable = rows.filter((row) => canResume(row) && (row.has_state || row.step === 0 || row.status === "crashed"));
  const withWeights = ended.filter((row) => row.checkpoint_bytes > 0);
  const freed = bytes(withWeights.reduce((sum, row) => sum + row.checkpoint_bytes, 0));

  const remove = () =>
    void doing(async () => {
      const tokens: string[] = [];
      for (const row of ended) tokens.push((await call<{ token: string }>("DELETE", path(row.run))).token);
      onDeleted?.(ended.map((row) => row.run));
      return {
        text: t("runs.deleted.done", { names: ended.map((row) => row.title).join(", ") }),
        undo: async () => {
          for (const token of tokens) await post(`api/deleted-runs/${encodeURIComponent(token)}/restore`);
        },
      };
    });

  if (asking.value === "title" && single) {
    return (
      <form
        class="s-row r-actions"
        onSubmit={(event) => {
          event.preventDefault();
          each((row) => post(path(row.run, "/title"), { title: title.value }));
        }}
      >
        <label class="s-row">
          {t("runs.rename.label")}
          <input ref={field} class="s-select r-title-field" type="text" maxLength={200} value={title.value} onInput={(event) => (title.value = event.currentTarget.value)} onKeyDown={(event) => event.key === "Escape" && (asking.value = null)} />
        </label>
        <button type="submit" class="s-button s-small s-primary" disabled={busy.value || !title.value.trim()}>
          {t("runs.rename.save")}
        </button>
        <Act name={t("runs.cancel")} busy={busy.value} run={() => (asking.value = null)} />
      </form>
    );
  }
  if (asking.value === "weights") {
    return (
      <div class="s-row r-actions" role="group" aria-label={t("runs.weights.delete")}>
        <span>{t("runs.weights.sure", { size: freed })}</span>
        <Act primary name={t("runs.weights.yes")} busy={busy.value} run={() => each((row) => call("DELETE", path(row.run, "/checkpoints")), withWeights, { text: t("runs.weights.done", { size: freed }) })} />
        <Act name={t("runs.cancel")} busy={busy.value} run={() => (asking.value = null)} />
      </div>
    );
  }
  return (
    <div class="s-row r-actions" role="group" aria-label={t("runs.actions")}>
      {alive.length > 0 && (
        <>
          <Act name={t("runs.stop")} busy={busy.value} run={() => each((row) => post(path(row.run, "/wish"), { wish: "stop" }), alive, { text: t("runs.asked") })}>
            <Icon name="stop" />
          </Act>
          <Act name={t("runs.pause")} busy={busy.value} run={() => each((row) => post(path(row.run, "/wish"), { wish: "pause" }), alive, { text: t("runs.asked") })}>
            <Icon name="pause" />
          </Act>
        </>
      )}
      {resumable.length > 0 && (
        <Act name={t("runs.resume")} busy={busy.value} run={() => each((row) => post(path(row.run, "/resume")), resumable)}>
          <Icon name="play" />
        </Act>
      )}
      {single && <Act name={t("runs.draft")} busy={busy.value} run={() => each((row) => openAsDraft(row, false))} />}
      {single?.has_state && <Act name={t("runs.continue")} busy={busy.value} run={() => each((row) => openAsDraft(row, true))} />}
      {single && !isAlive(single) && (
        <Act
          name={t("runs.rename")}
          busy={busy.value}
          run={() => {
            title.value = single.title;
            asking.value = "title";
          }}
        />
      )}
      {withWeights.length > 0 && <Act name={t("runs.weights.delete")} busy={busy.value} run={() => (asking.value = "weights")} />}
      {ended.length > 0 && <Act name={t("runs.delete")} busy={busy.value} run={remove} />}
    </div>
  );
}

/** The last thing that was done or went wrong, and Undo. */
export function NoticeBar({ notice, say, refresh }: { notice: Notice | null; say: (notice: Notice | null) => void; refresh: () => Promise<void> }) {
  if (!notice) return null;
  const { text, error, undo } = notice;
  return (
    <div class={`s-notice s-spread r-notice${error ? " s-error" : ""}`} role={error ? "alert" : "status"}>
      <span>{text}</span>
      <span class="s-row">
        {undo && (
          <button
            type="button"
            class="s-button s-small"
            onClick={() =>
              void undo()
                .then(() => say(null))
                .catch((problem: unknown) => say({ text: sentence(problem), error: true }))
                .then(refresh)
            }
          >
            {t("runs.undo")}
          </button>
        )}
        <button type="button" class="s-button s-small" aria-label={t("runs.notice.close")} onClick={() => say(null)}>
          <Icon name="close" />
        </button>
      </span>
    </div>
  );
}
