"""The loss and the metrics of texts, against plain sums and other implementations."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.features import Feature
from studio.settings import losses, metrics, spelling
from studio.settings.targets import SettingsError
from tests.studio.settings.targets import FIVE

TEXT = Feature(
    name="iso", role="target", kind="tokens", shape=(4,), dtype="int32", classes=("", "[START]", "[END]", "[UNKNOWN]", "a", "b"),
    statistics={"level": "character", "mean_tokens": 2.5},
)  # fmt: skip
TOKENS = np.array([[4, 5, 2, 0], [5, 2, 0, 0]], np.int32)


def outputs() -> np.ndarray:
    logits = np.random.default_rng(0).normal(size=(2, 4, 6))
    return (np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_padding_counts_nothing_and_every_token_the_same(smoothing: float) -> None:
    predicted = outputs()
    wanted = (1 - smoothing) * np.eye(6)[TOKENS] + smoothing / 6
    surprise = -(wanted * np.log(predicted)).sum(-1) * (TOKENS != 0)
    loss = losses.default_for(TEXT).make(TEXT, label_smoothing=smoothing, units=6)
    assert float(loss(TOKENS, predicted)) == pytest.approx(surprise.sum() / 2 / 2.5, rel=1e-5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert float(again(TOKENS, predicted)) == float(loss(TOKENS, predicted))
    alone = float(loss(TOKENS, predicted, sample_weight=np.array([0.0, 2.0], np.float32)))
    assert alone == pytest.approx(surprise[1].sum() / 2.5, rel=1e-5)


def test_what_fits_texts() -> None:
    assert list(losses.fitting(TEXT)) == ["token_crossentropy"]
    assert list(metrics.fitting(TEXT)) == ["token_accuracy", "exact_match", "character_error_rate", "bleu"]
    assert [name for name, metric in metrics.fitting(TEXT).items() if metric.in_the_end(TEXT)] == ["exact_match", "character_error_rate", "bleu"]
    with pytest.raises(SettingsError, match=r"'iso' \(a text of up to 3 tokens\)"):
        losses.read("huber").make(TEXT)
    with pytest.raises(SettingsError, match="token_crossentropy"):
        losses.read("token_crossentropy").make(FIVE)


def test_token_accuracy_over_batches() -> None:
    predicted = outputs()
    metric = metrics.read("token_accuracy").make(TEXT)
    for row in range(2):
        metric.update_state(TOKENS[row : row + 1], predicted[row : row + 1])
    right = (predicted.argmax(-1) == TOKENS)[TOKENS != 0]
    assert float(metric.result()) == pytest.approx(right.mean())


def test_written_texts_are_compared() -> None:
    figures = {name: metrics.read(name).make(TEXT) for name in ("exact_match", "character_error_rate", "bleu")}
    for metric in figures.values():
        metric.update_state(["abc", "x"], ["abd", "x"])
        metric.update_state(["12"], [""])
    assert figures["exact_match"].result() == pytest.approx(1 / 3)
    assert figures["character_error_rate"].result() == pytest.approx(3 / 6)


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_edit_distance(one: str, other: str) -> None:
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row = row, [number]
        for place, second in enumerate(other, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != second)))
    assert spelling.distance(one, other) == row[-1]


def test_bleu_as_in_the_paper() -> None:
    truth = ["the cat is on the mat today", "a dog sat on the mat"]
    assert spelling.bleu(truth, truth) == pytest.approx(1.0)
    assert spelling.bleu(truth, ["the the the the the the the", ""]) == 0.0
    said = ["the cat is on the mat", "a dog sat on a mat"]
    shares = [11 / 12, 8 / 10, 6 / 8, 4 / 6]  # right runs of 1 to 4 words
    assert spelling.bleu(truth, said) == pytest.approx(np.exp(1 - 13 / 12) * np.prod(shares) ** 0.25)
    assert spelling.bleu(["ab"], ["ab"]) == pytest.approx(1.0)
    assert spelling.bleu([], []) == 0.0
