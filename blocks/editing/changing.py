"""Edits of nodes where they stand: parameters, names, freezing, edges, places on the canvas."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blocks.editing.base import Edit, Params, Path, Paths, Place, Position, check_reference
from blocks.editing.level import OUTPUTS, Edited, EditError, Level, Session, join_path, source_of, split_path
from blocks.graph import ID_PATTERN, NodeDocument, Reference


class Set(Edit):
    """Sets parameters of nodes; those of several nodes get the same values.

    Args:
        unset: Parameters that go back to their defaults.
    """

    do: Literal["set"] = "set"
    nodes: Paths
    params: Params = Field(default_factory=dict)
    unset: tuple[str, ...] = ()

    def apply(self, session: Session) -> Edited:
        for path in self.nodes:
            place, name = split_path(path)
            level = session.level(place)
            holder = level.node(name).reuse or name
            document = level.node(holder)
            params = {key: value for key, value in {**document.params, **self.params}.items() if key not in self.unset}
            changed = document.model_copy(update={"params": params})
            session = session.with_level(place, Level({**level.nodes, holder: changed}, level.outputs))
        return Edited(session.graph, self.nodes)


class Describe(Edit):
    """Sets what a node has besides parameters: whether it is trained, and a free text."""

    do: Literal["describe"] = "describe"
    nodes: Paths
    trainable: bool | None = None
    title: Annotated[str, Field(max_length=500)] | None = None

    def apply(self, session: Session) -> Edited:
        given = {name: value for name, value in (("trainable", self.trainable), ("title", self.title)) if value is not None}
        for path in self.nodes:
            place, name = split_path(path)
            level = session.level(place)
            changed = level.node(name).model_copy(update=given)
            session = session.with_level(place, Level({**level.nodes, name: changed}, level.outputs))
        return Edited(session.graph, self.nodes)


class Freeze(Edit):
    """Trains the last layers, and freezes all before them.

    Args:
        layers: The layers of the whole network that learn, from the first to the last (`blocks.freezing.layers`).
        keep_last: How many of them are trained, from the end.
    """

    do: Literal["freeze"] = "freeze"
    layers: Paths
    keep_last: Annotated[int, Field(ge=0, le=20_000)]

    def apply(self, session: Session) -> Edited:
        unknown = [name for name in self.layers if name not in session.graph.nodes]
        if unknown or self.keep_last > len(self.layers):
            raise EditError(f"There is no layer {unknown[0]!r}." if unknown else f"There are {len(self.layers)} layers, not {self.keep_last}.")
        first = len(self.layers) - self.keep_last
        return Edited(session.graph.with_trainable({name: place >= first for place, name in enumerate(self.layers)}))


class Rename(Edit):
    """Gives a node another id; everything that names it follows."""

    do: Literal["rename"] = "rename"
    node: Path
    name: Annotated[str, Field(pattern=ID_PATTERN, max_length=120)]

    def apply(self, session: Session) -> Edited:
        place, old = split_path(self.node)
        level = session.level(place)
        level.node(old)
        path = join_path(place, self.name)
        if self.name == old:
            return Edited(session.graph, (path,))
        if self.name in level.nodes:
            raise EditError(f"There is a node {self.name!r} already. Choose another name.")
        made = level.rewired(lambda reference: self.name + reference[len(old) :] if source_of(reference) == old else reference)
        nodes: dict[str, NodeDocument] = {}
        for name, document in made.nodes.items():
            kept = document.model_copy(update={"reuse": self.name}) if document.reuse == old else document
            nodes[self.name if name == old else name] = kept
        session = session.with_level(place, Level(nodes, made.outputs))
        moved = session.with_layout(lambda key: path + key[len(self.node) :] if key == self.node or key.startswith(f"{self.node}/") else key)
        return Edited(moved.graph, (path,))


class Name(Edit):
    """Names the whole graph."""

    do: Literal["name"] = "name"
    name: Annotated[str, Field(max_length=200)]

    def apply(self, session: Session) -> Edited:
        return Edited(session.graph.model_copy(update={"name": self.name}))


class Connect(Edit):
    """Leads an output to an input.

    Args:
        source: The output: `conv1`, `lstm1:1` for the second one, `@0` for the first input of the module around it.
        to: The node that takes it, on the same level; `stage1/@out` for what the module gives.
        index: Which of its inputs, from 0; the number behind the last one adds an input. None takes the first one that the
            node lacks, and replaces its only one where it can have no more.
    """

    do: Literal["connect"] = "connect"
    source: Reference
    to: Path
    index: Annotated[int, Field(ge=0)] | None = None

    def apply(self, session: Session) -> Edited:
        place, target = split_path(self.to)
        level = session.level(place)
        check_reference(level, self.source, place)
        if target != OUTPUTS and not self.source.startswith("@") and source_of(self.source) in level.hangs_on(target):
            raise EditError(f"That would make a circle: {source_of(self.source)} gets something from {target} itself.")
        references = level.outputs if target == OUTPUTS else level.node(target).inputs
        index = len(references) if self.index is None else self.index
        if index > len(references):
            raise EditError(f"{target} has {len(references)} inputs; the next one is number {len(references) + 1}.")
        changed = (*references[:index], self.source, *references[index + 1 :])
        return Edited(session.with_level(place, _with_inputs(level, target, changed)).graph, () if target == OUTPUTS else (self.to,))


class Disconnect(Edit):
    """Takes an edge out."""

    do: Literal["disconnect"] = "disconnect"
    to: Path
    index: int = Field(0, ge=0)

    def apply(self, session: Session) -> Edited:
        place, target = split_path(self.to)
        level = session.level(place)
        references = level.outputs if target == OUTPUTS else level.node(target).inputs
        if self.index >= len(references):
            raise EditError(f"{target} has no input {self.index + 1}.")
        if target == OUTPUTS and len(references) == 1:
            raise EditError("A module must give something. Connect another node to its output instead.")
        changed = (*references[: self.index], *references[self.index + 1 :])
        return Edited(session.with_level(place, _with_inputs(level, target, changed)).graph)


class Move(Edit):
    """Puts nodes somewhere on the canvas."""

    do: Literal["move"] = "move"
    positions: dict[Path, Position]

    def apply(self, session: Session) -> Edited:
        for path, position in self.positions.items():
            place, name = split_path(path)
            session.level(place).node(name)
            session = session.placed(path, position)
        return Edited(session.graph, tuple(self.positions))


class Arrange(Edit):
    """Forgets where the nodes of a level (and of all below it) were put, so that they are laid out anew."""

    do: Literal["arrange"] = "arrange"
    place: Place = ""

    def apply(self, session: Session) -> Edited:
        begin = f"{self.place}/" if self.place else ""
        return Edited(session.with_layout(lambda path: None if path.startswith(begin) else path).graph)


def _with_inputs(level: Level, target: str, references: tuple[str, ...]) -> Level:
    if target == OUTPUTS:
        return Level(level.nodes, references)
    return Level({**level.nodes, target: level.nodes[target].model_copy(update={"inputs": references})}, level.outputs)
