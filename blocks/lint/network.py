"""A network as rules see it: its layers, whatever composites and modules they stand in, and what flows between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from blocks.base import Block, Composite
from blocks.features import Feature, targets_of
from blocks.figures import Analysis, NodeAnalysis
from blocks.graph import Fragment, Graph, split_reference
from blocks.lint.loss_kinds import FITTING, suits
from blocks.lint.situation import Situation
from blocks.messages import Message
from blocks.ports import Input, Output
from blocks.spec import AnySpec, Shape, Spec
from blocks.walk import Walk
from blocks.wiring import Node, Wiring, WiringError

MOST_PARTS = 5_000
"""Layers that rules look at; of larger networks, only what the document itself says is judged."""


class Port(NamedTuple):
    """An output, or an input, of a layer by its number."""

    part: str
    number: int


@dataclass(frozen=True)
class Part:
    """A layer, Input or Output at any level that the analysis could pass.

    Args:
        block: Bound to the dataset.
        inputs: The outputs that it takes.
        written: Whether the person put it there: it stands in the graph or in a module, not in a ready composite.
    """

    path: str
    block: Block
    inputs: tuple[Port, ...]
    figures: NodeAnalysis
    trainable: bool = True
    written: bool = True

    @property
    def name(self) -> str:
        """The block's name."""
        return type(self.block).__name__

    @property
    def shape(self) -> Shape:
        """The shape of its first output."""
        return self.figures.output_shapes[0]

    @property
    def taken(self) -> Shape:
        """The shape of its first input; () where it has none."""
        return self.figures.input_shapes[0] if self.figures.input_shapes else ()


@dataclass(frozen=True)
class Network:
    """All that rules look at.

    Args:
        parts: By path, each behind those that it takes something from.
        takers: By path, the inputs that take an output of the part.
        situation: The training that is meant, if any.
    """

    graph: Graph
    analysis: Analysis
    features: Sequence[Feature]
    situation: Situation | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    takers: Mapping[str, list[Port]] = field(default_factory=dict)

    def sources(self, part: Part) -> list[Part]:
        """The parts that it takes something from."""
        return [self.parts[port.part] for port in part.inputs]

    def source(self, part: Part) -> Part | None:
        """The only part that it takes something from."""
        return self.parts[part.inputs[0].part] if len(part.inputs) == 1 else None

    def taker(self, part: Part) -> Part | None:
        """The only part that takes something from it."""
        ports = self.takers.get(part.path, [])
        return self.parts[ports[0].part] if len(ports) == 1 else None

    def outputs(self) -> list[tuple[Part, Output]]:
        """The Outputs."""
        return [(part, part.block) for part in self.parts.values() if isinstance(part.block, Output)]

    def inputs(self) -> list[tuple[Part, Input]]:
        """The Inputs."""
        return [(part, part.block) for part in self.parts.values() if isinstance(part.block, Input)]

    def target(self, output: Output) -> Feature | None:
        """The feature that an Output predicts."""
        return next((feature for feature in targets_of(list(self.features)) if feature.name == output.target), None)

    def loss(self, output: Output) -> str | None:
        """The name of the loss that judges an Output: its own, or that of the training. Of several targets that one holds for those it suits."""
        given = output.loss.get("name") if isinstance(output.loss, dict) else output.loss
        if given or self.situation is None:
            return str(given) if given else None
        loss, target, others = self.situation.loss, self.target(output), targets_of(list(self.features))
        if target is None or suits(loss, target) or not any(suits(loss, other) for other in others):
            return loss
        return FITTING[target.kind][0]


def network_of(graph: Graph, analysis: Analysis, features: Sequence[Feature], situation: Situation | None) -> Network:
    """The view of a graph for rules, out of what its analysis has found; no layer is made."""
    bound = list(features)
    if len(analysis.nodes) > MOST_PARTS:
        return Network(graph, analysis, bound, situation)
    reader = _Reader(analysis.nodes)
    Walk(reader, graph.modules, adjust=lambda block: block.bind(bound), inside=reader.inside).graph(graph)
    return Network(graph, analysis, bound, situation, reader.parts, reader.takers)


class _Wire(NamedTuple):
    port: Port
    spec: AnySpec


class _Reader:
    """The visitor that notes every layer, with the shapes that the analysis has found."""

    def __init__(self, nodes: Mapping[str, NodeAnalysis]) -> None:
        self.parts: dict[str, Part] = {}
        self.takers: dict[str, list[Port]] = {}
        self._nodes = nodes
        self._composites: set[str] = set()
        self._wired: dict[tuple[Composite, tuple[AnySpec, ...]], Fragment] = {}

    def spec(self, value: _Wire) -> AnySpec:
        return value.spec

    def report(self, message: Message) -> None:
        """The analysis has said it already."""

    def leave(self, path: str, inputs: list[_Wire], outputs: list[_Wire]) -> None:  # noqa: ARG002
        self._composites.discard(path)

    def leaf(self, path: str, identity: str, block: Block, inputs: list[_Wire], trainable: bool) -> list[_Wire] | None:  # noqa: ARG002
        figures = self._nodes.get(path)
        if figures is None or not figures.output_shapes:
            return None
        written = not self._composites or not any(path.startswith(f"{composite}/") for composite in self._composites)
        self.parts[path] = Part(path, block, tuple(wire.port for wire in inputs), figures, trainable, written)
        for index, wire in enumerate(inputs):
            self.takers.setdefault(wire.port.part, []).append(Port(path, index))
        table = block.spec() if isinstance(block, Input) else None
        specs = [table or Spec(shape, dtype) for shape, dtype in zip(figures.output_shapes, figures.dtypes, strict=True)]
        return [_Wire(Port(path, number), spec) for number, spec in enumerate(specs)]

    def inside(self, path: str, block: Composite, inputs: tuple[AnySpec, ...]) -> Fragment:
        """What a composite consists of, wired with the shapes that are known."""
        if path not in self._nodes:
            raise WiringError("The analysis could not pass it.")
        found = self._wired.get((block, inputs))
        if found is None:
            net = _Known(self._nodes, path, inputs)
            outputs = block.wire(net, *net.inputs)
            found = self._wired[block, inputs] = net.fragment(*(outputs if isinstance(outputs, tuple) else (outputs,)))
        self._composites.add(path)
        return found


class _Known(Wiring):
    """A wiring that looks shapes up in place of asking Keras."""

    def __init__(self, nodes: Mapping[str, NodeAnalysis], path: str, inputs: tuple[AnySpec, ...]) -> None:
        super().__init__(_unasked, *inputs)
        self._nodes = nodes
        self._path = path

    def _spec(self, node: Node) -> AnySpec:
        if node.reference in self._specs:
            return self._specs[node.reference]
        name, number = split_reference(node.reference)
        figures = self._nodes.get(f"{self._path}/{name}")
        if figures is None or number >= len(figures.output_shapes):
            raise WiringError("The analysis could not pass it.")
        return Spec(figures.output_shapes[number], figures.dtypes[number])


def _unasked(block: Block, inputs: tuple[AnySpec, ...]) -> tuple[AnySpec, ...]:  # noqa: ARG001 - `_Known` looks it up instead
    raise WiringError(f"The shape behind {type(block).__name__} is not known.")
