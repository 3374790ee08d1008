"""Every network of keras.applications: its graph predicts the same from raw pixels, and its weights are looked for where Keras keeps them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.backend import config
from keras.src.utils import file_utils

import presets
from benchmarks.pretrained import agreement
from studio.pretrained import PretrainedError, applications, graphs, weights
from studio.pretrained.graphs import constructed

SMALL = 96
"""Pixels a side: the networks are quick with these, and take them with the weights of larger ones."""
FAMILIES = (
    "ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "InceptionV3", "MobileNetV2_0_35", "MobileNetV3Small", "MobileNet_0_25",
    "ResNet50", "ResNet50V2", "Xception",
)  # fmt: skip
"""The smallest of each family; `python -m benchmarks.pretrained` goes through all networks at their own size."""


@pytest.mark.parametrize("name", FAMILIES)
def test_predictions_are_those_of_keras(name: str) -> None:
    found = agreement(name, SMALL)
    assert found["difference"] < 1e-4
    assert found["spread"] > 0.01  # two pictures that look alike to it would prove nothing


@pytest.mark.parametrize("name", ["MobileNetV2_0_35", "MobileNetV3Small", "MobileNet_0_25", "ResNet50V2"])
def test_weights_are_where_keras_keeps_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    application = applications.get(name)
    asked: list[str] = []

    def noted(fname: str, *_: Any, cache_subdir: str, **__: Any) -> str:
        asked.append(f"{cache_subdir}/{fname}")
        raise FileNotFoundError(fname)

    monkeypatch.setattr(file_utils, "get_file", noted)
    for complete in (True, False):
        with pytest.raises(PretrainedError):
            weights.loaded(application, complete)
        file = application.file(complete)
        assert asked[-1] == f"{file.parent.name}/{file.name}"


def test_none_of_keras_is_missing() -> None:
    networks = {name for name, value in vars(keras.applications).items() if callable(value)}
    assert {application.constructor for application in applications.all().values()} == networks


def test_presets_keep_their_names() -> None:
    for name, application in applications.all().items():
        assert application.name == name
        assert application.is_preset == (name in presets.all())


def test_another_network_is_noticed() -> None:
    application = applications.get("MobileNet_0_25")
    with pytest.raises(PretrainedError, match="MobileNet_0_25: "):
        weights.mapped(application, constructed(applications.get("MobileNet_0_50")))
    with pytest.raises(PretrainedError, match="262 weights, ours 137: they are not the same network"):
        weights.mapped(application, constructed(applications.get("MobileNetV2_0_35")))


def test_a_wrong_order_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of the same shape in each other's place change the predictions."""
    mapped = weights.mapped

    def swapped(*arguments: Any) -> dict[str, np.ndarray]:
        found = mapped(*arguments)
        one, other = (next(path for path in found if re.search(rf"{block}_.*pointwise.*kernel", path)) for block in ("block7", "block8"))
        return {**found, one: found[other], other: found[one]}

    monkeypatch.setattr(weights, "mapped", swapped)
    assert agreement("MobileNet_0_25", SMALL)["difference"] > 1e-3


def test_an_unknown_name_gets_the_closest() -> None:
    with pytest.raises(PretrainedError, match="Did you mean 'ResNet50'"):
        graphs.graph("resnet_50")


def test_the_cache_is_that_of_keras(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert applications.cache_folder() == Path(config.keras_home()).expanduser() / "models"
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert applications.get("VGG16").file() == tmp_path / "models" / "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
