"""What the Model page says of one layer of a draft: its figures, with the current numbers in their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blocks.analysis import NodeAnalysis
from blocks.base import Block
from blocks.errors import BlocksError
from blocks.explanation import explain
from blocks.graph import Graph, NodeDocument
from blocks.walk import MODULE_PREFIX, read_block
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.lint import meant
from studio.recipe import Recipe
from studio.ui import network_view
from studio.ui.analyses import Analyses
from studio.workspace import Workspace


class _Module(Block):
    """A module of the document: it has figures, but no formulas of its own."""


def explanation(workspace: Workspace, analyses: Analyses, recipe: dict[str, Any], path: str, wait_seconds: float) -> dict[str, Any]:
    """The explanation of a node, out of what the engine has found before.

    Args:
        recipe: The draft's.
        path: The node's, also inside composites: `stage1/block2/conv1`.
        wait_seconds: How long to wait for the engine, if this network is new to it.

    Returns:
        `counting` while the figures are not known; else `lines` of label and text (none where the node has no figures), and of a
        composite its `parts`: id, block, output shapes, weights and multiply-adds.

    Raises:
        StudioError, BlocksError: There is no such dataset, or the network can't be made.
    """
    graph = network_view.graph(workspace, recipe)
    read = Recipe.read(recipe)
    dataset = store.load(workspace, read.dataset)
    analysis = analyses.of(graph, dataset, wait_seconds, meant(read, dataset))
    if analysis is None:
        return {"node": path, "counting": True, "lines": [], "parts": []}
    block = _block(graph, analysis["levels"], path, dataset)
    figures = analysis["nodes"].get(path)
    lines = explain(block, NodeAnalysis(**figures)) if block is not None and figures else []
    return {
        "node": path,
        "counting": False,
        "lines": [{"label": line.label, "text": line.text} for line in lines],
        "parts": _parts(analysis, path),
    }


def _block(graph: Graph, levels: Mapping[str, Any], path: str, dataset: Dataset) -> Block | None:
    """The block of a node with what the dataset decides; None where there is no such node, or a parameter is refused."""
    *around, name = path.split("/")
    nodes = _nodes(levels, "/".join(around)) if around else graph.nodes
    document = nodes.get(name)
    if document is not None and document.reuse:
        document = nodes.get(document.reuse)
    if document is None:
        return None
    if document.block.startswith(MODULE_PREFIX):
        return _Module()
    try:
        return read_block(document).bind(dataset.features)
    except BlocksError:
        return None


def _nodes(levels: Mapping[str, Any], composite: str) -> dict[str, NodeDocument]:
    inside = levels.get(composite, {"nodes": {}})["nodes"]
    return {name: NodeDocument.model_validate(document) for name, document in inside.items()}


def _parts(analysis: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    """The nodes right inside a composite."""
    found: list[dict[str, Any]] = []
    nodes = _nodes(analysis["levels"], path)
    for name, document in nodes.items():
        figures = analysis["nodes"].get(f"{path}/{name}")
        block = document.block or (nodes[document.reuse].block if document.reuse in nodes else "")
        if figures:
            found.append(
                {
                    "id": name,
                    "block": block.removeprefix(MODULE_PREFIX),
                    "output_shapes": figures["output_shapes"],
                    "weights": figures["weights"],
                    "multiply_adds": figures["multiply_adds"],
                }
            )
    return found
