"""Enlarging by cubic interpolation, for pictures of any size."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="blockstudio")
class CubicUpSampling2D(keras.layers.Layer):  # type: ignore[misc]
    """Each new pixel is a mean of the 4 x 4 nearest ones, weighted by Keys's cubic (1981, doi:10.1109/TASSP.1981.1163711, with a = -1/2).

    At the border the weights of the pixels that are there are divided by their sum.

    Shapes: (batch, height, width, channels) -> (batch, height * factor, width * factor, channels).
    """

    def __init__(self, factor: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        r, channels = self.factor, inputs.shape[-1]
        kernel = self._kernel()
        found = self._mean(inputs, np.repeat(kernel, channels, axis=2), channels)
        return found / self._mean(keras.ops.ones_like(inputs[..., :1]), kernel, 1) if r > 1 else inputs

    def _mean(self, values: Any, kernel: Any, channels: int) -> Any:
        r = self.factor
        height, width = keras.ops.shape(values)[1:3]
        weights = keras.ops.convert_to_tensor(kernel, dtype=values.dtype)
        cells = keras.ops.depthwise_conv(values, weights, padding="same")
        cells = keras.ops.reshape(cells, (-1, height, width, channels, r, r))
        return keras.ops.reshape(keras.ops.transpose(cells, (0, 1, 4, 2, 5, 3)), (-1, height * r, width * r, channels))

    def _kernel(self) -> Any:
        """The weights of 5 x 5 pixels for each pixel of a cell: (5, 5, 1, factor * factor)."""
        places = (np.arange(self.factor) + 0.5) / self.factor - 0.5
        away = np.abs(np.arange(-2, 3)[:, None] - places[None])
        near = (1.5 * away - 2.5) * away**2 + 1
        far = ((-0.5 * away + 2.5) * away - 4) * away + 2
        weights = np.where(away < 1, near, np.where(away < 2, far, 0.0))
        return np.einsum("ip,jq->ijpq", weights, weights).reshape(5, 5, 1, -1).astype("float32")

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        larger = (None if size is None else size * self.factor for size in (height, width))
        return (batch, *larger, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
