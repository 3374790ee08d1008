"""Edits that take nodes out, and the clipboard: copying, cutting, pasting, duplicating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from blocks.editing.base import Edit, Path, Paths, Place, Position
from blocks.editing.level import Edited, EditError, Level, Session, common_place, free_id, free_name, join_path, source_of, split_path
from blocks.graph import Fragment, Graph, Identifier, NodeDocument
from blocks.ports import Input, Output
from blocks.walk import MODULE_PREFIX

ASIDE = 40.0
"""How far from the original a copy stands, in pixels."""


class Clip(BaseModel):
    """Copied nodes as they travel in a clipboard.

    Args:
        modules: The modules that the nodes use.
        layout: Where the nodes stood, by id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["studio.clip/1"] = "studio.clip/1"
    nodes: dict[Identifier, NodeDocument] = Field(min_length=1, max_length=20_000)
    modules: dict[Identifier, Fragment] = Field(default_factory=dict, max_length=1000)
    layout: dict[str, tuple[float, float]] = Field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The clip as JSON values."""
        return self.model_dump(mode="json")


class Remove(Edit):
    """Takes nodes out. The chain is joined again: what took a node takes that node's first input."""

    do: Literal["remove"] = "remove"
    nodes: Paths

    def apply(self, session: Session) -> Edited:
        place, names = common_place(self.nodes)
        level = session.level(place)
        for name in names:
            level = without(level, name)
        if place and not level.outputs:
            raise EditError("A module must give something. Take it out as a whole, or leave its last node.")
        gone = tuple(join_path(place, name) for name in names)
        kept = session.with_level(place, level).with_layout(lambda key: None if _is_below(key, gone) else key)
        first = session.level(place).node(names[0]).inputs[:1]
        before = [join_path(place, source_of(reference)) for reference in first if source_of(reference) in level.nodes]
        return Edited(kept.graph, tuple(before))


class Duplicate(Edit):
    """Puts copies beside nodes: with the same inputs, or those of the copies where these are copied too."""

    do: Literal["duplicate"] = "duplicate"
    nodes: Paths

    def apply(self, session: Session) -> Edited:
        place, names = common_place(self.nodes)
        level = session.level(place)
        layout = {name: session.graph.layout[path] for name in names if (path := join_path(place, name)) in session.graph.layout}
        made, ids = pasted(level, {name: level.node(name) for name in level.nodes if name in names})
        return _with_copies(session.with_level(place, made), place, ids, {ids[name]: at for name, at in layout.items()}, ASIDE)


class Paste(Edit):
    """Puts copied nodes in.

    Args:
        after: The node behind which they stand: the first open input takes its output. None leaves them free.
    """

    do: Literal["paste"] = "paste"
    clip: Clip
    place: Place = ""
    after: Path | None = None
    position: Position | None = None

    def apply(self, session: Session) -> Edited:
        place = split_path(self.after)[0] if self.after else self.place
        level = session.level(place)
        names = {document.block for document in self.clip.nodes.values()}
        if place and names & {Input.__name__, Output.__name__}:
            raise EditError("Input and Output stand in the graph itself; a module gets and gives through its own ports.")
        graph, renamed = with_modules(session.graph, self.clip.modules)
        session = Session(graph, session.inside)
        nodes = {name: renamed_block(document, renamed) for name, document in self.clip.nodes.items()}
        inner = {name: _only_inside(document, nodes) for name, document in nodes.items()}
        made, ids = pasted(level, inner)
        if self.after:
            made = _attached(made, split_path(self.after)[1], list(ids.values()))
        layout = {ids[name]: at for name, at in self.clip.layout.items() if name in ids}
        if self.position is not None and layout:
            left, top = min(x for x, _ in layout.values()), min(y for _, y in layout.values())
            layout = {name: (x - left + self.position[0], y - top + self.position[1]) for name, (x, y) in layout.items()}
            return _with_copies(session.with_level(place, made), place, ids, layout, 0.0)
        return _with_copies(session.with_level(place, made), place, ids, layout, ASIDE)


def clip(session: Session, paths: tuple[str, ...]) -> Clip:
    """The nodes for a clipboard, with the modules that they use.

    Raises:
        EditError: They stand on different levels.
    """
    place, names = common_place(paths)
    level = session.level(place)
    for name in names:
        level.node(name)
    nodes = {name: _own(level, name, names) for name in level.nodes if name in names}
    layout = {name: session.graph.layout[path] for name in nodes if (path := join_path(place, name)) in session.graph.layout}
    return Clip(nodes=nodes, modules=used_modules(session.graph.modules, nodes), layout=layout)


def without(level: Level, name: str) -> Level:
    """The level without a node: its followers take its first input, its weights stay with the first node that shares them."""
    heir = next(iter(level.sharing(name)), None)
    if heir is not None:
        level = level.owned_by(heir)
    gone = level.node(name)
    instead = next((reference for reference in gone.inputs if source_of(reference) != name), None)
    joined = level.rewired(lambda reference: instead if source_of(reference) == name else reference)
    return Level({other: document for other, document in joined.nodes.items() if other != name}, joined.outputs)


def pasted(level: Level, nodes: Mapping[str, NodeDocument]) -> tuple[Level, dict[str, str]]:
    """The level with copies of nodes, and the new id of each."""
    made = dict(level.nodes)
    ids: dict[str, str] = {}
    for name, document in nodes.items():
        sharing = document.reuse or ""
        block = document.block or (nodes[sharing] if sharing in nodes else level.node(sharing)).block
        ids[name] = free_id(made, block)
        made[ids[name]] = document
    for name, document in nodes.items():
        inputs = tuple(_renamed(reference, ids) for reference in document.inputs)
        made[ids[name]] = document.model_copy(update={"inputs": inputs, "reuse": ids.get(document.reuse or "", document.reuse)})
    return Level(made, level.outputs), ids


def used_modules(modules: Mapping[str, Fragment], nodes: Mapping[str, NodeDocument]) -> dict[str, Fragment]:
    """The modules that nodes use, and those that these use."""
    found: dict[str, Fragment] = {}
    waiting = [document.block for document in nodes.values()]
    while waiting:
        name = waiting.pop().removeprefix(MODULE_PREFIX)
        if name in modules and name not in found:
            found[name] = modules[name]
            waiting += [document.block for document in modules[name].nodes.values() if document.block.startswith(MODULE_PREFIX)]
    return found


def with_modules(graph: Graph, modules: Mapping[str, Fragment]) -> tuple[Graph, dict[str, str]]:
    """The graph with modules of another one, and what each is called now: one with equal content is used again."""
    taken = dict(graph.modules)
    renamed: dict[str, str] = {}
    for name, fragment in modules.items():
        same = taken.get(name) == fragment
        renamed[name] = name if same else free_name(taken, name)
        taken[renamed[name]] = fragment
    for name in modules:
        inside = taken[renamed[name]]
        nodes = {each: renamed_block(document, renamed) for each, document in inside.nodes.items()}
        taken[renamed[name]] = inside.model_copy(update={"nodes": nodes})
    return graph.model_copy(update={"modules": taken}), renamed


def renamed_block(document: NodeDocument, renamed: Mapping[str, str]) -> NodeDocument:
    """The node with its module's new name."""
    module = document.block.removeprefix(MODULE_PREFIX)
    if not document.block.startswith(MODULE_PREFIX) or renamed.get(module, module) == module:
        return document
    return document.model_copy(update={"block": MODULE_PREFIX + renamed[module]})


def _own(level: Level, name: str, names: list[str]) -> NodeDocument:
    """The node for a clipboard: it brings its own weights where the one that it shares them with stays behind."""
    document = level.node(name)
    if not document.reuse or document.reuse in names:
        return document
    original = level.node(document.reuse)
    return document.model_copy(update={"block": original.block, "params": original.params, "reuse": None})


def _only_inside(document: NodeDocument, nodes: Mapping[str, NodeDocument]) -> NodeDocument:
    return document.model_copy(update={"inputs": tuple(each for each in document.inputs if source_of(each) in nodes)})


def _attached(level: Level, after: str, added: list[str]) -> Level:
    level.node(after)
    first = next((name for name in added if not level.nodes[name].inputs and level.nodes[name].block != Input.__name__), None)
    if first is None:
        return level
    return Level({**level.nodes, first: level.nodes[first].model_copy(update={"inputs": (after,)})}, level.outputs)


def _with_copies(session: Session, place: str, ids: Mapping[str, str], layout: Mapping[str, tuple[float, float]], aside: float) -> Edited:
    for name, (x, y) in layout.items():
        session = session.placed(join_path(place, name), (x + aside, y + aside))
    return Edited(session.graph, tuple(join_path(place, name) for name in ids.values()))


def _renamed(reference: str, ids: Mapping[str, str]) -> str:
    name = source_of(reference)
    return ids[name] + reference[len(name) :] if name in ids else reference


def _is_below(key: str, paths: tuple[str, ...]) -> bool:
    return any(key == path or key.startswith(f"{path}/") for path in paths)
