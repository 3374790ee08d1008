"""What a graph would be: shapes, weights, cost and problems of every node, without allocating weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blocks.base import Block, LayerBlock
from blocks.features import Feature
from blocks.figures import Analysis, NodeAnalysis, Window, open_ends, output_nodes, product, widest
from blocks.graph import Graph
from blocks.inference import InferenceError, infer
from blocks.lint import Situation, lint
from blocks.lint.mending import mended
from blocks.messages import Message
from blocks.ports import Input
from blocks.spec import AnySpec, Shape
from blocks.walk import Walk

__all__ = ["Analysis", "NodeAnalysis", "analyse", "open_ends", "output_nodes"]


@dataclass(frozen=True)
class _Flow:
    """What runs along an edge: its spec, what it sees of the input, and how many layers with weights it has passed."""

    spec: AnySpec
    field: tuple[Window, ...] | None
    depth: int = 0


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
        depth = max((value.depth for value in inputs), default=0) + (found.weights > 0)
        outputs = [_Flow(spec, _field(block, inputs, spec.shape), depth) for spec in found.outputs]
        self.result.depth = max(self.result.depth, depth)
        self.result.activations += sum(product(spec.shape) for spec in found.outputs)
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
        self.result.receptive_field = widest(node.receptive_field for node in self._leaves.values())
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


def analyse(graph: Graph, features: Sequence[Feature] | None = None, situation: Situation | None = None) -> Analysis:
    """Shapes, weights, cost and all problems of a graph.

    Args:
        features: The dataset's features, to which Inputs and Outputs bind.
        situation: How it is to be trained; with it, what does not go with the training is found, too, and advice is given.
    """
    analyser = _Analyser()
    bound = list(features or [])
    Walk(analyser, graph.modules, adjust=lambda block: block.bind(bound)).graph(graph)
    result = analyser.finish()
    for path, node in result.nodes.items():
        if not node.block and path in graph.nodes:
            result.nodes[path] = replace(node, block=graph.nodes[path].block)
    result.outputs = output_nodes(graph)
    result.messages = mended(result.messages, graph, result, bound)
    result.messages += lint(graph, result, bound, situation)
    return result


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
