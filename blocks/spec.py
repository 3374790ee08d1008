"""Shapes and kinds of what flows along the edges of a graph, without a framework."""

from __future__ import annotations

import math
from typing import NamedTuple

Shape = tuple[int | None, ...]


class Spec(NamedTuple):
    """One tensor: its shape without the batch axis (None: unknown length) and its dtype."""

    shape: Shape
    dtype: str = "float32"

    @property
    def elements(self) -> int:
        """Numbers in one sample; an unknown length counts as 1."""
        return math.prod(size or 1 for size in self.shape)

    @property
    def is_integer(self) -> bool:
        return self.dtype.startswith(("int", "uint", "bool"))


class TableSpec(NamedTuple):
    """The columns of a table, one value each: (name, dtype) in order."""

    columns: tuple[tuple[str, str], ...]

    @property
    def shape(self) -> Shape:
        return (len(self.columns),)

    @property
    def dtype(self) -> str:
        return "columns"

    @property
    def elements(self) -> int:
        return len(self.columns)

    @property
    def is_integer(self) -> bool:
        return False


AnySpec = Spec | TableSpec


def shape_text(shape: Shape) -> str:
    """A shape as people write it: "28 x 28 x 1"; "one number" for the empty one."""
    return " x ".join("any" if size is None else str(size) for size in shape) or "one number"
