"""The Keras layer behind the block BilinearConv2DTranspose."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="blockstudio")
class BilinearConv2DTranspose(keras.layers.Layer):  # type: ignore[misc]
    """A transposed convolution whose windows begin as bilinear interpolation: each channel of its own, without a bias.

    Shapes: (batch, height, width, channels) -> (batch, height * factor, width * factor, channels); with padding "valid" as much as factor more.

    Args:
        factor: How many times height and width grow.
        learned: Whether training changes the windows.

    Source: Long, Shelhamer and Darrell (2014), arXiv:1411.4038, section 3.3.
    """

    def __init__(self, factor: int = 2, padding: str = "same", learned: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor, self.padding, self.learned = factor, padding, learned

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]

        def interpolating(shape: Any, dtype: Any = None) -> Any:  # noqa: ARG001 - Keras gives it
            return keras.ops.convert_to_tensor(self.windows(channels), dtype=dtype)

        size = 2 * self.factor
        self.kernel = self.add_weight(name="kernel", shape=(size, size, channels, channels), initializer=interpolating, trainable=self.learned)
        self.built = True

    def windows(self, channels: int) -> Any:
        """Triangles in both directions, on each channel's own place: (2 * factor, 2 * factor, channels, channels)."""
        away = np.abs(np.arange(2 * self.factor) + 0.5 - self.factor)
        line = 1 - away / self.factor
        return (np.outer(line, line)[:, :, None, None] * np.eye(channels)).astype("float32")

    def call(self, inputs: Any) -> Any:
        kernel = keras.ops.cast(self.kernel, self.compute_dtype)
        return keras.ops.conv_transpose(inputs, kernel, strides=self.factor, padding=self.padding, data_format="channels_last")

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        more = self.factor if self.padding == "valid" else 0
        larger = (None if size is None else size * self.factor + more for size in (height, width))
        return (batch, *larger, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "padding": self.padding, "learned": self.learned}
