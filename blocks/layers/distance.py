"""The Keras layer behind the block Distance."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class Distance(keras.layers.Layer):  # type: ignore[misc]
    """How far two vectors are apart (Hadsell, Chopra and LeCun, 2006, doi:10.1109/CVPR.2006.100).

    Shapes: two of (batch, ..., features) -> (batch, ..., 1).

    Args:
        measure: "euclidean", "squared_euclidean" or "manhattan".
    """

    def __init__(self, measure: str = "euclidean", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.measure = measure

    def call(self, inputs: Any) -> Any:
        first, second = inputs
        if self.measure == "manhattan":
            return ops.sum(ops.abs(first - second), axis=-1, keepdims=True)
        squared = ops.sum(ops.square(first - second), axis=-1, keepdims=True)
        return squared if self.measure == "squared_euclidean" else _root(squared)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[0][:-1], 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "measure": self.measure}


def _root(values: Any) -> Any:
    """The square root with the slope 0 at 0, where it has no finite one."""
    above = values > 0
    return ops.where(above, ops.sqrt(ops.where(above, values, ops.ones_like(values))), ops.zeros_like(values))
