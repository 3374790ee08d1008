"""The Keras layer behind the block PartialConv2D."""

from __future__ import annotations

from typing import Any

import keras

from blocks.layers.weighted import KernelAndBiasLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class PartialConv2D(KernelAndBiasLayer):
    """A convolution over the first channels of a picture; the others pass unchanged.

    Shapes: (batch, height, width, channels) -> the same.

    Args:
        n_div: One of so many channels is convolved.

    Source: Chen et al. (2023), arXiv:2303.03667.
    """

    def __init__(
        self,
        n_div: int = 4,
        kernel_size: Any = (3, 3),
        dilation_rate: Any = (1, 1),
        use_bias: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(use_bias=use_bias, **kwargs)
        self.n_div = n_div
        self.kernel_size, self.dilation_rate = ((value, value) if isinstance(value, int) else tuple(value) for value in (kernel_size, dilation_rate))

    def build(self, input_shape: Any) -> None:
        self.convolved = input_shape[-1] // self.n_div
        if not self.convolved:
            raise ValueError(f"n_div ({self.n_div}) must be at most the {input_shape[-1]} channels.")
        self.kernel = self.add_part("kernel", (*self.kernel_size, self.convolved, self.convolved))
        self.bias = self.add_part("bias", (self.convolved,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        seen = inputs[..., : self.convolved]
        found = keras.ops.conv(seen, self.kernel, padding="same", dilation_rate=self.dilation_rate, data_format="channels_last")
        if self.bias is not None:
            found = found + self.bias
        return keras.ops.concatenate([found, inputs[..., self.convolved :]], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **{name: getattr(self, name) for name in ("n_div", "kernel_size", "dilation_rate")}}
