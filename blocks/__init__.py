"""Blocks: networks as data, judged and built without surprises.

`Graph` is the document; `analyse` judges it, `build` makes the Keras model; `all` and `get` list the block types.
Importing this package imports neither Keras nor TensorFlow.
"""

from __future__ import annotations

from blocks.analysis import Analysis, NodeAnalysis, analyse
from blocks.base import Block, Composite, LayerBlock, registry
from blocks.build import build
from blocks.errors import BlocksError, GraphError, InvalidValueError, UnknownNameError
from blocks.features import Feature
from blocks.graph import Graph
from blocks.messages import Message
from blocks.wiring import Node, Wiring

__all__ = [
    "Analysis",
    "Block",
    "BlocksError",
    "Composite",
    "Feature",
    "Graph",
    "GraphError",
    "InvalidValueError",
    "LayerBlock",
    "Message",
    "Node",
    "NodeAnalysis",
    "UnknownNameError",
    "Wiring",
    "all",
    "analyse",
    "build",
    "get",
]


def all() -> dict[str, type[Block]]:  # noqa: A001 - the public name that scripts use
    """Every block type by name."""
    return registry.all()


def get(name: str) -> type[Block]:
    """The block type of that name.

    Raises:
        UnknownNameError: There is none; the message names the closest one.
    """
    return registry.get(name)
