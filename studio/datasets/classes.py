"""The order of classes."""

from __future__ import annotations

import math
from collections.abc import Iterable


def in_order(values: Iterable[str]) -> tuple[str, ...]:
    """Distinct class names, sorted as numbers if all are numbers, else as text."""
    names = set(values)
    numbers = {name: number for name in names if (number := _number(name)) is not None}
    if len(numbers) == len(names):
        return tuple(sorted(names, key=lambda name: (numbers[name], name)))
    return tuple(sorted(names))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
