import { t } from "@studio";
import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { shapeText } from "../graph";
import { pageOf, pageRatio } from "./numbers";
import { ColourBar, Pager, Stepper } from "./parts";
import { Box, CutOut, Enlarged, rangeText, Sheet, type SheetPicture, tileText } from "./sheet";
import { look, scale, view } from "./state";
import type { Shown, Tile } from "./types";

/** Whether each map has the whole range of colours for itself. */
export function RangeSwitch() {
  return (
    <span class="s-segments" role="group" aria-label={t("preview.scale")}>
      {(["own", "common"] as const).map((each) => (
        <button key={each} type="button" aria-pressed={scale.value === each} title={t(`preview.scale.${each}.help`)} onClick={() => (scale.value = each)}>
          {t(`preview.scale.${each}`)}
        </button>
      ))}
    </span>
  );
}

const channelName = (tile: Tile): string => t("preview.channel.number", { channel: tile.index });
const sliceName = (tile: Tile): string => t("preview.slice.number", { slice: tile.index });

function sheetOf(found: Shown): SheetPicture | null {
  const { picture, grid, tiles } = found;
  return picture && grid && tiles?.length ? { picture, grid, tiles } : null;
}

/** The channels of a node as maps; one of them larger, as the server draws it. */
export function Maps({ found }: { found: Shown }) {
  const back = useRef<number | null>(null);
  const sheet = sheetOf(found);
  const channels = found.channels ?? 0;
  const [first] = found.tiles ?? [];
  if (!sheet || !first) return null;
  const size = shapeText(found.shape.slice(0, 2));
  const single = found.channel;
  const isAlone = channels === 1;
  const close = () => {
    back.current = single === null ? null : single - pageOf(single) * 64;
    look({ channel: null, page: pageOf(single ?? 0) });
  };
  return (
    <>
      <div class="s-spread s-preview-row">
        <RangeSwitch />
        {single === null ? (
          <Pager label={t("preview.pages.maps")} page={found.page} pages={found.pages} onPage={(page) => look({ page })} />
        ) : (
          <button type="button" class="s-button s-small" onClick={close}>
            {t("preview.maps.all")}
          </button>
        )}
      </div>
      {single === null && !isAlone ? (
        <Sheet
          key={`${found.node} ${found.page}`}
          sheet={sheet}
          alt={t("preview.maps.alt", { count: sheet.tiles.length, node: found.node, size })}
          label={t("preview.maps.open")}
          name={channelName}
          back={back}
          onOpen={(_, tile) => look({ channel: tile.index })}
        />
      ) : (
        <Alone found={found} sheet={sheet} size={size} close={isAlone ? null : close} />
      )}
      <ColourBar colours={found.colours} />
      <div class="s-preview-row s-preview-tile">
        {single === null ? (
          <span class="s-fine s-muted">{isAlone ? "" : t("preview.maps.hint")}</span>
        ) : (
          <>
            <Stepper
              label={t("preview.channel")}
              value={view.value.channel}
              most={channels - 1}
              previous={t("preview.channel.previous")}
              next={t("preview.channel.next")}
              onChange={(channel) => look({ channel: channel ?? 0 })}
            />
            <span class="s-fine s-muted s-number">{rangeText(first)}</span>
          </>
        )}
      </div>
    </>
  );
}

function Alone({ found, sheet, size, close }: { found: Shown; sheet: SheetPicture; size: string; close: (() => void) | null }) {
  const channel = found.channel ?? 0;
  const picture = <img src={sheet.picture} alt={t("preview.map.alt", { channel, node: found.node, size })} draggable={false} />;
  const ratio = pageRatio(found.channels ?? 1, pageOf(channel), sheet.grid.tile);
  return close ? (
    <Enlarged ratio={ratio} close={close}>
      {picture}
    </Enlarged>
  ) : (
    <Box ratio={ratio}>{picture}</Box>
  );
}

/** The slices of one channel. */
export function Volume({ found }: { found: Shown }) {
  const sheet = sheetOf(found);
  const channels = found.channels ?? 0;
  if (!sheet) return null;
  return (
    <>
      <div class="s-spread s-preview-row">
        <RangeSwitch />
        <Pager label={t("preview.pages.maps")} page={found.page} pages={found.pages} onPage={(page) => look({ page })} />
      </div>
      {channels > 1 && (
        <div class="s-spread s-preview-row">
          <span class="s-fine s-muted">{t("preview.channel.of", { count: channels })}</span>
          <Stepper
            label={t("preview.channel")}
            value={view.value.channel ?? 0}
            most={channels - 1}
            previous={t("preview.channel.previous")}
            next={t("preview.channel.next")}
            onChange={(channel) => look({ channel: channel ?? 0 })}
          />
        </div>
      )}
      <Opened
        key={`${found.node} ${found.page}`}
        sheet={sheet}
        alt={t("preview.volume.alt", { count: sheet.tiles.length, node: found.node, channel: found.channel ?? 0 })}
        label={t("preview.slices.open")}
        name={sliceName}
      />
      <ColourBar colours={found.colours} />
    </>
  );
}

/** Tiles of which one can be seen larger, cut out of the picture of all. */
export function Opened({ sheet, alt, label, name }: { sheet: SheetPicture; alt: string; label: string; name: (tile: Tile) => string }) {
  const open = useSignal<number | null>(null);
  const back = useRef<number | null>(null);
  const tile = open.value === null ? undefined : sheet.tiles[open.value];
  if (!tile || open.value === null) {
    return <Sheet sheet={sheet} alt={alt} label={label} name={name} back={back} onOpen={(place) => (open.value = place)} />;
  }
  const place = open.value;
  return (
    <Enlarged
      ratio={sheet.grid.width / sheet.grid.height}
      close={() => {
        back.current = place;
        open.value = null;
      }}
    >
      <CutOut sheet={sheet} place={place} alt={tileText(name(tile), tile)} />
    </Enlarged>
  );
}
