"""Scores of attention whose future is hidden."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class CausalMask(keras.layers.Layer):  # type: ignore[misc]
    """Sets the scores of later steps so low that a softmax behind it makes 0 of them, and finite in half precision as well.

    Shapes: (batch, ..., query steps, key steps) -> the same.
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.2.3.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        queries, keys = ops.shape(inputs)[-2:]
        seen = ops.expand_dims(ops.arange(keys, dtype="int32"), 0) <= ops.expand_dims(ops.arange(queries, dtype="int32"), 1)
        lowest = -3e4 if self.compute_dtype == "float16" else -1e9
        return ops.where(seen, inputs, ops.cast(lowest, inputs.dtype))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
