"""Words of free text: cut in TensorFlow as in Python, and told apart from each other."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.columns import ColumnCode, code_of_feature, code_of_values
from blocks.features import Feature
from blocks.layers.column_encoding import ColumnEncoding
from blocks.layers.word_bag import WordBag, split_words
from blocks.preprocessing import ColumnEncoding as Block
from blocks.words import MOST_TEXTS, common_words, words_of

CUT = {
    "Ford Pinto-2000 (SW)": ["ford", "pinto", "2000", "sw"],
    "": [],
    " \t ": [],
    "ÄRGER über_alles": ["ärger", "über", "alles"],
    "O'Neil, Mr. J.": ["o", "neil", "mr", "j"],
    "华为手机 2020": ["华", "为", "手", "机", "2020"],
    "東京・カメラ": ["東", "京", "カ", "メ", "ラ"],
    "हिन्दी में": ["हिन्दी", "में"],
    "cafe\u0301 olé": ["cafe\u0301", "olé"],
    "\U0001f600 ok": ["ok"],
}
CARS = np.array(["Ford Pinto", "ford  escort", "VW Golf", "vw-golf (GTI)", "", "Golf"] * 3, object)


@pytest.mark.parametrize("text", CUT)
def test_words_are_runs_of_letters_and_digits(text: str) -> None:
    assert words_of(text) == CUT[text]
    assert [word.decode() for word in split_words(tf.constant([text])).to_list()[0]] == CUT[text]


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0", max_codepoint=0x2FFF, categories=("L", "Nd", "P", "Z", "Cc", "S")), max_size=30))
def test_both_cut_alike(text: str) -> None:
    assert [word.decode() for word in split_words(tf.constant([text])).to_list()[0]] == words_of(text)


def test_common_words_are_neither_rare_nor_everywhere() -> None:
    texts = [f"the {'red' if number % 2 else 'blue'} car {number}" for number in range(20)]
    assert common_words(texts, 10) == {"blue": 10, "red": 10}
    assert common_words(texts, 1) == {"blue": 10}
    assert common_words(["a b"] * 4, 10) == {}
    assert common_words([], 10) == {}


def test_of_very_many_texts_some_are_counted() -> None:
    found = common_words(["x", "y", "z"] * MOST_TEXTS, 10)
    assert sum(found.values()) == MOST_TEXTS
    assert set(found) == {"x", "y", "z"}
    assert found == common_words(["x", "y", "z"] * MOST_TEXTS, 10)


def test_a_bag_tells_which_words_a_text_holds() -> None:
    found = WordBag(["golf", "vw"], missing=True)(tf.constant(["VW-Golf golf", "golfer", " ", "Golf!"]))
    assert found.numpy().tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]]


def test_a_bag_without_words_gives_a_zero() -> None:
    assert WordBag([])(tf.constant(["a", ""])).numpy().tolist() == [[0], [0]]
    assert code_of_values("x", np.array(["a", "b"], object), "words", 10).width == 1


def test_words_are_learned_from_the_training_texts() -> None:
    code = code_of_values("Name", CARS, "words", 100)
    assert code == ColumnCode(name="Name", kind="words", missing=True, words=("golf", "ford", "vw"))
    assert code_of_values("Name", CARS, "words", 100, maximum_words=1).words == ("golf",)
    known = Feature(name="Name", role="input", kind="words", statistics={"words": ["golf", "ford", "vw"], "missing": 3})
    assert code_of_feature(known, 100) == code
    assert code_of_feature(known, 100, maximum_words=2).words == ("golf", "ford")


def test_the_encoding_of_columns_takes_words_last() -> None:
    codes = [
        {"name": "Name", "kind": "words", "words": ["golf", "ford"]},
        {"name": "x", "kind": "number"},
        {"name": "c", "kind": "category", "classes": ["a"]},
    ]
    layer = ColumnEncoding(codes)
    values = {"Name": tf.constant(["VW Golf", "a ford"]), "x": tf.constant([2.0, math.nan]), "c": tf.constant(["a", "b"])}
    assert layer(values).numpy().tolist() == [[2, 0, 1, 1, 0], [0, 1, 0, 0, 1]]
    assert layer.compute_output_shape({"Name": (None,), "x": (None,), "c": (None,)}) == (None, 5)
    again = ColumnEncoding.from_config(layer.get_config())
    np.testing.assert_array_equal(again(values), layer(values))


def test_the_block_learns_and_keeps_them() -> None:
    features = [
        Feature(name="Name", role="input", kind="words", statistics={"words": ["golf"], "missing": 0}),
        Feature(name="y", role="target", kind="number"),
    ]
    block = Block().bind(features).adapt({"Name": CARS})
    assert block.columns is not None
    assert block.columns[0].words == ("golf", "ford", "vw")
    assert Block.read(block.params()) == block


def test_a_bag_is_saved(tmp_path: Path) -> None:
    texts = keras.Input((), dtype="string")
    model = keras.Model(texts, WordBag(["golf", "vw"], missing=True)(texts))
    model.save(tmp_path / "bag.keras")
    values = tf.constant(["VW", "", "golf vw"])
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "bag.keras")(values), model(values))
