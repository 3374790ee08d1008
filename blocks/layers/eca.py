"""Channels weighed by their neighbours, with a handful of weights."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class EfficientChannelAttention(keras.layers.Layer):  # type: ignore[misc]
    """Multiplies each channel by a gate: a learned window slides along the means of the channels.

    Shapes: (batch, ..., channels) -> the same.
    Source: Wang et al. (2019), arXiv:1910.03151.

    Args:
        kernel_size: Length of the window; None for the odd number near log2(channels) / 2 + 1 / 2.
    """

    def __init__(
        self,
        kernel_size: int | None = None,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        kernel_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.kernel_size = kernel_size
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        near = int(math.log2(input_shape[-1]) / 2 + 1 / 2)
        self.window = keras.layers.Conv1D(
            1,
            self.kernel_size or (near if near % 2 else near + 1),
            padding="same",
            use_bias=False,
            kernel_initializer=self.kernel_initializer,
            kernel_regularizer=self.kernel_regularizer,
            kernel_constraint=self.kernel_constraint,
            data_format="channels_last",
            dtype=self.dtype_policy,
            name="window",
        )
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
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "kernel_constraint": keras.constraints.serialize(self.kernel_constraint),
        }
        return {**super().get_config(), **own}
