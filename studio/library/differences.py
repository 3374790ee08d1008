"""What one network has that another has not, as data and in sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from blocks.graph import Fragment, Graph, NodeDocument
from blocks.walk import MODULE_PREFIX
from studio.library.matching import Names, matched_modules, matched_nodes, renamed_reference, renamed_references
from studio.library.plain import canonical
from studio.workspace import visible

Kind = Literal["added", "removed", "renamed", "changed", "reordered", "moved"]
_SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class Difference:
    """One difference.

    Args:
        kind: `moved` counts changes of the layout alone; `reordered` is about the nodes' order in the document.
        node: What differs, as it is called in the new network (a removed one as in the old): a node (`conv1`), a module
            (`module:Stem`), a node of a module (`module:Stem/conv1`), or "" for the network itself.
        field: "" for the whole of it, else `name`, `block`, `inputs`, `reuse`, `trainable`, `title`, `outputs`, `nodes`,
            or a parameter: `params.filters`. A parameter is `added` where its default held before, and `removed` where it
            holds now; `block` is added where the node shared another one's weights before.
    """

    kind: Kind
    node: str
    field: str = ""
    old: Any = None
    new: Any = None

    @property
    def sentence(self) -> str:
        return _sentence(self)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "node": self.node, "field": self.field, "old": self.old, "new": self.new, "sentence": self.sentence}


def differences(old: Graph, new: Graph) -> list[Difference]:
    """What was changed from one network to another: none where the documents are equal but for the layout, which is counted only.

    Nodes and modules under another name, but of the same kind and in the same place, are renamed, not removed and added.
    """
    found: list[Difference] = []
    if old.name != new.name:
        found.append(Difference("changed", "", "name", old.name, new.name))
    modules = matched_modules(old, new)
    nodes = matched_nodes(old.nodes, new.nodes, modules)
    found += _level("", old.nodes, new.nodes, nodes, modules)
    found += _modules(old, new, modules)
    moved = _moved(old, new, nodes)
    if moved:
        found.append(Difference("moved", "", "layout", new=moved))
    return found


def _modules(old: Graph, new: Graph, names: Names) -> list[Difference]:
    found: list[Difference] = []
    for name, module in old.modules.items():
        if name not in names:
            found.append(Difference("removed", MODULE_PREFIX + name, old=module.model_dump(mode="json")))
            continue
        now = names[name]
        place = MODULE_PREFIX + now
        if now != name:
            found.append(Difference("renamed", place, old=name, new=now))
        found += _module(place, module, new.modules[now], names)
    kept = set(names.values())
    return found + [
        Difference("added", MODULE_PREFIX + name, new=new.modules[name].model_dump(mode="json")) for name in new.modules if name not in kept
    ]


def _module(place: str, old: Fragment, new: Fragment, modules: Names) -> list[Difference]:
    nodes = matched_nodes(old.nodes, new.nodes, modules)
    found = _level(f"{place}/", old.nodes, new.nodes, nodes, modules)
    outputs = [renamed_reference(reference, nodes) for reference in old.outputs]
    if outputs != list(new.outputs):
        found.append(Difference("changed", place, "outputs", outputs, list(new.outputs)))
    return found


def _level(prefix: str, old: Mapping[str, NodeDocument], new: Mapping[str, NodeDocument], names: Names, modules: Names) -> list[Difference]:
    found: list[Difference] = []
    for node, document in old.items():
        if node not in names:
            found.append(Difference("removed", prefix + node, old=document.model_dump(mode="json")))
            continue
        now = names[node]
        if now != node:
            found.append(Difference("renamed", prefix + now, old=node, new=now))
        found += _node(prefix + now, renamed_references(document, names, modules), new[now])
    kept = set(names.values())
    found += [Difference("added", prefix + node, new=document.model_dump(mode="json")) for node, document in new.items() if node not in kept]
    before, after = [names[node] for node in old if node in names], [node for node in new if node in kept]
    if before != after:
        found.append(Difference("reordered", prefix.rstrip("/"), "nodes", before, after))
    return found


def _node(place: str, old: NodeDocument, new: NodeDocument) -> list[Difference]:
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    found: list[Difference] = []

    def compare(field: str, default: Any) -> None:
        one, other = before.get(field, default), after.get(field, default)
        if canonical(one) != canonical(other):
            found.append(Difference("changed", place, field, one, other))

    compare("reuse", None)
    if not new.reuse:  # what shares another node's weights has no block and parameters of its own
        if "block" not in before:
            found.append(Difference("added", place, "block", new=new.block))
        else:
            compare("block", "")
        found += _parameters(place, before.get("params", {}), after["params"])
    compare("inputs", [])
    compare("trainable", True)
    compare("title", "")
    return found


def _parameters(place: str, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    found: list[Difference] = []
    for name, value in old.items():
        if name not in new:
            found.append(Difference("removed", place, f"params.{name}", old=value))
        elif canonical(value) != canonical(new[name]):
            found.append(Difference("changed", place, f"params.{name}", value, new[name]))
    return found + [Difference("added", place, f"params.{name}", new=value) for name, value in new.items() if name not in old]


def _moved(old: Graph, new: Graph, nodes: Names) -> int:
    """How many places on the canvas differ, not counting nodes that came or went."""
    before = {nodes.get(node, node): place for node, place in old.layout.items()}
    came_or_went = ({*old.nodes} - nodes.keys()) | ({*new.nodes} - {*nodes.values()})
    return sum(before.get(node) != new.layout.get(node) for node in {*before, *new.layout} - came_or_went)


def _sentence(difference: Difference) -> str:
    kind, field, old, new = difference.kind, difference.field, difference.old, difference.new
    what = _called(difference.node)
    if kind == "moved":
        return "1 node was moved on the canvas." if new == 1 else f"{new} nodes were moved on the canvas."
    if kind == "reordered":
        return f"{what}: the nodes stand in another order." if what else "The nodes stand in another order."
    if kind == "renamed":
        inside, slash, _ = difference.node.rpartition("/")
        before = MODULE_PREFIX + old if not slash and difference.node.startswith(MODULE_PREFIX) else inside + slash + old
        return f"{_called(before)} was renamed to {new}."
    if not field:
        block = (new or old).get("block")
        if block:
            return f"{what} ({visible(block)}) was added." if kind == "added" else f"{what} ({visible(block)}) was removed."
        return f"{what} was added." if kind == "added" else f"{what} was removed."
    if field == "name":
        return f"The network's name changed from {_value(old)} to {_value(new)}."
    if field == "trainable":
        return f"{what}: its weights are trained." if new else f"{what}: its weights are frozen."
    if field == "reuse":
        return f"{what}: it shares the weights of {new}." if new else f"{what}: it no longer shares the weights of {old}."
    if field in ("inputs", "outputs"):
        return f"{what}: {field} changed from {', '.join(old) or 'none'} to {', '.join(new) or 'none'}."
    named = visible(field.removeprefix("params."))[:_SHOWN_CHARACTERS]
    if kind == "added":
        return f"{what}: {named} set to {_value(new)}."
    if kind == "removed":
        return f"{what}: {named} taken out (it was {_value(old)}), so that its default holds."
    return f"{what}: {named} changed from {_value(old)} to {_value(new)}."


def _called(place: str) -> str:
    if not place.startswith(MODULE_PREFIX):
        return place
    module, _, node = place.removeprefix(MODULE_PREFIX).partition("/")
    return f"{node} in the module {module}" if node else f"The module {module}"


def _value(value: Any) -> str:
    text = visible(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 4]} ..."
