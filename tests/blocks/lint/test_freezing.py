"""Frozen layers and where their weights come from."""

from __future__ import annotations

import pytest

from blocks import Graph
from blocks.lint import Situation
from blocks.lint.base import sketch
from tests.blocks.lint.test_checks import PICTURE, VECTOR, found, mended


@pytest.mark.parametrize(("begins_trained", "count"), [(False, 1), (True, 0), (None, 0)])
def test_frozen_layers_need_trained_weights(begins_trained: bool | None, count: int) -> None:
    graph = sketch(x=VECTOR, dense=("Dense", {}, "x"), out=("Output", {"units": 2}, "dense")).with_trainable({"dense": False})
    assert len(found(graph, "frozen-at-random", (), Situation(begins_trained=begins_trained))) == count


def test_frozen_layers_that_begin_without_chance_are_meant() -> None:
    situation = Situation(begins_trained=False)
    norm = ("BatchNormalization", {}, "x")
    graph = sketch(x=VECTOR, norm=norm, one=("Dense", {"kernel_initializer": "identity"}, "norm"), out=("Output", {"units": 2}, "one"))
    assert found(graph.with_trainable({"norm": False, "one": False}), "frozen-at-random", (), situation) == []


def test_what_is_frozen_in_composites_and_modules_learns_where_it_was_frozen() -> None:
    modules = {
        "Body": {
            "nodes": {"a": {"block": "Conv2D", "inputs": ["@0"]}, "b": {"block": "Conv2D", "inputs": ["a"], "trainable": False}},
            "outputs": ["b"],
        }
    }
    nodes = {
        "x": {"block": "Input", "params": PICTURE[1]},
        "stage": {"block": "Residual", "params": {"filters": 3}, "inputs": ["x"], "trainable": False},
        "body": {"block": "module:Body", "inputs": ["stage"]},
        "pool": {"block": "GlobalAveragePooling2D", "inputs": ["body"]},
        "out": {"block": "Output", "params": {"units": 2}, "inputs": ["pool"]},
    }
    graph, situation = Graph.model_validate({"nodes": nodes, "modules": modules}), Situation(begins_trained=False)
    (message,) = found(graph, "frozen-at-random", (), situation)
    assert (message.node, message.text) == ("stage", "It and 1 more are frozen with the random weights that they begin with.")
    changed = mended(graph, message)
    assert changed.nodes["stage"].trainable
    assert changed.modules["Body"].nodes["b"].trainable
    assert found(changed, "frozen-at-random", (), situation) == []
