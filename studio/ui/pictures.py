"""Small pictures of arrays, for previews."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CURVE_HEIGHT = 48
_BAR = 128
"""The grey of the bars, which stands out from a light and from a dark ground."""


def png_of_array(values: NDArray[Any], size: int) -> bytes:
    """A grey PNG of an array: a bar from zero for each number of one axis, else its first two axes from smallest (black) to largest (white).

    Args:
        values: One sample, without the batch axis; further axes are averaged.
        size: The longer side, in pixels; smaller arrays keep their own.
    """
    from PIL import Image

    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64))
    while numbers.ndim > 2:
        numbers = numbers.mean(axis=-1)
    low, high = float(numbers.min(initial=0.0)), float(numbers.max(initial=0.0))
    scaled = (numbers - low) / (high - low or 1.0)
    zero = (0.0 - low) / (high - low or 1.0)
    pixels = _curve(np.atleast_1d(scaled), zero, size) if scaled.ndim < 2 else np.round(scaled * 255).astype(np.uint8)
    picture = Image.fromarray(pixels)
    picture.thumbnail((size, size))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _curve(values: NDArray[np.float64], zero: float, width: int) -> NDArray[np.uint8]:
    """Numbers between 0 and 1 as columns on nothing, so that the ground is that of the page; `zero` is where they begin."""
    columns = (
        values[np.linspace(0, len(values) - 1, width).round().astype(int)] if len(values) > width else np.repeat(values, max(1, width // len(values)))
    )
    ends, start = np.round(columns * (_CURVE_HEIGHT - 1)).astype(int)[None, :], round(zero * (_CURVE_HEIGHT - 1))
    rows = np.arange(_CURVE_HEIGHT)[::-1, None]
    opaque = (rows >= np.minimum(ends, start)) & (rows <= np.maximum(ends, start))
    return np.stack([np.full(opaque.shape, _BAR), np.where(opaque, 255, 0)], axis=-1).astype(np.uint8)
