"""What would have to be computed for each node: the walk over a graph, without computing anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from blocks.base import Block, LayerBlock
from blocks.errors import closest
from blocks.features import Feature
from blocks.graph import Graph, split_reference
from blocks.inference import InferenceError, infer
from blocks.messages import Message
from blocks.ports import Input
from blocks.spec import AnySpec
from blocks.walk import Walk
from studio.datasets.report import listed
from studio.inspection.errors import PreviewError


@dataclass(frozen=True, eq=False)
class Step:
    """One layer (or Input) to be computed.

    Args:
        number: Its place in the walk; what it needs has smaller numbers.
        identity: The place of the node whose weights it uses.
        inputs: What it takes.
        built_on: What the first node with these weights takes, on which the layer is built.
        outputs: Shapes and kinds of what it gives, as far as they are known without a sample.
        is_prepared: Whether it stands in the preparation of the data, in front of everything with weights.
        channels_first: Whether the channels of its output stand before height and width.
    """

    number: int
    path: str
    identity: str
    block: Input | LayerBlock
    inputs: tuple[Flow, ...]
    built_on: tuple[AnySpec, ...]
    outputs: tuple[AnySpec, ...]
    is_prepared: bool
    channels_first: bool


@dataclass(frozen=True, eq=False)
class Flow:
    """One output of a step."""

    step: Step
    number: int

    @property
    def spec(self) -> AnySpec:
        return self.step.outputs[self.number]


@dataclass
class Trace:
    """The visitor of a walk that notes each step.

    Args:
        flows: The outputs of every node at every level, by path; those that failed are missing.
        names: By identity the name of its layer in a model that is built of the same graph.
        unchanged: Nodes that change training samples only.
    """

    flows: dict[str, list[Flow]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)
    _built_on: dict[str, tuple[AnySpec, ...]] = field(default_factory=dict)

    def spec(self, value: Flow) -> AnySpec:
        return value.spec

    def report(self, message: Message) -> None:
        self.messages.append(message)

    def leave(self, path: str, inputs: list[Flow], outputs: list[Flow]) -> None:  # noqa: ARG002
        self.flows[path] = outputs

    def leaf(self, path: str, identity: str, block: Block, inputs: list[Flow], trainable: bool) -> list[Flow] | None:  # noqa: ARG002
        if isinstance(block, Input):
            spec = block.spec()
            assert spec is not None  # noqa: S101 - Input.problem has refused it otherwise
            self._free_name(path)  # Inputs take names of layers too
            return self._note(path, identity, block, [], (spec,))
        assert isinstance(block, LayerBlock)  # noqa: S101 - there is no other kind of leaf
        if block.augmentation:
            self.unchanged.add(path)
            self.flows[path] = inputs
            return inputs
        if identity not in self.names:
            self.names[identity] = self._free_name(identity)
        try:
            found = infer(block, tuple(value.spec for value in inputs))
        except InferenceError as error:
            self.report(Message(path, "error", error.text, error.fix))
            return None
        return self._note(path, identity, block, inputs, found.outputs)

    def _note(self, path: str, identity: str, block: Input | LayerBlock, inputs: list[Flow], outputs: tuple[AnySpec, ...]) -> list[Flow]:
        prepared = isinstance(block, Input) or (block.preprocessing and all(value.step.is_prepared for value in inputs))
        order = getattr(block, "data_format", None)
        same_rank = bool(inputs) and len(inputs[0].spec.shape) == len(outputs[0].shape)
        first = order == "channels_first" if order else same_rank and inputs[0].step.channels_first
        built_on = self._built_on.setdefault(identity, tuple(value.spec for value in inputs))
        step = Step(len(self.steps), path, identity, block, tuple(inputs), built_on, outputs, prepared, first)
        self.steps.append(step)
        self.flows[path] = [Flow(step, number) for number in range(len(outputs))]
        return self.flows[path]

    def _free_name(self, path: str) -> str:
        name = base = path.replace("/", "_")
        number = 2
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        return name


def trace(graph: Graph, features: list[Feature]) -> Trace:
    """The steps of a whole graph; nothing is built."""
    found = Trace()
    Walk(found, graph.modules, adjust=lambda block: block.bind(features)).graph(graph)
    return found


def upstream(graph: Graph, nodes: Iterable[str]) -> Graph:
    """The part of a graph that these of its nodes depend on."""
    wanted: dict[str, None] = {}
    waiting = [node for node in nodes if node in graph.nodes]
    while waiting:
        node = waiting.pop()
        if node in wanted:
            continue
        wanted[node] = None
        document = graph.nodes[node]
        sources = [split_reference(reference)[0] for reference in document.inputs if not reference.startswith("@")]
        waiting += [source for source in [*sources, document.reuse or ""] if source in graph.nodes]
    return graph.model_copy(update={"nodes": {node: document for node, document in graph.nodes.items() if node in wanted}})


def part_of(graph: Graph, path: str) -> Graph:
    """The part of a graph that a node at any level depends on.

    Raises:
        PreviewError: There is no such node on the uppermost level.
    """
    top = path.partition("/")[0]
    if top not in graph.nodes:
        raise _unknown(top, graph.nodes)
    return upstream(graph, [top])


def flows_at(traced: Trace, node: str) -> list[Flow]:
    """What leaves a node.

    Raises:
        PreviewError: There is no such node, or it (or one that it depends on) can't be computed.
    """
    if node in traced.flows:
        return traced.flows[node]
    if traced.messages:
        own = [message for message in traced.messages if message.node == node or message.node.startswith(f"{node}/")]
        raise PreviewError((own or traced.messages)[0].sentence())
    raise _unknown(node, traced.flows)


def needed(flows: Iterable[Flow]) -> list[Step]:
    """Every step that these outputs depend on, each behind those that it takes."""
    found: dict[int, Step] = {}
    waiting = [flow.step for flow in flows]
    while waiting:
        step = waiting.pop()
        if step.number not in found:
            found[step.number] = step
            waiting += [flow.step for flow in step.inputs]
    return [found[number] for number in sorted(found)]


def _unknown(node: str, known: Iterable[str]) -> PreviewError:
    names = list(known)
    near = closest(node, names)
    help_ = f"Did you mean {near!r}?" if near else f"It has: {listed(names, shown=8)}." if names else "It is empty."
    return PreviewError(f"There is no node {node[:200]!r} in this network. {help_}")
