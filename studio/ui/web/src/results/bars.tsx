import { percent, short, t } from "@studio";
import { useSignal } from "@preact/signals";

const SHOWN = 5;

/** Classes with their probabilities, the likeliest first. */
export function ranked(classes: readonly string[], probabilities: readonly number[]): { name: string; share: number }[] {
  return classes.map((name, index) => ({ name, share: probabilities[index] ?? 0 })).sort((a, b) => b.share - a.share);
}

/** Probabilities as labelled bars: the likeliest five, the rest folded into one; labels stand each for itself, so that their rest is no sum. */
export function Bars({ classes, probabilities, truth, apart = false }: { classes: readonly string[]; probabilities: readonly number[]; truth?: string | readonly string[] | null; apart?: boolean }) {
  const all = useSignal(false);
  const order = ranked(classes, probabilities);
  const folded = order.length > SHOWN + 1 && !all.value;
  const shown = folded ? order.slice(0, SHOWN) : order;
  const rest = order.slice(SHOWN);
  return (
    <div class="e-bars">
      <ul>
        {shown.map(({ name, share }, index) => (
          <li key={name} class={(apart ? share > 0.5 : index === 0) ? "e-first" : ""}>
            <span class="e-bar-name" title={name}>
              {name}
              {(truth === name || (Array.isArray(truth) && truth.includes(name))) && <span class="s-muted"> {t("predict.truth.mark")}</span>}
            </span>
            <span class="e-bar" aria-hidden="true">
              <span style={{ width: `${share * 100}%` }} />
            </span>
            <span class="s-number">{percent(share)}</span>
          </li>
        ))}
        {folded && !apart && (
          <li class="s-muted">
            <span class="e-bar-name">{t("predict.rest", { count: rest.length })}</span>
            <span class="e-bar" aria-hidden="true">
              <span style={{ width: `${rest.reduce((sum, { share }) => sum + share, 0) * 100}%` }} />
            </span>
            <span class="s-number">{percent(rest.reduce((sum, { share }) => sum + share, 0))}</span>
          </li>
        )}
      </ul>
      {order.length > SHOWN + 1 && (
        <button type="button" class="s-button s-small" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
          {all.value ? t("predict.fewer") : t("predict.all", { count: order.length })}
        </button>
      )}
    </div>
  );
}

/** Scores of classes, the largest first; they are no shares of anything, so there are no bars. */
export function Scores({ classes, scores }: { classes: readonly string[]; scores: readonly number[] }) {
  return (
    <>
      <ul class="e-scores">
        {ranked(classes, scores).map(({ name, share }) => (
          <li key={name} class="s-spread">
            <span class="e-bar-name" title={name}>
              {name}
            </span>
            <span class="s-number">{short(share)}</span>
          </li>
        ))}
      </ul>
      <p class="s-muted s-fine">{t("predict.scores")}</p>
    </>
  );
}
