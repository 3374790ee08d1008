"""Channels weighed by their neighbours, with a handful of weights."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from blocks.layers.weighted import KernelLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class EfficientChannelAttention(KernelLayer):
    """Multiplies each channel by a gate: a learned window slides along the means of the channels.

    Shapes: (batch, ..., channels) -> the same.
    Source: Wang et al. (2019), arXiv:1910.03151.

    Args:
        kernel_size: Length of the window; None for the odd number near log2(channels) / 2 + 1 / 2.
    """

    def __init__(
        self,
        kernel_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.kernel_size = kernel_size

    def build(self, input_shape: Any) -> None:
        near = int(math.log2(input_shape[-1]) / 2 + 1 / 2)
        size = self.kernel_size or (near if near % 2 else near + 1)
        self.window = self.inner(keras.layers.Conv1D, 1, size, padding="same", data_format="channels_last", name="window")
        self.window.build((None, input_shape[-1], 1))

    def call(self, inputs: Any) -> Any:
        places = tuple(range(1, len(inputs.shape) - 1))
        means = ops.expand_dims(ops.mean(inputs, axis=places), -1)
        gates = ops.sigmoid(ops.squeeze(self.window(means), -1))
        return inputs * ops.expand_dims(gates, places)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "kernel_size": self.kernel_size,
        }
        return {**super().get_config(), **own}
