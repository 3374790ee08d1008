"""Kinds of values as a dataset stores them: each module reads some kinds of features."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.values.base import Stored, Values, registry

__all__ = ["Values", "read", "registry"]


def read(stored: Stored, feature: Feature, rows: NDArray[Any]) -> Any:
    """The values of a feature in some rows; what they are is told by `Dataset.values`."""
    return registry.all()[feature.kind]().read(stored, feature, rows)
