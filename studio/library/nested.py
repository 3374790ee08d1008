"""Modules within modules: what one needs, and how they come into a network that has modules of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blocks.errors import closest
from blocks.graph import Fragment
from studio.library.errors import LibraryError
from studio.library.matching import Names, inner_first, renamed_inside, used_modules
from studio.library.plain import canonical
from studio.workspace import visible

MOST_INPUTS = 100
_LONGEST_STEM = 110
"""Of a name that gets a number; a name has at most 120 characters."""


def input_count(fragment: Fragment) -> int:
    """How many inputs a module takes: one more than the largest number that it names."""
    named = [*(reference for node in fragment.nodes.values() for reference in node.inputs), *fragment.outputs]
    return max((int(reference[1:]) + 1 for reference in named if reference.startswith("@")), default=0)


def with_needs(modules: Mapping[str, Fragment], block: str) -> dict[str, Fragment]:
    """The module and all that it needs, inner ones first.

    Raises:
        LibraryError: One is missing or contains itself, or has too many inputs.
    """
    if block not in modules:
        near = closest(block, modules)
        raise LibraryError(f"There is no module named {visible(block)[:80]!r} in this network." + (f" Did you mean {near!r}?" if near else ""))
    found: dict[str, Fragment] = {}
    for name in inner_first(modules, block):
        for inner in used_modules(modules[name].nodes.values()):
            if inner not in modules:
                raise LibraryError(f"The module {name!r} needs the module {visible(inner)[:80]!r}, which the network does not have.")
            if inner not in found:
                raise LibraryError(f"The module {inner!r} contains itself.")
        if input_count(modules[name]) > MOST_INPUTS:
            raise LibraryError(f"The module {name!r} takes more than {MOST_INPUTS} inputs.")
        found[name] = modules[name]
    return found


def placed(modules: Mapping[str, Fragment], added: Mapping[str, Fragment]) -> tuple[dict[str, Fragment], Names]:
    """Modules with others added to them.

    What is there already, under whatever name, is used again; where a name is taken by another, the next free one is taken.

    Returns:
        All modules, and what the added ones are called among them.
    """
    found = dict(modules)
    known: dict[str, str] = {}
    for name, fragment in found.items():
        known.setdefault(_text(fragment), name)
    called: Names = {}
    for name in inner_first(added):
        inside = renamed_inside(added[name], called)
        text = _text(inside)
        if name in found and _text(found[name]) == text:
            called[name] = name
        elif text in known:
            called[name] = known[text]
        else:
            called[name] = _free_name(name, found)
            found[called[name]] = inside
            known[text] = called[name]
    return found, called


def plain_modules(modules: Mapping[str, Fragment]) -> dict[str, Any]:
    """Modules as JSON values."""
    return {name: fragment.model_dump(mode="json") for name, fragment in modules.items()}


def _text(fragment: Fragment) -> str:
    return canonical(fragment.model_dump(mode="json"))


def _free_name(wanted: str, taken: Mapping[str, Fragment]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[:_LONGEST_STEM]}_{number}"
    return name
