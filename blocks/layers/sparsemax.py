"""The Keras layer behind the block Sparsemax."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="blockstudio")
class Sparsemax(keras.layers.Layer):  # type: ignore[misc]
    """Probabilities that add up to 1, most of which are 0 (Martins and Astudillo 2016, arXiv:1602.02068).

    keras.activations.sparsemax of Keras 3.15 gives sums other than 1: it takes all cumulated sums together in the place of the last one.

    Args:
        axis: The axis that adds up to 1.
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        values = keras.ops.cast(inputs, "float64" if self.compute_dtype == "float64" else "float32")
        values = keras.ops.moveaxis(values, self.axis, -1)
        values = values - keras.ops.max(values, axis=-1, keepdims=True)  # moves the threshold as far, and keeps sums exact
        falling = -keras.ops.sort(-values, axis=-1)
        place = keras.ops.cumsum(keras.ops.ones_like(falling), axis=-1)
        supported = 1.0 + place * falling > keras.ops.cumsum(falling, axis=-1)
        count = keras.ops.sum(keras.ops.cast(supported, values.dtype), axis=-1, keepdims=True)
        total = keras.ops.sum(keras.ops.where(supported, falling, keras.ops.zeros_like(falling)), axis=-1, keepdims=True)
        found = keras.ops.relu(values - (total - 1.0) / count)
        return keras.ops.cast(keras.ops.moveaxis(found, -1, self.axis), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
