"""Edits of graphs: plain functions from a graph to a graph, which the canvas and commands call alike.

An edit is data (`{"do": "insert", "block": "Flatten", "to": "dense1"}`), so that it can be sent, stored and offered as a fix.
Nodes are named by paths; an edit inside a composite makes a module of it, in the same step.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from blocks.editing.adding import Add, Insert, Replace
from blocks.editing.base import Edit
from blocks.editing.changing import Arrange, Connect, Describe, Disconnect, Freeze, Move, Name, Rename, Set
from blocks.editing.level import Edited, EditError, Inside, Session
from blocks.editing.modules import Detach, Group, RenameModule, Separate, Ungroup
from blocks.editing.removing import Clip, Duplicate, Paste, Remove, clip
from blocks.graph import Graph

AnyEdit = Annotated[
    Add
    | Insert
    | Replace
    | Set
    | Describe
    | Freeze
    | Rename
    | Name
    | Connect
    | Disconnect
    | Move
    | Arrange
    | Remove
    | Duplicate
    | Paste
    | Group
    | Ungroup
    | Detach
    | Separate
    | RenameModule,
    Field(discriminator="do"),
]
_EDITS: TypeAdapter[AnyEdit] = TypeAdapter(AnyEdit)


def read(values: Any) -> Edit:
    """An edit given as values.

    Raises:
        EditError: It is none; the first refused key is named.
    """
    try:
        return _EDITS.validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EditError(f"That is no edit of a graph: {place + ': ' if place else ''}{first['msg']}.") from error


def apply(graph: Graph, edit: Edit | dict[str, Any], inside: Inside = lambda _: None) -> Edited:
    """The graph after an edit.

    Args:
        inside: What a composite consists of, by its path; needed for edits inside composites only.

    Raises:
        EditError: The edit can't be made; nothing is changed.
    """
    made = edit if isinstance(edit, Edit) else read(edit)
    return made.apply(Session(graph, inside))


__all__ = [
    "Add",
    "AnyEdit",
    "Arrange",
    "Clip",
    "Connect",
    "Describe",
    "Detach",
    "Disconnect",
    "Duplicate",
    "Edit",
    "EditError",
    "Edited",
    "Group",
    "Insert",
    "Inside",
    "Move",
    "Name",
    "Paste",
    "Remove",
    "Rename",
    "RenameModule",
    "Replace",
    "Separate",
    "Session",
    "Set",
    "Ungroup",
    "apply",
    "clip",
    "read",
]
