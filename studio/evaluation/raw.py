"""A trained network that takes raw input: encoded pictures, pixels, texts, arrays or the columns of a table.

The same function answers here and in an exported model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from blocks.build import build
from blocks.features import TABLE_INPUT, Feature
from blocks.ports import Input
from blocks.spec import Spec
from blocks.walk import read_block
from studio.evaluation.names import identifiers
from studio.evaluation.opened import EvaluationError, Opened
from studio.evaluation.pictures import decoded, prepared
from studio.networks.arrays import bound_inputs, branch
from studio.networks.front import plain_numbers

if TYPE_CHECKING:
    import keras

PortKind = Literal["image", "text", "array", "number", "columns"]


@dataclass(frozen=True)
class Port:
    """Where raw values enter.

    Args:
        node: The network's Input.
        names: Name in the signature by feature or column name; one entry except for tables.
        dtypes: "float32" or "string" by the same.
        shape: Of one sample, None where it varies; for tables ().
    """

    node: str
    kind: PortKind
    names: dict[str, str]
    dtypes: dict[str, str]
    shape: tuple[int | None, ...] = ()


class RawModel:
    """Front, network and labels as one TensorFlow function.

    `__call__` takes a dictionary by signature name, each with the batch axis first, and gives `label` and
    `probabilities`, or `value` in the target's unit; all computed without chance.
    """

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.head = opened.head
        self.network: keras.Model = opened.loaded.network
        self.ports = _ports(opened)
        split = opened.loaded.split
        with plain_numbers():
            graphs = {port.node: branch(split, port.node) for port in self.ports}
            self.fronts: dict[str, keras.Model | None] = {node: build(graph) if len(graph.nodes) > 1 else None for node, graph in graphs.items()}

    @cached_property
    def signature(self) -> dict[str, Any]:
        """The TensorSpec of each raw input."""
        import tensorflow as tf

        found = {}
        for port in self.ports:
            for feature, name in port.names.items():
                shape = () if port.kind == "image" else port.shape
                found[name] = tf.TensorSpec((None, *shape), port.dtypes[feature], name=name)
        return found

    @property
    def pixels_signature(self) -> dict[str, Any] | None:
        """The TensorSpec of decoded pictures of one size per batch; None for networks that take anything else too."""
        import tensorflow as tf

        if [port.kind for port in self.ports] != ["image"]:
            return None
        return {"pixels": tf.TensorSpec((None, None, None, self.ports[0].shape[-1]), "uint8", name="pixels")}

    def __call__(self, inputs: dict[str, Any]) -> dict[str, Any]:
        return self._answer({port.node: self._entered(port, inputs) for port in self.ports})

    def from_pixels(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """As `__call__`, for decoded pictures: uint8 (batch, height, width, channels) of any size."""
        port = self.ports[0]
        return self._answer({port.node: self._pictures(port, inputs["pixels"], lambda pixels: pixels)})

    @property
    def layers(self) -> list[Any]:
        """Every Keras model in it."""
        return [self.network, *(front for front in self.fronts.values() if front is not None)]

    def _entered(self, port: Port, inputs: dict[str, Any]) -> Any:
        front = self.fronts[port.node]
        if port.kind == "image":
            channels = port.shape[-1] or 3
            return self._pictures(port, inputs[next(iter(port.names.values()))], lambda content: decoded(content, channels))
        if port.kind == "columns":
            columns = {feature: inputs[name] for feature, name in port.names.items()}
            if front is None:
                raise EvaluationError("The network takes the columns of a table as they are; insert ColumnEncoding.")
            return front(columns, training=False)
        values = inputs[next(iter(port.names.values()))]
        return values if front is None else front(values, training=False)

    def _pictures(self, port: Port, values: Any, read: Any) -> Any:
        import tensorflow as tf

        front = self.fronts[port.node]
        dtype = tf.as_dtype(front.output.dtype) if front is not None else tf.uint8
        shape = tuple(front.output.shape[1:]) if front is not None else port.shape
        if None in shape:
            raise EvaluationError("Pictures reach the network in sizes of their own; insert Resizing behind the Input.")
        spec = tf.TensorSpec(shape, dtype)
        return tf.map_fn(lambda value: prepared(read(value), port.shape, front), values, fn_output_signature=spec)

    def _answer(self, entered: dict[str, Any]) -> dict[str, Any]:
        import tensorflow as tf

        cuts = self.opened.loaded.split.cuts
        fed = {cuts[node]: value for node, value in entered.items()}
        outputs = self.network(fed if isinstance(self.network.input, dict) else next(iter(fed.values())), training=False)
        found = tf.cast(outputs[self.head.output] if isinstance(outputs, dict) else outputs, tf.float32)
        if self.head.classes:
            probabilities = tf.concat([1 - found, found], axis=-1) if found.shape[-1] == 1 else found
            return {"label": tf.gather(tf.constant(list(self.head.classes)), tf.argmax(probabilities, axis=-1)), "probabilities": probabilities}
        scale = self.head.scale
        value = found if scale is None else found * scale.scale + scale.offset
        return {"value": value[:, 0] if value.shape.rank == 2 and value.shape[-1] == 1 else value}


def _ports(opened: Opened) -> list[Port]:
    whole = opened.loaded.whole
    features = {feature.name: feature for feature in opened.features}
    found: list[Port] = []
    for node, feature in bound_inputs(whole).items():
        block = read_block(whole.nodes[node])
        assert isinstance(block, Input)  # noqa: S101 - it was asked for by name
        if feature == TABLE_INPUT:
            columns = dict(block.columns or ())
            found.append(Port(node, "columns", identifiers(columns), columns))
            continue
        spec = block.spec()
        assert isinstance(spec, Spec)  # noqa: S101 - only tables have another
        found.append(
            Port(
                node,
                _kind(features.get(feature), feature),
                {feature: feature},
                {feature: spec.dtype if spec.dtype != "uint8" else "string"},
                spec.shape,
            )
        )
    return _named(found)


def _kind(feature: Feature | None, name: str) -> PortKind:
    if feature is None:
        raise EvaluationError(f"The network's input {name!r} is not among the features that it was trained on.")
    return "text" if feature.kind == "category" or feature.kind == "date" else feature.kind


def _named(ports: list[Port]) -> list[Port]:
    """Gives a single picture, text or array the fixed name of its kind; several keep their features' names."""
    single = {port.kind for port in ports if port.kind != "columns" and sum(other.kind == port.kind for other in ports) == 1}
    wanted: dict[str, str] = {}
    for port in ports:
        wanted |= {f"{port.node}/{feature}": port.kind if port.kind in single else feature for feature in port.names}
    if len(ports) == 1 and ports[0].kind == "columns":
        return ports
    unique = identifiers(list(dict.fromkeys(wanted.values())), fallback="input")
    return [
        Port(port.node, port.kind, {feature: unique[wanted[f"{port.node}/{feature}"]] for feature in port.names}, port.dtypes, port.shape)
        for port in ports
    ]
