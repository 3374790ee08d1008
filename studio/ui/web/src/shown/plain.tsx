import { exact, short, t } from "@studio";
import { offer } from "./part";

/** How much wider than high a picture of this height and width is; high ones stand in a square, which keeps rows low. */
const ratio = ([height, width]: [number, number]): string => String(Math.max(1, width / Math.max(1, height)));

offer<{ picture: string; caption?: string; size?: [number, number] }>(
  "picture",
  ({ part, alt }) => (
    <img class="s-part-picture" style={part.size && { "--s-ratio": ratio(part.size) }} src={part.picture} alt={alt} title={part.caption} loading="lazy" decoding="async" />
  ),
  true,
);

offer<{ text: string; characters: number; words: number }>("text", ({ part }) => {
  const isCut = part.characters > part.text.length;
  return (
    <p class="s-part-text" dir="auto">
      {part.text}
      {isCut && "…"} {isCut && <span class="s-muted s-number">{t("data.text.length", { words: exact(part.words), characters: exact(part.characters) })}</span>}
    </p>
  );
});

offer<{ label: string | null }>("label", ({ part }) => <span class="s-part-label">{part.label ?? <Missing />}</span>);

/** Labels; of predictions beside the truth those that are wrong, and those that are missing. */
interface Labels {
  labels: string[];
  wrong?: string[];
  missed?: string[];
}

/** How wrong and missing labels are marked, where there are any. */
function LabelKey({ parts }: { parts: Labels[] }) {
  const [isWrong, isMissed] = [parts.some((part) => part.wrong?.length), parts.some((part) => part.missed?.length)];
  if (!isWrong && !isMissed) return null;
  return (
    <p class="s-label-key s-muted">
      {isWrong && (
        <span>
          <span class="s-chip s-label-wrong">✕</span> {t("shown.label.wrong")}
        </span>
      )}
      {isMissed && (
        <span>
          <span class="s-chip s-label-missed">abc</span> {t("shown.label.missed")}
        </span>
      )}
    </p>
  );
}

offer<Labels>("labels", ({ part }) => (
  <span class="s-part-labels">
    {part.labels.length === 0 && <span class="s-muted">{t("shown.nolabel")}</span>}
    {part.labels.map((label) => {
      const isWrong = part.wrong?.includes(label) ?? false;
      return (
        <span key={label} class={`s-chip ${isWrong ? "s-label-wrong" : ""}`} title={isWrong ? t("shown.label.wrong") : undefined}>
          {isWrong && <span aria-hidden="true">✕ </span>}
          {label}
          {isWrong && <span class="s-visually-hidden"> ({t("shown.label.wrong")})</span>}
        </span>
      );
    })}
    {part.missed?.map((label) => (
      <span key={label} class="s-chip s-label-missed" title={t("shown.label.missed")}>
        {label}
        <span class="s-visually-hidden"> ({t("shown.label.missed")})</span>
      </span>
    ))}
  </span>
), false, LabelKey);

offer<{ value: number | null; unit: string | null }>("value", ({ part }) =>
  part.value === null ? (
    <Missing />
  ) : (
    <span class="s-number" title={String(part.value)}>
      {short(part.value)} {part.unit}
    </span>
  ),
);

function Missing() {
  return <span class="s-missing-cell">{t("data.missing")}</span>;
}
