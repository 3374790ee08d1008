"""Figures of many numbers: of what a node gives, and of its weights."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

_AT_ONCE = 4_000_000
"""Numbers that are looked at together; more would take several times their own memory."""


@dataclass(frozen=True)
class Statistics:
    """Figures of a set of numbers; minimum to standard deviation are of the finite ones, and None where there is none.

    Args:
        count: Of all numbers.
        zeros: Share of all that is exactly 0.
        not_finite: Share of all that is infinite or no number.
    """

    count: int
    minimum: float | None = None
    mean: float | None = None
    maximum: float | None = None
    standard_deviation: float | None = None
    zeros: float = 0.0
    not_finite: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def of(values: np.ndarray) -> Statistics:
    """The figures of an array of numbers."""
    count = int(values.size)
    if not count:
        return Statistics(0)
    if count > _AT_ONCE:
        flat = values.reshape(-1)
        return together(of(flat[start : start + _AT_ONCE]) for start in range(0, count, _AT_ONCE))
    numbers = values if values.dtype.kind == "f" else values.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    not_finite = 1 - finite.size / count
    if not finite.size:
        return Statistics(count, not_finite=not_finite)
    mean = float(finite.mean(dtype=np.float64))
    deviation = float(np.sqrt(np.square(finite - mean, dtype=np.float64).mean()))
    zeros = float((numbers == 0).mean())
    return Statistics(count, float(finite.min()), mean, float(finite.max()), deviation, zeros, not_finite)


def together(parts: Iterable[Statistics]) -> Statistics:
    """The figures of several sets as one."""
    known = [part for part in parts if part.count]
    count = sum(part.count for part in known)
    if not count:
        return Statistics(0)
    zeros = sum(part.zeros * part.count for part in known) / count
    not_finite = sum(part.not_finite * part.count for part in known) / count
    finite = [part for part in known if part.mean is not None]
    sizes = [part.count * (1 - part.not_finite) for part in finite]
    total = sum(sizes)
    if not total:
        return Statistics(count, not_finite=not_finite)
    mean = sum((part.mean or 0.0) * size for part, size in zip(finite, sizes, strict=True)) / total
    spread = sum(((part.standard_deviation or 0.0) ** 2 + ((part.mean or 0.0) - mean) ** 2) * size for part, size in zip(finite, sizes, strict=True))
    low = min(part.minimum for part in finite if part.minimum is not None)
    high = max(part.maximum for part in finite if part.maximum is not None)
    return Statistics(count, low, mean, high, math.sqrt(spread / total), zeros, not_finite)
