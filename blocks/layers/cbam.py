"""The two halves of CBAM: channels, then places, weighed by what the feature map shows."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class ChannelAttention(keras.layers.Layer):  # type: ignore[misc]
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
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_initializer: Any = "zeros",
        bias_regularizer: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.ratio, self.squeezed_channels, self.use_bias = ratio, squeezed_channels, use_bias
        self.activation = keras.activations.get(activation)
        self.settings = {
            "kernel_initializer": keras.initializers.get(kernel_initializer),
            "kernel_regularizer": keras.regularizers.get(kernel_regularizer),
            "kernel_constraint": keras.constraints.get(kernel_constraint),
            "bias_initializer": keras.initializers.get(bias_initializer),
            "bias_regularizer": keras.regularizers.get(bias_regularizer),
            "bias_constraint": keras.constraints.get(bias_constraint),
        }

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        squeezed = self.squeezed_channels or max(int(channels / self.ratio), 1)
        self.squeeze = self._dense(squeezed, self.activation, "squeeze")
        self.excite = self._dense(channels, None, "excite")
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
            "use_bias": self.use_bias,
        }
        return {**super().get_config(), **own, **{name: keras.saving.serialize_keras_object(value) for name, value in self.settings.items()}}

    def _dense(self, units: int, activation: Any, name: str) -> Any:
        settings = {key: value.clone() if key.endswith("initializer") else value for key, value in self.settings.items()}
        return keras.layers.Dense(units, activation=activation, use_bias=self.use_bias, name=name, dtype=self.dtype_policy, **settings)


@keras.saving.register_keras_serializable(package="blockstudio")
class SpatialAttention(keras.layers.Layer):  # type: ignore[misc]
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
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        kernel_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.kernel_size, self.batch_normalization = kernel_size, batch_normalization
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        kind = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[len(input_shape) - 2]
        self.window = kind(
            1,
            self.kernel_size,
            padding="same",
            use_bias=False,
            kernel_initializer=self.kernel_initializer,
            kernel_regularizer=self.kernel_regularizer,
            kernel_constraint=self.kernel_constraint,
            data_format="channels_last",
            dtype=self.dtype_policy,
            name="window",
        )
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
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "kernel_constraint": keras.constraints.serialize(self.kernel_constraint),
        }
        return {**super().get_config(), **own}
