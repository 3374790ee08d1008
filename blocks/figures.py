"""What an analysis finds: the figures of every node, and of the whole graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from blocks.graph import Graph, split_reference
from blocks.messages import Message
from blocks.ports import Output
from blocks.spec import Shape

Window = tuple[int, int]
"""Receptive field and step of one axis, both in positions of the input."""


@dataclass(frozen=True)
class NodeAnalysis:
    """Figures of one node, at any level.

    Args:
        output_shapes: One tuple per output, without the batch axis; None stands for an unknown length.
        weights: Numbers in all weights; nodes that reuse another's weights count 0.
        multiply_adds: Products of one sample in convolutions, dense layers and attention.
        receptive_field: Input positions that one output value sees, per spatial axis; None when it sees all.
    """

    block: str
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    dtypes: tuple[str, ...] = ()
    weights: int = 0
    trainable_weights: int = 0
    multiply_adds: int = 0
    receptive_field: tuple[int, ...] | None = None


@dataclass
class Analysis:
    """The figures of a whole graph.

    Args:
        nodes: By path (`stage1/block2/conv1`), composites included; nodes that failed are missing.
        messages: Every problem and hint.
        outputs: The paths of the graph's outputs: its Output nodes, or its open ends in document order.
        activations: Numbers that one sample leaves behind at all layers together; unknown lengths count 1.
        depth: Layers with weights on the longest way.
        receptive_field: The largest of all nodes, per spatial axis; None where none can be told.
    """

    nodes: dict[str, NodeAnalysis] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    weights: int = 0
    trainable_weights: int = 0
    multiply_adds: int = 0
    outputs: list[str] = field(default_factory=list)
    activations: int = 0
    depth: int = 0
    receptive_field: tuple[int, ...] | None = None

    @property
    def errors(self) -> list[Message]:
        """The messages that keep the graph from being built."""
        return [message for message in self.messages if message.severity == "error"]


def output_nodes(graph: Graph) -> list[str]:
    """The Output nodes; without any, the open ends in document order."""
    named = [node for node, document in graph.nodes.items() if document.block == Output.__name__]
    return named or open_ends(graph)


def open_ends(graph: Graph) -> list[str]:
    """Nodes whose output no other node takes."""
    used = {split_reference(reference)[0] for document in graph.nodes.values() for reference in document.inputs}
    return [node for node in graph.nodes if node not in used]


def product(shape: Shape) -> int:
    """Numbers in a tensor of this shape; unknown lengths count 1."""
    total = 1
    for size in shape:
        total *= size or 1
    return total


def widest(fields: Iterable[tuple[int, ...] | None]) -> tuple[int, ...] | None:
    """The largest size on each axis, among those with most axes."""
    known = [each for each in fields if each]
    axes = max(map(len, known), default=0)
    return tuple(max(sizes) for sizes in zip(*(each for each in known if len(each) == axes), strict=True)) if known else None


def training_bytes(analysis: Analysis, batch_size: int) -> int:
    """Roughly what a training keeps in memory, in bytes.

    Weights with their gradients and two numbers of Adam for each, and the outputs of all layers of a batch, which the gradients
    need; each number takes 4 bytes. What TensorFlow itself takes comes on top.
    """
    return 4 * (analysis.weights + 3 * analysis.trainable_weights + batch_size * analysis.activations)
