"""The Keras layer behind the block Maxout."""

from __future__ import annotations

from typing import Any

import keras

from blocks.layers.weighted import KernelAndBiasLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class Maxout(KernelAndBiasLayer):
    """A dense layer whose units each take the largest of several linear maps (Goodfellow et al. 2013, arXiv:1302.4389).

    Args:
        units: Output features.
        pieces: Linear maps per unit. Those of unit u are the columns u * pieces to (u + 1) * pieces - 1 of the kernel.
    """

    def __init__(
        self,
        units: int,
        pieces: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.pieces = pieces
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_part("kernel", (input_shape[-1], self.units * self.pieces))
        self.bias = self.add_part("bias", (self.units * self.pieces,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        pieces = keras.ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            pieces = pieces + self.bias
        shape = keras.ops.shape(inputs)[:-1]
        return keras.ops.max(keras.ops.reshape(pieces, (*shape, self.units, self.pieces)), axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "pieces": self.pieces}
