"""Numbers as small pictures: grids of maps, heat maps and bars, as PNG bytes. Small ones are enlarged by whole factors, unsmoothed."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.inspection import colours
from studio.inspection.colours import NOT_A_NUMBER, NOTHING, STEPS, Ramp

TILE_PIXELS = 64
"""Longer side of a map in a grid: smaller maps are enlarged up to it, larger ones reduced to twice it."""
ALONE_PIXELS = 512
"""The same for a picture that stands alone."""
GAP = 4
Range = tuple[float, float]
Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Drawing:
    """A PNG with what is needed to point at things in it.

    Args:
        columns: Tiles beside each other; the tile of place i stands in row i // columns, column i % columns.
        tile: Width and height of a tile, in pixels; between tiles (not around them) `gap` transparent pixels.
    """

    png: bytes
    width: int
    height: int
    columns: int = 1
    rows: int = 1
    tile: tuple[int, int] = (0, 0)
    gap: int = GAP


def range_of(values: Numbers, ramp: Ramp) -> Range | None:
    """The ends of a ramp for these numbers; on the diverging one zero is in the middle. None without a finite number."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    if ramp != "diverging":
        return low, high
    far = max(abs(low), abs(high))
    return -far, far


def grid(maps: Sequence[Numbers], ramp: Ramp, common: Range | None, most_columns: int = 8) -> Drawing:
    """Maps of one size (height, width) beside each other.

    Args:
        common: The ends of the ramp for all; None: each map has its own.
    """
    target = TILE_PIXELS if len(maps) > 1 else ALONE_PIXELS
    tiles = [_enlarged(_placed(_reduced(each, 2 * target), ramp, common or range_of(each, ramp)), target) for each in maps]
    return _assembled(tiles, NOTHING, most_columns, lambda sheet: _indexed(sheet, ramp))


def coloured_grid(pictures: Sequence[Numbers], common: float | None, most_columns: int = 8) -> Drawing:
    """Kernels over red, green and blue (height, width, 3) beside each other; zero is a middle grey.

    Args:
        common: The number that is shown as full colour; None: the farthest from zero of each.
    """
    tiles = []
    for each in pictures:
        clean = np.where(np.isfinite(each), each, 0.0)
        far = common or float(np.abs(clean).max(initial=0.0)) or 1.0
        bytes_ = np.round(127.5 + 127.5 * np.clip(clean / far, -1, 1)).astype(np.uint8)
        opaque = np.concatenate([bytes_, np.full((*bytes_.shape[:2], 1), 255, np.uint8)], axis=2)
        tiles.append(_enlarged(opaque, TILE_PIXELS if len(pictures) > 1 else ALONE_PIXELS))
    return _assembled(tiles, 0, most_columns, lambda sheet: _png(Image.fromarray(sheet)))


def heat_map(values: Numbers, ramp: Ramp, ends: Range | None) -> Drawing:
    """A matrix, its first axis downwards. Of numbers that share a pixel the one farthest from zero is shown."""
    height, width = values.shape
    reduced = _strongest(values, min(height, ALONE_PIXELS), min(width, 2 * ALONE_PIXELS))
    tall, wide = (max(1, min(24, ALONE_PIXELS // size)) for size in reduced.shape)
    sheet = _placed(reduced, ramp, ends).repeat(tall, axis=0).repeat(wide, axis=1)
    return Drawing(_indexed(sheet, ramp), sheet.shape[1], sheet.shape[0], tile=(sheet.shape[1], sheet.shape[0]))


def picture(pixels: NDArray[Any]) -> Drawing:
    """A grey or RGB picture (height, width, 1 or 3): bytes as they are, other numbers stretched unless they lie between 0 and 1."""
    if pixels.dtype != np.uint8:
        numbers = np.nan_to_num(pixels.astype(np.float64), posinf=0.0, neginf=0.0)
        low, high = (0.0, 1.0) if numbers.min() >= 0 and numbers.max() <= 1 else (float(numbers.min()), float(numbers.max()))
        pixels = np.round((numbers - low) / max(high - low, 1e-12) * 255).astype(np.uint8)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    longer = max(image.size)
    if longer > ALONE_PIXELS:
        image.thumbnail((ALONE_PIXELS, ALONE_PIXELS), Image.Resampling.LANCZOS)
    else:
        factor = _factor(image.height, image.width, ALONE_PIXELS // 2)
        image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    return Drawing(_png(image), image.width, image.height, tile=image.size)


def bars(values: Sequence[float | None]) -> Drawing:
    """Numbers as bars from zero, upwards and downwards, on a transparent ground."""
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if len(numbers) > 2 * ALONE_PIXELS:
        numbers = _strongest(numbers[None], 1, 2 * ALONE_PIXELS)[0]
    wide = max(1, min(24, ALONE_PIXELS // max(len(numbers), 1)))
    finite = np.nan_to_num(numbers, nan=0.0, posinf=0.0, neginf=0.0)
    high, low = max(0.0, float(finite.max(initial=0.0))), min(0.0, float(finite.min(initial=0.0)))
    edges = np.linspace(high, low, ALONE_PIXELS // 2 + 1) if high > low else np.zeros(ALONE_PIXELS // 2 + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    filled = ((middle[:, None] > 0) & (middle[:, None] <= finite)) | ((middle[:, None] < 0) & (middle[:, None] >= finite))
    sheet = np.where(filled, np.where(finite < 0, 20, STEPS - 21), NOTHING).astype(np.uint8)
    sheet[:, ~np.isfinite(numbers)] = NOT_A_NUMBER
    sheet = sheet.repeat(wide, axis=1)
    return Drawing(_indexed(sheet, "diverging"), sheet.shape[1], sheet.shape[0], tile=(sheet.shape[1], sheet.shape[0]))


def _reduced(values: Numbers, most: int) -> Numbers:
    """A map whose longer side is at most so many pixels, by averaging."""
    height, width = values.shape
    longer = max(height, width)
    if longer <= most:
        return values
    size = (max(1, round(width * most / longer)), max(1, round(height * most / longer)))
    numbers = np.where(np.isfinite(values), values, np.nan).astype(np.float32)
    return np.asarray(Image.fromarray(numbers).resize(size, Image.Resampling.BOX), dtype=np.float32)


def _enlarged(pixels: NDArray[np.uint8], target: int) -> NDArray[np.uint8]:
    factor = _factor(pixels.shape[0], pixels.shape[1], target)
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _factor(height: int, width: int, target: int) -> int:
    return max(1, target // max(height, width, 1))


def _strongest(values: Numbers, height: int, width: int) -> Numbers:
    """The matrix with fewer rows and columns: of those that fall together the number farthest from zero."""
    tall, wide = math.ceil(values.shape[0] / height), math.ceil(values.shape[1] / width)
    if tall == wide == 1:
        return values
    rows, columns = math.ceil(values.shape[0] / tall), math.ceil(values.shape[1] / wide)
    padded = np.zeros((rows * tall, columns * wide), dtype=values.dtype)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows, tall, columns, wide).swapaxes(1, 2).reshape(rows, columns, tall * wide)
    far = np.where(np.isnan(blocks), np.inf, np.abs(blocks)).argmax(axis=2)
    found: Numbers = np.take_along_axis(blocks, far[..., None], axis=2)[..., 0]
    return found


def _placed(values: Numbers, ramp: Ramp, ends: Range | None) -> NDArray[np.uint8]:
    """The place of each number on the ramp."""
    if ends is None:
        return np.full(values.shape, NOT_A_NUMBER, np.uint8)
    low, high = ends
    share = np.full(values.shape, 0.5 if ramp == "diverging" else 0.0)
    finite = np.isfinite(values)
    if high > low:
        share[finite] = (values[finite].astype(np.float64) - low) / (high - low)
    places = np.clip(np.round(share * (STEPS - 1)), 0, STEPS - 1).astype(np.uint8)
    places[~finite] = NOT_A_NUMBER
    return places


def _assembled(tiles: Sequence[NDArray[np.uint8]], ground: int, most_columns: int, encoded: Any) -> Drawing:
    columns = min(most_columns, math.ceil(math.sqrt(len(tiles)))) if len(tiles) else 1
    rows = max(1, math.ceil(len(tiles) / columns))
    height, width = tiles[0].shape[:2]
    sheet = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, *tiles[0].shape[2:]), ground, np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // columns * (height + GAP), place % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = tile
    return Drawing(encoded(sheet), sheet.shape[1], sheet.shape[0], columns, rows, (width, height))


def _indexed(sheet: NDArray[np.uint8], ramp: Ramp) -> bytes:
    image = Image.fromarray(sheet)
    image.putpalette(colours.palette(ramp))
    return _png(image, transparency=NOTHING)


def _png(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=3, **options)
    return out.getvalue()
