"""Masks that follow the pictures they belong to: laid over them before these are changed, and taken off afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.features import IGNORED
from studio.networks.covered import parts

Beside = dict[str, Any]
"""What lies over the pictures of a batch: float32 of the same height and width, with one channel, by output."""


def placed(mask: Any, seen: Sequence[int]) -> Any:
    """A batch of masks (batch, height, width) in the size of the pictures, 255 where they say nothing."""
    import tensorflow as tf

    given = tuple(mask.shape[1:3])
    values = tf.cast(mask, tf.float32)[..., None]
    (top, height), (left, width) = parts(seen, given)
    values = _resized(values, (height, width))
    if (height, width) == tuple(seen):
        return values
    around = ((0, 0), (top, seen[0] - top - height), (left, seen[1] - left - width), (0, 0))
    return tf.pad(values, around, constant_values=float(IGNORED))


def taken(values: Any, mask: Any) -> Any:
    """The masks of a batch again, in the size and the numbers that they had."""
    import tensorflow as tf

    given, seen = tuple(mask.shape[1:3]), tuple(values.shape[1:3])
    (top, height), (left, width) = parts(seen, given)
    return tf.cast(tf.round(_resized(values[:, top : top + height, left : left + width], given)[..., 0]), mask.dtype)


def _resized(values: Any, size: tuple[int, int]) -> Any:
    import tensorflow as tf

    return values if tuple(values.shape[1:3]) == tuple(size) else tf.image.resize(values, size, method="nearest")
