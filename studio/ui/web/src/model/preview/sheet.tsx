import { useSignal } from "@preact/signals";
import { short, t } from "@studio";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { tileBox } from "./numbers";
import type { Grid, Tile } from "./types";

/** A picture of many tiles, of which each can be opened. */

export interface SheetPicture {
  picture: string;
  grid: Grid;
  tiles: Tile[];
}

/** The numbers in a tile. */
export const rangeText = (tile: Tile): string =>
  tile.minimum === null ? t("preview.tile.none") : t("preview.tile.range", { low: short(tile.minimum), high: short(tile.maximum), mean: short(tile.mean) });

/** What a tile is: its name, and the numbers in it. */
export const tileText = (name: string, tile: Tile): string => t("preview.value", { name, value: rangeText(tile) });

/** What had the focus has just been taken away. */
const nothingHasFocus = (): boolean => document.activeElement === null || document.activeElement === document.body;

/** As wide as there is room, but no higher than the column is wide. */
export function Box({ ratio, children }: { ratio: number; children: ComponentChildren }) {
  return (
    <div class="s-sheet" style={{ aspectRatio: String(ratio), width: `min(100%, calc(var(--s-tall) * ${ratio}))` }}>
      {children}
    </div>
  );
}

interface SheetProps {
  sheet: SheetPicture;
  alt: string;
  label: string;
  name: (tile: Tile) => string;
  /** The tile that was open last: it takes the focus back, once. */
  back: { current: number | null };
  onOpen: (place: number, tile: Tile) => void;
}

/** All tiles; arrow keys lead from one to the next. */
export function Sheet({ sheet: { picture, grid, tiles }, alt, label, name, back, onOpen }: SheetProps) {
  const tiling = useRef<HTMLDivElement>(null);
  const at = useSignal(back.current ?? 0);
  const current = Math.min(at.value, tiles.length - 1);
  useEffect(() => {
    if (back.current !== null && nothingHasFocus()) tiling.current?.querySelectorAll<HTMLElement>("button")[back.current]?.focus({ preventScroll: true });
    back.current = null;
  }, []);
  const lead = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -grid.columns, ArrowDown: grid.columns, Home: -current, End: tiles.length - 1 - current };
    const next = current + (steps[event.key] ?? 0);
    if (!(event.key in steps)) return;
    event.preventDefault();
    if (next < 0 || next >= tiles.length) return;
    at.value = next;
    tiling.current?.querySelectorAll<HTMLElement>("button")[next]?.focus();
  };
  return (
    <Box ratio={grid.width / grid.height}>
      <img src={picture} alt={alt} draggable={false} />
      <div
        ref={tiling}
        class="s-sheet-tiles"
        role="group"
        aria-label={label}
        style={{
          gridTemplate: `repeat(${grid.rows}, minmax(0, 1fr)) / repeat(${grid.columns}, minmax(0, 1fr))`,
          gap: `${(100 * grid.gap) / grid.height}% ${(100 * grid.gap) / grid.width}%`,
        }}
        onKeyDown={lead}
      >
        {tiles.map((tile, index) => {
          const said = tileText(name(tile), tile);
          return <button key={tile.index} type="button" tabIndex={index === current ? 0 : -1} aria-label={said} title={said} onClick={() => onOpen(index, tile)} />;
        })}
      </div>
    </Box>
  );
}

/** A single tile in the place of all; Escape and a click lead back. */
export function Enlarged({ ratio, close, children }: { ratio: number; close: () => void; children: ComponentChildren }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (nothingHasFocus()) button.current?.focus({ preventScroll: true });
  }, []);
  return (
    <Box ratio={ratio}>
      <button
        ref={button}
        type="button"
        class="s-enlarged"
        aria-label={t("preview.close")}
        title={t("preview.close")}
        onClick={close}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          close();
        }}
      >
        {children}
      </button>
    </Box>
  );
}

/** One tile cut out of the picture of all. */
export function CutOut({ sheet: { picture, grid }, place, alt }: { sheet: SheetPicture; place: number; alt: string }) {
  return (
    <svg viewBox={tileBox(grid, place).join(" ")} role="img" aria-label={alt}>
      <image href={picture} width={grid.width} height={grid.height} />
    </svg>
  );
}
