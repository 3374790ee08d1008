"""Channels weighed by what the whole feature map shows."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.layers.weighted import KernelAndBiasLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class SqueezeExcitation(KernelAndBiasLayer):
    """Multiplies each channel by a gate that two dense layers compute from the means of all channels.

    Shapes: (batch, ..., channels) -> the same.
    Source: Hu, Shen and Sun (2017), arXiv:1709.01507.

    Args:
        ratio: How many times narrower the layer in the middle is than the channels, at least 1 unit.
        squeezed_channels: Its units, in place of a ratio.
    """

    def __init__(
        self,
        ratio: float = 16,
        squeezed_channels: int | None = None,
        activation: Any = "relu",
        gate_activation: Any = "sigmoid",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.ratio, self.squeezed_channels = ratio, squeezed_channels
        self.activation, self.gate_activation = keras.activations.get(activation), keras.activations.get(gate_activation)

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        squeezed = self.squeezed_channels or max(int(channels / self.ratio), 1)
        self.squeeze = self.inner(keras.layers.Dense, squeezed, activation=self.activation, name="squeeze")
        self.excite = self.inner(keras.layers.Dense, channels, activation=self.gate_activation, name="excite")
        self.squeeze.build((None, channels))
        self.excite.build((None, squeezed))

    def call(self, inputs: Any) -> Any:
        places = tuple(range(1, len(inputs.shape) - 1))
        return inputs * ops.expand_dims(self.gates(ops.mean(inputs, axis=places)), places)

    def gates(self, means: Any) -> Any:
        """One number between 0 and 1 per channel."""
        return self.excite(self.squeeze(means))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "ratio": self.ratio,
            "squeezed_channels": self.squeezed_channels,
            "activation": keras.activations.serialize(self.activation),
            "gate_activation": keras.activations.serialize(self.gate_activation),
        }
        return {**super().get_config(), **own}
