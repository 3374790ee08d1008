"""One mask from bytes: which labels its pixels bear, and how they are written."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from studio.datasets.readers.pictures import decoded

Form = Literal["number", "palette", "colour"]
"""How a mask says which class a pixel is of: by a grey value, by its place in a palette, or by a colour."""
Labels = NDArray[np.uint32]
"""Grey values, places in a palette, or colours as red * 65536 + green * 256 + blue."""

_OPAQUE = 128
_MOST_LABELS = 65_536
"""Labels of one mask that are counted; a photograph has more."""


@dataclass(frozen=True)
class Mask:
    """What a mask holds.

    Args:
        pixels: The label of every pixel (height, width).
        palette: RGB of every place (places, 3), for masks with a palette.
        lossy: Whether it comes from a JPEG, in which labels blur.
    """

    form: Form
    pixels: Labels
    palette: NDArray[np.uint8] | None = None
    lossy: bool = False

    @cached_property
    def counted(self) -> tuple[Labels, NDArray[np.int64]]:
        """The labels that occur, ascending, and how often each does."""
        if self.form != "colour":
            counts = np.bincount(self.pixels.reshape(-1))
            found = np.flatnonzero(counts)
            return found.astype(np.uint32), counts[found].astype(np.int64)
        labels, counts = np.unique(self.pixels, return_counts=True)
        return labels.astype(np.uint32), counts.astype(np.int64)

    def replaced(self, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The mask with a byte in the place of each label.

        Args:
            values: One for each of the labels that occur, in their order.
        """
        labels, _ = self.counted
        if len(labels) and labels[-1] < _MOST_LABELS:
            table = np.zeros(int(labels[-1]) + 1, np.uint8)
            table[labels] = values
            return table[self.pixels]
        return values[np.searchsorted(labels, self.pixels)]


def read_mask(data: bytes, maximum_pixels: int, one_at_a_time: AbstractContextManager[Any] | None = None) -> Mask:
    """Checks and decodes a mask; nothing about its classes is decided here.

    Args:
        one_at_a_time: Held while a very large mask is decoded, so that several threads don't fill memory.

    Raises:
        PictureError: It is empty, no picture of a known format, damaged, cut off, or has too many pixels.
    """
    with decoded(data, maximum_pixels, one_at_a_time) as image:
        return _labelled(image)


def packed(colours: NDArray[Any]) -> Labels:
    """Colours (..., 3) as labels."""
    wide = colours.astype(np.uint32)
    return np.asarray(wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2], np.uint32)


def unpacked(labels: NDArray[Any]) -> NDArray[np.int64]:
    """The colours (..., 3) of labels."""
    wide = np.asarray(labels, np.int64)
    return np.stack([wide >> 16 & 255, wide >> 8 & 255, wide & 255], axis=-1)


def _labelled(image: Any) -> Mask:
    lossy = image.format == "JPEG"
    if image.mode == "P" and image.format == "PNG":
        places = np.asarray(image)
        palette = np.array(image.getpalette("RGB") or [], dtype=np.uint8).reshape(-1, 3)
        ramp = np.arange(len(palette), dtype=np.uint8)
        if len(palette) and (palette == ramp[:, None]).all():
            return Mask("number", places.astype(np.uint32))
        return Mask("palette", places.astype(np.uint32), palette)
    if image.mode == "1":
        return Mask("number", np.where(np.asarray(image), 255, 0).astype(np.uint32))
    if image.mode == "L" and "transparency" not in image.info:
        return Mask("number", np.asarray(image).astype(np.uint32), lossy=lossy)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return Mask("number", np.clip(np.rint(np.asarray(image)), 0, _MOST_LABELS - 1).astype(np.uint32))
    return _coloured(image, lossy)


def _coloured(image: Any, lossy: bool) -> Mask:
    pixels = np.asarray(image.convert("RGBA"))
    colours, opaque = pixels[..., :3], pixels[..., 3] >= _OPAQUE
    if not opaque.all() and (colours[opaque] == colours[0, 0]).all():
        return Mask("number", np.where(opaque, 255, 0).astype(np.uint32))  # one colour, cut out by transparency
    colours = np.where(opaque[..., None], colours, 0)
    if (colours[..., 0] == colours[..., 1]).all() and (colours[..., 1] == colours[..., 2]).all() and image.mode in ("LA", "La", "L", "PA"):
        return Mask("number", colours[..., 0].astype(np.uint32), lossy=lossy)
    return Mask("colour", packed(colours), lossy=lossy)
