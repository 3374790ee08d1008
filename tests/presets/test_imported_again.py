"""A preset of every family, built and saved as Keras saves it, is the same graph once it is imported again."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from blocks import Graph, LayerBlock, build
from blocks.base import registry
from blocks.flattening import flatten
from blocks.graph import split_reference
from blocks.importing import from_config
from tests.presets.ready import first_variants, quick, smallest_graph


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


def numbered(graph: Graph) -> Graph:
    """The graph as a file of Keras tells it: further uses of a layer have no names of their own, and are counted."""
    uses: Counter[str] = Counter()
    names = {}
    for name, node in graph.nodes.items():
        uses[node.reuse or name] += 1
        names[name] = f"{node.reuse}_{uses[node.reuse]}" if node.reuse else name

    def renamed(reference: str) -> str:
        source, output = split_reference(reference)
        return f"{names[source]}:{output}" if output else names[source]

    kept = {names[name]: node.model_copy(update={"inputs": tuple(map(renamed, node.inputs))}) for name, node in graph.nodes.items()}
    return Graph(nodes=kept)


def nodes(graph: Graph) -> dict[str, Any]:
    """What a file of Keras says of each node: no titles and no losses, and at the end no function and no units where there are none."""
    found = {name: node.model_copy(update={"title": ""}).model_dump() for name, node in graph.nodes.items()}
    for node in found.values():
        if node.get("block") == "Output":
            unsaid = {"loss", "units"} if node["params"].get("head") == "none" else {"loss"}
            node["params"] = {
                name: value for name, value in node["params"].items() if name not in unsaid and (name, value) != ("activation", "linear")
            }
    return found


@pytest.mark.parametrize("name", first_variants())
def test_preset_comes_back_equal(name: str) -> None:
    graph = smallest_graph(quick(name))
    found = from_config(json.loads(build(graph).to_json()))
    assert nodes(found.graph) == nodes(numbered(without_augmentation(flatten(graph))))
    assert found.notes == []
