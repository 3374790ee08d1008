"""Augmentation: in training only, by step alone, and only where it can be applied."""

from __future__ import annotations

import numpy as np
import pytest

from blocks.analysis import analyse
from blocks.build import build
from blocks.graph import Graph
from studio.training.augmentation import Augmentation

NODES = {
    "image": {"block": "Input", "params": {"shape": [8, 8, 1], "dtype": "uint8"}},
    "shift": {"block": "RandomTranslation", "params": {"height_factor": 0.3, "width_factor": 0.3}, "inputs": ["image"]},
    "turn": {"block": "RandomRotation", "params": {"factor": 0.1}, "inputs": ["shift"]},
    "rescale": {"block": "Rescaling", "inputs": ["turn"]},
    "flat": {"block": "Flatten", "inputs": ["rescale"]},
    "label": {"block": "Output", "params": {"units": 3, "activation": "softmax"}, "inputs": ["flat"]},
}


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1)).astype("uint8")


def changed(pictures: np.ndarray, step: int, seed: int = 0) -> np.ndarray:
    found = Augmentation(Graph.model_validate({"nodes": NODES}), seed)({"image": pictures}, step)["image"]
    array: np.ndarray = found.numpy()
    return array


def test_the_change_is_a_function_of_seed_and_step(pictures: np.ndarray) -> None:
    first = changed(pictures, 7)
    np.testing.assert_array_equal(first, changed(pictures, 7))
    assert not np.array_equal(first, changed(pictures, 8))
    assert not np.array_equal(first, changed(pictures, 7, seed=1))
    assert not np.array_equal(first, pictures)


def test_pixels_stay_whole_numbers_and_samples_change_apart(pictures: np.ndarray) -> None:
    same = np.repeat(pictures[:1], 5, axis=0)
    found = changed(same, 3)
    assert found.dtype == np.uint8
    assert not np.array_equal(found[0], found[1])


def test_the_built_network_has_no_part_in_it(pictures: np.ndarray) -> None:
    model = build(Graph.model_validate({"nodes": NODES}))
    assert {layer.name for layer in model.layers} == {"image", "rescale", "flat", "label"}
    np.testing.assert_array_equal(model(pictures, training=True), model(pictures, training=False))


def test_a_network_without_it_says_so() -> None:
    plain = {name: node for name, node in NODES.items() if name not in ("shift", "turn")} | {"rescale": {"block": "Rescaling", "inputs": ["image"]}}
    assert not Augmentation(Graph.model_validate({"nodes": plain}), 0)


def test_behind_a_layer_with_weights_it_is_an_error() -> None:
    nodes = {
        "image": NODES["image"],
        "conv": {"block": "Conv2D", "inputs": ["image"]},
        "shift": {"block": "RandomTranslation", "inputs": ["conv"]},
    }
    (found,) = analyse(Graph.model_validate({"nodes": nodes})).errors
    assert found.node == "shift"
    assert "right behind the Input" in found.fix
