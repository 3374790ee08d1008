"""How sizes change from input to output, as formulas with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from blocks.formulas import Quantities
from blocks.spec import Shape


class Size(NamedTuple):
    """One axis of the output: by what formula it follows from the input, and what it is called where its place doesn't say it."""

    axis: int
    formula: str
    numbers: Quantities
    name: str = ""


def windowed(shape: Shape, windows: Sequence[tuple[int, int]], padding: str) -> list[Size]:
    """Sizes behind windows that slide: (size, step) per axis, `padding` as in Keras. Unknown sizes are left out."""
    found = []
    for axis, (size, (window, step)) in enumerate(zip(shape, windows, strict=True)):
        if size is None:
            continue
        if padding == "valid":
            found.append(Size(axis, "floor((size - window) / step) + 1", {"size": size, "window": window, "step": step}))
        else:
            found.append(Size(axis, "ceil(size / step)", {"size": size, "step": step}))
    return found


def enlarged(shape: Shape, windows: Sequence[int], strides: Sequence[int], padding: str, added: Sequence[int] | None) -> list[Size]:
    """Sizes behind a transposed convolution with these effective windows; `added` is the output padding."""
    found = []
    for axis, (size, window, stride) in enumerate(zip(shape, windows, strides, strict=True)):
        if size is None:
            continue
        numbers = {"size": size, "window": window, "stride": stride}
        if added is not None:
            cut = " - 2 * floor(window / 2)" if padding == "same" else ""
            found.append(Size(axis, f"(size - 1) * stride + window{cut} + added", {**numbers, "added": added[axis]}))
        elif padding == "same":
            found.append(Size(axis, "size * stride", numbers))
        else:
            found.append(Size(axis, "size * stride + max(window - stride, 0)", numbers))
    return found


def scaled(shape: Shape, factors: Sequence[int]) -> list[Size]:
    """Sizes that are multiplied."""
    return [
        Size(axis, "size * factor", {"size": size, "factor": factor})
        for axis, (size, factor) in enumerate(zip(shape, factors, strict=True))
        if size is not None
    ]


def with_margins(shape: Shape, margins: Sequence[tuple[int, int]], sign: str) -> list[Size]:
    """Sizes to which margins are added (sign "+") or from which they are cut ("-")."""
    return [
        Size(axis, f"size {sign} before {sign} behind", {"size": size, "before": before, "behind": behind})
        for axis, (size, (before, behind)) in enumerate(zip(shape, margins, strict=True))
        if size is not None
    ]
