"""The Keras layer behind the block PartialConv2D."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class PartialConv2D(keras.layers.Layer):  # type: ignore[misc]
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
        self.n_div = n_div
        self.kernel_size, self.dilation_rate = ((value, value) if isinstance(value, int) else tuple(value) for value in (kernel_size, dilation_rate))
        self.use_bias = use_bias
        self.kernel_initializer, self.bias_initializer = keras.initializers.get(kernel_initializer), keras.initializers.get(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = keras.regularizers.get(kernel_regularizer), keras.regularizers.get(bias_regularizer)
        self.kernel_constraint, self.bias_constraint = keras.constraints.get(kernel_constraint), keras.constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        self.convolved = input_shape[-1] // self.n_div
        if not self.convolved:
            raise ValueError(f"n_div ({self.n_div}) must be at most the {input_shape[-1]} channels.")
        self.kernel = self.add_weight(
            name="kernel", shape=(*self.kernel_size, self.convolved, self.convolved), initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.convolved,), initializer=self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip
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
        config = {**super().get_config(), **{name: getattr(self, name) for name in ("n_div", "kernel_size", "dilation_rate", "use_bias")}}
        for part in ("kernel", "bias"):
            config[f"{part}_initializer"] = keras.initializers.serialize(getattr(self, f"{part}_initializer"))
            config[f"{part}_regularizer"] = keras.regularizers.serialize(getattr(self, f"{part}_regularizer"))
            config[f"{part}_constraint"] = keras.constraints.serialize(getattr(self, f"{part}_constraint"))
        config["activity_regularizer"] = keras.regularizers.serialize(self.activity_regularizer)
        return config
