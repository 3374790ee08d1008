"""What an edit changed, small enough to keep every step for ever, and exact in both directions.

A delta of two documents holds, for each of their mappings (nodes, modules, layout), the entries that differ with both
values, and the places of entries that came or went, so that the order of the keys comes back too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
Delta = dict[str, Any]
"""By key of the document: the `values` on both sides (none where the key is missing), or `entries`, `old` and `new` (places) of a mapping."""

ORDERS = ""
"""The key, which no document has, of the orders of a document's own keys where they differ."""


def between(old: Document, new: Document) -> Delta:
    """What changes the old document into the new one, and back."""
    found: Delta = {}
    for key in [*old, *(key for key in new if key not in old)]:
        before, after = old.get(key), new.get(key)
        if key in old and key in new and _same(before, after):
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            found[key] = _of_mappings(before, after)
        else:
            found[key] = {"values": [[old[key]] if key in old else [], [new[key]] if key in new else []]}
    if list(old) != list(new):
        found[ORDERS] = {"orders": [list(old), list(new)]}
    return found


def forward(document: Document, delta: Delta) -> Document:
    """The new document out of the old one."""
    return _applied(document, delta, 1)


def backward(document: Document, delta: Delta) -> Document:
    """The old document out of the new one."""
    return _applied(document, delta, 0)


def _of_mappings(old: dict[str, Any], new: dict[str, Any]) -> Delta:
    keys = [key for key in {**old, **new} if (key in old) != (key in new) or not _same(old[key], new[key])]
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
        if key == ORDERS:
            continue
        if "values" not in change:
            made[key] = _mapping(document[key], change, side)
        elif change["values"][side]:
            [made[key]] = change["values"][side]
        else:
            del made[key]
    return {key: made[key] for key in delta[ORDERS]["orders"][side]} if ORDERS in delta else made


def _same(before: Any, after: Any) -> bool:
    """Whether two values are the same text: 8 and 8.0 are not, nor are mappings in another order."""
    return before is after or (before == after and json.dumps(before) == json.dumps(after))


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
