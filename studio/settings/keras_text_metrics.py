"""The metric for tokens. Keras is loaded here, so only `Metric.make` imports this module."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.features import PADDING
from studio.settings.keras_metrics import _Sums


@keras.saving.register_keras_serializable(package="blockstudio")
class TokenAccuracy(_Sums):
    """Share of the tokens that are the most probable ones where they are due; padding is left out.

    Shapes: tokens (batch, length), probabilities (batch, length, vocabulary).
    """

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, hits=(), count=())

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        tokens = ops.cast(y_true, "int32")
        counted = ops.cast(tokens != PADDING, self.dtype)
        if sample_weight is not None:
            counted = counted * ops.reshape(ops.cast(sample_weight, self.dtype), (-1, 1))
        right = ops.cast(ops.cast(ops.argmax(y_pred, axis=-1), "int32") == tokens, self.dtype)
        self.hits.assign_add(ops.sum(right * counted))
        self.count.assign_add(ops.sum(counted))

    def result(self) -> Any:
        return ops.divide_no_nan(self.hits, self.count)
