"""The Keras code of a graph, made without any weights: quick enough to follow every change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from blocks.base import LayerBlock
from blocks.code import entry, script, statements_of
from blocks.features import Feature
from blocks.flattening import FlatNode, flat
from blocks.graph import Graph
from blocks.inference import as_accepted, shape_only
from blocks.layer_code import literal
from blocks.ports import Input
from blocks.spec import AnySpec, Spec, TableSpec
from blocks.statements import MARK, Statement, value, with_values

LAYER = "layer"
"""What a layer is called in a pattern."""
MEASURED = ("mean", "variance", "vocabulary", "idf_weights", "bin_boundaries")
"""Arguments of Keras's layers that `adapt` measures."""


def graph_code(graph: Graph, features: Sequence[Feature] | None = None) -> str:
    """Code that defines the network of a graph, with fresh weights and the same layer names, grouped as the composites are.

    Layers that Keras lacks are written out before the network, so that the code needs Keras alone. What is yet to be measured on
    training data is said in a comment, and so is augmentation, which is no part of the network.

    Args:
        features: The dataset's features, to which Inputs and Outputs bind.

    Raises:
        GraphError: With every problem of the graph.
    """
    with _plain_precision():
        found = flat(graph, features)
        coder = _Coder(graph, found.nodes)
        for place in range(len(found.nodes)):
            coder.write(place)
        inputs = {node.name: coder.reference(place, 0) for place, node in enumerate(found.nodes) if isinstance(node.block, Input)}
        outputs = {name: coder.reference(source.node, source.number) for name, source in found.ends.items()}
        return script(coder.statements, _one_or_all(inputs), _one_or_all(outputs), _model_name(graph), coder.own)


@dataclass(frozen=True)
class _Pattern:
    """What one block becomes for inputs of certain shapes; its inputs are `in0` ..., its layer is called `layer`.

    Args:
        outputs: The keys of what it gives.
        own: The layers in it that Keras lacks.
        comment: What was measured on training data.
        adaptable: Whether its layer has yet to measure something on them.
    """

    statements: tuple[Statement, ...]
    outputs: tuple[str, ...]
    own: dict[str, type]
    comment: str
    adaptable: bool


@lru_cache(maxsize=5000)
def _pattern(block: LayerBlock, specs: tuple[AnySpec, ...], trainable: bool) -> _Pattern:
    import keras

    own: dict[str, type] = {}
    with shape_only():
        inputs = [_symbolic(number, spec) for number, spec in enumerate(specs)]
        layer = block.make(LAYER)
        if not trainable:
            layer.trainable = False
        outputs = block.apply(layer, [_accepted(block, tensor, spec) for tensor, spec in zip(inputs, specs, strict=True)])
        model = keras.Model(keras.tree.flatten(inputs), list(outputs) if isinstance(outputs, list | tuple) else [outputs])
        stand_ins = _stand_ins(block)
        changes = {"columns": block.params()["columns"]} if block.takes_table else stand_ins
        found = [statement for statement in statements_of(model, own, changes) if not statement.is_input]
        ends = model.get_config()["output_layers"]
    for number, spec in enumerate(specs):
        if isinstance(spec, TableSpec):
            found = [_with_table(statement, number, spec) for statement in found]
    listed = [ends] if isinstance(ends[0], str) else ends
    comment = "" if stand_ins or not block.adaptable else _measured(block)
    return _Pattern(tuple(found), tuple(".".join(map(str, end)) for end in listed), own, comment, bool(stand_ins))


@contextmanager
def _plain_precision() -> Iterator[None]:
    """Layers are looked at in float32, whatever this process trains in; what a block names itself is written down."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _symbolic(number: int, spec: AnySpec) -> Any:
    import keras

    if isinstance(spec, TableSpec):
        return {column: keras.Input((), dtype=dtype, name=f"in{number}_{place}") for place, (column, dtype) in enumerate(spec.columns)}
    return keras.Input(spec.shape, dtype=spec.dtype, name=f"in{number}")


def _accepted(block: LayerBlock, tensor: Any, spec: AnySpec) -> Any:
    import keras

    wanted = as_accepted(block, spec)
    return keras.ops.cast(tensor, wanted.dtype) if wanted.dtype != spec.dtype else tensor


def _with_table(statement: Statement, number: int, spec: TableSpec) -> Statement:
    """The dictionary of all columns as the one value that it is in the code."""
    columns = [f"{literal(column)}: {value(f'in{number}_{place}.0.0')}" for place, (column, _) in enumerate(spec.columns)]
    whole = "{" + ", ".join(columns) + "}"
    return replace(statement, call=tuple(part.replace(whole, value(f"in{number}.0.0")) for part in statement.call or ()))


def _stand_ins(block: LayerBlock) -> dict[str, Any]:
    """The arguments with which a layer waits for training data, in place of those that stand in for what it will measure."""
    if not block.adaptable or _measured(block) or getattr(block, "bin_boundaries", None):
        return {}
    return {**dict.fromkeys(MEASURED), "num_bins": getattr(block, "num_bins", None)}


def _measured(block: LayerBlock) -> str:
    """What a block has measured on training data, in words; "" before that."""
    extras = {name: info.json_schema_extra for name, info in type(block).model_fields.items()}
    learned = [name for name, extra in extras.items() if isinstance(extra, dict) and extra.get("from_data") and getattr(block, name) is not None]
    return f"measured on the training data: {', '.join(name.replace('measured', 'bin_boundaries') for name in learned)}" if learned else ""


class _Coder:
    """Writes a graph's nodes as statements; the key of an output is `place of its node/number`."""

    def __init__(self, graph: Graph, nodes: list[FlatNode]) -> None:
        self.statements: list[Statement] = []
        self.own: dict[str, type] = {}
        self._graph = graph
        self._nodes = nodes
        self._passed: dict[str, str] = {}
        self._comments: list[str] = []
        weights = [place if node.original is None else node.original for place, node in enumerate(nodes)]
        self._weights = weights
        self._shared = {node.original for node in nodes if node.original is not None}
        self._frozen = {weights[place] for place, node in enumerate(nodes) if not node.trainable}

    def reference(self, place: int, number: int) -> str:
        """An output of a node, as it stands in a statement."""
        key = f"{place}/{number}"
        return self._passed.get(key, value(key))

    def write(self, place: int) -> None:
        """Adds the statements of a node; those before it must have been written."""
        node = self._nodes[place]
        title = self._graph.nodes[node.path].title if node.path in self._graph.nodes else ""
        if isinstance(node.block, Input):
            self._input(place, node, node.block)
        elif isinstance(node.block, LayerBlock) and node.block.augmentation:
            source = node.inputs[0]
            self._passed[f"{place}/0"] = self.reference(source.node, source.number)
            settings = ", ".join(f"{name}={literal(given)}" for name, given in node.block.params().items())
            self._comments.append(f"{node.name}, in training only: {type(node.block).__name__}({settings})")
        elif isinstance(node.block, LayerBlock):
            self._comments += [title.replace(MARK, " ")] if title else []
            self._layer(place, node, node.block)

    def _input(self, place: int, node: FlatNode, block: Input) -> None:
        spec = block.spec()
        target = (f"{place}/0",)
        if isinstance(spec, TableSpec):
            entries = [(column, entry(f"{node.name}_{number}", (), dtype)) for number, (column, dtype) in enumerate(spec.columns)]
            columns = tuple(f"{literal(column)}: keras.Input({', '.join(made)})" for column, made in entries)
            self._add(node, Statement(target, node.name, "", columns, brackets="{}", is_input=True))
        elif isinstance(spec, Spec):
            self._add(node, Statement(target, node.name, "keras.Input", entry(node.name, spec.shape, spec.dtype), is_input=True))

    def _layer(self, place: int, node: FlatNode, block: LayerBlock) -> None:
        weights = self._weights[place]
        pattern = _pattern(block, tuple(source.spec for source in node.inputs), weights not in self._frozen)
        self.own |= pattern.own
        taken = {f"in{number}.0.0": self.reference(source.node, source.number) for number, source in enumerate(node.inputs)}
        keys = {key: f"{place}/{number}" for number, key in enumerate(pattern.outputs)}

        def key_of(key: str) -> str:
            return keys.get(key, f"{place}/{key}")

        def placed(parts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(with_values(part, lambda key: taken.get(key) or value(key_of(key))) for part in parts)

        for statement in pattern.statements:
            targets = tuple(map(key_of, statement.targets))
            made = replace(statement, targets=targets, name=node.name, arguments=placed(statement.arguments))
            if statement.call is None:
                self._add(node, made)
            else:
                self._call(node, replace(made, call=placed(statement.call)), weights, pattern)

    def _call(self, node: FlatNode, made: Statement, weights: int, pattern: _Pattern) -> None:
        """A layer and its call: in one statement, unless the layer is used again or has something to measure first."""
        original = self._nodes[weights]
        made = replace(made, arguments=(*made.arguments[:-1], f"name={literal(original.name)}"))
        self._comments += [pattern.comment] if pattern.comment else []
        if weights not in self._shared and not pattern.adaptable:
            self._add(node, made)
            return
        key = f"{weights}/{LAYER}"
        call = replace(made, callee=value(key), arguments=made.call or (), call=None)
        if node is original:
            self._add(node, replace(made, targets=(key,), call=None, nested=False, is_layer=True))
            self._comments += [f"adapt it on the training data: {value(key)}.adapt(x)"] if pattern.adaptable else []
            call = replace(call, name=f"{node.name}_output")
        self._add(node, call)

    def _add(self, node: FlatNode, statement: Statement) -> None:
        self.statements.append(replace(statement, group=_group(node), comments=tuple(self._comments)))
        self._comments = []


def _group(node: FlatNode) -> str:
    place, weights = (path.rpartition("/")[0] for path in (node.path, node.identity))
    return place if place == weights else f"{place}, with the weights of {weights}"


def _one_or_all(values: Mapping[str, str]) -> str:
    if len(values) == 1:
        return next(iter(values.values()))
    return "{" + ", ".join(f"{literal(name)}: {each}" for name, each in values.items()) + "}"


def _model_name(graph: Graph) -> str:
    """The name that `blocks.build` gives the model."""
    name = "".join(character if character.isascii() and character.isalnum() else "_" for character in graph.name).strip("_") or "network"
    return name if name[0].isalpha() else f"network_{name}"
