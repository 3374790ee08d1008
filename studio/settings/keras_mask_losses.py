"""Losses over the pixels of masks. Keras is loaded here, so only `Loss.make` imports this module.

They take class numbers of pixels (batch, height, width), 255 for pixels without a class, and probabilities (batch, height, width,
classes), and give one figure for each sample (batch,), which does not depend on the others of its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from blocks.features import IGNORED

_TINY = 1e-7


def _classes(y_true: Any, dtype: Any) -> tuple[Any, Any]:
    """Class numbers, 0 where there is none, and 1 for each pixel that has one."""
    numbers = ops.cast(y_true, "int32")
    kept = numbers != IGNORED
    return ops.where(kept, numbers, 0), ops.cast(kept, dtype)


@keras.saving.register_keras_serializable(package="blockstudio")
class PixelCrossentropy(keras.losses.Loss):  # type: ignore[misc]
    """The mean cross-entropy of the pixels that have a class.

    Args:
        label_smoothing: Share of the target that is spread evenly over the classes.
        class_weights: How much a pixel of each class counts.
        gamma: How much less easy pixels count: each is weighed by (1 - p)^gamma (Lin et al. 2017, arXiv:1708.02002, equation 5).
        factor: What all is multiplied by.
    """

    def __init__(
        self,
        num_classes: int,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
        gamma: float = 0.0,
        factor: float = 1.0,
        name: str = "pixel_crossentropy",
        **settings: Any,
    ) -> None:
        super().__init__(name=name, **settings)
        self.num_classes = num_classes
        self.label_smoothing = label_smoothing
        self.class_weights = None if class_weights is None else list(class_weights)
        self.gamma = gamma
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        numbers, kept = _classes(y_true, y_pred.dtype)
        weights = kept if self.class_weights is None else kept * ops.take(ops.convert_to_tensor(self.class_weights, y_pred.dtype), numbers)
        if self.label_smoothing:
            wanted = ops.one_hot(numbers, self.num_classes, dtype=y_pred.dtype) * (1 - self.label_smoothing) + self.label_smoothing / self.num_classes
            found = ops.categorical_crossentropy(wanted, y_pred)
        else:
            found = ops.sparse_categorical_crossentropy(numbers, y_pred)
        if self.gamma:
            true = ops.sum(ops.one_hot(numbers, self.num_classes, dtype=y_pred.dtype) * y_pred, axis=-1)
            found = found * ops.power(ops.clip(1 - true, _TINY, 1.0), self.gamma)
        return self.factor * ops.divide_no_nan(ops.sum(weights * found, axis=(1, 2)), ops.sum(kept, axis=(1, 2)))

    def get_config(self) -> dict[str, Any]:
        names = ("num_classes", "label_smoothing", "class_weights", "gamma", "factor")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="blockstudio")
class Overlap(keras.losses.Loss):  # type: ignore[misc]
    """How far areas fail to cover each other: 1 - t / (t + alpha * too many + beta * missed), mean over the classes of a sample.

    Args:
        alpha: Cost of a pixel too many.
        beta: Cost of a missed one.
    """

    def __init__(self, num_classes: int, alpha: float, beta: float, name: str = "overlap", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.num_classes = num_classes
        self.alpha = alpha
        self.beta = beta

    def call(self, y_true: Any, y_pred: Any) -> Any:
        numbers, kept = _classes(y_true, y_pred.dtype)
        kept = ops.expand_dims(kept, -1)
        true = ops.one_hot(numbers, self.num_classes, dtype=y_pred.dtype) * kept
        both, there, said = (ops.sum(each, axis=(1, 2)) for each in (true * y_pred, true, y_pred * kept))
        share = both / ops.maximum(both + self.alpha * (said - both) + self.beta * (there - both), _TINY)
        occurs = ops.cast(there > 0, share.dtype)
        return ops.divide_no_nan(ops.sum((1 - share) * occurs, axis=-1), ops.sum(occurs, axis=-1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes, "alpha": self.alpha, "beta": self.beta}


@keras.saving.register_keras_serializable(package="blockstudio")
class Together(keras.losses.Loss):  # type: ignore[misc]
    """Several losses, each with a factor, added up."""

    def __init__(self, losses: Sequence[keras.losses.Loss], factors: Sequence[float], name: str = "together", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.losses = list(losses)
        self.factors = list(factors)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return sum(factor * loss.call(y_true, y_pred) for loss, factor in zip(self.losses, self.factors, strict=True) if factor)

    def get_config(self) -> dict[str, Any]:
        losses = [keras.saving.serialize_keras_object(loss) for loss in self.losses]
        return {**super().get_config(), "losses": losses, "factors": self.factors}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Together:
        return cls(**{**config, "losses": [keras.saving.deserialize_keras_object(loss) for loss in config["losses"]]})
