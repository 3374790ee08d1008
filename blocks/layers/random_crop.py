"""The Keras layer behind the block RandomCrop."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="blockstudio")
class RandomCrop(keras.layers.Layer):  # type: ignore[misc]
    """Cuts a window out of each picture at a place of its own and brings it to the picture's size.

    Keras's layer takes one place for the whole batch, none by chance where one side is as long as the picture, and gives
    another size in training than elsewhere.

    Args:
        height: Of the window, in pixels; at most that of the picture is taken.
        width: Likewise.
    """

    def __init__(self, height: int, width: int, interpolation: str = "bilinear", seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.height = height
        self.width = width
        self.interpolation = interpolation
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        height, width = inputs.shape[1:3]
        count = tf.shape(inputs)[0]
        sides = [_side(size, min(window, size), count, self.generator) for size, window in ((height, self.height), (width, self.width))]
        (top, bottom), (left, right) = sides
        boxes = tf.stack([top, left, bottom, right], axis=1)
        cut = tf.image.crop_and_resize(inputs, boxes, tf.range(count), (height, width), method=self.interpolation)
        return tf.cast(cut, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"height": self.height, "width": self.width, "interpolation": self.interpolation, "seed": self.seed}
        return {**super().get_config(), **own}


def _side(size: int, window: int, count: Any, generator: Any) -> tuple[Any, Any]:
    """Where the window begins and ends along one axis: 0 is the first pixel, 1 the last."""
    start = tf.floor(keras.random.uniform((count,), 0, size - window + 1, seed=generator))
    last = max(size - 1, 1)
    return start / last, (start + window - 1) / last
