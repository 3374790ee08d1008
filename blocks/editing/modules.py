"""Edits of modules: grouping, taking apart, sharing of weights, and a use of its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blocks.editing.base import Edit, Path, Paths
from blocks.editing.level import Edited, EditError, Level, Session, common_place, free_id, free_name, join_path, source_of, split_path
from blocks.graph import ID_PATTERN, Fragment, NodeDocument, split_reference
from blocks.ports import Input, Output
from blocks.walk import MODULE_PREFIX

ModuleName = Annotated[str, Field(pattern=ID_PATTERN, max_length=120)]


class Group(Edit):
    """Makes a module of nodes, and puts one node in their place. What enters and leaves them become its ports, in document order."""

    do: Literal["group"] = "group"
    nodes: Paths
    name: ModuleName = "Module"

    def apply(self, session: Session) -> Edited:
        place, chosen = common_place(self.nodes)
        level = session.level(place)
        names = [name for name in level.nodes if name in set(chosen)]
        for name in chosen:
            level.node(name)
        _check_group(level, names)
        entries = list(dict.fromkeys(each for name in names for each in level.nodes[name].inputs if source_of(each) not in names))
        leaving = _leaving(level, names)
        ports = {reference: f"@{index}" for index, reference in enumerate(entries)}
        inside = {name: _with_ports(level.nodes[name], ports) for name in names}
        module = free_name(session.graph.modules, self.name)
        node = free_id(level.nodes, module)
        outer = {reference: node if index == 0 else f"{node}:{index}" for index, reference in enumerate(leaving)}
        made = level.rewired(lambda reference: outer.get(_plain(reference), reference))
        nodes: dict[str, NodeDocument] = {}
        for name, document in made.nodes.items():
            if name == names[0]:
                nodes[node] = NodeDocument(block=MODULE_PREFIX + module, inputs=tuple(entries))
            if name not in names:
                nodes[name] = document
        graph = session.graph.model_copy(update={"modules": {**session.graph.modules, module: Fragment(nodes=inside, outputs=tuple(leaving))}})
        grouped = Session(graph, session.inside).with_level(place, Level(nodes, made.outputs))
        path = join_path(place, node)
        old = {join_path(place, name): f"{path}/{name}" for name in names}
        spot = min((graph.layout[each] for each in old if each in graph.layout), default=None, key=lambda at: at[1])
        moved = grouped.with_layout(
            lambda key: next((new + key[len(each) :] for each, new in old.items() if key == each or key.startswith(f"{each}/")), key)
        )
        return Edited(moved.placed(path, spot).graph, (path,))


class Ungroup(Edit):
    """Puts what is inside a module or composite in its place. Other uses of the module stay as they are."""

    do: Literal["ungroup"] = "ungroup"
    node: Path

    def apply(self, session: Session) -> Edited:
        place, name = split_path(self.node)
        level = session.level(place)
        if level.node(name).reuse:
            raise EditError(f"{name} shares the weights of {level.node(name).reuse}. Take that one apart, or give this one its own weights first.")
        inside = session.level(self.node)
        sharing = [other for other, document in level.nodes.items() if document.reuse == name]
        made, ids = _inlined(level, name, inside, None)
        for other in sharing:
            made, _ = _inlined(made, other, inside, ids)
        here = {f"{self.node}/{inner}": join_path(place, new) for inner, new in ids.items()}
        session = session.with_level(place, made)
        moved = session.with_layout(lambda key: None if key == self.node else _moved(key, here))
        return Edited(moved.graph, tuple(here.values()))


class Detach(Edit):
    """Gives a node a module of its own, so that an edit inside no longer changes the other uses."""

    do: Literal["detach"] = "detach"
    node: Path
    name: ModuleName | None = None

    def apply(self, session: Session) -> Edited:
        place, node = split_path(self.node)
        level = session.level(place)
        document = level.original(node)
        if not document.block.startswith(MODULE_PREFIX):
            raise EditError(f"{node} is no use of a module.")
        module = document.block.removeprefix(MODULE_PREFIX)
        fragment = session.graph.modules.get(module)
        if fragment is None:
            raise EditError(f"There is no module named {module!r} in this graph.")
        own = free_name(session.graph.modules, self.name or module)
        graph = session.graph.model_copy(update={"modules": {**session.graph.modules, own: fragment}})
        changed = level.node(node).model_copy(update={"block": MODULE_PREFIX + own, "params": {}, "reuse": None})
        made = Level({**level.nodes, node: changed}, level.outputs)
        return Edited(Session(graph, session.inside).with_level(place, made).graph, (self.node,))


class Separate(Edit):
    """Gives a node that shares the weights of another its own: the same block with the same parameters."""

    do: Literal["separate"] = "separate"
    node: Path

    def apply(self, session: Session) -> Edited:
        place, name = split_path(self.node)
        level = session.level(place)
        document, original = level.node(name), level.original(name)
        if not document.reuse:
            raise EditError(f"{name} has its own weights already.")
        changed = document.model_copy(update={"block": original.block, "params": original.params, "reuse": None})
        return Edited(session.with_level(place, Level({**level.nodes, name: changed}, level.outputs)).graph, (self.node,))


class RenameModule(Edit):
    """Gives a module another name, at all its uses."""

    do: Literal["rename_module"] = "rename_module"
    module: ModuleName
    name: ModuleName

    def apply(self, session: Session) -> Edited:
        graph = session.graph
        if self.module not in graph.modules:
            raise EditError(f"There is no module named {self.module!r} in this graph.")
        if self.name != self.module and self.name in graph.modules:
            raise EditError(f"There is a module {self.name!r} already. Choose another name.")

        def renamed(nodes: dict[str, NodeDocument]) -> dict[str, NodeDocument]:
            old, new = MODULE_PREFIX + self.module, {"block": MODULE_PREFIX + self.name}
            return {each: document.model_copy(update=new) if document.block == old else document for each, document in nodes.items()}

        modules = {
            self.name if name == self.module else name: fragment.model_copy(update={"nodes": renamed(fragment.nodes)})
            for name, fragment in graph.modules.items()
        }
        return Edited(graph.model_copy(update={"nodes": renamed(graph.nodes), "modules": modules}))


def _check_group(level: Level, names: list[str]) -> None:
    chosen = set(names)
    for name in names:
        document = level.nodes[name]
        if document.block in (Input.__name__, Output.__name__):
            raise EditError(f"{name} is an {document.block}, which stands in the graph itself. Leave it out of the group.")
        if document.reuse and document.reuse not in chosen:
            raise EditError(f"{name} shares the weights of {document.reuse}. Group both, or give it its own weights first.")
    for name, document in level.nodes.items():
        if name not in chosen and document.reuse in chosen:
            raise EditError(f"{name} shares the weights of {document.reuse}. Group both, or give it its own weights first.")
    behind: set[str] = set()
    waiting = [other for name in names for other in level.followers(name) if other not in chosen]
    while waiting:
        other = waiting.pop()
        if other in chosen:
            raise EditError(f"The way from the chosen nodes to {other} leads over nodes that are not chosen. Choose these too.")
        if other not in behind:
            behind.add(other)
            waiting += level.followers(other)


def _leaving(level: Level, names: list[str]) -> list[str]:
    """What the nodes give to others (or to the level's outputs); where nothing takes anything, what is open at their end."""
    chosen = set(names)
    outer = [*(each for name, document in level.nodes.items() if name not in chosen for each in document.inputs), *level.outputs]
    taken = {_plain(reference) for reference in outer if source_of(reference) in chosen}
    inner = {source_of(each) for name in names for each in level.nodes[name].inputs}
    found = [reference for name in names for reference in sorted(each for each in taken if source_of(each) == name)]
    opens = [name for name in names if name not in inner and name not in {source_of(each) for each in found}]
    return found + opens if found or opens else names[-1:]


def _plain(reference: str) -> str:
    node, number = split_reference(reference)
    return f"{node}:{number}" if number else node


def _with_ports(document: NodeDocument, ports: dict[str, str]) -> NodeDocument:
    return document.model_copy(update={"inputs": tuple(ports.get(reference, reference) for reference in document.inputs)})


def _inlined(level: Level, name: str, inside: Level, originals: dict[str, str] | None) -> tuple[Level, dict[str, str]]:
    """The level with the inside of a node in its place; `originals` names the nodes whose weights the inner ones share."""
    holder = level.nodes[name]
    taken = {other for other in level.nodes if other != name}
    ids: dict[str, str] = {}
    for inner in inside.nodes:
        ids[inner] = inner if inner not in taken else free_name(taken, f"{name}_{inner}")
        taken.add(ids[inner])

    def outer(reference: str) -> str | None:
        if reference.startswith("@"):
            index = int(reference[1:])
            return holder.inputs[index] if index < len(holder.inputs) else None
        source = source_of(reference)
        return ids[source] + reference[len(source) :]

    def leaving(reference: str) -> str | None:
        source, number = split_reference(reference)
        if source != name:
            return reference
        return outer(inside.outputs[number]) if number < len(inside.outputs) else None

    nodes: dict[str, NodeDocument] = {}
    for other, document in level.rewired(leaving).nodes.items():
        if other != name:
            nodes[other] = document
            continue
        for inner, part in inside.nodes.items():
            inputs = tuple(new for reference in part.inputs if (new := outer(reference)) is not None)
            trainable = part.trainable and holder.trainable
            reuse = ids[part.reuse] if part.reuse else None
            kept = part.model_copy(update={"inputs": inputs, "trainable": trainable, "reuse": reuse})
            if originals is not None and not part.reuse:
                kept = kept.model_copy(update={"block": "", "params": {}, "reuse": originals[inner]})
            elif originals is not None and part.reuse:
                kept = kept.model_copy(update={"reuse": originals[part.reuse]})
            nodes[ids[inner]] = kept
    outputs = tuple(new for reference in level.outputs if (new := leaving(reference)) is not None)
    return Level(nodes, outputs), ids


def _moved(key: str, paths: dict[str, str]) -> str:
    for old, new in paths.items():
        if key == old or key.startswith(f"{old}/"):
            return new + key[len(old) :]
    return key
