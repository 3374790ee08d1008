"""Pooling over a given number of bins, whatever the size of the input: adaptive pooling, and the pyramid that is made of it.

Bin b of n over a size s reaches from floor(b * s / n) up to ceil((b + 1) * s / n). Keras 3.15 has adaptive pooling too, but its layers fail in
a compiled step when a size becomes 1, want known sizes, and have no float16 for volumes.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np


def places_of_bins(size: Any, count: int) -> tuple[Any, Any]:
    """The places of each bin (one row each, filled up to equal length), and which of them belong to it."""
    known = isinstance(size, int)
    numbers = np.arange(count) if known else keras.ops.arange(count, dtype="int32")
    begins, ends = numbers * size // count, -((-(numbers + 1) * size) // count)
    longest = int((ends - begins).max()) if known else size // count + 2
    offsets = np.arange(longest) if known else keras.ops.arange(longest, dtype="int32")
    places = begins[:, None] + offsets[None, :]
    inside = places < ends[:, None]
    return (np.minimum(places, size - 1) if known else keras.ops.minimum(places, size - 1)), inside


def pooled_in_bins(inputs: Any, axis: int, count: int, kind: str) -> Any:
    """The mean ("average") or largest value ("max") of each of `count` bins along one axis."""
    size = inputs.shape[axis]
    reduced = keras.ops.mean if kind == "average" else keras.ops.max
    if count == 1:
        return reduced(inputs, axis=axis, keepdims=True)
    if size is not None and size % count == 0:  # equal bins: no copy is needed
        shape = keras.ops.shape(inputs)
        return reduced(keras.ops.reshape(inputs, (*shape[:axis], count, size // count, *shape[axis + 1 :])), axis=axis + 1)
    places, inside = places_of_bins(keras.ops.shape(inputs)[axis] if size is None else size, count)
    taken = keras.ops.take(inputs, places, axis=axis)
    behind = len(inputs.shape) - axis - 1
    belongs = keras.ops.reshape(inside, (*(1 for _ in range(axis)), count, -1, *(1 for _ in range(behind))))
    if kind == "max":
        return keras.ops.max(keras.ops.where(belongs, taken, keras.ops.cast(-math.inf, taken.dtype)), axis=axis + 1)
    weights = keras.ops.cast(belongs, taken.dtype)
    return keras.ops.sum(taken * weights, axis=axis + 1) / keras.ops.sum(weights, axis=axis + 1)


def pooled_in_boxes(inputs: Any, first: int, counts: tuple[int, ...], kind: str) -> Any:
    """Bins along several axes, from axis `first` on. Means are taken in 32 bits at the least."""
    kept = inputs.dtype
    if kind == "average" and keras.backend.standardize_dtype(kept) in ("float16", "bfloat16"):
        inputs = keras.ops.cast(inputs, "float32")
    for axis, count in enumerate(counts, first):
        inputs = pooled_in_bins(inputs, axis, count, kind)
    return keras.ops.cast(inputs, kept)


@keras.saving.register_keras_serializable(package="blockstudio")
class AdaptivePooling(keras.layers.Layer):  # type: ignore[misc]
    """Pools sequences, pictures or volumes to a given size.

    Shapes: (batch, sizes ..., channels) -> (batch, output_size ..., channels).

    Args:
        output_size: Bins along each axis.
        pooling: "average" or "max".
    """

    def __init__(self, output_size: Any, pooling: str = "average", data_format: str = "channels_last", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = tuple(output_size)
        self.pooling = pooling
        self.data_format = data_format

    def call(self, inputs: Any) -> Any:
        return pooled_in_boxes(inputs, 2 if self.data_format == "channels_first" else 1, self.output_size, self.pooling)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        if self.data_format == "channels_first":
            return (input_shape[0], input_shape[1], *self.output_size)
        return (input_shape[0], *self.output_size, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_size": self.output_size, "pooling": self.pooling, "data_format": self.data_format}


@keras.saving.register_keras_serializable(package="blockstudio")
class SpatialPyramidPooling(keras.layers.Layer):  # type: ignore[misc]
    """A vector of fixed length from pictures of any size: the bins of several grids, one behind the other (He et al., 2014, arXiv:1406.4729).

    Shapes: (batch, height, width, channels) -> (batch, (sum of level * level) * channels); level by level, row by row, channels last.

    Args:
        levels: Bins along height and width, per grid.
        pooling: "max" or "average".
    """

    def __init__(self, levels: Any = (1, 2, 4), pooling: str = "max", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.levels = tuple(levels)
        self.pooling = pooling

    def call(self, inputs: Any) -> Any:
        channels = inputs.shape[-1]
        grids = [pooled_in_boxes(inputs, 1, (level, level), self.pooling) for level in self.levels]
        return keras.ops.concatenate(
            [keras.ops.reshape(grid, (-1, level * level * channels)) for grid, level in zip(grids, self.levels, strict=True)], axis=-1
        )

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        channels = input_shape[-1]
        return (input_shape[0], None if channels is None else sum(level * level for level in self.levels) * channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "levels": self.levels, "pooling": self.pooling}
