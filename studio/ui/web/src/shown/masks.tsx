import { Icon, percent, t } from "@studio";
import { signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { offer, type Part } from "./part";

interface Named {
  name: string;
  colour: string;
  /** Whether the picture is seen through it. */
  clear: boolean;
  share: number;
}

interface MaskPart {
  /** The picture below; null where there is none. */
  picture: string | null;
  mask: string;
  /** Width by height. */
  ratio: number;
  legend: Named[];
  /** The mask as a file, where it can be taken away. */
  download?: string;
  height?: number;
  width?: number;
}

const LISTED = 12;
/** How strongly all masks of the page cover their pictures, in percent. */
export const strength = signal(60);

/** A mask in colours over its picture. */
offer<MaskPart>(
  "mask",
  ({ part, alt }) => (
    <div class="s-mask">
      <div class="s-mask-views" style={{ aspectRatio: part.ratio }}>
        {part.picture && <img src={part.picture} alt="" decoding="async" />}
        <img class={part.picture ? "" : "s-mask-alone"} src={part.mask} alt={alt} style={part.picture ? { opacity: strength.value / 100 } : {}} decoding="async" />
      </div>
      {part.download && (
        <>
          <ul class="s-mask-shares">
            {part.legend.map((each) => (
              <li key={each.name}>
                <Swatch colour={each.colour} />
                {each.name} <span class="s-muted s-number">{percent(each.share)}</span>
              </li>
            ))}
          </ul>
          <div class="s-row">
            <a class="s-button" href={part.download} download="mask.png">
              <Icon name="download" />
              {t("shown.mask.download", { width: part.width ?? 0, height: part.height ?? 0 })}
            </a>
          </div>
        </>
      )}
    </div>
  ),
  true,
  MaskTools,
);

/** How much of all pixels each class covers. */
offer<{ areas: Named[] }>(
  "areas",
  ({ part }) => (
    <div class="s-areas">
      <p class="s-muted">{t("shown.areas")}</p>
      <ul>
        {part.areas.map((each) => (
          <li key={each.name}>
            <span class="s-area-name" title={each.name}>
              <Swatch colour={each.colour} />
              {each.name}
            </span>
            <span class="s-area-track" aria-hidden="true">
              <span style={{ width: `${each.share * 100}%` }} />
            </span>
            <span class="s-number">{percent(each.share)}</span>
          </li>
        ))}
      </ul>
    </div>
  ),
  true,
);

const Swatch = ({ colour }: { colour: string }) => <i class="s-swatch" style={{ background: colour }} />;

/** What the colours mean, and how strongly they cover the pictures. */
function MaskTools({ parts }: { parts: (Part & MaskPart)[] }) {
  const id = useId();
  const legend = parts.some((part) => part.download) ? [] : (parts[0]?.legend ?? []); // an answer lists its classes itself
  const covers = parts.some((part) => part.picture);
  return (
    <div class="s-mask-tools">
      {legend.length > 0 && <ul class="s-mask-legend" aria-label={t("shown.mask.legend")}>
        {legend.slice(0, LISTED).map((each) => (
          <li key={each.name} title={each.clear ? t("shown.mask.clear") : undefined}>
            <Swatch colour={each.colour} />
            {each.name}
          </li>
        ))}
        {legend.length > LISTED && <li class="s-muted">{t("shown.mask.more", { count: legend.length - LISTED })}</li>}
      </ul>}
      {covers && (
        <div class="s-mask-strength">
          <label for={id}>{t("shown.mask.strength")}</label>
          <input id={id} type="range" min={0} max={100} step={5} value={strength.value} onInput={(event) => (strength.value = Number(event.currentTarget.value))} />
          <span class="s-number s-muted">{strength.value} %</span>
        </div>
      )}
    </div>
  );
}
