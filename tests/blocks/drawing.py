"""Values drawn from declarations, allowed ones and forbidden ones."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import annotated_types
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from blocks import weights
from blocks.declaration import Declaration, FormField

SMALL = 6
"""Counts are drawn up to here above their minimum, so that layers stay small."""


def params(declaration: type[Declaration]) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters that the types of the fields allow; rules between fields may still refuse them."""
    forms = {form.name: form for form in declaration.form_fields()}
    fields = {
        name: chosen(forms[name]) if forms[name].control in ("setting", "block") else values(info.annotation, list(info.metadata))
        for name, info in declaration.model_fields.items()
        if not from_data(info)
    }
    return st.fixed_dictionaries({}, optional=fields)


def chosen(form: FormField) -> st.SearchStrategy[Any]:
    """A member of the field's family with drawn parameters, or one of the blocks it takes."""
    if form.control == "block":
        return st.sampled_from(form.choices)
    named = st.sampled_from(form.choices).flatmap(
        lambda name: params(weights.declaration(form.family, name)).map(lambda drawn: {"name": name, **drawn})
    )
    return st.one_of(st.none(), named) if form.optional else named


def from_data(info: FieldInfo) -> bool:
    """Whether a field is measured on a dataset, so that drawn values would mean nothing."""
    return isinstance(info.json_schema_extra, dict) and bool(info.json_schema_extra.get("from_data"))


def values(annotation: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    """Values of one annotation within its limits."""
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        inner, *more = get_args(annotation)
        return values(inner, [*metadata, *more])
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(values(part, list(metadata)) for part in get_args(annotation)))
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    least, most = limits(metadata)
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        lowest = math.ceil(least) if least is not None else -SMALL
        return st.integers(lowest, int(min(most if most is not None else math.inf, lowest + SMALL)))
    if annotation is float:
        lowest = max(least if least is not None else -2.0, -2.0)
        highest = min(most if most is not None else math.inf, lowest + 2.0)
        return st.floats(lowest, highest, width=32).filter(lambda value: value not in excluded(metadata))
    if annotation is type(None):
        return st.none()
    if annotation is str:
        return st.text(max_size=8)
    if origin is tuple:
        parts = get_args(annotation)
        if parts[-1] is Ellipsis:
            return st.lists(values(parts[0], []), min_size=1, max_size=3)
        return st.tuples(*(values(part, []) for part in parts)).map(list)
    raise TypeError(f"No values can be drawn for {annotation!r}.")


def flat(metadata: list[Any]) -> Iterator[Any]:
    """Constraints, with those that stand inside a Field."""
    for item in metadata:
        yield from item.metadata if isinstance(item, FieldInfo) else [item]


def limits(metadata: list[Any]) -> tuple[float | None, float | None]:
    """The strictest limits, open ones included."""
    least: float | None = None
    most: float | None = None
    for item in flat(metadata):
        if isinstance(item, annotated_types.Ge | annotated_types.Gt):
            value = float(item.ge if isinstance(item, annotated_types.Ge) else item.gt)  # type: ignore[arg-type]
            least = value if least is None else max(least, value)
        elif isinstance(item, annotated_types.Le | annotated_types.Lt):
            value = float(item.le if isinstance(item, annotated_types.Le) else item.lt)  # type: ignore[arg-type]
            most = value if most is None else min(most, value)
    return least, most


def excluded(metadata: list[Any]) -> list[float]:
    """Limits that are themselves no allowed values."""
    ends = [item for item in flat(metadata) if isinstance(item, annotated_types.Gt | annotated_types.Lt)]
    return [float(item.gt if isinstance(item, annotated_types.Gt) else item.lt) for item in ends]  # type: ignore[arg-type]


def refused(declaration: type[Declaration]) -> Iterator[tuple[str, Any]]:
    """One or more forbidden values per field."""
    for form in declaration.form_fields():
        if form.from_data:
            continue
        if form.choices:
            yield form.name, f"{form.choices[0]}x"
        if form.control in ("integer", "number", "list"):
            yield form.name, "banana"
            if form.minimum is not None:
                yield form.name, form.minimum if form.above_minimum else form.minimum - 1
            if form.maximum is not None:
                yield form.name, form.maximum if form.below_maximum else form.maximum + 1
        if form.control == "boolean":
            yield form.name, "maybe"
