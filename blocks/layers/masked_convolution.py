"""The Keras layer behind the block MaskedConv2D."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="blockstudio")
class MaskedConv2D(keras.layers.Layer):  # type: ignore[misc]
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
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters, self.mask_type = filters, mask_type
        self.kernel_size, self.dilation_rate = ((value, value) if isinstance(value, int) else tuple(value) for value in (kernel_size, dilation_rate))
        if any(size % 2 == 0 for size in self.kernel_size):
            raise ValueError(f"kernel_size must be odd, so that the window has a middle; it is {self.kernel_size}.")
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer, self.bias_initializer = keras.initializers.get(kernel_initializer), keras.initializers.get(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = keras.regularizers.get(kernel_regularizer), keras.regularizers.get(bias_regularizer)
        self.kernel_constraint, self.bias_constraint = keras.constraints.get(kernel_constraint), keras.constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(
            name="kernel", shape=(*self.kernel_size, input_shape[-1], self.filters), initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer=self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip
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
        plain = ("filters", "kernel_size", "mask_type", "dilation_rate", "use_bias")
        config = {**super().get_config(), **{name: getattr(self, name) for name in plain}}
        config["activation"] = keras.activations.serialize(self.activation)
        for part in ("kernel", "bias"):
            config[f"{part}_initializer"] = keras.initializers.serialize(getattr(self, f"{part}_initializer"))
            config[f"{part}_regularizer"] = keras.regularizers.serialize(getattr(self, f"{part}_regularizer"))
            config[f"{part}_constraint"] = keras.constraints.serialize(getattr(self, f"{part}_constraint"))
        config["activity_regularizer"] = keras.regularizers.serialize(self.activity_regularizer)
        return config
