"""Generated Keras code: it runs with Keras alone and gives the same network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import presets
from blocks.build import build
from blocks.code import keras_code
from blocks.graph import Graph
from studio.networks.front import bound, split

SHAPES = {"TextLSTM": (), "MLP": (8, 8, 1)}
NAMES = [name for name in sorted(presets.all()) if name not in ("VGG13", "VGG16", "VGG19", "ResNet32", "ResNet44", "ResNet56", "ResNet110")]
"""The smallest of each family: the others repeat its layers."""


def network(name: str) -> Graph:
    """The part of a preset that is trained, at a small input."""
    preset = presets.get(name)
    shape = SHAPES.get(name, (preset.minimum_size, preset.minimum_size, 3))
    return split(bound(preset.graph(input_shape=shape, classes=5), [])).network


def run(code: str) -> Any:
    import keras

    space: dict[str, Any] = {}
    exec(compile(code, "generated", "exec"), space)  # noqa: S102 - the code under test
    assert isinstance(space["model"], keras.Model)
    return space["model"]


@pytest.mark.parametrize("name", NAMES)
def test_the_code_of_every_preset_makes_the_same_network(name: str) -> None:
    model = build(network(name))
    made = run(keras_code(model))
    assert [layer.name for layer in made.layers if layer.weights] == [layer.name for layer in model.layers if layer.weights]
    made.set_weights(model.get_weights())
    shape = (2, *model.input_shape[1:])
    given = np.random.default_rng(0).integers(0, 255, shape).astype(model.input.dtype)
    np.testing.assert_allclose(made(given, training=False), model(given, training=False), atol=1e-6)


def test_shared_and_merged_layers_are_written_once() -> None:
    graph = Graph.model_validate(
        {
            "nodes": {
                "a": {"block": "Input", "params": {"shape": [4]}},
                "b": {"block": "Input", "params": {"shape": [4]}},
                "tower": {"block": "Dense", "params": {"units": 3, "activation": "tanh"}, "inputs": ["a"]},
                "again": {"reuse": "tower", "inputs": ["b"]},
                "both": {"block": "Concatenate", "inputs": ["tower", "again"]},
                "out": {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": ["both"]},
            }
        }
    )
    model = build(graph)
    made = run(keras_code(model))
    made.set_weights(model.get_weights())
    given = {"a": np.ones((2, 4), "float32"), "b": np.zeros((2, 4), "float32")}
    np.testing.assert_array_equal(made(given), model(given))
