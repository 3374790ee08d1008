"""Keras metrics of pictures. Keras is loaded here, so only `Metric.make` imports this module.

They take true pictures in bytes and made ones from 0 to 1, both (batch, height, width, channels) with 1 or 3 channels.
"""

from __future__ import annotations

import abc
from typing import Any

import keras
import numpy as np
from keras import ops

RANGE = 255.0
LUMA = (65.481 / 255, 128.553 / 255, 24.966 / 255)
"""Of red, green and blue from 0 to 255 in Y from 16 to 235 (Recommendation ITU-R BT.601-7)."""
WINDOW, DEVIATION = 11, 1.5
MOST_DECIBELS = 100.0
"""The PSNR of equal pictures, which otherwise had none."""


def luma(bytes_: Any) -> Any:
    """Y of BT.601, of grey pictures the grey itself: (batch, height, width)."""
    if bytes_.shape[-1] == 1:
        return bytes_[..., 0]
    return 16.0 + ops.sum(bytes_ * ops.convert_to_tensor(LUMA, bytes_.dtype), axis=-1)


def in_bytes(made: Any) -> Any:
    """Values from 0 to 1 as whole numbers from 0 to 255."""
    return ops.round(ops.clip(ops.cast(made, "float32"), 0.0, 1.0) * RANGE)


def without_border(pictures: Any, border: int) -> Any:
    """Pictures (batch, height, width) without so many pixels at each side."""
    return pictures[:, border:-border, border:-border] if border else pictures


def decibels(true: Any, made: Any) -> Any:
    """The PSNR of each picture, from lumas."""
    error = ops.mean((true - made) ** 2, axis=(1, 2))
    return ops.minimum(10 * ops.log10(RANGE**2 / ops.maximum(error, 1e-12)), MOST_DECIBELS)


def similarity(true: Any, made: Any) -> Any:
    """The SSIM of each picture, from lumas. For pictures smaller than the window it is cut to their size."""
    size = min(WINDOW, *(side - 1 + side % 2 for side in true.shape[1:3] if side is not None), WINDOW)
    places = np.arange(size) - size // 2
    gauss = np.exp(-(places**2) / (2 * DEVIATION**2))
    gauss /= gauss.sum()

    def blurred(values: Any) -> Any:
        for shape in ((-1, 1), (1, -1)):
            kernel = ops.convert_to_tensor(gauss.reshape(*shape, 1, 1), values.dtype)
            values = ops.conv(values, kernel, padding="valid")
        return values

    first, second = (ops.expand_dims(values, -1) for values in (true, made))
    means = [blurred(values) for values in (first, second)]
    squares = [blurred(values * values) for values in (first, second)]
    together = blurred(first * second) - means[0] * means[1]
    spreads = [square - mean * mean for square, mean in zip(squares, means, strict=True)]
    c1, c2 = (0.01 * RANGE) ** 2, (0.03 * RANGE) ** 2
    above = (2 * means[0] * means[1] + c1) * (2 * together + c2)
    below = (means[0] ** 2 + means[1] ** 2 + c1) * (spreads[0] + spreads[1] + c2)
    return ops.mean(above / below, axis=(1, 2, 3))


def resized(pictures: Any, height: Any, width: Any, support: float) -> Any:
    """Bytes (batch, height, width, channels) in another size by Keys's cubic, rounded after each direction, as Pillow does it.

    Args:
        support: How many old pixels are as wide as a new one; 1 where pictures are enlarged.
    """
    old_height, old_width = ops.shape(pictures)[1:3]
    across = ops.einsum("bhwc,ow->bhoc", pictures, _weights(old_width, width, support))
    across = ops.round(ops.clip(across, 0.0, RANGE))
    down = ops.einsum("bhwc,oh->bowc", across, _weights(old_height, height, support))
    return ops.round(ops.clip(down, 0.0, RANGE))


def _weights(old: Any, new: Any, support: float) -> Any:
    """The weight of each old pixel (along the columns) in each new one (along the rows)."""
    ratio = ops.cast(old, "float32") / ops.cast(new, "float32")
    centres = (ops.cast(ops.arange(new), "float32") + 0.5) * ratio
    places = ops.cast(ops.arange(old), "float32") + 0.5
    away = ops.abs(ops.expand_dims(places, 0) - ops.expand_dims(centres, 1)) / support
    near = (1.5 * away - 2.5) * away**2 + 1
    far = ((-0.5 * away + 2.5) * away - 4) * away + 2
    found = ops.where(away < 1, near, ops.where(away < 2, far, ops.zeros_like(away)))
    return found / ops.sum(found, axis=1, keepdims=True)


class _OfPictures(keras.metrics.Metric, abc.ABC):  # type: ignore[misc]
    """Base of metrics that are a mean over pictures.

    Args:
        scale: How many times larger than its input a picture is; so many pixels are left out at each side, if it is more than 1.
    """

    def __init__(self, scale: int = 1, name: str = "", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.scale = scale
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    @abc.abstractmethod
    def figure(self, true: Any, made: Any) -> Any:
        """The figure of each picture, from true ones in bytes and made ones from 0 to 1."""

    def lumas(self, *pictures: Any) -> list[Any]:
        """Lumas without the border."""
        return [without_border(luma(picture), self.scale if self.scale > 1 else 0) for picture in pictures]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        found = self.figure(ops.cast(y_true, "float32"), y_pred)
        weights = ops.ones_like(found) if sample_weight is None else ops.broadcast_to(ops.cast(sample_weight, found.dtype), ops.shape(found))
        self.total.assign_add(ops.sum(found * weights))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Any:
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable(package="blockstudio")
class PeakSignalToNoise(_OfPictures):
    """Mean PSNR of the luma, in decibels."""

    def figure(self, true: Any, made: Any) -> Any:
        return decibels(*self.lumas(true, in_bytes(made)))


@keras.saving.register_keras_serializable(package="blockstudio")
class BicubicPeakSignalToNoise(_OfPictures):
    """Mean PSNR of the true pictures made smaller and larger again, whatever was made."""

    def figure(self, true: Any, made: Any) -> Any:  # noqa: ARG002
        height, width = ops.shape(true)[1:3]
        small = resized(true, height // self.scale, width // self.scale, float(self.scale))
        return decibels(*self.lumas(true, resized(small, height, width, 1.0)))


@keras.saving.register_keras_serializable(package="blockstudio")
class StructuralSimilarity(_OfPictures):
    """Mean SSIM of the luma."""

    def figure(self, true: Any, made: Any) -> Any:
        return similarity(*self.lumas(true, in_bytes(made)))


@keras.saving.register_keras_serializable(package="blockstudio")
class MeanSquaredError(_OfPictures):
    """Mean squared error of the pixels, from 0 to 1, unrounded."""

    def figure(self, true: Any, made: Any) -> Any:
        return ops.mean((true / RANGE - ops.cast(made, "float32")) ** 2, axis=(1, 2, 3))
