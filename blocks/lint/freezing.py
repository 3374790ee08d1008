"""Rules about frozen layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blocks.graph import Graph, NodeDocument
from blocks.lint.base import CLASSES, PICTURES, Check, Example, Fix, sketch
from blocks.lint.network import Network, Part
from blocks.lint.situation import Situation
from blocks.messages import Message
from blocks.walk import MODULE_PREFIX

_DRAWN = ("kernel_initializer", "depthwise_initializer", "embeddings_initializer")
_FIXED = ("constant", "identity", "ones", "zeros")
"""Initializers that begin without chance, so that freezing what they give may be meant."""


class FrozenAtRandom(Check):
    """Frozen layers in a training that begins with random weights."""

    name = "frozen-at-random"
    in_training = True
    why = "Training never changes a frozen layer: begun at random, it passes on a random mixture, from which the layers behind it have to learn."

    def find(self, network: Network) -> Iterator[Message]:
        if network.situation is None or network.situation.begins_trained is not False:
            return
        parts = [part for part in network.parts.values() if not part.trainable and part.figures.weights and _is_drawn(part)]
        if not parts:
            return
        frozen = list(dict.fromkeys(_frozen_at(network.graph, part.path) for part in parts))
        text = (
            f"It and {len(frozen) - 1} more are frozen with the random weights that they begin with."
            if len(frozen) > 1
            else "It is frozen with the random weights that it begins with."
        )
        fix = Fix("Let all layers learn", ({"do": "describe", "nodes": frozen, "trainable": True},))
        yield self.message(frozen[0], text, "Begin with trained weights (Transfer learning), or let it learn.", fix)

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}), scaled=("Rescaling", {}, "image"), conv=("Conv2D", {"filters": 12}, "scaled"), relu=("ReLU", {}, "conv"),
            pool=("GlobalAveragePooling2D", {}, "relu"), out=("Output", {}, "pool"),
        )  # fmt: skip
        return Example(graph.with_trainable({"conv": False}), "conv", (PICTURES, CLASSES), Situation(begins_trained=False))


def _is_drawn(part: Part) -> bool:
    """Whether its weights begin by chance."""
    chosen = next((getattr(part.block, name) for name in _DRAWN if hasattr(part.block, name)), None)
    name = chosen.get("name") if isinstance(chosen, dict) else chosen
    return name is not None and name not in _FIXED


def _frozen_at(graph: Graph, path: str) -> str:
    """The outermost node on the way to a frozen layer that is said to be frozen."""
    nodes: Mapping[str, NodeDocument] = graph.nodes
    names = path.split("/")
    for depth, name in enumerate(names, start=1):
        document = nodes[name]
        if not document.trainable:
            return "/".join(names[:depth])
        original = nodes[document.reuse] if document.reuse else document
        module = graph.modules.get(original.block.removeprefix(MODULE_PREFIX))
        if module is None:
            break
        nodes = module.nodes
    return path
