"""The loss for texts. Keras is loaded here, so only `Loss.make` imports this module."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.features import PADDING


@keras.saving.register_keras_serializable(package="blockstudio")
class TokenCrossentropy(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy summed over the tokens of a text and divided by the mean length, so that every token weighs the same.

    Shapes: tokens (batch, length), probabilities (batch, length, vocabulary) -> (batch,).

    Args:
        mean_tokens: Mean number of tokens of the training texts, their ends included.
        label_smoothing: Share s of the target that is spread evenly: (1 - s) * one-hot + s / vocabulary.
    """

    def __init__(self, mean_tokens: float, label_smoothing: float = 0.0, **settings: Any) -> None:
        super().__init__(**{"name": "token_crossentropy", **settings})
        self.mean_tokens = mean_tokens
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        tokens = ops.cast(y_true, "int32")
        if self.label_smoothing:
            size = y_pred.shape[-1]
            wanted = ops.one_hot(tokens, size, dtype=y_pred.dtype) * (1 - self.label_smoothing) + self.label_smoothing / size
            surprise = ops.categorical_crossentropy(wanted, y_pred)
        else:
            surprise = ops.sparse_categorical_crossentropy(tokens, y_pred)
        return ops.sum(surprise * ops.cast(tokens != PADDING, surprise.dtype), axis=-1) / self.mean_tokens

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean_tokens": self.mean_tokens, "label_smoothing": self.label_smoothing}
