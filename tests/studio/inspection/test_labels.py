"""Names of single numbers: what they say is what the number is."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.columns import ColumnCode
from studio.datasets import store
from studio.inspection.labels import column_labels
from studio.inspection.memory import Memory
from studio.workspace import Workspace
from tests.studio.inspection.looking import graph_of, look


@pytest.mark.parametrize("bins", [0, 4])
def test_every_number_behind_a_column_encoding_is_named(bins: int) -> None:
    from blocks.layers.column_encoding import ColumnEncoding

    edges = (0.0, 1.0, 2.0) if bins else ()
    codes = [
        ColumnCode(name="colour", kind="category", classes=("red", "blue"), missing=True),
        ColumnCode(name="size", kind="number", mean=5.0, standard_deviation=2.0, missing=True, edges=edges),
        ColumnCode(name="seen", kind="date", mean=19_000, standard_deviation=100, times=True, edges=edges, calendar=bins > 0),
        ColumnCode(name="born", kind="date", mean=9_000, standard_deviation=100, calendar=bins > 0),
        ColumnCode(name="age", kind="number", median=3.0),
        ColumnCode(name="note", kind="words", words=("new", "old"), missing=True),
    ]
    labels = column_labels(codes)
    layer = ColumnEncoding([code.model_dump() for code in codes])
    row = {"colour": ["blue"], "size": [np.nan], "seen": ["2024-03-13T12:00:00"], "born": ["1990-01-01"], "age": [7.0], "note": ["an OLD one"]}
    import tensorflow as tf

    values = layer({name: tf.constant(value) for name, value in row.items()}).numpy()[0]
    assert len(labels) == len(values) == len(set(labels)) == sum(code.width for code in codes)
    named = dict(zip(labels, values.tolist(), strict=True))
    assert (named["age"], named["size: missing"]) == (7.0, 1.0)
    assert (named["colour = blue"], named["colour = red"], named["colour: unknown"], named["colour: missing"]) == (1, 0, 0, 0)
    assert (named["note: word old"], named["note: word new"], named["note: missing"]) == (1, 0, 0)
    assert named["seen: cosine of the day"] == pytest.approx(-1)
    assert named["born: cosine of the year"] == pytest.approx(np.cos(2 * np.pi * ((7305 % 365.2425) / 365.2425)), abs=1e-4)
    if bins:
        assert named["seen: weekday 7"] == 1.0  # counted from the first of January 1970, a Thursday
        assert named["seen: part of the day 5"] == pytest.approx(1)


def test_words_of_a_bag_and_classes_have_names(workspace: Workspace, memory: Memory) -> None:
    nodes = {
        "text": {"block": "Input"},
        "words": {"block": "TextVectorization", "params": {"max_tokens": 50, "output_mode": "count"}, "inputs": ["text"]},
        "label": {"block": "Output", "inputs": ["words"]},
    }
    found = look(workspace, graph_of(nodes), "words", memory, dataset="languages", sample={"text": "and the and"})
    named = dict(zip(found["labels"], found["values"], strict=True))
    assert found["kind"] == "vector"
    assert len(found["labels"]) == 50
    assert {name: value for name, value in named.items() if value} in ({"and": 2, "the": 1}, {"and": 2, "[UNK]": 1}, {"[UNK]": 3})
    said = look(workspace, graph_of(nodes), "label", memory, dataset="languages")
    assert said["labels"] == list(store.load(workspace, "languages").classes or ())
