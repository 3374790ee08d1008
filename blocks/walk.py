"""The one walk over a graph: analysis, building and code generation are visitors of it."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, TypeVar

from pydantic import ValidationError

from blocks.base import Block, Composite, LayerBlock, registry
from blocks.errors import BlocksError, closest
from blocks.graph import Fragment, Graph, NodeDocument, split_reference
from blocks.inference import InferenceError, infer
from blocks.messages import Message
from blocks.spec import AnySpec
from blocks.wiring import Wiring, WiringError

V = TypeVar("V")
MODULE_PREFIX = "module:"
MAXIMUM_VISITS = 50_000
"""Nodes of all levels that one walk visits; modules within modules could otherwise multiply without end."""


class Visitor(Protocol[V]):
    """What a walk does at each node.

    `path` is the node's place (`stage1/conv1`); `identity` is the place of the node whose weights it uses, which is
    the same unless the node, or one around it, reuses another.
    """

    def spec(self, value: V) -> AnySpec:
        """Shape and kind of a value."""

    def leaf(self, path: str, identity: str, block: Block, inputs: list[V], trainable: bool) -> list[V] | None:
        """Visits a layer, an Input or an Output; None when it failed."""

    def leave(self, path: str, inputs: list[V], outputs: list[V]) -> None:
        """Called after the inside of a composite."""

    def report(self, message: Message) -> None:
        """Takes a problem."""


def read_block(document: NodeDocument) -> Block:
    """The block of a node.

    Raises:
        BlocksError: The block is unknown or a parameter is refused.
    """
    try:
        written = json.dumps(document.params, sort_keys=True)
    except (TypeError, ValueError):  # a value that no JSON holds: the block says what is wrong with it
        return registry.get(document.block).read(document.params)
    return _read(document.block, written)


@lru_cache(maxsize=20_000)
def _read(name: str, written: str) -> Block:
    """A block out of its parameters as text. Blocks never change, and an edit changes one node of hundreds."""
    return registry.get(name).read(json.loads(written))


@lru_cache(maxsize=5000)
def expand(block: Composite, inputs: tuple[AnySpec, ...]) -> Fragment:
    """The inside of a composite for these inputs.

    Raises:
        WiringError: They don't fit, or a part of it can't have the parameters that follow.
    """
    net = Wiring(outputs_of, *inputs)
    try:
        outputs = block.wire(net, *net.inputs)
    except ValidationError as error:
        part = registry.get(error.title).sentences(error)[0]
        raise WiringError(f"{type(block).__name__}: its parts can't be made with these parameters. {part}") from error
    return net.fragment(*(outputs if isinstance(outputs, tuple) else (outputs,)))


@lru_cache(maxsize=20_000)
def outputs_of(block: Block, inputs: tuple[AnySpec, ...]) -> tuple[AnySpec, ...]:
    """What any block, composite or not, gives for these inputs.

    Raises:
        WiringError: It can't take them.
    """
    found = block.problem(list(inputs))
    if found:
        raise WiringError(" ".join(found))
    if isinstance(block, Composite):
        shapes = _Shapes()
        values = Walk(shapes, {}).fragment(expand(block, inputs), list(inputs), "", "", True)
        if shapes.messages or any(value is None for value in values):
            raise WiringError(shapes.messages[0].sentence() if shapes.messages else "An inner node has no output.")
        return tuple(value for value in values if value is not None)
    return _leaf_outputs(block, inputs)


def _leaf_outputs(block: Block, inputs: tuple[AnySpec, ...]) -> tuple[AnySpec, ...]:
    if not isinstance(block, LayerBlock):
        raise WiringError(f"{type(block).__name__} can't stand inside a composite.")
    try:
        return tuple(infer(block, inputs).outputs)
    except InferenceError as error:
        raise WiringError(str(error)) from error


class _Shapes:
    """A visitor that only follows shapes."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def spec(self, value: AnySpec) -> AnySpec:
        return value

    def leaf(self, path: str, identity: str, block: Block, inputs: list[AnySpec], trainable: bool) -> list[AnySpec] | None:  # noqa: ARG002
        try:
            return list(outputs_of(block, tuple(inputs)))
        except WiringError as error:
            self.report(Message(path, "error", str(error)))
            return None

    def leave(self, path: str, inputs: list[AnySpec], outputs: list[AnySpec]) -> None:
        """Nothing is kept of the inside."""

    def report(self, message: Message) -> None:
        self.messages.append(message)


class _Module(NamedTuple):
    name: str
    inside: Fragment


@dataclass
class Walk(Generic[V]):
    """One walk with one visitor.

    Args:
        visitor: What is done at each node.
        modules: The document's own composites.
        adjust: Called with each block that was read, before it is used (binding to a dataset).
        inside: What a composite at a path consists of for these inputs.
    """

    visitor: Visitor[V]
    modules: Mapping[str, Fragment]
    adjust: Callable[[Block], Block] = lambda block: block
    inside: Callable[[str, Composite, tuple[AnySpec, ...]], Fragment] = lambda _, block, inputs: expand(block, inputs)
    _open_modules: list[str] = field(default_factory=list)
    _visits: int = 0

    def graph(self, graph: Graph) -> dict[str, list[V]]:
        """Walks a whole graph and returns the values of its top-level nodes; failed ones are missing."""
        return self._level(graph.nodes, [], "", "", True)

    def fragment(self, fragment: Fragment, arguments: list[V], prefix: str, identity: str, trainable: bool) -> list[V | None]:
        """Walks the inside of a composite and returns its outputs."""
        values = self._level(fragment.nodes, arguments, prefix, identity, trainable)
        return [self._value(values, arguments, reference) for reference in fragment.outputs]

    def _level(self, nodes: Mapping[str, NodeDocument], arguments: list[V], prefix: str, identity: str, trainable: bool) -> dict[str, list[V]]:
        values: dict[str, list[V]] = {}
        usable = self._checked_edges(nodes, arguments, prefix)
        blocks = {node: self._block(document, prefix + node) for node, document in nodes.items() if not document.reuse}
        order, cyclic = in_order(nodes)
        for node in cyclic:
            self._error(prefix + node, "It is part of a cycle.", "Remove one of the edges that lead back.")
        for node in order:
            document = nodes[node]
            inputs = [self._value(values, arguments, reference) for reference in document.inputs]
            if node not in usable:
                continue
            original = document.reuse or node
            block = blocks[original]
            self._check_outputs(document, values, prefix + node)
            if block is None or any(value is None for value in inputs):
                continue
            known = [value for value in inputs if value is not None]
            outputs = self._node(block, known, prefix + node, identity + original, trainable and document.trainable)
            if outputs is not None:
                values[node] = outputs
        return values

    def _node(self, block: Block | _Module, inputs: list[V], path: str, identity: str, trainable: bool) -> list[V] | None:
        self._visits += 1
        if self._visits > MAXIMUM_VISITS:
            if self._visits == MAXIMUM_VISITS + 1:
                self._error(path, f"The graph has more than {MAXIMUM_VISITS:,} nodes on all levels together.", "Nest fewer modules.")
            return None
        if isinstance(block, Block):
            specs = [self.visitor.spec(value) for value in inputs]
            found = block.problem(specs)
            if found:
                self._error(path, *found)
                return None
            if not isinstance(block, Composite):
                return self.visitor.leaf(path, identity, block, inputs, trainable)
            try:
                inside = self.inside(path, block, tuple(specs))
            except WiringError as error:
                self._error(path, str(error))
                return None
            values = self.fragment(inside, inputs, f"{path}/", f"{identity}/", trainable)
        elif block.name in self._open_modules:
            self._error(path, f"The module {block.name!r} contains itself.", "Detach one of the two.")
            return None
        else:
            self._open_modules.append(block.name)
            values = self.fragment(block.inside, inputs, f"{path}/", f"{identity}/", trainable)
            self._open_modules.pop()
        outputs = [value for value in values if value is not None]
        if len(outputs) < len(values) or not outputs:
            return None
        self.visitor.leave(path, inputs, outputs)
        return outputs

    def _block(self, document: NodeDocument, path: str) -> Block | _Module | None:
        name = document.block
        if name.startswith(MODULE_PREFIX):
            module = name.removeprefix(MODULE_PREFIX)
            if module not in self.modules:
                self._error(path, f"There is no module named {module!r} in this graph.", _suggest(module, self.modules))
                return None
            return _Module(module, self.modules[module])
        try:
            return self.adjust(read_block(document))
        except BlocksError as error:
            self._error(path, str(error))
            return None

    def _checked_edges(self, nodes: Mapping[str, NodeDocument], arguments: list[V], prefix: str) -> set[str]:
        usable = set()
        for node, document in nodes.items():
            wrong = [reference for reference in document.inputs if not _exists(reference, nodes, len(arguments))]
            for reference in wrong:
                self._error(prefix + node, f"Its input {reference!r} does not exist.", _suggest(reference, nodes))
            original = nodes.get(document.reuse) if document.reuse else document
            if original is None or original.reuse:
                self._error(prefix + node, f"It reuses {document.reuse!r}, which is no node with a block.", _suggest(str(document.reuse), nodes))
            elif not wrong:
                usable.add(node)
        return usable

    def _check_outputs(self, document: NodeDocument, values: Mapping[str, list[V]], path: str) -> None:
        for reference in document.inputs:
            source, number = split_reference(reference)
            if source in values and number >= len(values[source]):
                outputs = len(values[source])
                self._error(path, f"Its input {reference!r} does not exist.", f"{source} has {outputs} output{'s' * (outputs > 1)}, counted from 0.")

    def _value(self, values: Mapping[str, list[V]], arguments: list[V], reference: str) -> V | None:
        if reference.startswith("@"):
            return arguments[int(reference[1:])] if int(reference[1:]) < len(arguments) else None
        node, number = split_reference(reference)
        outputs = values.get(node, [])
        return outputs[number] if number < len(outputs) else None

    def _error(self, path: str, text: str, fix: str = "") -> None:
        self.visitor.report(Message(path, "error", text, fix))


def in_order(nodes: Mapping[str, NodeDocument]) -> tuple[list[str], list[str]]:
    """The nodes so that each stands behind its inputs, otherwise as in the document; and those that are in or behind a cycle."""
    places = {node: place for place, node in enumerate(nodes)}
    names = list(places)
    waits: dict[str, set[str]] = {}
    followers: dict[str, list[str]] = {node: [] for node in nodes}
    for node, document in nodes.items():
        sources = {split_reference(reference)[0] for reference in document.inputs if not reference.startswith("@")}
        if document.reuse:
            sources.add(document.reuse)
        waits[node] = {source for source in sources if source in places}
        for source in waits[node]:
            followers[source].append(node)
    ready = [places[node] for node, sources in waits.items() if not sources]
    heapq.heapify(ready)
    order = []
    while ready:
        node = names[heapq.heappop(ready)]
        order.append(node)
        for follower in followers[node]:
            waits[follower].discard(node)
            if not waits[follower]:
                heapq.heappush(ready, places[follower])
    done = set(order)
    return order, [node for node in nodes if node not in done]


def _exists(reference: str, nodes: Mapping[str, NodeDocument], arguments: int) -> bool:
    if reference.startswith("@"):
        return int(reference[1:]) < arguments
    return split_reference(reference)[0] in nodes


def _suggest(name: str, known: Iterable[str]) -> str:
    near = closest(name, known)
    return f"Did you mean {near!r}?" if near else ""
