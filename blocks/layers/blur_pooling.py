"""Pooling that blurs before it leaves places out."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="blockstudio")
class BlurPooling2D(keras.layers.Layer):  # type: ignore[misc]
    """A fixed binomial window over each channel, in steps (Zhang, 2019, arXiv:1904.11486, section 3.2).

    The border is (kernel_size - 1) / 2 on each side; of an even window, the larger half stands behind.

    Shapes: (batch, height, width, channels) -> (batch, ceil(height / strides), ceil(width / strides), channels).

    Args:
        kernel_size: 2 to 7; the weights of 3 are 1, 2, 1 over 4, along both axes.
        padding: The border: "reflect" mirrors the picture, "zero" is zeros.
    """

    def __init__(self, kernel_size: int = 3, strides: int = 2, padding: str = "reflect", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding

    def call(self, inputs: Any) -> Any:
        margin = ((self.kernel_size - 1) // 2, self.kernel_size // 2)
        padded = keras.ops.pad(inputs, ((0, 0), margin, margin, (0, 0)), mode="reflect" if self.padding == "reflect" else "constant")
        line = np.array([math.comb(self.kernel_size - 1, place) for place in range(self.kernel_size)], "float32") / 2 ** (self.kernel_size - 1)
        window = np.tile(np.outer(line, line)[:, :, None, None], (1, 1, inputs.shape[-1], 1))
        return keras.ops.depthwise_conv(
            padded, keras.ops.convert_to_tensor(window, self.compute_dtype), strides=self.strides, padding="valid", data_format="channels_last"
        )

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        smaller = (None if size is None else -(-size // self.strides) for size in (height, width))
        return (batch, *smaller, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernel_size": self.kernel_size, "strides": self.strides, "padding": self.padding}
