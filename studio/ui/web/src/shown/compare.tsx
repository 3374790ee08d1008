import { Icon, short, t, tOr } from "@studio";
import { useSignal } from "@preact/signals";
import { offer } from "./part";

interface View {
  name: "bicubic" | "noisy" | "truth";
  picture: string;
}

interface Compared {
  /** What the made picture is compared with: what there was before, and what is true. */
  others: View[];
  made: string;
  /** The whole made picture, where it can be taken away. */
  download?: string;
  height?: number;
  width?: number;
  /** Whether only the middle is seen. */
  cut?: boolean;
  figures?: Record<string, number>;
}

const STEP = 0.5;

/** Two pictures over each other, with a line between them that can be moved. */
offer<Compared>(
  "compare",
  ({ part, alt }) => {
    const place = useSignal(50);
    const chosen = useSignal(0);
    const other = part.others[Math.min(chosen.value, part.others.length - 1)];
    return (
      <div class="s-compare">
        <div class="s-compare-names">
          {part.others.length > 1 ? (
            <span class="s-segments" role="group" aria-label={t("shown.compare.with")}>
              {part.others.map((view, index) => (
                <button type="button" key={view.name} aria-pressed={view === other} onClick={() => (chosen.value = index)}>
                  {t(`shown.view.${view.name}`)}
                </button>
              ))}
            </span>
          ) : (
            <span>{other && t(`shown.view.${other.name}`)}</span>
          )}
          <span>{t("shown.view.network")}</span>
        </div>
        <div class={`s-compare-views ${part.download ? "" : "s-compare-close"}`} style={`--place: ${place.value}%`}>
          <img src={part.made} alt={alt} decoding="async" />
          {other && <img class="s-compare-over" src={other.picture} alt="" decoding="async" />}
          {other && (
            <input
              type="range"
              min={0}
              max={100}
              step={STEP}
              value={place.value}
              aria-label={t("shown.compare")}
              onInput={(event) => (place.value = Number(event.currentTarget.value))}
            />
          )}
        </div>
        {part.figures && Object.keys(part.figures).length > 0 && (
          <dl class="s-compare-figures">
            {Object.entries(part.figures).map(([name, value]) => (
              <div key={name}>
                <dt>{tOr(`metric.${name}`, name)}</dt>
                <dd class="s-number" title={String(value)}>
                  {short(value)}
                </dd>
              </div>
            ))}
          </dl>
        )}
        {part.download && (
          <div class="s-row">
            <a class="s-button" href={part.download} download="picture.png">
              <Icon name="download" />
              {t("shown.download", { width: part.width ?? 0, height: part.height ?? 0 })}
            </a>
            {part.cut && <span class="s-muted">{t("shown.cut")}</span>}
          </div>
        )}
      </div>
    );
  },
  true,
);
