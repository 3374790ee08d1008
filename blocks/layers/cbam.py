"""The two halves of CBAM: channels, then places, weighed by what the feature map shows."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.layers.weighted import KernelAndBiasLayer, KernelLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class ChannelAttention(KernelAndBiasLayer):
    """Multiplies each channel by a gate: the same two dense layers see the means and the largest values of the channels.

    Shapes: (batch, ..., channels) -> the same.
    Source: Woo et al. (2018), arXiv:1807.06521, section 3.1.

    Args:
        ratio: How many times narrower the layer in the middle is than the channels, at least 1 unit.
        squeezed_channels: Its units, in place of a ratio.
    """

    def __init__(
        self,
        ratio: float = 16,
        squeezed_channels: int | None = None,
        activation: Any = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.ratio, self.squeezed_channels = ratio, squeezed_channels
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        squeezed = self.squeezed_channels or max(int(channels / self.ratio), 1)
        self.squeeze = self.inner(keras.layers.Dense, squeezed, activation=self.activation, name="squeeze")
        self.excite = self.inner(keras.layers.Dense, channels, name="excite")
        self.squeeze.build((None, channels))
        self.excite.build((None, squeezed))

    def call(self, inputs: Any) -> Any:
        places = tuple(range(1, len(inputs.shape) - 1))
        means, peaks = ops.mean(inputs, axis=places), ops.max(inputs, axis=places)
        gates = ops.sigmoid(self.excite(self.squeeze(means)) + self.excite(self.squeeze(peaks)))
        return inputs * ops.expand_dims(gates, places)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "ratio": self.ratio,
            "squeezed_channels": self.squeezed_channels,
            "activation": keras.activations.serialize(self.activation),
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="blockstudio")
class SpatialAttention(KernelLayer):
    """Multiplies each place by a gate: a learned window slides over the mean and the largest value of its channels.

    Shapes: (batch, ..., channels) -> the same.
    Source: Woo et al. (2018), arXiv:1807.06521, section 3.2.

    Args:
        kernel_size: Size of the window along every axis.
        batch_normalization: Whether the window's sums are normalised, as in the authors' code.
    """

    def __init__(
        self,
        kernel_size: int = 7,
        batch_normalization: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.kernel_size, self.batch_normalization = kernel_size, batch_normalization

    def build(self, input_shape: Any) -> None:
        kind = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[len(input_shape) - 2]
        self.window = self.inner(kind, 1, self.kernel_size, padding="same", data_format="channels_last", name="window")
        self.window.build((*input_shape[:-1], 2))
        if self.batch_normalization:
            self.norm = keras.layers.BatchNormalization(epsilon=1e-5, dtype=self.dtype_policy, name="norm")
            self.norm.build((*input_shape[:-1], 1))

    def call(self, inputs: Any, training: Any = None) -> Any:
        shown = ops.concatenate([ops.mean(inputs, axis=-1, keepdims=True), ops.max(inputs, axis=-1, keepdims=True)], axis=-1)
        sums = self.window(shown)
        return inputs * ops.sigmoid(self.norm(sums, training=training) if self.batch_normalization else sums)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "kernel_size": self.kernel_size,
            "batch_normalization": self.batch_normalization,
        }
        return {**super().get_config(), **own}
