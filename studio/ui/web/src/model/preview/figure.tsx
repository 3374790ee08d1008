import { t, type Word } from "@studio";
import { shapeText } from "../graph";
import { Maps, Volume } from "./maps";
import { ColourBar, Stepper } from "./parts";
import { Box } from "./sheet";
import { look, view } from "./state";
import { Strip } from "./strip";
import type { Cell, Shown } from "./types";
import { Vector } from "./vector";
import { Cells, Tokens } from "./words";

/** What a sample is at a node, by the kind of the value. */
export function Figure({ found }: { found: Shown }) {
  switch (found.kind) {
    case "maps":
      return <Maps found={found} />;
    case "volume":
      return <Volume found={found} />;
    case "picture":
      return <Picture found={found} alt={t("preview.picture.alt", { node: found.node, shape: shapeText(found.shape) })} />;
    case "sequence":
      return <Sequence found={found} />;
    case "tokens":
      return <Tokens found={found} />;
    case "table":
      return <Cells cells={(found.values ?? []) as Cell[]} />;
    default:
      return <Vector found={found} />;
  }
}

/** A picture as it reaches the network. */
export function Picture({ found, alt }: { found: Shown; alt: string }) {
  const { picture, grid } = found;
  if (!picture || !grid) return null;
  return (
    <Box ratio={grid.width / grid.height}>
      <img src={picture} alt={alt} draggable={false} />
    </Box>
  );
}

/** Steps to the right, channels downwards; a click (or the number) shows one channel as a line. */
function Sequence({ found }: { found: Shown }) {
  const { picture, grid, channels, channel, values } = found;
  const [steps = 0] = found.shape;
  if (!picture || !grid || channels === null) return null;
  const channelAt = (event: MouseEvent): number => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return Math.max(0, Math.min(channels - 1, Math.floor(((event.clientY - box.top) / box.height) * channels)));
  };
  return (
    <>
      <div class="s-spread s-preview-row">
        <span class="s-muted s-fine">{t("preview.sequence", { steps, channels })}</span>
        {channels > 1 && (
          <Stepper
            label={t("preview.channel")}
            value={view.value.channel}
            most={channels - 1}
            empty={t("preview.channel.none")}
            previous={t("preview.channel.previous")}
            next={t("preview.channel.next")}
            onChange={(next) => look({ channel: next })}
          />
        )}
      </div>
      <div class="s-heat" style={{ height: `clamp(48px, calc(100cqw * ${grid.height / grid.width}), var(--s-tall))` }} onClick={(event) => look({ channel: channelAt(event) })}>
        <img src={picture} alt={t("preview.sequence.alt", { node: found.node, steps, channels })} draggable={false} />
        {channel !== null && <span class="s-heat-row" style={{ top: `${(100 * channel) / channels}%`, height: `${100 / channels}%` }} />}
      </div>
      <ColourBar colours={found.colours} />
      {channel !== null && values && (
        <Strip values={values as (number | null)[]} kind="line" label={t("preview.channel.values", { channel })} name={(step) => t("preview.step", { step })} />
      )}
    </>
  );
}

/** What the figure is of: its kind, its size, and which of several outputs. */
export function Heading({ found, id }: { found: Shown; id: string }) {
  const isText = found.kind === "tokens" && found.dtype === "string";
  return (
    <div class="s-spread s-preview-heading">
      <h3 id={id}>{isText ? t("preview.kind.text") : t(`preview.kind.${found.kind}` as Word)}</h3>
      <span class="s-muted s-fine s-number">
        {found.shape.length > 0 && `${shapeText(found.shape)} · `}
        {found.dtype}
      </span>
      {found.outputs > 1 && (
        <Stepper
          label={t("preview.output")}
          value={found.output}
          most={found.outputs - 1}
          previous={t("preview.output.previous")}
          next={t("preview.output.next")}
          onChange={(output) => look({ output: output ?? 0, channel: null, page: 0 })}
        />
      )}
    </div>
  );
}
