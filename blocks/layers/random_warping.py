"""The Keras layers behind the blocks RandomElasticTransform and RandomPerspective."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

STRENGTH, SMOOTHNESS = 0.1, 0.05
"""Parts of the picture's longer and shorter side: how far pixels move, and how wide the waves are."""


@keras.saving.register_keras_serializable(package="blockstudio")
class RandomElasticTransform(keras.layers.Layer):  # type: ignore[misc]
    """Moves every pixel by smoothed noise (Simard, Steinkraus and Platt 2003).

    Keras's layer moves pixels along one diagonal only, since it draws both directions from one seed, and inside a compiled
    function gives every picture of a batch the first one's pixels.

    Args:
        factor: Two ends between which the chance of being bent is drawn.
        scale: Two ends between which the strength is drawn; 1 moves pixels by about a tenth of the longer side.
    """

    def __init__(
        self,
        factor: tuple[float, float] = (1.0, 1.0),
        scale: tuple[float, float] = (0.0, 1.0),
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.factor = tuple(factor)
        self.scale = tuple(scale)
        self.interpolation = interpolation
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        count = tf.shape(inputs)[0]
        height, width = inputs.shape[1:3]
        chance = keras.random.uniform((count,), *self.factor, seed=self.generator)
        chosen = keras.random.uniform((count,), seed=self.generator) < chance
        scale = keras.random.uniform((count, 1, 1, 1), *self.scale, seed=self.generator)
        noise = keras.random.uniform((count, height, width, 2), -1.0, 1.0, seed=self.generator)
        waves = _smoothed(noise, max(SMOOTHNESS * min(height, width), 0.5)) * scale * STRENGTH * max(height, width)
        rows = tf.range(height, dtype=tf.float32)[None, :, None] + waves[..., 0]
        columns = tf.range(width, dtype=tf.float32)[None, None, :] + waves[..., 1]
        moved = sampled(tf.cast(inputs, tf.float32), rows, columns, self.interpolation, self.fill_mode, self.fill_value)
        return tf.where(chosen[:, None, None, None], tf.cast(moved, inputs.dtype), inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        names = ("factor", "scale", "interpolation", "fill_mode", "fill_value", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="blockstudio")
class RandomPerspective(keras.layers.RandomPerspective):  # type: ignore[misc]
    """Keras's layer, but that all four corners move: Keras multiplies each corner's place, so the upper left one stays at 0."""

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        found = super().get_random_transformation(data, training=training, seed=seed)
        if found is not None:
            corners = found["start_points"]
            shift = keras.random.uniform(tf.shape(corners), -0.5 * self.scale, 0.5 * self.scale, seed=self.generator, dtype=corners.dtype)
            found["end_points"] = corners + shift * corners[:, 3:]
        return found


def _smoothed(noise: Any, sigma: float) -> Any:
    """Noise behind a Gaussian window, brought to a largest value of about 1."""
    half = int(3 * sigma) + 1
    distance = tf.range(-half, half + 1, dtype=tf.float32)
    window = tf.exp(-0.5 * tf.square(distance / sigma))
    window = window / tf.reduce_sum(window)
    spread = tf.reduce_sum(tf.square(window))  # the variance of the sum along both axes, of noise of variance 1/3
    channels = noise.shape[-1]
    for kernel in (window[:, None, None, None], window[None, :, None, None]):
        noise = tf.nn.depthwise_conv2d(noise, tf.tile(kernel, (1, 1, channels, 1)), (1, 1, 1, 1), "SAME")
    return noise / (spread * 3**0.5)


def sampled(pictures: Any, rows: Any, columns: Any, interpolation: str, fill_mode: str, fill_value: float) -> Any:
    """The pictures' values at places between the pixels.

    Args:
        rows: Float32 places (pictures, height, width); columns likewise.
    """
    if interpolation == "nearest":
        return _at(pictures, tf.round(rows), tf.round(columns), fill_mode, fill_value)
    top, left = tf.floor(rows), tf.floor(columns)
    down, right = (rows - top)[..., None], (columns - left)[..., None]
    upper = _at(pictures, top, left, fill_mode, fill_value) * (1 - right) + _at(pictures, top, left + 1, fill_mode, fill_value) * right
    lower = _at(pictures, top + 1, left, fill_mode, fill_value) * (1 - right) + _at(pictures, top + 1, left + 1, fill_mode, fill_value) * right
    return upper * (1 - down) + lower * down


def _at(pictures: Any, rows: Any, columns: Any, fill_mode: str, fill_value: float) -> Any:
    height, width = pictures.shape[1:3]
    row, column = _inside(rows, height, fill_mode), _inside(columns, width, fill_mode)
    found = tf.gather_nd(pictures, tf.stack([row, column], axis=-1), batch_dims=1)
    if fill_mode == "constant":
        outside = (rows < 0) | (rows > height - 1) | (columns < 0) | (columns > width - 1)
        found = tf.where(outside[..., None], tf.cast(fill_value, found.dtype), found)
    return found


def _inside(places: Any, size: int, fill_mode: str) -> Any:
    """Whole places from 0 to size - 1."""
    whole = tf.cast(places, tf.int32)
    if fill_mode == "wrap":
        return tf.math.floormod(whole, size)
    if fill_mode == "reflect":
        around = tf.math.floormod(whole, 2 * size)
        return tf.where(around < size, around, 2 * size - 1 - around)
    return tf.clip_by_value(whole, 0, size - 1)
