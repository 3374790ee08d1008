"""Names that every runtime takes as names of inputs."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

_RESERVED = {"self", "cls", "args", "kwargs", "inputs", "name"}
"""Names of arguments of TensorFlow's own functions, which a signature can't use."""


def identifiers(names: Iterable[str], fallback: str = "column") -> dict[str, str]:
    """For each name an ASCII identifier, unique without regard to case; a name that is one already stays as it is.

    Args:
        fallback: What a name becomes in which no letter is left, with its place: "column_3".
    """
    given = list(names)
    found: dict[str, str] = {name: name for name in _distinct(name for name in given if _is_plain(name))}
    taken = {name.casefold() for name in found}
    for place, name in enumerate(given, start=1):
        if name in found:
            continue
        wanted = chosen = _made(name) or f"{fallback}_{place}"
        number = 2
        while chosen.casefold() in taken:
            chosen, number = f"{wanted}_{number}", number + 1
        taken.add(chosen.casefold())
        found[name] = chosen
    return {name: found[name] for name in given}


def _distinct(names: Iterable[str]) -> list[str]:
    """The first of the names that differ in case only."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.casefold(), name)
    return list(first.values())


def _is_plain(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)) and not _is_reserved(name)


def _is_reserved(name: str) -> bool:
    return keyword.iskeyword(name) or name in _RESERVED


def _made(name: str) -> str:
    kept = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    if not kept:
        return ""
    if not kept[0].isalpha():
        kept = f"column_{kept}"
    return f"{kept}_" if _is_reserved(kept) else kept
