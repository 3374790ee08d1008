"""The Keras layer behind the block AbsoluteDifference."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class AbsoluteDifference(keras.layers.Layer):  # type: ignore[misc]
    """How far two inputs are apart at each place (Koch, Zemel and Salakhutdinov, 2015).

    Shapes: two of (batch, ...) -> (batch, ...).
    """

    def call(self, inputs: Any) -> Any:
        first, second = inputs
        return ops.abs(first - second)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape[0])
