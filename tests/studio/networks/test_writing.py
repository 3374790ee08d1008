"""Writing texts token by token: greedily and by beams, with a made-up network whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from blocks.features import END, PADDING, START, UNKNOWN, Feature
from studio.networks import writing
from studio.networks.writing import Pen, beamed, chosen, pens, texts_of, told, written

A, B, C = 4, 5, 6
SIZE, LENGTH = 7, 4
PEN = Pen("before", "text", LENGTH)
TABLE = {
    START: {A: 0.6, B: 0.4},
    A: {A: 0.35, C: 0.33, END: 0.32},
    B: {C: 0.9, END: 0.1},
    C: {END: 1.0},
    PADDING: {END: 1.0},
}
"""What follows each token, for the first sample; the second one begins with UNKNOWN or with the end."""


def network(fed: dict[str, Any]) -> dict[str, Any]:
    """Probabilities that depend on the last token alone."""
    rows = np.zeros((SIZE, SIZE), np.float32)
    for before, after in TABLE.items():
        for token, share in after.items():
            rows[before, token] = share
    silent = rows.copy()
    silent[START] = 0
    silent[START, UNKNOWN], silent[START, END] = 0.9, 0.1
    found = tf.gather(tf.constant(np.stack([rows, silent])), fed["which"])
    return {"text": tf.gather(found, fed["before"], batch_dims=1)}


def asked(count: int = 2) -> dict[str, Any]:
    return {"which": tf.constant([0, 1][:count])}


def test_the_likeliest_token_each_time() -> None:
    probabilities = tf.function(lambda given: written(network, given, PEN)["text"])(asked())
    numbers, sure = told(probabilities)
    assert numbers.numpy().tolist() == [[A, A, A, A], [END, 0, 0, 0]]
    assert sure.numpy() == pytest.approx([0.6 * 0.35**3, 0.1])
    assert chosen(tf.one_hot([[UNKNOWN, C]], SIZE)).numpy().tolist()[0][1] == C


def test_beams_find_a_likelier_text() -> None:
    beam = tf.function(lambda given: beamed(network, given, PEN, 3))(asked())
    assert beam.numbers.numpy()[0, 0].tolist() == [B, C, END, 0]
    assert beam.probabilities.numpy()[0, 0] == pytest.approx(0.36)
    assert beam.numbers.numpy()[1, 0].tolist() == [END, 0, 0, 0]
    every = {tuple(row) for row in beam.numbers.numpy()[0].tolist()}
    assert len(every) == 3


def test_one_beam_is_the_greedy_way() -> None:
    numbers, sure = told(written(network, asked(), PEN)["text"])
    beam = beamed(network, asked(), PEN, 1)
    assert beam.numbers.numpy()[:, 0].tolist() == numbers.numpy().tolist()
    assert beam.probabilities.numpy()[:, 0] == pytest.approx(sure.numpy())


def test_tokens_as_texts() -> None:
    target = Feature(
        name="t", role="target", kind="tokens", shape=(4,), classes=("", "[START]", "[END]", "[UNKNOWN]", " no", ",", " yes"),
        statistics={"level": "word"},
    )  # fmt: skip
    assert texts_of(np.array([[4, 5, 6, 2], [2, 4, 4, 4], [6, 3, 0, 0]]), target) == ["no, yes", "", "yes\ufffd"]


def test_where_a_network_is_told_what_is_written() -> None:
    target = Feature(name="iso", role="target", kind="tokens", shape=(11,))
    before = target.model_copy(update={"name": "target_before", "role": "input", "column": "iso"})
    source = Feature(name="written", role="input", kind="text")
    bound, cuts = {"source": "written", "told": "target_before"}, {"source": "words", "told": "told"}
    assert pens([source, before, target], bound, cuts, {"label": "iso"}) == [Pen("told", "label", 11)]
    assert pens([source, target], {"source": "written"}, cuts, {"label": "iso"}) == []


@pytest.mark.parametrize("steps", [1, 2, 16])
def test_texts_of_many_lengths_are_written_side_by_side(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that has ended is asked no more, and all are those that one loop over the whole batch writes."""
    asked_for: list[int] = []

    class Model:
        input = ("which", "before")

        def __call__(self, fed: dict[str, Any], training: bool) -> dict[str, Any]:
            assert not training
            tf.py_function(lambda rows: asked_for.append(len(rows)), [fed["which"]], [])
            return network(fed)

    monkeypatch.setattr(writing, "STEPS", steps)
    target = Feature(
        name="text", role="target", kind="tokens", shape=(LENGTH,), classes=("", "s", "e", "?", "a", "b", "c"), statistics={"level": "character"}
    )
    which = np.array([1, 0, 1, 0, 1])
    texts, sure = writing.Writer(Model(), PEN, target)({"which": which})
    expected, probability = told(written(network, {"which": tf.constant(which)}, PEN)["text"])
    assert texts.tolist() == texts_of(expected.numpy(), target) == ["", "aaaa", "", "aaaa", ""]
    assert sure == pytest.approx(probability.numpy())
    assert set(asked_for) == ({5} if steps == 16 else {5, 2})
