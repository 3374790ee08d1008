"""The Keras layer behind the block GlobalResponseNormalization."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class GlobalResponseNormalization(keras.layers.Layer):  # type: ignore[misc]
    """Strengthens channels that answer more than others over all places (Woo et al. 2023, arXiv:2301.00808).

    Args:
        epsilon: Added to the mean over the channels.
    """

    def __init__(self, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="zeros")
        self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")
        self.built = True

    def call(self, inputs: Any) -> Any:
        values = keras.ops.cast(
            inputs, "float64" if self.compute_dtype == "float64" else "float32"
        )  # a sum of squares is too much for half precision
        squares = keras.ops.sum(keras.ops.square(values), axis=tuple(range(1, len(inputs.shape) - 1)), keepdims=True)
        silent = squares == 0  # a channel of zeros would have an infinite gradient
        lengths = keras.ops.where(silent, 0.0, keras.ops.sqrt(keras.ops.where(silent, 1.0, squares)))
        shares = lengths / (keras.ops.mean(lengths, axis=-1, keepdims=True) + self.epsilon)
        return self.gamma * (inputs * keras.ops.cast(shares, inputs.dtype)) + self.beta + inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon}
