"""What a graph would be: shapes, weights, cost and problems of every node, without allocating weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from blocks.base import Block, LayerBlock, registry
from blocks.features import Feature
from blocks.graph import Graph, split_reference
from blocks.inference import InferenceError, infer
from blocks.messages import Message
from blocks.ports import Input, Output
from blocks.spec import AnySpec, Shape
from blocks.walk import Walk

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
    """

    nodes: dict[str, NodeAnalysis] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    weights: int = 0
    trainable_weights: int = 0
    multiply_adds: int = 0
    outputs: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[Message]:
        """The messages that keep the graph from being built."""
        return [message for message in self.messages if message.severity == "error"]


@dataclass(frozen=True)
class _Flow:
    spec: AnySpec
    field: tuple[Window, ...] | None


class _Analyser:
    def __init__(self) -> None:
        self.result = Analysis()
        self._leaves: dict[str, NodeAnalysis] = {}
        self._counted: set[str] = set()

    def spec(self, value: _Flow) -> AnySpec:
        return value.spec

    def report(self, message: Message) -> None:
        self.result.messages.append(message)

    def leaf(self, path: str, identity: str, block: Block, inputs: list[_Flow], trainable: bool) -> list[_Flow] | None:
        if isinstance(block, Input):
            spec = block.spec()
            assert spec is not None  # noqa: S101 - Input.problem has refused it otherwise
            spatial = max(0, len(spec.shape) - 1)
            self._note(path, block, [], [_Flow(spec, ((1, 1),) * spatial)])
            return [_Flow(spec, ((1, 1),) * spatial)]
        assert isinstance(block, LayerBlock)  # noqa: S101 - there is no other kind of leaf
        try:
            found = infer(block, tuple(value.spec for value in inputs))
        except InferenceError as error:
            self.report(Message(path, "error", error.text, error.fix))
            return None
        outputs = [_Flow(spec, _field(block, inputs, spec.shape)) for spec in found.outputs]
        first = identity not in self._counted
        self._counted.add(identity)
        self._note(
            path, block, inputs, outputs,
            weights=found.weights if first else 0,
            trainable_weights=found.trainable_weights if first and trainable else 0,
            multiply_adds=found.multiply_adds,
        )  # fmt: skip
        return outputs

    def leave(self, path: str, inputs: list[_Flow], outputs: list[_Flow]) -> None:
        inside = self._inside(path)
        self.result.nodes[path] = NodeAnalysis(
            block="",
            input_shapes=tuple(value.spec.shape for value in inputs),
            output_shapes=tuple(value.spec.shape for value in outputs),
            dtypes=tuple(value.spec.dtype for value in outputs),
            weights=sum(node.weights for node in inside),
            trainable_weights=sum(node.trainable_weights for node in inside),
            multiply_adds=sum(node.multiply_adds for node in inside),
            receptive_field=_sizes(outputs[0].field),
        )

    def _inside(self, path: str) -> list[NodeAnalysis]:
        """The leaves of the composite that ends now: they are the latest ones."""
        found = []
        for name, node in reversed(self._leaves.items()):
            if not name.startswith(f"{path}/"):
                break
            found.append(node)
        return found

    def finish(self) -> Analysis:
        self.result.weights = sum(node.weights for node in self._leaves.values())
        self.result.trainable_weights = sum(node.trainable_weights for node in self._leaves.values())
        self.result.multiply_adds = sum(node.multiply_adds for node in self._leaves.values())
        return self.result

    def _note(self, path: str, block: Block, inputs: list[_Flow], outputs: list[_Flow], **figures: int) -> None:
        node = NodeAnalysis(
            block=type(block).__name__,
            input_shapes=tuple(value.spec.shape for value in inputs),
            output_shapes=tuple(value.spec.shape for value in outputs),
            dtypes=tuple(value.spec.dtype for value in outputs),
            receptive_field=_sizes(outputs[0].field),
            **figures,
        )
        self.result.nodes[path] = self._leaves[path] = node


def analyse(graph: Graph, features: Sequence[Feature] | None = None) -> Analysis:
    """Shapes, weights, cost and all problems of a graph.

    Args:
        features: The dataset's features, to which Inputs and Outputs bind.
    """
    from dataclasses import replace

    analyser = _Analyser()
    bound = list(features or [])
    Walk(analyser, graph.modules, adjust=lambda block: block.bind(bound)).graph(graph)
    result = analyser.finish()
    for path, node in result.nodes.items():
        if not node.block and path in graph.nodes:
            result.nodes[path] = replace(node, block=graph.nodes[path].block)
    result.outputs = output_nodes(graph)
    result.messages += _hints(graph, result)
    return result


def output_nodes(graph: Graph) -> list[str]:
    """The Output nodes; without any, the open ends in document order."""
    named = [node for node, document in graph.nodes.items() if document.block == Output.__name__]
    return named or open_ends(graph)


def open_ends(graph: Graph) -> list[str]:
    """Nodes whose output no other node takes."""
    used = {split_reference(reference)[0] for document in graph.nodes.values() for reference in document.inputs}
    return [node for node in graph.nodes if node not in used]


def _hints(graph: Graph, result: Analysis) -> list[Message]:
    if not graph.nodes:
        return [Message("", "error", "The graph is empty.", "Add an Input, or choose a preset.")]
    found = []
    named = [node for node, document in graph.nodes.items() if document.block == Output.__name__]
    if not named:
        found.append(Message("", "hint", "There is no Output.", "The open ends are taken as outputs; insert an Output to bind a target."))
    else:
        found += [
            Message(node, "warning", "Nothing uses what it gives.", "Connect it or delete it.") for node in open_ends(graph) if node not in named
        ]
    if not any(document.block == Input.__name__ for document in graph.nodes.values()):
        found.append(Message("", "error", "There is no Input.", "Insert an Input and connect it."))
    for node, document in graph.nodes.items():
        analysed = result.nodes.get(node)
        taken = [split_reference(reference)[0] for reference in document.inputs]
        images = [source for source in taken if _is_picture(result.nodes.get(source), graph, source)]
        if analysed and images and not _takes_integers(document.block):
            found.append(Message(node, "warning", "It gets pixels from 0 to 255.", "Insert Rescaling (scale 1/255) before it."))
    return found + _misplaced(graph, result)


def _misplaced(graph: Graph, result: Analysis) -> list[Message]:
    """Augmentation that the trainer could not apply, since it stands behind something else than an Input and its preparation."""
    known = registry.all()

    def leads(node: str) -> bool:
        document = graph.nodes[node]
        block = known.get(document.block)
        if block is None or document.reuse or (issubclass(block, LayerBlock) and not (block.preprocessing or block.augmentation)):
            return False
        if not issubclass(block, LayerBlock):
            return block is Input
        return len(document.inputs) == 1 and leads(split_reference(document.inputs[0])[0])

    found = []
    for path, node in result.nodes.items():
        block = known.get(node.block)
        if block is not None and issubclass(block, LayerBlock) and block.augmentation and not (path in graph.nodes and leads(path)):
            text = f"{node.block} stands behind a part of the network, where it can't change the training samples."
            found.append(Message(path, "error", text, "Move it right behind the Input, or behind Rescaling."))
    return found


def _is_picture(analysed: NodeAnalysis | None, graph: Graph, node: str) -> bool:
    return analysed is not None and analysed.dtypes[:1] == ("uint8",) and graph.nodes[node].block != Output.__name__


def _takes_integers(name: str) -> bool:
    block = registry.all().get(name)
    return block is not None and issubclass(block, LayerBlock) and block.takes_integers


def _field(block: LayerBlock, inputs: list[_Flow], shape: Shape) -> tuple[Window, ...] | None:
    fields = [value.field for value in inputs]
    if block.sees_all():
        return None
    if not fields or any(each is None for each in fields) or getattr(block, "data_format", "") == "channels_first":
        return None  # the first axes would be taken for height and width
    known = [each for each in fields if each is not None]
    axes = len(shape) - 1
    if axes < 1 or any(len(each) != axes for each in known):
        return None
    merged = tuple((max(each[axis][0] for each in known), max(each[axis][1] for each in known)) for axis in range(axes))
    windows = block.windows()
    if windows is None or len(windows) != axes:
        return merged
    return tuple((size + (window - 1) * step, step * stride) for (size, step), (window, stride) in zip(merged, windows, strict=True))


def _sizes(windows: tuple[Window, ...] | None) -> tuple[int, ...] | None:
    return tuple(size for size, _ in windows) if windows else None
