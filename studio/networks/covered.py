"""Which part of a picture the output of a network tells about, where each place of it has an answer of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from blocks.features import IGNORED

Part = tuple[int, int]
"""Where a part begins and how long it is, in pixels along one axis."""


def covered(seen: int, given: int) -> Part:
    """The part of an axis of so many pixels that so many answers belong to.

    All of it where the answers are as many, a whole multiple, or a whole fraction of the pixels; else the middle, since unpadded
    convolutions have taken off the border.
    """
    fractions = {round_down(seen / factor) for factor in range(1, seen + 1) for round_down in (math.floor, math.ceil)}
    if given >= seen or given in fractions:
        return 0, seen
    return (seen - given) // 2, given


def parts(seen: Sequence[int], given: Sequence[int]) -> tuple[Part, Part]:
    """The same for height and width."""
    return covered(seen[0], given[0]), covered(seen[1], given[1])


def resized(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask (height, width) brought to a size by its nearest pixels, whose centres lie in the middle."""
    rows, columns = (
        np.minimum(((np.arange(new) + 0.5) * old / new).astype(np.int64), old - 1) for new, old in zip((height, width), mask.shape, strict=True)
    )
    return mask if mask.shape == (height, width) else mask[np.ix_(rows, columns)]


def cut_out(mask: np.ndarray, seen: Sequence[int], given: Sequence[int]) -> np.ndarray:
    """A mask of a whole picture as the truth for a network's output.

    Args:
        seen: Height and width in which the picture reaches the network.
        given: Height and width of the output.
    """
    (top, height), (left, width) = parts(seen, given)
    if (height, width) == tuple(seen):
        return resized(mask, *given)
    return resized(resized(mask, *seen)[top : top + height, left : left + width], *given)


def put_back(mask: np.ndarray, seen: Sequence[int]) -> np.ndarray:
    """An output's mask as one of the whole picture, with 255 where the network says nothing."""
    (top, height), (left, width) = parts(seen, mask.shape)
    if (height, width) == tuple(seen):
        return mask
    whole = np.full(tuple(seen), IGNORED, mask.dtype)
    whole[top : top + height, left : left + width] = resized(mask, height, width)
    return whole
