"""Loss and metrics for transcripts. Keras is loaded here, so only `make` of losses and metrics imports this module."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from blocks.features import PADDING
from studio.settings.keras_metrics import _Sums

SMALLEST_PROBABILITY = 1e-12
"""Its logarithm is finite in 32 bits."""


@keras.saving.register_keras_serializable(package="blockstudio")
class OverPaths(keras.losses.Loss):  # type: ignore[misc]
    """Keras's CTC over probabilities, divided by the mean length, so that every character weighs the same.

    Shapes: numbers of characters (batch, length) with 0 behind the end, probabilities (batch, steps, 1 + characters) -> (batch,).

    Args:
        mean_tokens: Mean number of characters of the training texts.
    """

    def __init__(self, mean_tokens: float, **settings: Any) -> None:
        super().__init__(**{"name": "ctc", **settings})
        self.mean_tokens = mean_tokens

    def call(self, y_true: Any, y_pred: Any) -> Any:
        numbers = ops.cast(y_true, "int32")
        steps = ops.shape(y_pred)[1]
        there = ops.cast(numbers != PADDING, "int32")
        repeats = ops.sum(ops.cast(numbers[:, 1:] == numbers[:, :-1], "int32") * there[:, 1:], axis=1)
        lengths = ops.sum(there, axis=1)
        # An impossible text would cost infinitely much, and its gradient would be no number; so the loss is asked about the empty text instead.
        fits = (lengths + repeats <= steps) & (ops.max(numbers, axis=1) < ops.shape(y_pred)[2])
        cost = surprise(ops.where(fits[:, None], numbers, PADDING), y_pred)
        return ops.where(fits, cost, 0.0) / self.mean_tokens

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean_tokens": self.mean_tokens}


def surprise(numbers: Any, probabilities: Any) -> Any:
    """-log of how probable each text is, over all paths that become it: (batch,)."""
    lengths = ops.sum(ops.cast(numbers != PADDING, "int32"), axis=1)
    likely = ops.log(ops.maximum(probabilities, SMALLEST_PROBABILITY))
    return ops.ctc_loss(numbers, likely, lengths, ops.full_like(lengths, ops.shape(probabilities)[1]), mask_index=PADDING)


def likelihood(numbers: Any, probabilities: Any) -> Any:
    """How probable each text is, from 0 to 1: (batch,)."""
    return ops.exp(-surprise(numbers, probabilities))


def best_path(probabilities: Any) -> Any:
    """What the likeliest character of each step makes, without repeats and blanks, as far left as it goes: int32 (batch, steps), 0 behind the end.

    Source: Graves et al. (2006), doi:10.1145/1143844.1143891, section 3.2 (best path decoding).
    """
    numbers = ops.cast(ops.argmax(probabilities, axis=-1), "int32")
    before = ops.pad(numbers[:, :-1], ((0, 0), (1, 0)), constant_values=PADDING)
    kept = (numbers != PADDING) & (numbers != before)
    steps = ops.arange(ops.shape(numbers)[1], dtype="int32")[None]
    order = ops.argsort(ops.where(kept, steps, steps + ops.shape(numbers)[1]), axis=1)
    return ops.take_along_axis(ops.where(kept, numbers, PADDING), order, axis=1)


def errors(numbers: Any, probabilities: Any) -> tuple[Any, Any]:
    """Characters to be changed, put in or taken out in each text, and characters of the true ones: int32 (batch,).

    The edit distance of `studio.settings.spelling.distance`, for a whole batch.
    """
    truth, said = ops.cast(numbers, "int32"), best_path(probabilities)
    lengths, written = (ops.sum(ops.cast(values != PADDING, "int32"), axis=1) for values in (truth, said))
    places = ops.arange(truth.shape[1] + 1, dtype="int32")[None]

    def on(number: Any, row: Any) -> tuple[Any, Any]:
        other = ops.cast(truth != said[:, number][:, None], "int32")
        changed = ops.minimum(row[:, 1:] + 1, row[:, :-1] + other)
        first = ops.full_like(row[:, :1], number + 1)
        longer = _least_so_far(ops.concatenate([first, changed], axis=1) - places) + places
        return number + 1, ops.where((number < written)[:, None], longer, row)

    begin = (0, ops.zeros_like(lengths)[:, None] + places)
    _, row = ops.while_loop(lambda number, _: number < ops.max(written), on, begin)
    return ops.take_along_axis(row, lengths[:, None], axis=1)[:, 0], lengths


def _least_so_far(rows: Any) -> Any:
    """The least of each value and those before it in its row (in as many steps as the width can be halved)."""
    reach = 1
    while reach < rows.shape[1]:
        rows = ops.concatenate([rows[:, :reach], ops.minimum(rows[:, reach:], rows[:, :-reach])], axis=1)
        reach *= 2
    return rows


@keras.saving.register_keras_serializable(package="blockstudio")
class TranscriptErrorRate(_Sums):
    """Wrong characters for each true one.

    Shapes: numbers of characters (batch, length), probabilities (batch, steps, 1 + characters).
    """

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, wrong=(), count=())

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        for total, values in zip((self.wrong, self.count), errors(y_true, y_pred), strict=True):
            total.assign_add(_weighed(values, sample_weight, self.dtype))

    def result(self) -> Any:
        return ops.divide_no_nan(self.wrong, self.count)


@keras.saving.register_keras_serializable(package="blockstudio")
class ExactTranscripts(_Sums):
    """Share of the texts without a wrong character.

    Shapes: numbers of characters (batch, length), probabilities (batch, steps, 1 + characters).
    """

    def __init__(self, name: str, dtype: Any = None) -> None:
        super().__init__(name, dtype, right=(), count=())

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        wrong, _ = errors(y_true, y_pred)
        self.right.assign_add(_weighed(wrong == 0, sample_weight, self.dtype))
        self.count.assign_add(_weighed(ops.ones_like(wrong), sample_weight, self.dtype))

    def result(self) -> Any:
        return ops.divide_no_nan(self.right, self.count)


def _weighed(values: Any, weights: Any, dtype: str) -> Any:
    found = ops.cast(values, dtype)
    return ops.sum(found if weights is None else found * ops.reshape(ops.cast(weights, dtype), (-1,)))
