"""The level at which an edit works: the graph itself, or the inside of a module or composite."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from blocks.errors import BlocksError, closest
from blocks.graph import Fragment, Graph, NodeDocument, split_reference
from blocks.walk import MODULE_PREFIX, in_order

Inside = Callable[[str], Fragment | None]
"""What the composite at a path consists of, as the analysis has found it; None where it is not known."""

OUTPUTS = "@out"
"""The last part of a path that means the outputs of a level: `stage1/@out`."""


class EditError(BlocksError, ValueError):
    """An edit that can't be made; the graph stays as it is."""


@dataclass(frozen=True)
class Level:
    """Nodes that see each other.

    Args:
        outputs: What the module gives; empty for the graph itself.
    """

    nodes: dict[str, NodeDocument]
    outputs: tuple[str, ...] = ()

    def node(self, name: str) -> NodeDocument:
        """A node of the level.

        Raises:
            EditError: There is none of that id.
        """
        if name not in self.nodes:
            near = closest(name, self.nodes)
            raise EditError(f"There is no node {name!r} here." + (f" Did you mean {near!r}?" if near else ""))
        return self.nodes[name]

    def original(self, name: str) -> NodeDocument:
        """The node, or the one whose weights it uses."""
        document = self.node(name)
        return self.node(document.reuse) if document.reuse else document

    def followers(self, name: str) -> list[str]:
        """Nodes that take an output of this one, in document order."""
        return [other for other, document in self.nodes.items() if any(source_of(reference) == name for reference in document.inputs)]

    def sharing(self, name: str) -> list[str]:
        """Nodes that use the weights of this one, those first on which others hang."""
        ordered, in_circles = in_order(self.nodes)
        return [other for other in (*ordered, *in_circles) if self.nodes[other].reuse == name]

    def owned_by(self, name: str) -> Level:
        """The level with the weights of a shared node at another of its uses; that one must come before the rest."""
        old = self.nodes[name].reuse or name
        original = self.nodes[old]
        own: dict[str, Any] = {"block": original.block, "params": original.params, "reuse": None}
        shared: dict[str, Any] = {"block": "", "params": {}, "reuse": name}
        uses = {old: shared, **dict.fromkeys(self.sharing(old), shared), name: own}
        return Level({other: document.model_copy(update=uses.get(other, {})) for other, document in self.nodes.items()}, self.outputs)

    def rewired(self, change: Callable[[str], str | None]) -> Level:
        """The level with every reference (inputs and outputs) changed; None takes one out."""
        nodes = {name: document.model_copy(update={"inputs": _changed(document.inputs, change)}) for name, document in self.nodes.items()}
        return Level(nodes, _changed(self.outputs, change))

    def hangs_on(self, name: str) -> set[str]:
        """The node, and all that get something from it, directly or through others (sharing of weights counts too)."""
        found = {name}
        waiting = [name]
        while waiting:
            current = waiting.pop()
            for other, document in self.nodes.items():
                if other not in found and (document.reuse == current or any(source_of(each) == current for each in document.inputs)):
                    found.add(other)
                    waiting.append(other)
        return found


@dataclass(frozen=True)
class Edited:
    """A graph after an edit.

    Args:
        selected: Paths of the nodes that the edit leads to.
    """

    graph: Graph
    selected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """A graph that is being edited, with what is known of its composites."""

    graph: Graph
    inside: Inside = field(default=lambda _: None)

    def level(self, place: str) -> Level:
        """The level at a place: "" for the graph itself, `stage1/block2` for the inside of that node.

        Raises:
            EditError: There is no such place, or the node there has no inside.
        """
        if not place:
            return Level(self.graph.nodes)
        around, name = split_path(place)
        document = self.level(around).original(name)
        if document.block.startswith(MODULE_PREFIX):
            module = document.block.removeprefix(MODULE_PREFIX)
            if module not in self.graph.modules:
                raise EditError(f"There is no module named {module!r} in this graph.")
            fragment: Fragment | None = self.graph.modules[module]
        else:
            fragment = self.inside(place)
        if fragment is None:
            raise EditError(f"{place} can't be edited from inside: it is one layer, or its shapes are not known. Solve the problems before it first.")
        return Level(fragment.nodes, fragment.outputs)

    def with_level(self, place: str, level: Level) -> Session:
        """The graph with another level at a place. A composite that is changed inside becomes a module of the graph, in one step."""
        if not place:
            return replace(self, graph=self.graph.model_copy(update={"nodes": level.nodes}))
        around, name = split_path(place)
        outer = self.level(around)
        holder = outer.node(name).reuse or name
        document = outer.node(holder)
        fragment = Fragment(nodes=level.nodes, outputs=level.outputs)
        if document.block.startswith(MODULE_PREFIX):
            module = document.block.removeprefix(MODULE_PREFIX)
            return self._with_module(module, fragment)
        module = free_name(self.graph.modules, "".join(part[:1].upper() + part[1:] for part in holder.split("_")))
        changed = document.model_copy(update={"block": MODULE_PREFIX + module, "params": {}})
        session = self._with_module(module, fragment)
        return session.with_level(around, replace(outer, nodes={**outer.nodes, holder: changed}))

    def _with_module(self, name: str, fragment: Fragment) -> Session:
        return replace(self, graph=self.graph.model_copy(update={"modules": {**self.graph.modules, name: fragment}}))

    def with_layout(self, change: Callable[[str], str | None]) -> Session:
        """The graph with the keys of its layout changed; None takes one out."""
        kept = {new: place for path, place in self.graph.layout.items() if (new := change(path)) is not None}
        return replace(self, graph=self.graph.model_copy(update={"layout": kept}))

    def placed(self, path: str, position: tuple[float, float] | None) -> Session:
        """The graph with a node put somewhere on the canvas."""
        if position is None:
            return self
        return replace(self, graph=self.graph.model_copy(update={"layout": {**self.graph.layout, path: position}}))


def source_of(reference: str) -> str:
    """The node that a reference names; `@0` names no node."""
    return split_reference(reference)[0]


def split_path(path: str) -> tuple[str, str]:
    """A path as (place, id): `stage1/conv1` is ("stage1", "conv1")."""
    place, _, name = path.rpartition("/")
    return place, name


def join_path(place: str, name: str) -> str:
    """The path of a node at a place."""
    return f"{place}/{name}" if place else name


def common_place(paths: Iterable[str]) -> tuple[str, list[str]]:
    """The place where all these nodes stand, and their ids.

    Raises:
        EditError: There are none, or they stand at different places.
    """
    parts = [split_path(path) for path in dict.fromkeys(paths)]
    if not parts:
        raise EditError("No node is chosen.")
    if len({place for place, _ in parts}) > 1:
        raise EditError("The chosen nodes stand on different levels. Choose nodes of one level.")
    return parts[0][0], [name for _, name in parts]


def free_id(nodes: Mapping[str, NodeDocument], block: str) -> str:
    """The first id that is free for a node of a block: Conv2D gives conv2d_1."""
    name = block.removeprefix(MODULE_PREFIX).replace("ReLU", "Relu")
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    base = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
    number = 1
    while f"{base}_{number}" in nodes:
        number += 1
    return f"{base}_{number}"


def free_name(taken: Iterable[str], wanted: str) -> str:
    """The wanted name, or the first of `wanted_2`, `wanted_3` ... that is not taken."""
    known = set(taken)
    name, number = wanted, 2
    while name in known:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _changed(references: tuple[str, ...], change: Callable[[str], str | None]) -> tuple[str, ...]:
    return tuple(new for reference in references if (new := change(reference)) is not None)
