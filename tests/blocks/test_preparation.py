"""Normalization, Resizing and TextVectorization: what is measured, and that it stays measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks import Graph, analyse, build
from blocks.preprocessing import Normalization, Resizing
from blocks.text import TextVectorization

TEXTS = np.array(["The cat sat.", "the cat, the DOG", "", "a bird"], object)


def built(block: str, params: dict[str, Any], **given: Any) -> keras.Model:
    nodes = {"x": {"block": "Input", "params": given}, "b": {"block": block, "params": params, "inputs": ["x"]}}
    return build(Graph.model_validate({"nodes": nodes}))


def test_normalization_measures_each_channel() -> None:
    values = np.random.default_rng(0).normal([5, -3], [2, 0.5], (200, 7, 2)).astype("float32")
    adapted = Normalization().adapt(values)
    output = built("Normalization", adapted.params(), shape=[7, 2])(values).numpy()
    np.testing.assert_allclose(output.mean((0, 1)), [0, 0], atol=1e-4)
    np.testing.assert_allclose(output.std((0, 1)), [1, 1], atol=1e-4)


def test_normalization_before_it_is_measured_changes_nothing() -> None:
    values = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    np.testing.assert_allclose(built("Normalization", {}, shape=[4])(values), values, atol=1e-6)


def test_a_constant_channel_does_no_harm() -> None:
    adapted = Normalization().adapt(np.full((10, 2), 7.0, "float32"))
    assert np.isfinite(built("Normalization", adapted.params(), shape=[2])(np.full((3, 2), 7.0, "float32"))).all()


def test_what_was_measured_survives_cloning_and_saving(tmp_path: Path) -> None:
    model = built("Normalization", {"mean": [1.0, 2.0], "variance": [4.0, 9.0]}, shape=[2])
    values = np.array([[3.0, 5.0]], "float32")
    np.testing.assert_allclose(keras.models.clone_model(model)(values), [[1, 1]], atol=1e-6)
    model.save(tmp_path / "n.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "n.keras")(values), [[1, 1]], atol=1e-6)


@pytest.mark.parametrize("params", [{"mean": [1.0]}, {"mean": [1.0], "variance": [1.0, 2.0]}, {"mean": [1.0], "variance": [-1.0]}])
def test_halves_of_a_measurement_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Normalization: .*variance"):
        Normalization.read(params)


def test_a_measurement_of_other_channels_is_reported() -> None:
    nodes = {
        "x": {"block": "Input", "params": {"shape": [3]}},
        "n": {"block": "Normalization", "params": {"mean": [1.0], "variance": [1.0]}, "inputs": ["x"]},
    }
    assert "3 numbers, one per channel. Received: 1" in analyse(Graph.model_validate({"nodes": nodes})).errors[0].text


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3"])
@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_resized_pixels_stay_pixels(interpolation: str, fit: str) -> None:
    pictures = np.random.default_rng(0).choice([0, 255], (2, 9, 14, 1)).astype("uint8")
    model = built("Resizing", {"height": 5, "width": 6, "interpolation": interpolation, "fit": fit}, shape=[0, 0, 1], dtype="uint8")
    output = model(pictures)
    assert output.shape == (2, 5, 6, 1)
    assert output.dtype == "uint8"
    layer = keras.layers.Resizing(5, 6, interpolation, crop_to_aspect_ratio=fit == "crop", pad_to_aspect_ratio=fit == "pad", antialias=True)
    plain = layer(pictures.astype("float32"))
    np.testing.assert_allclose(output, np.clip(np.round(plain), 0, 255), atol=1)


def test_resized_numbers_stay_numbers() -> None:
    values = np.random.default_rng(0).normal(size=(2, 4, 4, 1)).astype("float32")
    output = built("Resizing", {"height": 8, "width": 8}, shape=[4, 4, 1])(values)
    assert output.dtype == "float32"
    assert Resizing().read({"fit": "pad"}).arguments()["pad_to_aspect_ratio"]


def test_words_are_numbered_by_frequency() -> None:
    adapted = TextVectorization(output_sequence_length=4).adapt(TEXTS)
    assert adapted.vocabulary is not None
    assert adapted.vocabulary[:2] == ("the", "cat")
    model = built("TextVectorization", adapted.params(), shape=[], dtype="string")
    assert model(tf.constant(["cat fish the the the the", ""])).numpy().tolist() == [[3, 1, 2, 2], [0, 0, 0, 0]]


def test_characters_suit_languages_without_blanks() -> None:
    adapted = TextVectorization(split="character", output_sequence_length=5).adapt(np.array(["我爱北京", "我爱你"], object))
    assert set(adapted.vocabulary or ()) == set("我爱北京你")
    model = built("TextVectorization", adapted.params(), shape=[], dtype="string")
    found = model(tf.constant(["我你猫"])).numpy()[0]
    assert found[0] == 2 + (adapted.vocabulary or ()).index("我")
    assert found[2] == 1
    assert found[3:].tolist() == [0, 0]


def test_a_small_vocabulary_keeps_the_frequent_words() -> None:
    adapted = TextVectorization(max_tokens=4).adapt(TEXTS)
    assert adapted.vocabulary == ("the", "cat")


@pytest.mark.parametrize("mode", ["multi_hot", "count", "tf_idf"])
def test_bags_of_words_equal_those_of_an_adapted_layer(mode: str, tmp_path: Path) -> None:
    block = TextVectorization(max_tokens=12, output_mode=mode)  # type: ignore[arg-type]
    layer = keras.layers.TextVectorization(max_tokens=12, output_mode=mode, pad_to_max_tokens=True)
    layer.adapt(tf.constant(TEXTS.astype(str)))
    adapted = TextVectorization.read(block.adapt(TEXTS).params())
    model = built("TextVectorization", adapted.params(), shape=[], dtype="string")
    values = tf.constant(["the the bird", "fish", ""])
    np.testing.assert_allclose(model(values), layer(values), atol=1e-6)
    assert model.output_shape == (None, 12)
    assert model(values).dtype == "float32"
    model.save(tmp_path / "t.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "t.keras")(values), model(values), atol=1e-6)


def test_texts_that_are_all_empty_do_not_break_it() -> None:
    adapted = TextVectorization(output_sequence_length=3).adapt(np.array(["", " "], object))
    assert adapted.vocabulary == ()
    model = built("TextVectorization", adapted.params(), shape=[], dtype="string")
    assert model(tf.constant(["a b"])).numpy().tolist() == [[1, 1, 0]]
