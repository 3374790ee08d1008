"""Losses that Keras has in another form. Keras is loaded here, so only `Loss.make` imports this module."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="blockstudio")
class OneOfN(keras.losses.Loss):  # type: ignore[misc]
    """Lets a loss of Keras judge class numbers, whatever labels it wants.

    A single unit is read as the probability of the second class, and becomes two.

    Shapes: labels (batch,) or (batch, 1), probabilities (batch, classes) or (batch, 1) -> (batch,).

    Args:
        loss: The loss on one-hot labels, or on flat class numbers.
        num_classes: Classes of the target.
        label_smoothing: Share s of the target that is spread evenly: (1 - s) * one-hot + s / classes.
        one_hot: Whether the loss wants one-hot labels.

    Source: smoothing: Szegedy et al. (2015), arXiv:1512.00567, section 7.
    """

    def __init__(self, loss: keras.losses.Loss, num_classes: int, label_smoothing: float = 0.0, one_hot: bool = True, **settings: Any) -> None:
        super().__init__(**{"name": loss.name, **settings})
        self.loss = loss
        self.num_classes = num_classes
        self.label_smoothing = label_smoothing
        self.one_hot = one_hot

    def call(self, y_true: Any, y_pred: Any) -> Any:
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        if self.one_hot:
            labels = ops.one_hot(labels, self.num_classes, dtype=y_pred.dtype)
            if self.label_smoothing:
                labels = labels * (1 - self.label_smoothing) + self.label_smoothing / self.num_classes
        if y_pred.shape[-1] == 1:
            y_pred = ops.concatenate([1 - y_pred, y_pred], axis=-1)
        return self.loss.call(labels, y_pred)

    def get_config(self) -> dict[str, Any]:
        loss = keras.saving.serialize_keras_object(self.loss)
        own = {"loss": loss, "num_classes": self.num_classes, "label_smoothing": self.label_smoothing, "one_hot": self.one_hot}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> OneOfN:
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})


@keras.saving.register_keras_serializable(package="blockstudio")
class InUnits(keras.losses.Loss):  # type: ignore[misc]
    """Judges standardised values in the target's own unit.

    Shapes: values (batch,) or (batch, 1), predictions (batch, 1) -> (batch,).

    Args:
        loss: The loss on values in the unit.
        mean: What a standardised 0 stands for.
        standard_deviation: What a standardised 1 is more than that.
        positive: Whether predictions are kept above zero. Below a tenth of the standard deviation they then approach
            zero exponentially, with the same slope where the two parts meet, so that the gradient never vanishes at once.
    """

    def __init__(self, loss: keras.losses.Loss, mean: float, standard_deviation: float, positive: bool = False, **settings: Any) -> None:
        super().__init__(**{"name": loss.name, **settings})
        self.loss = loss
        self.mean = mean
        self.standard_deviation = standard_deviation
        self.positive = positive

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true = y_true * self.standard_deviation + self.mean
        y_pred = y_pred * self.standard_deviation + self.mean
        if self.positive:
            y_true = ops.maximum(y_true, 0.0)
            floor = 0.1 * self.standard_deviation
            y_pred = ops.where(y_pred > floor, y_pred, floor * ops.exp(ops.minimum(y_pred, floor) / floor - 1))
        return self.loss.call(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        loss = keras.saving.serialize_keras_object(self.loss)
        return {**super().get_config(), "loss": loss, "mean": self.mean, "standard_deviation": self.standard_deviation, "positive": self.positive}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InUnits:
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})


@keras.saving.register_keras_serializable(package="blockstudio")
class OfBytes(keras.losses.Loss):  # type: ignore[misc]
    """Judges pictures from 0 to 1 by pictures in bytes.

    Shapes: bytes and pictures (batch, height, width, channels) -> (batch, height, width).

    Args:
        loss: The loss on values from 0 to 1.
    """

    def __init__(self, loss: keras.losses.Loss, **settings: Any) -> None:
        super().__init__(**{"name": loss.name, **settings})
        self.loss = loss

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.loss.call(ops.cast(y_true, y_pred.dtype) / 255, y_pred)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "loss": keras.saving.serialize_keras_object(self.loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> OfBytes:
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})


@keras.saving.register_keras_serializable(package="blockstudio")
class Charbonnier(keras.losses.Loss):  # type: ignore[misc]
    """The absolute error with its corner rounded off: the mean over the last axis of sqrt(e^2 + epsilon^2)."""

    def __init__(self, epsilon: float = 0.001, name: str = "charbonnier", **settings: Any) -> None:
        super().__init__(name=name, **settings)
        self.epsilon = epsilon

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.sqrt((y_pred - y_true) ** 2 + self.epsilon**2), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon}
