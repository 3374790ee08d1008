import { percent, short, t, type Word } from "@studio";
import { plain } from "../../data/numbers";
import { Bars } from "../../results/bars";
import { shapeText } from "../graph";
import { areShares, withoutPadding } from "./numbers";
import { ColourBar, Pager, Stepper } from "./parts";
import { Maps, Volume } from "./maps";
import { Box } from "./sheet";
import { look, view } from "./state";
import { Strip } from "./strip";
import type { Cell, Shown, Token } from "./types";

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

function Vector({ found }: { found: Shown }) {
  const { labels, answer, first } = found;
  const values = (found.values ?? []) as (number | null)[];
  const truth = found.sample.label ?? null;
  if (values.length === 0) return <p class="s-muted">{t("preview.empty")}</p>;
  return (
    <>
      {answer && <Answer answer={answer} truth={truth} />}
      {found.pages > 1 && (
        <div class="s-spread s-preview-row">
          <span class="s-muted s-fine">{t("preview.vector.part", { first, last: first + values.length - 1 })}</span>
          <Pager label={t("preview.pages.numbers")} page={found.page} pages={found.pages} onPage={(page) => look({ page })} />
        </div>
      )}
      {answer && labels && areShares(values) ? (
        <Bars classes={labels} probabilities={values} truth={truth === null ? null : String(truth)} />
      ) : labels ? (
        <NamedBars labels={labels} values={values} />
      ) : values.length === 1 ? (
        <p class="p-label s-number" title={String(values[0])}>
          {short(values[0])}
        </p>
      ) : (
        <Strip values={values} kind="bars" label={t("preview.vector.alt", { node: found.node, count: values.length })} name={(place) => String(first + place)} />
      )}
    </>
  );
}

/** What an Output says of the sample, and what is true. */
function Answer({ answer, truth }: { answer: NonNullable<Shown["answer"]>; truth: string | number | null }) {
  const isRight = "label" in answer && truth !== null && answer.label === String(truth);
  return (
    <div class="s-spread s-preview-answer">
      {"label" in answer ? (
        <p class="p-label">
          {answer.label} <small class="s-number s-muted">{percent(answer.probability)}</small>
        </p>
      ) : (
        <p class="p-label s-number" title={String(answer.value)}>
          {short(answer.value)} {answer.unit && <small>{answer.unit}</small>}
        </p>
      )}
      {truth !== null && (
        <p>
          {t("predict.truth", { truth: typeof truth === "number" ? plain(truth) : truth })}{" "}
          {"label" in answer && <span class={isRight ? "p-right" : "p-wrong"}>{t(isRight ? "predict.right" : "predict.wrong")}</span>}
        </p>
      )}
    </div>
  );
}

/** Numbers with names, as bars to the right of zero and to the left of it. */
function NamedBars({ labels, values }: { labels: string[]; values: (number | null)[] }) {
  const far = Math.max(1e-12, ...values.map((value) => Math.abs(value ?? 0)));
  const signed = values.some((value) => value !== null && value < 0);
  return (
    <ul class="s-named-bars" tabIndex={0} aria-label={t("preview.vector.named")}>
      {values.map((value, index) => {
        const wide = (100 * Math.abs(value ?? 0)) / far / (signed ? 2 : 1);
        const left = signed ? 50 - (value !== null && value < 0 ? wide : 0) : 0;
        return (
          <li key={index}>
            <span class="e-bar-name" title={labels[index]}>
              {labels[index]}
            </span>
            <span class="e-bar" aria-hidden="true">
              <span style={{ width: `${wide}%`, marginLeft: `${left}%` }} />
            </span>
            <span class="s-number" title={value === null ? undefined : String(value)}>
              {value === null ? "NaN" : short(value)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Tokens({ found }: { found: Shown }) {
  const tokens = (found.values ?? []) as Token[];
  if (tokens.every((token) => token.id === null)) {
    return (
      <div class="s-preview-text" tabIndex={0}>
        {tokens.map((token) => token.token).join("\n")}
      </div>
    );
  }
  const { shown, padding } = withoutPadding(tokens);
  return (
    <>
      {found.pages > 1 && (
        <div class="s-spread s-preview-row">
          <span class="s-muted s-fine">{t("preview.vector.part", { first: found.first, last: found.first + tokens.length - 1 })}</span>
          <Pager label={t("preview.pages.numbers")} page={found.page} pages={found.pages} onPage={(page) => look({ page })} />
        </div>
      )}
      <ol class="s-tokens" tabIndex={0} aria-label={t("preview.tokens")}>
        {shown.map((token, index) => (
          <li key={index} class={token.token === null || token.token === "[UNK]" ? "s-token-unknown" : ""}>
            <span>{token.token || (token.token === null ? "?" : "·")}</span>
            <small class="s-number">{token.id}</small>
          </li>
        ))}
      </ol>
      {padding > 0 && <p class="s-muted s-fine">{t("preview.padding", { count: padding })}</p>}
    </>
  );
}

/** The columns of a row. */
export function Cells({ cells }: { cells: Cell[] }) {
  return (
    <div class="s-cells-list" tabIndex={0} role="group" aria-label={t("preview.columns")}>
      <dl>
        {cells.map((cell) => (
          <div key={cell.name}>
            <dt title={cell.name}>{cell.name}</dt>
            <dd class={typeof cell.value === "number" ? "s-number" : ""} title={cell.value === null ? undefined : String(cell.value)}>
              {cell.value === null ? <span class="s-muted">{t("data.missing")}</span> : typeof cell.value === "number" ? plain(cell.value) : cell.value}
              {cell.value !== null && cell.unit && <span class="s-muted"> {cell.unit}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The sample as it enters the network, small. */
export function Entry({ found, alt }: { found: Shown; alt: string }) {
  switch (found.kind) {
    case "picture":
    case "maps":
    case "volume":
    case "sequence":
      return found.picture ? <img src={found.picture} alt={alt} draggable={false} /> : null;
    case "tokens":
      return (
        <div class="s-preview-text" tabIndex={0} role="group" aria-label={alt}>
          {((found.values ?? []) as Token[]).map((token) => token.token ?? token.id).join(" ")}
        </div>
      );
    case "table":
      return <Cells cells={(found.values ?? []) as Cell[]} />;
    default:
      return <p class="s-muted s-fine">{t("preview.numbers", { shape: shapeText(found.shape) })}</p>;
  }
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
