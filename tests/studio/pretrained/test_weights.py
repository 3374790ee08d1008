"""From a weight file in Keras's cache to a model of a dataset, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from benchmarks.pretrained import pictures, prepared_by_keras, randomised
from blocks import Feature, build
from studio import pretrained
from studio.pretrained import PretrainedError
from studio.pretrained.graphs import constructed
from studio.transfer.matching import take_over
from tests.studio.pretrained.conftest import published

NAME = "MobileNet_0_25"
"""A small one, whose file Keras takes without a checksum."""
GREY = Feature(name="digit", role="input", kind="image", shape=(28, 28, 1), dtype="uint8")
LABEL = Feature(name="label", role="target", kind="category", dtype="int32", classes=("a", "b", "c"))


def test_the_published_network_predicts_the_same(cache: Path) -> None:
    application = pretrained.get(NAME)
    prepared = prepared_by_keras("MobileNet", pictures(224))
    source = randomised(constructed(application), prepared)
    published(application.file(), source)
    model = build(pretrained.graph(NAME))
    report = take_over(model, pretrained.arrays(NAME, model), NAME)
    assert report.left == []
    assert len(report.taken) == len(model.weights)
    np.testing.assert_allclose(np.array(model(pictures(224), training=False)), np.array(source(prepared)), atol=1e-4)


def test_another_head_takes_the_small_file_and_begins_anew(cache: Path) -> None:
    application = pretrained.get(NAME)
    source = constructed(application, include_top=False, input_shape=(224, 224, 3))
    published(application.file(complete=False), source)
    features = [GREY, LABEL]
    model = build(pretrained.graph(NAME, features), features)
    report = take_over(model, pretrained.arrays(NAME, model), NAME)
    assert [left.name for left in report.left] == ["label"]
    assert len(report.taken) == len(source.weights)
    digits = pictures(28)[..., :1]
    enlarged = np.array(keras.Model(model.input, model.get_layer("resizing").output)(digits))
    trunk = keras.Model(model.input, model.get_layer("pool").output)
    theirs = constructed(application, include_top=False, input_shape=(32, 32, 3), pooling="avg")
    theirs.set_weights(source.get_weights())
    expected = theirs(prepared_by_keras("MobileNet", np.repeat(enlarged, 3, axis=-1)))
    np.testing.assert_allclose(np.array(trunk(digits, training=False)), np.array(expected), atol=1e-4)


def test_a_file_that_is_there_serves_another_head_too(cache: Path) -> None:
    application = pretrained.get(NAME)
    published(application.file(), constructed(application))
    model = build(pretrained.graph(NAME, [GREY, LABEL]), [GREY, LABEL])
    report = take_over(model, pretrained.arrays(NAME, model), NAME)
    assert [left.name for left in report.left] == ["label"]


def test_without_a_connection_it_says_what_to_fetch(cache: Path) -> None:
    model = build(pretrained.graph(NAME))
    with pytest.raises(PretrainedError) as caught:
        pretrained.arrays(NAME, model)
    said = str(caught.value)
    assert "\n" not in said
    assert "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/mobilenet_2_5_224_tf.h5" in said
    assert f"put it into {cache} as mobilenet_2_5_224_tf.h5" in said
    assert list(cache.iterdir()) == []


def test_a_file_of_something_else_is_named(cache: Path) -> None:
    file = pretrained.get(NAME).file()
    model = build(pretrained.graph(NAME))
    file.write_bytes(b"not HDF5")
    with pytest.raises(PretrainedError, match=f"{file.name}: .*Delete that file"):
        pretrained.arrays(NAME, model)
    published(file, constructed(pretrained.get("MobileNet_0_50")))
    with pytest.raises(PretrainedError, match=f"{file.name}: .*Delete that file"):
        pretrained.arrays(NAME, model)


def test_a_model_of_other_layers_gets_none(cache: Path) -> None:
    published(pretrained.get(NAME).file(), constructed(pretrained.get(NAME)))
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="mine")])
    with pytest.raises(PretrainedError, match="no layer of MobileNet_0_25"):
        pretrained.arrays(NAME, other)
