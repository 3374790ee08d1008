"""Bins, hashes and vocabularies: what is measured, what unknown values become, and that everything survives saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import blocks
from blocks import Graph, analyse, build
from blocks.encoding import Discretization
from blocks.lookups import IntegerLookup, StringLookup
from studio.networks.front import adapted, plain_numbers, run, split, values_behind

COLOURS = np.array(["red", "blue", "red", "", "green", "red", "blue"], object)


def graph(block: str, params: dict[str, Any], **given: Any) -> Graph:
    nodes = {"x": {"block": "Input", "params": given}, "b": {"block": block, "params": params, "inputs": ["x"]}}
    return Graph.model_validate({"nodes": nodes})


def errors(block: str, params: dict[str, Any], **given: Any) -> list[str]:
    return [message.text for message in analyse(graph(block, params, **given)).errors]


def test_bins_hold_about_as_many_values_each() -> None:
    values = np.random.default_rng(0).lognormal(size=(1000, 1)).astype("float32")
    block = Discretization(num_bins=8).adapt(values)
    model = build(graph("Discretization", block.params(), shape=[1]))
    counts = np.bincount(model(values).numpy().ravel(), minlength=8)
    assert counts.min() > 110
    assert counts.max() < 140


def test_gaps_and_constant_columns_do_no_harm_to_bins() -> None:
    for values in (np.array([np.nan, 1.0, 1.0]), np.array([np.nan]), np.zeros(0)):
        block = Discretization(num_bins=4).adapt(values)
        assert len(block.measured or ()) == 3
        assert np.isfinite(block.measured or ()).all()


def test_given_bins_are_kept() -> None:
    block = Discretization(bin_boundaries=(0.0, 10.0)).adapt(np.arange(5.0))
    found = build(graph("Discretization", block.params(), shape=[3]))(np.array([[-1.0, 0.0, 11.0]], "float32"))
    assert found.numpy().tolist() == [[0, 1, 2]]
    with pytest.raises(blocks.InvalidValueError, match="bin_boundaries must ascend"):
        Discretization.read({"bin_boundaries": [2, 1]})
    assert Discretization.read({"bin_boundaries": "0.5"}).bin_boundaries == (0.5,)


@pytest.mark.parametrize("mode", ["int", "one_hot"])
def test_a_column_of_a_table_is_looked_up(mode: str, tmp_path: Path) -> None:
    block = StringLookup(output_mode=mode, max_tokens=6).adapt(COLOURS)  # type: ignore[arg-type]
    assert block.vocabulary == ("red", "blue", "green", "")
    model = build(graph("StringLookup", block.params(), shape=[], dtype="string"))
    found = model(tf.constant(["red", "blue", "violet", ""])).numpy()
    numbers = [1, 2, 0, 4]
    np.testing.assert_array_equal(found, numbers if mode == "int" else np.eye(6)[numbers])
    model.save(tmp_path / "m.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "m.keras")(tf.constant(["blue"])), model(tf.constant(["blue"])))


def test_gaps_can_have_a_number_of_their_own() -> None:
    block = StringLookup(mask_token="").adapt(COLOURS)
    assert block.vocabulary == ("red", "blue", "green")
    found = build(graph("StringLookup", block.params(), shape=[], dtype="string"))(tf.constant(["", "violet", "red"]))
    assert found.numpy().tolist() == [0, 1, 2]


def test_the_vocabulary_equals_that_of_an_adapted_keras_layer() -> None:
    values = np.random.default_rng(0).choice(["a", "b", "c", "d", "e"], (50, 4), p=[0.4, 0.3, 0.15, 0.1, 0.05]).astype(object)
    for mode in ("int", "multi_hot", "count", "tf_idf"):
        block = StringLookup(output_mode=mode, max_tokens=5).adapt(values)
        layer = keras.layers.StringLookup(output_mode=mode, max_tokens=5, pad_to_max_tokens=mode != "int")
        layer.adapt(tf.constant(values.astype(str)))
        model = build(graph("StringLookup", block.params(), shape=[4], dtype="string"))
        given = tf.constant(np.array([["a", "a", "x", "b"], ["e", "d", "c", "c"]], str))
        np.testing.assert_allclose(model(given), tf.cast(layer(given), model.output.dtype), rtol=1e-5, err_msg=mode)


def test_numbers_are_looked_up_even_where_they_come_as_decimals() -> None:
    values = np.array([90210.0, 10001.0, 90210.0, np.nan, -1.0, -1.0, -1.0], "float32")
    block = IntegerLookup().adapt(values)
    assert block.vocabulary == (-1, 90210, 10001)
    model = build(graph("IntegerLookup", block.params(), shape=[]))
    assert model(np.array([90210.0, 7.0, -1.0], "float32")).numpy().tolist() == [2, 0, 1]


def test_unknown_numbers_share_several_places() -> None:
    model = build(graph("IntegerLookup", {"vocabulary": [5], "num_oov_indices": 3}, shape=[], dtype="int32"))
    assert model(tf.constant([5, 6, 7, 9])).numpy().tolist() == [3, 0, 1, 0]


@pytest.mark.parametrize("block", [StringLookup(), StringLookup(output_mode="one_hot"), IntegerLookup(output_mode="one_hot")])
def test_without_data_every_value_is_unknown(block: Any) -> None:
    """Analysis and building work before the data are known; sizes are those of the largest vocabulary."""
    name, text = type(block).__name__, isinstance(block, StringLookup)
    found = analyse(graph(name, block.params(), shape=[], dtype="string" if text else "int32"))
    assert not found.errors
    assert found.nodes["b"].output_shapes == (((1000,),) if block.output_mode == "one_hot" else ((),))
    value = tf.constant(["a"]) if text else tf.constant([3])
    unadapted = build(graph(name, block.params(), shape=[], dtype="string" if text else "int32"))(value).numpy()
    assert unadapted.argmax() == 0
    nothing = block.adapt(np.array([], object) if text else np.array([], np.int64))
    assert nothing.vocabulary == ()
    model = build(graph(name, nothing.params(), shape=[], dtype="string" if text else "int32"))
    np.testing.assert_array_equal(model(value), unadapted)


def test_before_texts_are_known_every_word_is_unknown() -> None:
    model = build(graph("TextVectorization", {"output_sequence_length": 3}, shape=[], dtype="string"))
    assert model(tf.constant(["a cat", ""])).numpy().tolist() == [[1, 1, 0], [0, 0, 0]]


def test_a_shorter_vocabulary_keeps_the_frequent_values() -> None:
    block = StringLookup(vocabulary=("a", "b", "c"), max_tokens=3)
    assert build(graph("StringLookup", block.params(), shape=[], dtype="string"))(tf.constant(["b", "c"])).numpy().tolist() == [2, 0]
    with pytest.raises(blocks.InvalidValueError, match="max_tokens must be above 9"):
        StringLookup.read({"max_tokens": 5, "num_oov_indices": 9})


def test_kinds_that_do_not_fit_are_refused_with_advice() -> None:
    assert "Expected: texts. Received: int32" in errors("StringLookup", {}, shape=[], dtype="int32")[0]
    assert "Expected: numbers. Received: text" in errors("IntegerLookup", {}, shape=[], dtype="string")[0]
    assert "Expected: whole numbers. Received: float32" in errors("CategoryEncoding", {}, shape=[3])[0]
    assert "Expected: texts or whole numbers. Received: float32" in errors("Hashing", {}, shape=[3])[0]
    assert "Expected: int or one_hot for single values. Received: count" in errors("Hashing", {"output_mode": "count"}, shape=[], dtype="string")[0]
    assert "Expected: a whole number, as the input. Received: 'x'" in errors("Hashing", {"mask_value": "x"}, shape=[2], dtype="int32")[0]


def test_hashes_stay_in_their_bins_and_masks_get_place_0() -> None:
    for dtype, values, mask in (("string", tf.constant([["a", "b", ""]]), ""), ("int32", tf.constant([[1, 2, 7]]), "7")):
        model = build(graph("Hashing", {"num_bins": 4, "mask_value": mask, "salt": 3}, shape=[3], dtype=dtype))
        found = model(values).numpy()[0]
        assert found[2] == 0
        assert (found[:2] > 0).all()
        assert found.max() < 4


def test_crossed_values_equal_keras() -> None:
    nodes = {
        "day": {"block": "Input", "params": {"shape": [], "dtype": "string"}},
        "hour": {"block": "Input", "params": {"shape": [], "dtype": "int32"}},
        "cross": {"block": "HashedCrossing", "params": {"num_bins": 7, "output_mode": "one_hot"}, "inputs": ["day", "hour"]},
    }
    model = build(Graph.model_validate({"nodes": nodes}))
    given = {"day": tf.constant(["mon", "sun"]), "hour": tf.constant([3, 4])}
    layer = keras.layers.HashedCrossing(7, output_mode="one_hot")
    np.testing.assert_array_equal(model(given), layer([given["day"], given["hour"]]))


def test_in_a_front_they_run_once_before_training() -> None:
    """A category column: looked up in the front, an Embedding in the network."""
    nodes = {
        "colour": {"block": "Input", "params": {"shape": [], "dtype": "string"}},
        "number": {"block": "StringLookup", "inputs": ["colour"]},
        "vector": {"block": "Embedding", "params": {"input_dim": 1000, "output_dim": 4}, "inputs": ["number"]},
        "label": {"block": "Output", "params": {"units": 2}, "inputs": ["vector"]},
    }
    whole = adapted(Graph.model_validate({"nodes": nodes}), lambda part, start: values_behind(part, {"colour": COLOURS}[start]))
    parts = split(whole)
    assert parts.cuts == {"colour": "number"}
    with plain_numbers():
        numbers = run(build(parts.front), COLOURS)
    assert numbers.tolist() == [1, 2, 1, 4, 3, 1, 2]
    assert build(parts.network)(numbers.astype("int32")).shape == (7, 2)
