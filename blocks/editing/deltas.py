"""What an edit changed, small enough to keep every step for ever, and exact in both directions.

A delta of two documents holds, for each of their mappings (nodes, modules, layout), the entries that differ with both
values, and the places of entries that came or went, so that the order of the keys comes back too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
Delta = dict[str, Any]
"""By key of the document: [old, new] of a plain value, or `entries`, `old` and `new` (places) of a mapping."""


def between(old: Document, new: Document) -> Delta:
    """What changes the old document into the new one, and back."""
    found: Delta = {}
    for key in [*old, *(key for key in new if key not in old)]:
        before, after = old.get(key), new.get(key)
        if before == after and not (isinstance(before, dict) and isinstance(after, dict) and list(before) != list(after)):
            continue
        found[key] = _of_mappings(before, after) if isinstance(before, dict) and isinstance(after, dict) else {"values": [before, after]}
    return found


def forward(document: Document, delta: Delta) -> Document:
    """The new document out of the old one."""
    return _applied(document, delta, 1)


def backward(document: Document, delta: Delta) -> Document:
    """The old document out of the new one."""
    return _applied(document, delta, 0)


def _of_mappings(old: dict[str, Any], new: dict[str, Any]) -> Delta:
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key) or (key in old) != (key in new)]
    entries = {key: [old.get(key), new.get(key)] for key in keys}
    delta: Delta = {
        "entries": entries,
        "old": {key: place for place, key in enumerate(old) if key not in new},
        "new": {key: place for place, key in enumerate(new) if key not in old},
    }
    if list(_mapping(old, delta, 1)) != list(new) or list(_mapping(new, delta, 0)) != list(old):
        delta["orders"] = [list(old), list(new)]
    return delta


def _applied(document: Document, delta: Delta, side: int) -> Document:
    made = dict(document)
    for key, change in delta.items():
        made[key] = change["values"][side] if "values" in change else _mapping(document[key], change, side)
    return made


def _mapping(mapping: Mapping[str, Any], delta: Delta, side: int) -> dict[str, Any]:
    entries = delta["entries"]
    gone, come = (delta["old"], delta["new"]) if side else (delta["new"], delta["old"])
    values = {**mapping, **{key: both[side] for key, both in entries.items() if key not in gone}}
    if "orders" in delta:
        return {key: values[key] for key in delta["orders"][side]}
    keys = [key for key in mapping if key not in gone]
    for key, place in sorted(come.items(), key=lambda each: each[1]):
        keys.insert(place, key)
    return {key: values[key] for key in keys}
