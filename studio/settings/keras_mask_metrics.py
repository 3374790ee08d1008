"""Metrics over the pixels of masks. Keras is loaded here, so only `Metric.make` imports this module.

They take class numbers of pixels (batch, height, width), 255 for pixels without a class, and probabilities (batch, height, width, classes).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.features import IGNORED


class _Pixels(keras.metrics.Metric):  # type: ignore[misc]
    """Base of metrics that follow from how many pixels of each class there are, are predicted, and are both."""

    def __init__(self, num_classes: int, name: str, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.num_classes = num_classes
        for key in ("actual", "predicted", "hits"):
            setattr(self, key, self.add_variable((num_classes,), "zeros", name=key))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true = ops.cast(y_true, "int32")
        kept = true != IGNORED
        weights = ops.cast(kept, self.dtype)
        if sample_weight is not None:
            weights = weights * ops.reshape(ops.cast(sample_weight, self.dtype), (-1, 1, 1))
        true = ops.where(kept, true, 0)
        guess = ops.cast(ops.argmax(y_pred, axis=-1), "int32")
        for sums, classes, counted in (
            (self.actual, true, weights),
            (self.predicted, guess, weights),
            (self.hits, true, weights * ops.cast(true == guess, self.dtype)),
        ):
            sums.assign_add(ops.segment_sum(ops.reshape(counted, (-1,)), ops.reshape(classes, (-1,)), num_segments=self.num_classes))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}

    def mean(self, shares: Any) -> Any:
        """The mean over the classes that occur or are predicted."""
        there = ops.cast(self.actual + self.predicted > 0, shares.dtype)
        return ops.divide_no_nan(ops.sum(shares * there), ops.sum(there))


@keras.saving.register_keras_serializable(package="blockstudio")
class MeanIoU(_Pixels):
    """Mean over the classes of hits / (actual + predicted - hits)."""

    def result(self) -> Any:
        return self.mean(ops.divide_no_nan(self.hits, self.actual + self.predicted - self.hits))


@keras.saving.register_keras_serializable(package="blockstudio")
class Dice(_Pixels):
    """Mean over the classes of 2 * hits / (actual + predicted)."""

    def result(self) -> Any:
        return self.mean(ops.divide_no_nan(2 * self.hits, self.actual + self.predicted))


@keras.saving.register_keras_serializable(package="blockstudio")
class PixelAccuracy(_Pixels):
    """Share of pixels whose most probable class is the true one."""

    def result(self) -> Any:
        return ops.divide_no_nan(ops.sum(self.hits), ops.sum(self.actual))
