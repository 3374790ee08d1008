"""Edits that bring nodes in: behind another, on an edge, as another use of one, or in its place."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.base import registry
from blocks.editing.base import BlockName, Edit, Params, Path, Place, Position, arity, before, check_block, check_reference
from blocks.editing.level import OUTPUTS, Edited, EditError, Level, Session, free_id, join_path, split_path
from blocks.errors import BlocksError
from blocks.graph import NodeDocument, Reference
from blocks.ports import Input, Output
from blocks.walk import in_order


class Add(Edit):
    """Adds a node.

    Args:
        block: A block, or `module:Name`; empty with `reuse`.
        reuse: The node whose weights the new one shares, at the same level.
        after: The node behind which it stands: what took that node's first output takes the new one. Behind an Output there
            is nothing, so that it comes before it.
        inputs: What it takes instead, with nothing else changed.
        place: The level, where it stands behind nothing.
    """

    do: Literal["add"] = "add"
    block: str = Field("", max_length=200)
    params: Params = Field(default_factory=dict)
    reuse: str = Field("", max_length=120)
    after: Path | None = None
    inputs: tuple[Reference, ...] = ()
    place: Place = ""
    position: Position | None = None

    def apply(self, session: Session) -> Edited:
        place, behind = split_path(self.after) if self.after else (self.place, "")
        level = session.level(place)
        block = self.block
        if self.reuse:
            original = level.node(self.reuse)
            if original.reuse:
                raise EditError(f"{self.reuse} itself shares the weights of {original.reuse}. Reuse {original.reuse}.")
            block = original.block
        check_block(session, block, place)
        for reference in self.inputs:
            check_reference(level, reference, place)
        name = free_id(level.nodes, block)
        document = NodeDocument(reuse=self.reuse) if self.reuse else NodeDocument(block=block, params=self.params)
        if self.inputs or not behind:
            made = Level({**level.nodes, name: document.model_copy(update={"inputs": self.inputs})}, level.outputs)
        elif level.node(behind).block == Output.__name__:
            made = _on_edge(session, level, behind, 0, name, document, block)
        else:
            made = _behind(session, level, behind, name, document, block)
        if self.reuse and in_order(made.nodes)[1]:
            made = made.owned_by(name)  # it comes before the other uses
        path = join_path(place, name)
        return Edited(session.with_level(place, made).placed(path, self.position).graph, (path,))


class Insert(Edit):
    """Puts a new node on an edge.

    Args:
        to: The node at the edge's end; `stage1/@out` for an output of the module.
        index: Which of that node's inputs, from 0.
    """

    do: Literal["insert"] = "insert"
    block: BlockName
    params: Params = Field(default_factory=dict)
    to: Path
    index: int = Field(0, ge=0)
    position: Position | None = None

    def apply(self, session: Session) -> Edited:
        place, target = split_path(self.to)
        level = session.level(place)
        check_block(session, self.block, place)
        name = free_id(level.nodes, self.block)
        made = _on_edge(session, level, target, self.index, name, NodeDocument(block=self.block, params=self.params), self.block)
        path = join_path(place, name)
        return Edited(session.with_level(place, made).placed(path, self.position).graph, (path,))


class Replace(Edit):
    """Puts another block in a node's place; parameters that the new block takes with their values stay."""

    do: Literal["replace"] = "replace"
    node: Path
    block: BlockName

    def apply(self, session: Session) -> Edited:
        place, name = split_path(self.node)
        level = session.level(place)
        old = level.original(name)
        check_block(session, self.block, place)
        if (Input.__name__ in (old.block, self.block)) and old.block != self.block and level.node(name).inputs:
            raise EditError("An Input takes nothing. Take the node out of its edges first.")
        document = level.node(name).model_copy(update={"block": self.block, "params": kept_params(self.block, old.params), "reuse": None})
        most = arity(session, self.block)[1]
        document = document.model_copy(update={"inputs": document.inputs[:most]})
        return Edited(session.with_level(place, Level({**level.nodes, name: document}, level.outputs)).graph, (self.node,))


def kept_params(block: str, params: Params) -> Params:
    """Those of the parameters that a block takes, one by one."""
    declared = registry.all().get(block)
    kept: Params = {}
    for name, value in params.items() if declared is not None else ():
        if declared is None or name not in declared.model_fields:
            continue
        try:
            declared.read({**kept, name: value})
        except BlocksError:
            continue
        kept[name] = value
    return kept


def _behind(session: Session, level: Level, behind: str, name: str, document: NodeDocument, block: str) -> Level:
    least, most = arity(session, block)
    if most == 0:
        return Level({**level.nodes, name: document}, level.outputs)
    followed = level.rewired(lambda reference: name if reference in (behind, f"{behind}:0") and block != Output.__name__ else reference)
    nodes: dict[str, NodeDocument] = {}
    for other, existing in followed.nodes.items():
        nodes[other] = existing
        if other == behind:
            nodes[name] = document.model_copy(update={"inputs": before(level, [behind], least)})
    return Level(nodes, followed.outputs)


def _on_edge(session: Session, level: Level, target: str, index: int, name: str, document: NodeDocument, block: str) -> Level:
    is_end = target == OUTPUTS
    references = level.outputs if is_end else level.node(target).inputs
    least, most = arity(session, block)
    if most == 0 or block == Output.__name__:
        return Level({**level.nodes, name: document}, level.outputs)
    if index > len(references) or (is_end and index == len(references)):
        raise EditError(f"{target} has no input {index + 1}.")
    sources = before(level, list(references[index : index + 1]), least)
    changed = (*references[:index], name, *references[index + 1 :])
    made = document.model_copy(update={"inputs": sources})
    nodes: dict[str, NodeDocument] = {}
    for other, existing in level.nodes.items():
        if other == target:
            nodes[name] = made
        nodes[other] = existing.model_copy(update={"inputs": changed}) if other == target else existing
    nodes.setdefault(name, made)
    return Level(nodes, changed if is_end else level.outputs)
