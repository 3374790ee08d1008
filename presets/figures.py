"""Figures and drawings of the ready presets, counted once: `python -m presets.figures presets/figures.json`.

Reading them needs no Keras, so that a list of all presets is there at once; counting does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

import blocks
import presets
from blocks.figures import Analysis, NodeAnalysis
from blocks.graph import Graph, NodeDocument, split_reference
from blocks.walk import MODULE_PREFIX
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
    """A network for a small drawing, from inputs to outputs; of very long ones the beginning.

    A module is drawn as what is inside, and wherever its weights are used again it looks the same.
    """
    drawing = _Drawing(graph, analysis)
    drawing.level(graph.nodes)
    return drawing.stages[:MOST_STAGES]


class _Drawing:
    """Puts one node after the other into a stage: its input's own if it gives the same shape, else a new one.

    A node has a place (`path`) and the place of the node whose weights it uses (`identity`), which is known for its block and weights.
    """

    def __init__(self, graph: Graph, analysis: Analysis) -> None:
        self._modules = graph.modules
        self._nodes = analysis.nodes
        self._known = blocks.all()
        self._around = {path.rpartition("/")[0] for path in analysis.nodes}
        self._stage_of: dict[str, int] = {}
        self._heaviest: list[int] = []
        self.stages: list[Stage] = []

    def level(self, nodes: Mapping[str, NodeDocument], arguments: Sequence[int] = (), path: str = "", identity: str = "") -> None:
        """Adds all nodes of a level.

        Args:
            arguments: The stages that the inside of a module takes.
            path: What stands before the names of its nodes.
        """
        for name, document in nodes.items():
            original = nodes[document.reuse or name]
            self._add(path + name, identity + (document.reuse or name), original, [self._stage(each, path, arguments) for each in document.inputs])

    def _stage(self, reference: str, path: str, arguments: Sequence[int]) -> int:
        return arguments[int(reference[1:])] if reference.startswith("@") else self._stage_of[path + split_reference(reference)[0]]

    def _add(self, path: str, identity: str, document: NodeDocument, inputs: list[int]) -> None:
        if document.block.startswith(MODULE_PREFIX):
            module = self._modules[document.block.removeprefix(MODULE_PREFIX)]
            self.level(module.nodes, inputs, f"{path}/", f"{identity}/")
            self._stage_of[path] = self._stage(module.outputs[0], f"{path}/", inputs)
            return
        node = self._nodes[identity]
        shape = list(self._nodes[path].output_shapes[0])
        before = sorted(set(inputs))
        alone = before[0] if len(before) == 1 else None
        if alone is not None and self._prepares(node, alone):
            self.stages[alone]["shape"] = shape
            self._stage_of[path] = alone
        elif alone is not None and self._category(node) in UNSEEN and not node.weights:
            self._stage_of[path] = alone
        elif alone is not None and self._continues(alone, shape):
            self._put(path, identity, alone)
        else:
            self._begin(path, identity, shape, before)

    def _category(self, node: NodeAnalysis) -> str:
        """Outputs end with a dense layer, those of pictures with a convolution of one pixel."""
        if node.block == "Output":
            return "dense" if len(node.output_shapes[0]) < 3 else "convolution"
        if node.block == "Input":
            return INPUT
        return self._known[node.block].category

    def _prepares(self, node: NodeAnalysis, stage: int) -> bool:
        known = self._known.get(node.block)
        if known is None:
            return False
        return self.stages[stage]["category"] == INPUT and (known.category == "augmentation" or getattr(known, "preprocessing", False))

    def _continues(self, stage: int, shape: list[int | None]) -> bool:
        now = self.stages[stage]
        return stage == len(self.stages) - 1 and now["category"] != INPUT and now["shape"] == shape

    def _begin(self, path: str, identity: str, shape: list[int | None], before: list[int]) -> None:
        stage: Stage = {"category": self._category(self._nodes[identity]), "shape": shape, "layers": 0}
        if before != [len(self.stages) - 1]:
            stage["inputs"] = before
        self.stages.append(stage)
        self._heaviest.append(0)
        self._put(path, identity, len(self.stages) - 1)

    def _put(self, path: str, identity: str, stage: int) -> None:
        """A stage has the category of its heaviest part."""
        node = self._nodes[identity]
        self._stage_of[path] = stage
        self.stages[stage]["layers"] += self._layers(identity)
        if node.weights > self._heaviest[stage] and self._category(node) not in BESIDE:
            self._heaviest[stage] = node.weights
            self.stages[stage]["category"] = self._category(node)

    def _layers(self, path: str) -> int:
        """Layers with weights: the node itself, or those inside."""
        leaves = [node for name, node in self._nodes.items() if (name == path or name.startswith(f"{path}/")) and name not in self._around]
        return sum(node.weights > 0 and self._category(node) not in BESIDE for node in leaves)


def written(found: dict[str, Figures]) -> str:
    """The file: one preset in a line."""
    rows = [f"{json.dumps(name)}:{json.dumps(figures, separators=(',', ':'))}" for name, figures in sorted(found.items())]
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written({name: count(preset) for name, preset in presets.all().items()}), "utf-8")
