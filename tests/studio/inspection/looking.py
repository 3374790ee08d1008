"""Short ways to ask for previews, and to read what comes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from blocks.graph import Graph
from studio.inspection.memory import Memory
from studio.inspection.preview import Order, shown
from studio.workspace import Workspace

NODES: dict[str, Any] = {
    "image": {"block": "Input"},
    "rescaling": {"block": "Rescaling", "inputs": ["image"]},
    "conv1": {"block": "Conv2D", "params": {"filters": 6}, "inputs": ["rescaling"]},
    "norm": {"block": "BatchNormalization", "inputs": ["conv1"]},
    "relu": {"block": "ReLU", "inputs": ["norm"]},
    "conv2": {"block": "Conv2D", "params": {"filters": 70}, "inputs": ["relu"]},
    "pool": {"block": "GlobalAveragePooling2D", "inputs": ["conv2"]},
    "label": {"block": "Output", "inputs": ["pool"]},
}


def graph_of(nodes: dict[str, Any], **modules: Any) -> Graph:
    """A graph of nodes in short."""
    return Graph.model_validate({"nodes": nodes, "modules": modules})


def look(workspace: Workspace, graph: Graph, node: str, memory: Memory | None = None, dataset: str = "digits", **order: Any) -> dict[str, Any]:
    """The answer for a node; fields of the view may be given directly."""
    view = {name: order.pop(name) for name in list(order) if name not in ("sample", "source")}
    asked = Order.model_validate({"dataset": dataset, "graph": graph.document(), "node": node, "view": view, **order})
    return shown(workspace, asked, memory if memory is not None else Memory())


def pixels(png: bytes) -> np.ndarray:
    """A PNG as (height, width, red, green, blue and opacity)."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGBA"))


def tile(found: dict[str, Any], place: int) -> np.ndarray:
    """A tile of a grid, found by what the answer says of it."""
    grid = found["grid"]
    width, height = grid["tile"]
    top = place // grid["columns"] * (height + grid["gap"])
    left = place % grid["columns"] * (width + grid["gap"])
    whole = pixels(found["picture"])
    assert whole.shape == (grid["height"], grid["width"], 4)
    return whole[top : top + height, left : left + width]
