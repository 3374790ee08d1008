"""Figures and drawings of the ready presets, counted once: `python -m presets.figures presets/figures.json`.

Reading them needs no Keras, so that a list of all presets is there at once; counting does.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

import blocks
import presets
from blocks.figures import Analysis, NodeAnalysis
from blocks.graph import Graph, split_reference
from presets.base import Preset

FILE = Path(__file__).with_suffix(".json")
INPUT = "input"
"""The category of a drawing's inputs."""
UNSEEN = ("reshaping", "regularization")
"""Categories that are not drawn where they have no weights."""
BESIDE = ("normalization", "activation")
"""Categories that are no layers of their own: they stand with the layer before them."""
MOST_STAGES = 64


class Stage(TypedDict):
    """Neighbouring layers that give the same shape.

    `layers` counts those with weights, normalisations left out; `inputs` are the stages behind which it stands where that is not only the one before.
    """

    category: str
    shape: list[int | None]
    layers: int
    inputs: NotRequired[list[int]]


class Figures(TypedDict):
    """What is counted of a network; `activations` are the numbers that one sample leaves behind at all layers together."""

    weights: int
    trainable_weights: int
    multiply_adds: int
    activations: int
    input_shape: list[int | None]
    stages: list[Stage]


@cache
def read() -> dict[str, Figures]:
    """The figures of every ready preset at the size of its paper, by name."""
    found: dict[str, Figures] = json.loads(FILE.read_text("utf-8"))
    return found


def count(preset: Preset) -> Figures:
    """The figures of a preset at the size of its paper, counted anew. Needs Keras."""
    graph = preset.graph()
    return counted(graph, blocks.analyse(graph))


def counted(graph: Graph, analysis: Analysis) -> Figures:
    """The figures of a graph without errors."""
    entry = next(node for node in analysis.nodes.values() if node.block == "Input")
    return {
        "weights": analysis.weights,
        "trainable_weights": analysis.trainable_weights,
        "multiply_adds": analysis.multiply_adds,
        "activations": analysis.activations,
        "input_shape": list(entry.output_shapes[0]),
        "stages": stages(graph, analysis),
    }


def stages(graph: Graph, analysis: Analysis) -> list[Stage]:
    """A network for a small drawing, from inputs to outputs; of very long ones the beginning."""
    drawing = _Drawing(analysis)
    for path, document in graph.nodes.items():
        drawing.add(path, [split_reference(reference)[0] for reference in document.inputs])
    return drawing.stages[:MOST_STAGES]


class _Drawing:
    """Puts one node after the other into a stage: its input's own if it gives the same shape, else a new one."""

    def __init__(self, analysis: Analysis) -> None:
        self._nodes = analysis.nodes
        self._known = blocks.all()
        self._around = {path.rpartition("/")[0] for path in analysis.nodes}
        self._stage_of: dict[str, int] = {}
        self._heaviest: list[int] = []
        self.stages: list[Stage] = []

    def add(self, path: str, inputs: list[str]) -> None:
        node = self._nodes[path]
        shape = list(node.output_shapes[0])
        before = sorted({self._stage_of[each] for each in inputs})
        alone = before[0] if len(before) == 1 else None
        if alone is not None and self._prepares(node, alone):
            self.stages[alone]["shape"] = shape
            self._stage_of[path] = alone
        elif alone is not None and self._category(node) in UNSEEN and not node.weights:
            self._stage_of[path] = alone
        elif alone is not None and self._continues(alone, shape):
            self._put(path, alone)
        else:
            self._begin(path, shape, before)

    def _category(self, node: NodeAnalysis) -> str:
        """Outputs end with a dense layer, those of pictures with a convolution of one pixel; a module is what weighs most in it."""
        if node.block == "Output":
            return "dense" if len(node.output_shapes[0]) < 3 else "convolution"
        if node.block == "Input":
            return INPUT
        if node.block not in self._known:
            return self._category(self._heaviest_inside(node.block))
        return self._known[node.block].category

    def _heaviest_inside(self, module: str) -> NodeAnalysis:
        """The layer with the most weights in the first use of a module; further uses have no parts of their own."""
        first = next(path for path, node in self._nodes.items() if node.block == module)
        return max((node for path, node in self._nodes.items() if path.startswith(f"{first}/") and path not in self._around), key=_weights)

    def _prepares(self, node: NodeAnalysis, stage: int) -> bool:
        known = self._known.get(node.block)
        if known is None:
            return False
        return self.stages[stage]["category"] == INPUT and (known.category == "augmentation" or getattr(known, "preprocessing", False))

    def _continues(self, stage: int, shape: list[int | None]) -> bool:
        now = self.stages[stage]
        return stage == len(self.stages) - 1 and now["category"] != INPUT and now["shape"] == shape

    def _begin(self, path: str, shape: list[int | None], before: list[int]) -> None:
        stage: Stage = {"category": self._category(self._nodes[path]), "shape": shape, "layers": 0}
        if before != [len(self.stages) - 1]:
            stage["inputs"] = before
        self.stages.append(stage)
        self._heaviest.append(0)
        self._put(path, len(self.stages) - 1)

    def _put(self, path: str, stage: int) -> None:
        """A stage has the category of its heaviest part."""
        node = self._nodes[path]
        self._stage_of[path] = stage
        self.stages[stage]["layers"] += self._layers(path)
        if node.weights > self._heaviest[stage] and self._category(node) not in BESIDE:
            self._heaviest[stage] = node.weights
            self.stages[stage]["category"] = self._category(node)

    def _layers(self, path: str) -> int:
        """Layers with weights: the node itself, or those inside."""
        leaves = [node for name, node in self._nodes.items() if (name == path or name.startswith(f"{path}/")) and name not in self._around]
        return sum(node.weights > 0 and self._category(node) not in BESIDE for node in leaves)


def _weights(node: NodeAnalysis) -> int:
    return node.weights


def written(found: dict[str, Figures]) -> str:
    """The file: one preset in a line."""
    rows = [f"{json.dumps(name)}:{json.dumps(figures, separators=(',', ':'))}" for name, figures in sorted(found.items())]
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written({name: count(preset) for name, preset in presets.all().items()}), "utf-8")
