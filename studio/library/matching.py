"""Which node or module of one document is which of another: by name, or, where that was changed, by what it is and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from blocks.graph import Fragment, Graph, NodeDocument, split_reference
from blocks.walk import MODULE_PREFIX, in_order
from studio.library.plain import canonical

Names = dict[str, str]
"""The names of the one document that stand for something in the other, and what they are called there."""

_MOST_CANDIDATES = 50


def matched_modules(old: Graph, new: Graph) -> Names:
    """The modules of both. A module under another name is the same where its inside is the same."""
    found: Names = {name: name for name in old.modules if name in new.modules}
    free: dict[str, list[str]] = {}
    for name, module in new.modules.items():
        if name not in old.modules:
            free.setdefault(canonical(module.model_dump(mode="json")), []).append(name)
    for name in inner_first(old.modules):
        if name not in found:
            candidates = free.get(canonical(renamed_inside(old.modules[name], found).model_dump(mode="json")))
            if candidates:
                found[name] = candidates.pop(0)
    return found


def matched_nodes(old: Mapping[str, NodeDocument], new: Mapping[str, NodeDocument], modules: Names) -> Names:
    """The nodes of one level. A node under another name is the same where block, parameters and inputs are the same.

    Args:
        modules: What `matched_modules` found.
    """
    found: Names = {node: node for node in old if node in new}
    free: dict[str, list[str]] = {}
    for node, document in new.items():
        if node not in old:
            free.setdefault(_kind_and_place(document), []).append(node)
    if not free or len(found) == len(old):
        return found
    before, after = _followers(old), _followers(new)
    order, _ = in_order(old)  # so that what a node takes is known before it; what stands in a cycle has no place to be known by
    for node in order:
        if node in found:
            continue
        document = renamed_references(old[node], found, modules)
        if any(source in old and source not in found for source in _sources(old[node])):
            continue
        candidates = free.get(_kind_and_place(document), [])
        if candidates:
            wanted = {found.get(follower) for follower in before[node]}
            # of several of one kind, the one with the same followers
            best = max(candidates[:_MOST_CANDIDATES], key=lambda each: len(wanted & after[each]))
            candidates.remove(best)
            found[node] = best
    return found


def renamed_references(document: NodeDocument, nodes: Names, modules: Names) -> NodeDocument:
    """A node with the names of the other document in it."""
    changes: dict[str, Any] = {"inputs": tuple(renamed_reference(reference, nodes) for reference in document.inputs)}
    if document.reuse:
        changes["reuse"] = nodes.get(document.reuse, document.reuse)
    return document.model_copy(update={**changes, "block": renamed_block(document.block, modules)})


def renamed_reference(reference: str, nodes: Names) -> str:
    """A reference (`conv1`, `pool:1`, `@0`) with the name of the other document in it."""
    node, colon, number = reference.partition(":")
    return nodes.get(node, node) + colon + number


def renamed_block(block: str, modules: Names) -> str:
    """A block with the module's name of the other document in it."""
    name = block.removeprefix(MODULE_PREFIX)
    return f"{MODULE_PREFIX}{modules.get(name, name)}" if name != block else block


def renamed_inside(module: Fragment, modules: Names) -> Fragment:
    """A module with other names of the modules that it uses."""
    nodes = {node: document.model_copy(update={"block": renamed_block(document.block, modules)}) for node, document in module.nodes.items()}
    return module.model_copy(update={"nodes": nodes})


def used_modules(nodes: Iterable[NodeDocument]) -> list[str]:
    """The modules that nodes use directly, each once."""
    named = (document.block for document in nodes if not document.reuse and document.block.startswith(MODULE_PREFIX))
    return list(dict.fromkeys(block.removeprefix(MODULE_PREFIX) for block in named))


def inner_first(modules: Mapping[str, Fragment], start: str | None = None) -> list[str]:
    """The modules so that each stands behind those that it uses; those in a cycle in any order.

    Args:
        start: Leaves out what this module does not need.
    """
    order: dict[str, None] = {}
    begun: set[str] = set()
    waiting = [start] if start is not None else list(modules)[::-1]
    while waiting:
        name = waiting[-1]
        if name in begun:
            order.setdefault(waiting.pop())
            continue
        begun.add(name)
        waiting.extend(inner for inner in used_modules(modules[name].nodes.values()) if inner in modules and inner not in begun)
    return list(order)


def _kind_and_place(document: NodeDocument) -> str:
    return canonical([document.reuse or [document.block, document.params], document.inputs])


def _sources(document: NodeDocument) -> list[str]:
    found = [split_reference(reference)[0] for reference in document.inputs if not reference.startswith("@")]
    return [*found, document.reuse] if document.reuse else found


def _followers(nodes: Mapping[str, NodeDocument]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {node: set() for node in nodes}
    for node, document in nodes.items():
        for source in _sources(document):
            if source in found:
                found[source].add(node)
    return found
