"""Freezing: which layers count, what the figures say then, and what of the built network still learns."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import blocks
from blocks import Graph
from blocks.errors import InvalidValueError
from blocks.freezing import freeze, frozen, layers, thaw

NODES: dict[str, Any] = {
    "image": {"block": "Input", "params": {"shape": [8, 8, 3]}},
    "standard": {"block": "Normalization", "params": {"mean": [0.1, 0.2, 0.3], "variance": [1, 1, 1]}, "inputs": ["image"]},
    "conv": {"block": "Conv2D", "params": {"filters": 4}, "inputs": ["standard"]},
    "plain": {"block": "BatchNormalization", "params": {"center": False, "scale": False}, "inputs": ["conv"]},
    "stage": {"block": "Residual", "params": {"filters": 4}, "inputs": ["plain"]},
    "again": {"reuse": "stage", "inputs": ["stage"]},
    "own": {"block": "module:Pair", "inputs": ["again"]},
    "pool": {"block": "GlobalAveragePooling2D", "inputs": ["own"]},
    "label": {"block": "Output", "params": {"units": 3, "activation": "softmax"}, "inputs": ["pool"]},
}
MODULES: dict[str, Any] = {
    "Pair": {
        "nodes": {
            "first": {"block": "Conv2D", "params": {"filters": 4}, "inputs": ["@0"]},
            "second": {"block": "Conv2D", "params": {"filters": 4}, "inputs": ["first"], "trainable": False},
        },
        "outputs": ["second"],
    }
}
ALL = ["conv", "plain", "stage", "own", "label"]


@pytest.fixture
def graph() -> Graph:
    return Graph.model_validate({"nodes": NODES, "modules": MODULES})


def test_the_layers_are_the_top_level_nodes_with_weights_of_their_own(graph: Graph) -> None:
    assert layers(graph, blocks.analyse(graph)) == ALL
    assert layers(freeze(graph, 1), blocks.analyse(freeze(graph, 1))) == ALL


@pytest.mark.parametrize("keep_last", range(len(ALL) + 1))
def test_the_last_layers_are_trained_and_figures_and_network_agree(graph: Graph, keep_last: int) -> None:
    found = freeze(graph, keep_last)
    expected = ALL[: len(ALL) - keep_last]
    assert [name for name in frozen(found) if name != "again"] == expected
    assert ("again" in frozen(found)) == ("stage" in expected)
    analysis, network = blocks.analyse(found), blocks.build(found)
    assert analysis.trainable_weights == sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)
    learning = {variable.path.split("/")[0].split("_")[0] for variable in network.trainable_variables}
    assert learning == set(ALL[len(ALL) - keep_last :]) - {"plain"}
    assert not any(variable.path.startswith("own_second") for variable in network.trainable_variables)
    assert thaw(found) == graph


@pytest.mark.parametrize("keep_last", [-1, 6])
def test_more_layers_than_there_are_is_refused(graph: Graph, keep_last: int) -> None:
    with pytest.raises(InvalidValueError, match=r"keep_last. Expected: a whole number from 0 to 5"):
        freeze(graph, keep_last)


@pytest.mark.parametrize("is_frozen", [True, False])
def test_batch_normalization_only_moves_where_it_is_trained(graph: Graph, is_frozen: bool) -> None:
    network = blocks.build(freeze(graph, 1) if is_frozen else graph)
    network.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    before = {variable.path: np.array(variable.numpy()) for variable in network.variables}
    rng = np.random.default_rng(0)
    network.fit(rng.normal(3, 2, (16, 8, 8, 3)), np.arange(16) % 3, verbose=0)
    moved = {variable.path for variable in network.variables if not np.array_equal(before[variable.path], variable.numpy())}
    statistics = {variable.path for variable in network.variables if "moving_" in variable.path}
    assert len(statistics) == 6
    assert statistics & moved == (set() if is_frozen else statistics)
    assert {"label/kernel", "label/bias"} <= moved
    assert is_frozen == (len(moved) == 2)
