"""Channels that become pixels, and pixels that become channels.

The channel of the pixel (row, column) inside its cell of r x r is (row * r + column) * c' + c in the order "tensorflow", which is that of
the paper with x to the right and y downwards, and c * r * r + row * r + column in the order "torch".
"""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class PixelShuffle(keras.layers.Layer):  # type: ignore[misc]
    """Each group of factor * factor channels becomes a cell of factor x factor pixels (Shi et al., 2016, arXiv:1609.05158, section 3.2).

    Shapes: (batch, height, width, channels) -> (batch, height * factor, width * factor, channels / (factor * factor)).
    """

    def __init__(self, factor: int = 2, order: str = "tensorflow", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor
        self.order = order

    def call(self, inputs: Any) -> Any:
        r, channels = self.factor, inputs.shape[-1] // self.factor**2
        batch, height, width = keras.ops.shape(inputs)[:3]
        if self.order == "torch":
            cells = keras.ops.transpose(keras.ops.reshape(inputs, (-1, height, width, channels, r, r)), (0, 1, 4, 2, 5, 3))
        else:
            cells = keras.ops.transpose(keras.ops.reshape(inputs, (-1, height, width, r, r, channels)), (0, 1, 3, 2, 4, 5))
        return keras.ops.reshape(cells, (batch, height * r, width * r, channels))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        larger = (None if size is None else size * self.factor for size in (height, width))
        return (batch, *larger, None if channels is None else channels // self.factor**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "order": self.order}


@keras.saving.register_keras_serializable(package="blockstudio")
class PixelUnshuffle(keras.layers.Layer):  # type: ignore[misc]
    """Each cell of factor x factor pixels becomes channels: the reverse of PixelShuffle.

    Shapes: (batch, height, width, channels) -> (batch, height / factor, width / factor, channels * factor * factor).
    """

    def __init__(self, factor: int = 2, order: str = "tensorflow", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor
        self.order = order

    def call(self, inputs: Any) -> Any:
        r, channels = self.factor, inputs.shape[-1]
        batch, height, width = keras.ops.shape(inputs)[:3]
        cells = keras.ops.reshape(inputs, (-1, height // r, r, width // r, r, channels))
        turned = keras.ops.transpose(cells, (0, 1, 3, 5, 2, 4) if self.order == "torch" else (0, 1, 3, 2, 4, 5))
        return keras.ops.reshape(turned, (batch, height // r, width // r, channels * r * r))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        smaller = (None if size is None else size // self.factor for size in (height, width))
        return (batch, *smaller, None if channels is None else channels * self.factor**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "order": self.order}
