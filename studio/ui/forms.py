"""Turns declarations into the forms that the pages draw: one edit of a declaration changes every form."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from blocks.declaration import Declaration, FormField


def field(form_field: FormField) -> dict[str, Any]:
    """One field as JSON: what `FieldSpec` in the web modules reads."""
    values = dataclasses.asdict(form_field)
    return {
        **values,
        "default": plain(form_field.default),
        "label": form_field.label,
        "choices": list(form_field.choices),
        "shown_if": plain(form_field.shown_if),
    }


def fields(declaration: type[Declaration], without: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Every field of a declaration that a person may set, in its order.

    Args:
        without: Names that a page draws by itself.
    """
    left_out = set(without)
    return [field(each) for each in declaration.form_fields() if each.name not in left_out and not each.from_data]


def described(name: str, declaration: type[Declaration]) -> dict[str, Any]:
    """A declaration for a choice among several: its names, what it does, when to use it, and its fields."""
    return {
        "name": name,
        "title": declaration.display_name(),
        "summary": declaration.summary(),
        "usage": declaration.usage(),
        "formula": declaration.section("Formula"),
        "source": declaration.section("Source"),
        "fields": fields(declaration),
    }


def plain(value: Any) -> Any:
    """A default as JSON: tuples become lists, anything without a JSON form its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    return str(value)
