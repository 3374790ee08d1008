"""Every ready preset, built and saved as Keras saves it, is the same graph once it is imported again."""

from __future__ import annotations

import json
from typing import Any

import pytest

import presets
from blocks import Graph, LayerBlock, build
from blocks.base import registry
from blocks.flattening import flatten
from blocks.importing import from_config
from tests.presets.test_every_preset import SMALLER, smallest, with_vocabulary


def without_augmentation(graph: Graph) -> Graph:
    """The graph as it is built: what changes training samples by chance is no part of it."""
    skipped = {name: node.inputs[0] for name, node in graph.nodes.items() if _augments(node.block)}

    def source(reference: str) -> str:
        while reference in skipped:
            reference = skipped[reference]
        return reference

    kept = {name: node for name, node in graph.nodes.items() if name not in skipped}
    return Graph(nodes={name: node.model_copy(update={"inputs": tuple(map(source, node.inputs))}) for name, node in kept.items()})


def _augments(name: str) -> bool:
    block = registry.all().get(name)
    return block is not None and issubclass(block, LayerBlock) and block.augmentation


def nodes(graph: Graph) -> dict[str, Any]:
    """What a file of Keras says of each node: no titles, no losses, and no function at the end where it is none."""
    found = {name: node.model_copy(update={"title": ""}).model_dump() for name, node in graph.nodes.items()}
    for node in found.values():
        if node["block"] == "Output":
            node["params"] = {name: value for name, value in node["params"].items() if name != "loss" and (name, value) != ("activation", "linear")}
    return found


@pytest.mark.parametrize("name", sorted(presets.all()))
def test_preset_comes_back_equal(name: str) -> None:
    preset = presets.get(name, **SMALLER.get(name, {}))
    graph = with_vocabulary(preset.graph(smallest(preset), classes=3))
    found = from_config(json.loads(build(graph).to_json()))
    assert nodes(found.graph) == nodes(without_augmentation(flatten(graph)))
    assert found.notes == []
