"""The inside of every composite and module of a graph, as its analysis has found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blocks.base import Composite, registry
from blocks.features import Feature
from blocks.figures import Analysis
from blocks.graph import Fragment, Graph
from blocks.spec import Spec
from blocks.walk import MODULE_PREFIX, expand

MOST_INNER_NODES = 4_000
"""Nodes inside composites that are spelled out; beyond them, composites stay closed."""


def levels_of(graph: Graph, analysis: Analysis, features: Sequence[Feature]) -> dict[str, Fragment]:
    """The inside of each composite and module by its path; what the analysis could not pass is left out."""
    found: dict[str, Fragment] = {}
    waiting: list[tuple[str, Mapping[str, Any]]] = [("", graph.nodes)]
    shown = 0
    while waiting:
        prefix, nodes = waiting.pop(0)
        for node, document in nodes.items():
            path = prefix + node
            original = nodes.get(document.reuse, document) if document.reuse else document
            inside = _inside(graph, original.block, original.params, path, analysis, list(features))
            if inside is None or shown + len(inside.nodes) > MOST_INNER_NODES:
                continue
            shown += len(inside.nodes)
            found[path] = inside
            waiting.append((f"{path}/", inside.nodes))
    return found


def _inside(graph: Graph, name: str, params: dict[str, Any], path: str, analysis: Analysis, features: list[Feature]) -> Fragment | None:
    """What a composite consists of; None for a layer, and for one that the analysis could not pass."""
    analysed = analysis.nodes.get(path)
    if analysed is None:
        return None
    if name.startswith(MODULE_PREFIX):
        return graph.modules.get(name.removeprefix(MODULE_PREFIX))
    block = registry.get(name)
    if not issubclass(block, Composite):
        return None
    return expand(block.read(params).bind(features), tuple(Spec(shape) for shape in analysed.input_shapes))
