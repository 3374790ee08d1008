import { t } from "@studio";
import { plain } from "../../data/numbers";
import { shapeText } from "../graph";
import { withoutPadding } from "./numbers";
import { Pager } from "./parts";
import { look } from "./state";
import type { Cell, Shown, Token } from "./types";

/** A text, or the numbers that it has become with the words behind them. */
export function Tokens({ found }: { found: Shown }) {
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
