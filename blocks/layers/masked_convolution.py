"""The Keras layer behind the block MaskedConv2D."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from blocks.layers.weighted import KernelAndBiasLayer


@keras.saving.register_keras_serializable(package="blockstudio")
class MaskedConv2D(KernelAndBiasLayer):
    """A convolution that sees only the pixels above its place, and those to the left in its own row.

    Shapes: (batch, height, width, channels) -> (batch, height, width, filters).

    Args:
        kernel_size: Odd numbers, so that the window has a middle.
        mask_type: "A" leaves out the pixel itself, "B" takes it in.

    Source: van den Oord, Kalchbrenner and Kavukcuoglu (2016), arXiv:1601.06759.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        mask_type: str = "B",
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.mask_type = filters, mask_type
        self.kernel_size, self.dilation_rate = ((value, value) if isinstance(value, int) else tuple(value) for value in (kernel_size, dilation_rate))
        if any(size % 2 == 0 for size in self.kernel_size):
            raise ValueError(f"kernel_size must be odd, so that the window has a middle; it is {self.kernel_size}.")
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_part("kernel", (*self.kernel_size, input_shape[-1], self.filters))
        self.bias = self.add_part("bias", (self.filters,)) if self.use_bias else None
        self.built = True

    def mask(self) -> Any:
        """1 for the taps that are seen, 0 for the others: (kernel height, kernel width, 1, 1)."""
        height, width = self.kernel_size
        seen = np.zeros((height * width, 1, 1), "float32")
        middle = height * width // 2  # row by row, all taps before the middle are above it or to the left
        seen[: middle + (self.mask_type == "B")] = 1.0
        return seen.reshape(height, width, 1, 1)

    def call(self, inputs: Any) -> Any:
        kernel = keras.ops.cast(self.kernel, self.compute_dtype) * keras.ops.cast(self.mask(), self.compute_dtype)
        outputs = keras.ops.conv(inputs, kernel, padding="same", dilation_rate=self.dilation_rate, data_format="channels_last")
        if self.bias is not None:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("filters", "kernel_size", "mask_type", "dilation_rate")}
        return {**super().get_config(), **plain, "activation": keras.activations.serialize(self.activation)}
