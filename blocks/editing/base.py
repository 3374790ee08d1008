"""What every edit has in common."""

from __future__ import annotations

import abc
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from blocks.base import registry
from blocks.editing.level import Edited, EditError, Level, Session, source_of
from blocks.errors import closest
from blocks.graph import Fragment, Reference
from blocks.ports import Input, Output
from blocks.walk import MODULE_PREFIX

Path = Annotated[str, Field(min_length=1, max_length=2000)]
"""A node at any level: `stage1/block2/conv1`."""
Place = Annotated[str, Field(max_length=2000)]
"""A level: "" for the graph, or the path of the node whose inside is meant."""
Paths = Annotated[tuple[Path, ...], Field(min_length=1, max_length=20_000)]
Position = tuple[Annotated[float, Field(ge=-1e6, le=1e6)], Annotated[float, Field(ge=-1e6, le=1e6)]]
"""Left and top on the canvas, in pixels."""
Params = dict[str, Any]
BlockName = Annotated[str, Field(min_length=1, max_length=200)]


class Edit(BaseModel, abc.ABC):
    """One change of a graph, as data: what a page sends, and what is undone as one step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abc.abstractmethod
    def apply(self, session: Session) -> Edited:
        """The graph afterwards.

        Raises:
            EditError: The edit can't be made.
        """


def check_block(session: Session, block: str, place: str = "") -> None:
    """Refuses a block that there isn't, and Input and Output inside a module.

    Raises:
        EditError: With the closest name.
    """
    name = block.removeprefix(MODULE_PREFIX)
    known = list(session.graph.modules) if block.startswith(MODULE_PREFIX) else list(registry.all())
    if name not in known:
        near = closest(name, known)
        kind = "module" if block.startswith(MODULE_PREFIX) else "block"
        raise EditError(f"There is no {kind} named {name!r}." + (f" Did you mean {near!r}?" if near else ""))
    if place and name in (Input.__name__, Output.__name__):
        raise EditError(f"{name} stands in the graph itself; a module gets and gives through its own ports.")


def arity(session: Session, block: str) -> tuple[int, int | None]:
    """The least and the largest number of inputs of a block or module; None for no limit."""
    if block.startswith(MODULE_PREFIX):
        fragment = session.graph.modules.get(block.removeprefix(MODULE_PREFIX))
        count = inputs_of(fragment) if fragment else 1
        return count, count
    known = registry.all()
    return known[block].arity if block in known else (1, 1)


def inputs_of(fragment: Fragment | Level) -> int:
    """How many inputs a module has."""
    references = [*(reference for document in fragment.nodes.values() for reference in document.inputs), *fragment.outputs]
    return max((int(reference[1:]) + 1 for reference in references if reference.startswith("@")), default=0)


def check_reference(level: Level, reference: Reference, place: str) -> None:
    """Refuses a reference to a node that there isn't, and to a port outside of modules.

    Raises:
        EditError: With the closest name.
    """
    if not reference.startswith("@"):
        level.node(source_of(reference))
    elif not place:
        raise EditError("Only the inside of a module has ports like @0. Take an Input.")


def before(level: Level, references: list[str], wanted: int) -> tuple[str, ...]:
    """At least so many inputs: what is missing comes from the nodes before, so that a merging block joins a shortcut."""
    found = list(references)
    last = found[-1] if found else ""
    while found and len(found) < wanted:
        document = level.nodes.get(source_of(last))
        last = document.inputs[0] if document is not None and document.inputs else last
        found.append(last)
    return tuple(found)
