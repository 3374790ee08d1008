"""From a graph to a Keras model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.analysis import analyse, output_nodes
from blocks.base import Block, LayerBlock
from blocks.errors import GraphError
from blocks.features import Feature
from blocks.graph import Graph
from blocks.inference import as_accepted
from blocks.messages import Message
from blocks.ports import Input
from blocks.spec import AnySpec, Spec, TableSpec
from blocks.walk import Walk

if TYPE_CHECKING:
    import keras


class Value:
    """A tensor, symbolic or real (or the dictionary of a table's columns), with its spec."""

    def __init__(self, tensor: Any, spec: AnySpec) -> None:
        self.tensor = tensor
        self.spec = spec


class Builder:
    """The visitor of a walk that makes the layers and calls them, beginning with symbolic inputs.

    Args:
        inputs: By node, what enters the network.
        layers: By the node whose weights they hold.
    """

    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}
        self.layers: dict[str, keras.layers.Layer] = {}
        self._names: set[str] = set()
        self.messages: list[Message] = []

    def spec(self, value: Value) -> AnySpec:
        return value.spec

    def report(self, message: Message) -> None:
        self.messages.append(message)

    def leave(self, path: str, inputs: list[Value], outputs: list[Value]) -> None:
        """Composites leave nothing behind: their layers are the model's."""

    def leaf(self, path: str, identity: str, block: Block, inputs: list[Value], trainable: bool) -> list[Value] | None:
        import keras

        if isinstance(block, Input):
            return [self.entry(path, block)]
        assert isinstance(block, LayerBlock)  # noqa: S101 - there is no other kind of leaf
        if block.augmentation:
            return inputs
        layer = self.layers.get(identity)
        if layer is None:
            layer = self.layers[identity] = block.make(self._free_name(identity))
        if not trainable:
            layer.trainable = False
        tensors = [_accepted(block, value) for value in inputs]
        outputs = block.apply(layer, tensors)
        listed = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        return [Value(tensor, Spec(tuple(tensor.shape[1:]), str(keras.backend.standardize_dtype(tensor.dtype)))) for tensor in listed]

    def entry(self, path: str, block: Input) -> Value:
        """What an Input lets in."""
        import keras

        spec = block.spec()
        name = self._free_name(path)
        if isinstance(spec, TableSpec):
            columns = {column: keras.Input(shape=(), dtype=dtype, name=f"{name}_{index}") for index, (column, dtype) in enumerate(spec.columns)}
            self.inputs[path] = columns
            return Value(columns, spec)
        assert spec is not None  # noqa: S101 - Input.problem has refused it otherwise
        tensor = self.inputs[path] = keras.Input(shape=spec.shape, dtype=spec.dtype, name=name)
        return Value(tensor, spec)

    def _free_name(self, path: str) -> str:
        name = base = path.replace("/", "_")
        number = 2
        while name in self._names:
            name = f"{base}_{number}"
            number += 1
        self._names.add(name)
        return name


def _accepted(block: LayerBlock, value: Value) -> Any:
    import keras

    wanted = as_accepted(block, value.spec)
    return keras.ops.cast(value.tensor, wanted.dtype) if wanted is not value.spec and wanted.dtype != value.spec.dtype else value.tensor


@dataclass(frozen=True)
class Built:
    """A model with the places of its graph's nodes in it.

    Args:
        tensors: The symbolic outputs of the top-level nodes.
        layers: By the path of the node whose weights they hold.
    """

    model: keras.Model
    tensors: dict[str, list[Any]]
    layers: dict[str, keras.layers.Layer]


def build(graph: Graph, features: Sequence[Feature] | None = None) -> keras.Model:
    """The Keras model of a graph, with fresh weights (`built`, without the places)."""
    return built(graph, features).model


def built(graph: Graph, features: Sequence[Feature] | None = None) -> Built:
    """The Keras model of a graph, with fresh weights.

    One input or output is passed as it is, several as a dictionary by node id; the columns of a table are a dictionary
    by column name. The layer of node `conv1` is named `conv1`, inside composites `stage1_block2_conv1`.

    Args:
        features: The dataset's features, to which Inputs and Outputs bind.

    Raises:
        GraphError: With every problem of the graph.
    """
    import keras

    analysis = analyse(graph, features)
    if analysis.errors:
        raise GraphError(analysis.errors)
    bound = list(features or [])
    builder = Builder()
    values = Walk(builder, graph.modules, adjust=lambda block: block.bind(bound)).graph(graph)
    ends = output_nodes(graph)
    if builder.messages or any(node not in values for node in ends):
        raise GraphError(builder.messages)
    outputs = {node: values[node][0].tensor for node in ends}
    name = "".join(character if character.isascii() and character.isalnum() else "_" for character in graph.name).strip("_") or "network"
    with warnings.catch_warnings():
        # The columns of a table keep their own names as keys, which needn't be names that TensorFlow takes.
        warnings.filterwarnings("ignore", message="When providing `inputs` as a dict")
        model = keras.Model(_one_or_all(builder.inputs), _one_or_all(outputs), name=name if name[0].isalpha() else f"network_{name}")
    return Built(model, {node: [value.tensor for value in each] for node, each in values.items()}, builder.layers)


def _one_or_all(tensors: dict[str, Any]) -> Any:
    return next(iter(tensors.values())) if len(tensors) == 1 else tensors
