import { duration, t } from "@studio";

/** Something is under way whose share is not known: how long it has taken, and what it does. */
export function Working({ seconds, text }: { seconds: number; text: string }) {
  return (
    <div class="e-working" role="status">
      <div class="s-progress e-endless" role="progressbar" aria-label={text}>
        <div />
      </div>
      <span class="s-muted">
        {text} <span class="s-number">{t("results.since", { time: duration(Math.round(seconds)) })}</span>
      </span>
    </div>
  );
}
