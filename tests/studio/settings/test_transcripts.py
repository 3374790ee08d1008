"""CTC and the metrics of transcripts, against sums over all paths and other implementations."""

from __future__ import annotations

from itertools import groupby, product

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.features import Feature
from studio.settings import losses, metrics, spelling
from studio.settings.keras_transcripts import best_path, likelihood
from studio.settings.targets import SettingsError
from tests.studio.settings.targets import FIVE

STEPS = 5
PLATE = Feature(
    name="plate", role="target", kind="transcript", shape=(3,), dtype="int32", classes=("", "a", "b", "c"), statistics={"mean_tokens": 2.0}
)  # fmt: skip
NUMBERS = np.array([[1, 2, 0], [3, 3, 1], [2, 2, 2]], np.int32)


def outputs(samples: int = 3, steps: int = STEPS, classes: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(classes, 0.5), (samples, steps)).astype(np.float32)


def collapsed(path: list[int]) -> list[int]:
    return [number for number, _ in groupby(path) if number]


def probability(steps: np.ndarray, text: list[int]) -> float:
    """The sum over every path that becomes the text."""
    paths = [path for path in product(range(steps.shape[1]), repeat=len(steps)) if collapsed(list(path)) == text]
    return float(sum(np.prod(steps[np.arange(len(steps)), list(path)].astype(np.float64)) for path in paths))


def test_the_loss_is_the_sum_over_all_paths() -> None:
    predicted = outputs()
    surprise = [-np.log(probability(steps, collapsed_row(row))) for steps, row in zip(predicted, NUMBERS, strict=True)]
    loss = losses.default_for(PLATE).make(PLATE, units=4)
    assert float(loss(NUMBERS, predicted)) == pytest.approx(np.mean(surprise) / 2.0, rel=1e-5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert float(again(NUMBERS, predicted)) == float(loss(NUMBERS, predicted))
    sure = np.asarray(likelihood(NUMBERS, predicted))
    np.testing.assert_allclose(sure, np.exp(-np.array(surprise)), rtol=1e-5)


def collapsed_row(row: np.ndarray) -> list[int]:
    """The numbers of a text; equal ones stay, since only paths lose them."""
    return [number for number in row.tolist() if number]


@pytest.mark.parametrize("impossible", [[1, 1, 1], [2, 4, 0]], ids=["no room", "an unknown character"])
def test_texts_that_can_not_be_written_count_nothing_and_leave_gradients_finite(impossible: list[int]) -> None:
    import tensorflow as tf

    predicted = tf.Variable(outputs(2, 4, 4))
    loss = losses.default_for(PLATE).make(PLATE)
    both = np.array([[1, 2, 0], impossible], np.int32)
    with tf.GradientTape() as tape:
        found = loss(both, predicted)
    gradient = tape.gradient(found, predicted).numpy()
    alone = loss(both[:1], predicted[:1])
    assert float(found) == pytest.approx(float(alone) / 2, rel=1e-5)
    assert np.isfinite(gradient).all()
    assert gradient[0].any()
    assert not gradient[1].any()


def test_what_fits_transcripts() -> None:
    assert list(losses.fitting(PLATE)) == ["ctc"]
    assert list(metrics.fitting(PLATE)) == ["character_error_rate", "exact_match"]
    assert not any(metric.in_the_end(PLATE) for metric in metrics.fitting(PLATE).values())
    with pytest.raises(SettingsError, match=r"'plate' \(a transcript of up to 3 characters\)"):
        losses.read("huber").make(PLATE)
    with pytest.raises(SettingsError, match="ctc"):
        losses.read("ctc").make(FIVE)


@given(st.integers(1, 6), st.integers(1, 7), st.integers(2, 5), st.integers(0, 99))
def test_metrics_are_those_of_the_collapsed_paths(length: int, steps: int, classes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    predicted = outputs(4, steps, classes, seed)
    numbers = np.zeros((4, length), np.int32)
    for row in numbers:
        count = random.integers(1, length + 1)
        row[:count] = random.integers(1, classes, count)
    said = [collapsed(path) for path in predicted.argmax(-1).tolist()]
    assert [collapsed_row(row) for row in np.asarray(best_path(predicted))] == said
    truth = ["".join(map(str, collapsed_row(row))) for row in numbers]
    texts = ["".join(map(str, path)) for path in said]
    rate, exact = (metrics.read(name).make(PLATE) for name in ("character_error_rate", "exact_match"))
    for rows in (slice(0, 1), slice(1, 4)):
        rate.update_state(numbers[rows], predicted[rows])
        exact.update_state(numbers[rows], predicted[rows])
    assert float(rate.result()) == pytest.approx(spelling.character_error_rate(truth, texts), rel=1e-5)
    assert float(exact.result()) == pytest.approx(spelling.exact_match(truth, texts))
