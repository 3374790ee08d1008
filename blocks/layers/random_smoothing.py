"""The Keras layers behind the blocks RandomGaussianBlur and RandomSharpness."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def _column(values: Any) -> Any:
    return values[:, None, None, None]


@keras.saving.register_keras_serializable(package="blockstudio")
class RandomGaussianBlur(keras.layers.Layer):  # type: ignore[misc]
    """Blurs some pictures, each by a window of its own width.

    Keras's layer draws one width for the whole batch and darkens the borders, since it takes what lies outside as black.

    Args:
        factor: Two ends between which the chance of being blurred is drawn.
        sigma: Two ends between which the width of the window is drawn, in pixels.
    """

    def __init__(
        self,
        factor: tuple[float, float] = (1.0, 1.0),
        kernel_size: int = 3,
        sigma: tuple[float, float] = (0.0, 1.0),
        value_range: tuple[float, float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.factor = tuple(factor)
        self.kernel_size = kernel_size
        self.sigma = tuple(sigma)
        self.value_range = tuple(value_range)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        count = (tf.shape(inputs)[0],)
        chance = keras.random.uniform(count, *self.factor, seed=self.generator)
        chosen = keras.random.uniform(count, seed=self.generator) < chance
        sigma = keras.random.uniform(count, *self.sigma, seed=self.generator) + 1e-6
        half = self.kernel_size // 2
        distance = tf.range(-half, half + 1, dtype=tf.float32)
        window = tf.exp(-0.5 * tf.square(distance[None] / sigma[:, None]))
        window = tf.cast(window / tf.reduce_sum(window, axis=1, keepdims=True), inputs.dtype)
        blurred = inputs
        for axis in (1, 2):
            padded = _with_border(blurred, axis, half)
            size = blurred.shape[axis]
            parts = [tf.gather(padded, tf.range(tap, tap + size), axis=axis) * _column(window[:, tap]) for tap in range(self.kernel_size)]
            blurred = tf.add_n(parts)
        return tf.where(_column(chosen), tf.clip_by_value(blurred, *self.value_range), inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {"factor": self.factor, "kernel_size": self.kernel_size, "sigma": self.sigma, "value_range": self.value_range, "seed": self.seed}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="blockstudio")
class RandomSharpness(keras.layers.Layer):  # type: ignore[misc]
    """Blurs or sharpens each picture by an amount of its own.

    As Keras's layer, but that it takes what lies outside as the nearest pixel and not as black, which would change the border.

    Args:
        factor: Two ends between which the amount is drawn: 0 blurs, 0.5 changes nothing, 1 sharpens.
    """

    def __init__(
        self, factor: tuple[float, float] = (0.5, 0.5), value_range: tuple[float, float] = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.factor = tuple(factor)
        self.value_range = tuple(value_range)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        amount = _column(tf.cast(2 * keras.random.uniform((tf.shape(inputs)[0],), *self.factor, seed=self.generator), inputs.dtype))
        padded = _with_border(_with_border(inputs, 1, 1), 2, 1)
        height, width = inputs.shape[1:3]
        near = [padded[:, down : down + height, right : right + width] for down in range(3) for right in range(3)]
        smoothed = (tf.add_n(near) + 4.0 * inputs) / 13.0
        return tf.clip_by_value(inputs + (1.0 - amount) * (smoothed - inputs), *self.value_range)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}


def _with_border(pictures: Any, axis: int, margin: int) -> Any:
    """The outermost pixels repeated, so that a window fits everywhere."""
    places = tf.clip_by_value(tf.range(-margin, pictures.shape[axis] + margin), 0, pictures.shape[axis] - 1)
    return tf.gather(pictures, places, axis=axis)
