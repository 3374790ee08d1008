"""Metrics over a whole epoch that Keras lacks or has in another form. Keras is loaded here, so only `Metric.make` imports this module.

Class metrics take class numbers (batch,) or (batch, 1) and probabilities (batch, classes), or (batch, 1) of the second class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


def _numbers(y_true: Any) -> Any:
    return ops.cast(ops.reshape(y_true, (-1,)), "int32")


def _weights(sample_weight: Any, like: Any, dtype: str) -> Any:
    if sample_weight is None:
        return ops.ones(ops.shape(like), dtype)
    return ops.broadcast_to(ops.reshape(ops.cast(sample_weight, dtype), (-1,)), ops.shape(like))


def _both(y_pred: Any, dtype: str) -> Any:
    """Probabilities of all classes, from those or from that of the second class."""
    y_pred = ops.cast(y_pred, dtype)
    return ops.concatenate([1 - y_pred, y_pred], axis=-1) if y_pred.shape[-1] == 1 else y_pred


class _Sums(keras.metrics.Metric):  # type: ignore[misc]
    """Base of metrics that follow from sums over samples."""

    def __init__(self, name: str, dtype: Any = None, **sums: tuple[int, ...]) -> None:
        super().__init__(name=name, dtype=dtype)
        for key, shape in sums.items():
            setattr(self, key, self.add_variable(shape, "zeros", name=key))


class _Classes(_Sums):
    """Base of metrics that follow from how many samples of each class there are, are predicted, and are both."""

    def __init__(self, num_classes: int, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, actual=(num_classes,), predicted=(num_classes,), hits=(num_classes,))
        self.num_classes = num_classes

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, guess = _numbers(y_true), ops.argmax(_both(y_pred, self.dtype), axis=-1)
        weights = _weights(sample_weight, true, self.dtype)
        guess = ops.cast(guess, "int32")
        for sums, classes, counted in (
            (self.actual, true, weights),
            (self.predicted, guess, weights),
            (self.hits, true, weights * ops.cast(true == guess, self.dtype)),
        ):
            sums.assign_add(ops.segment_sum(counted, classes, num_segments=self.num_classes))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


def _mean(values: Any, where: Any) -> Any:
    chosen = ops.cast(where, values.dtype)
    return ops.divide_no_nan(ops.sum(values * chosen), ops.sum(chosen))


@keras.saving.register_keras_serializable(package="blockstudio")
class Accuracy(_Classes):
    """Share of samples whose most probable class is the true one."""

    def result(self) -> Any:
        return ops.divide_no_nan(ops.sum(self.hits), ops.sum(self.actual))


@keras.saving.register_keras_serializable(package="blockstudio")
class BalancedAccuracy(_Classes):
    """Mean over the classes that occur of the share of their samples that is found."""

    def result(self) -> Any:
        return _mean(ops.divide_no_nan(self.hits, self.actual), self.actual > 0)


@keras.saving.register_keras_serializable(package="blockstudio")
class Precision(_Classes):
    """Mean over the classes that occur or are predicted of hits / predicted."""

    def result(self) -> Any:
        return _mean(ops.divide_no_nan(self.hits, self.predicted), self.actual + self.predicted > 0)


@keras.saving.register_keras_serializable(package="blockstudio")
class Recall(_Classes):
    """Mean over the classes that occur or are predicted of hits / actual."""

    def result(self) -> Any:
        return _mean(ops.divide_no_nan(self.hits, self.actual), self.actual + self.predicted > 0)


@keras.saving.register_keras_serializable(package="blockstudio")
class F1(_Classes):
    """Mean over the classes that occur or are predicted of 2 * hits / (actual + predicted)."""

    def result(self) -> Any:
        return _mean(ops.divide_no_nan(2 * self.hits, self.actual + self.predicted), self.actual + self.predicted > 0)


@keras.saving.register_keras_serializable(package="blockstudio")
class CohenKappa(_Classes):
    """Agreement beyond chance: (observed - expected) / (1 - expected)."""

    def result(self) -> Any:
        total = ops.sum(self.actual)
        observed = ops.divide_no_nan(ops.sum(self.hits), total)
        expected = ops.sum(ops.divide_no_nan(self.actual, total) * ops.divide_no_nan(self.predicted, total))
        return ops.divide_no_nan(observed - expected, 1 - expected)


@keras.saving.register_keras_serializable(package="blockstudio")
class MatthewsCorrelation(_Classes):
    """Correlation between true and predicted classes."""

    def result(self) -> Any:
        total = ops.sum(self.actual)
        actual, predicted = ops.divide_no_nan(self.actual, total), ops.divide_no_nan(self.predicted, total)
        covariance = ops.divide_no_nan(ops.sum(self.hits), total) - ops.sum(actual * predicted)
        spread = (1 - ops.sum(actual**2)) * (1 - ops.sum(predicted**2))
        return ops.divide_no_nan(covariance, ops.sqrt(ops.maximum(spread, 0.0)))


@keras.saving.register_keras_serializable(package="blockstudio")
class CrossEntropy(_Sums):
    """Mean of -log of the probability of the true class, whatever loss is trained with."""

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, total=(), count=())

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, probabilities = _numbers(y_true), _both(y_pred, self.dtype)
        weights = _weights(sample_weight, true, self.dtype)
        self.total.assign_add(ops.sum(weights * ops.sparse_categorical_crossentropy(true, probabilities)))
        self.count.assign_add(ops.sum(weights))

    def result(self) -> Any:
        return ops.divide_no_nan(self.total, self.count)


@keras.saving.register_keras_serializable(package="blockstudio")
class AUC(_Sums):
    """Area under the ROC curve of each class against the others, mean over the classes that occur.

    Scores are counted in narrow bins of equal width in log p / (1 - p), so that networks which are sure of themselves are
    measured as finely as others; two scores in one bin count as equal. With two classes it is the curve of the second one.

    Args:
        num_bins: Bins between the odds of about 1 : 24,000,000 and the reverse.
    """

    def __init__(self, num_classes: int, name: str, dtype: Any = None, num_bins: int = 4096) -> None:
        super().__init__(name, dtype, positives=(num_classes, num_bins), negatives=(num_classes, num_bins))
        self.num_classes = num_classes
        self.num_bins = num_bins

    def positives_of(self, y_true: Any) -> Any:
        """1 at the class of each sample (samples, classes)."""
        return ops.one_hot(_numbers(y_true), self.num_classes, dtype=self.dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        positive, scores = self.positives_of(y_true), _both(y_pred, self.dtype)
        weights = ops.expand_dims(_weights(sample_weight, positive[:, 0], self.dtype), -1)
        tiny = 1e-30
        odds = ops.log(ops.maximum(scores, tiny)) - ops.log(ops.maximum(1 - scores, tiny))
        bins = ops.cast(ops.clip(ops.floor((odds + 17) / 34 * self.num_bins), 0, self.num_bins - 1), "int32")
        places = ops.reshape(bins + ops.arange(self.num_classes, dtype="int32") * self.num_bins, (-1,))
        for sums, counted in ((self.positives, positive * weights), (self.negatives, (1 - positive) * weights)):
            found = ops.segment_sum(ops.reshape(counted, (-1,)), places, num_segments=self.num_classes * self.num_bins)
            sums.assign_add(ops.reshape(found, (self.num_classes, self.num_bins)))

    def result(self) -> Any:
        positive, negative = ops.sum(self.positives, axis=-1), ops.sum(self.negatives, axis=-1)
        shares = ops.divide_no_nan(self.positives, ops.expand_dims(positive, -1))
        below = ops.divide_no_nan(ops.cumsum(self.negatives, axis=-1) - self.negatives / 2, ops.expand_dims(negative, -1))
        return _mean(ops.sum(shares * below, axis=-1), ops.logical_and(positive > 0, negative > 0))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes, "num_bins": self.num_bins}


class _Labels(_Sums):
    """Base of metrics for any number of labels: how many samples have each label, are given it, and are rightly given it."""

    def __init__(self, num_classes: int, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, actual=(num_classes,), predicted=(num_classes,), hits=(num_classes,), total=())
        self.num_classes = num_classes

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, guess = _said_labels(y_true, y_pred, self.dtype)
        weights = _weights(sample_weight, true[:, 0], self.dtype)
        for sums, counted in ((self.actual, true), (self.predicted, guess), (self.hits, true * guess)):
            sums.assign_add(ops.sum(counted * ops.expand_dims(weights, -1), axis=0))
        self.total.assign_add(ops.sum(weights))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


def _said_labels(y_true: Any, y_pred: Any, dtype: str) -> tuple[Any, Any]:
    return ops.cast(y_true, dtype), ops.cast(ops.cast(y_pred, dtype) > 0.5, dtype)


@keras.saving.register_keras_serializable(package="blockstudio")
class LabelAccuracy(_Labels):
    """Share of right answers over all labels of all samples."""

    def result(self) -> Any:
        wrong = ops.sum(self.actual + self.predicted - 2 * self.hits)
        return ops.where(self.total > 0, 1 - ops.divide_no_nan(wrong, self.total * self.num_classes), 0.0)


@keras.saving.register_keras_serializable(package="blockstudio")
class LabelPrecision(_Labels):
    """Mean over the labels of hits / predicted."""

    def result(self) -> Any:
        return ops.mean(ops.divide_no_nan(self.hits, self.predicted))


@keras.saving.register_keras_serializable(package="blockstudio")
class LabelRecall(_Labels):
    """Mean over the labels of hits / actual."""

    def result(self) -> Any:
        return ops.mean(ops.divide_no_nan(self.hits, self.actual))


@keras.saving.register_keras_serializable(package="blockstudio")
class LabelF1(_Labels):
    """Mean over the labels of 2 * hits / (actual + predicted)."""

    def result(self) -> Any:
        return ops.mean(ops.divide_no_nan(2 * self.hits, self.actual + self.predicted))


@keras.saving.register_keras_serializable(package="blockstudio")
class LabelAUC(AUC):
    """Area under the ROC curve of each label, mean over the labels that some samples have and some have not."""

    def positives_of(self, y_true: Any) -> Any:
        """1 at each label of a sample (samples, labels)."""
        return ops.cast(y_true, self.dtype)


@keras.saving.register_keras_serializable(package="blockstudio")
class ExactLabels(_Sums):
    """Share of samples whose labels are all said, and no others."""

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, right=(), total=())

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, guess = _said_labels(y_true, y_pred, self.dtype)
        weights = _weights(sample_weight, true[:, 0], self.dtype)
        self.right.assign_add(ops.sum(weights * ops.cast(ops.all(true == guess, axis=-1), self.dtype)))
        self.total.assign_add(ops.sum(weights))

    def result(self) -> Any:
        return ops.divide_no_nan(self.right, self.total)


class _Moments(_Sums):
    """Base of metrics that follow from means, variances and covariance of values and predictions.

    Batches are merged as Chan, Golub and LeVeque (1979) do, so that values far from zero lose no digits.
    """

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, count=(), mean_true=(), mean_pred=(), square_true=(), square_pred=(), product=(), residual=())

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, guess = (ops.reshape(ops.cast(values, self.dtype), (-1,)) for values in (y_true, y_pred))
        weights = _weights(sample_weight, true, self.dtype)
        count = ops.sum(weights)
        means = [ops.divide_no_nan(ops.sum(weights * values), count) for values in (true, guess)]
        apart = [true - means[0], guess - means[1]]
        total = self.count + count
        steps = [means[0] - self.mean_true, means[1] - self.mean_pred]
        between = ops.divide_no_nan(self.count * count, total)
        share = ops.divide_no_nan(count, total)
        self.square_true.assign_add(ops.sum(weights * apart[0] ** 2) + between * steps[0] ** 2)
        self.square_pred.assign_add(ops.sum(weights * apart[1] ** 2) + between * steps[1] ** 2)
        self.product.assign_add(ops.sum(weights * apart[0] * apart[1]) + between * steps[0] * steps[1])
        self.residual.assign_add(ops.sum(weights * (true - guess) ** 2))
        self.mean_true.assign_add(share * steps[0])
        self.mean_pred.assign_add(share * steps[1])
        self.count.assign(total)


@keras.saving.register_keras_serializable(package="blockstudio")
class R2(_Moments):
    """Share of the variance that is explained: 1 - squared errors / squared distances from the mean."""

    def result(self) -> Any:
        return 1 - ops.divide_no_nan(self.residual, self.square_true)


@keras.saving.register_keras_serializable(package="blockstudio")
class PearsonCorrelation(_Moments):
    """Covariance over the product of the standard deviations."""

    def result(self) -> Any:
        return ops.divide_no_nan(self.product, ops.sqrt(self.square_true) * ops.sqrt(self.square_pred))


@keras.saving.register_keras_serializable(package="blockstudio")
class ScaledError(_Sums):
    """Mean absolute error in multiples of another error.

    Args:
        scale: That error, of each column or of all.
    """

    def __init__(self, scale: Sequence[float], name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, error=(), total=())
        self.scale = list(scale)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        apart = ops.abs(ops.cast(y_true, self.dtype) - ops.cast(y_pred, self.dtype)) / ops.convert_to_tensor(self.scale, self.dtype)
        each = ops.mean(ops.reshape(apart, (ops.shape(apart)[0], -1)), axis=-1)
        weights = _weights(sample_weight, each, self.dtype)
        self.error.assign_add(ops.sum(weights * each))
        self.total.assign_add(ops.sum(weights))

    def result(self) -> Any:
        return ops.divide_no_nan(self.error, self.total)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}
