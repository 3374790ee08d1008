"""Axes that a parameter names: counted from 1 (the batch is not counted), or -1 for the last."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from blocks.fields import listed_numbers
from blocks.spec import Shape

MOST_AXES = 5


def _counted(axis: int) -> int:
    if axis == 0:
        raise ValueError("the first axis is 1, the last one -1")
    return axis


def _distinct(axes: tuple[int, ...]) -> tuple[int, ...]:
    for axis in axes:
        _counted(axis)
    if len(set(axes)) < len(axes):
        raise ValueError("name each axis once")
    if -1 in axes and len(axes) > 1:
        raise ValueError("-1 stands alone; count the axes from 1 to name several")
    return axes


Axis = Annotated[int, Field(ge=-1, le=MOST_AXES), AfterValidator(_counted)]
Axes = Annotated[
    tuple[Annotated[int, Field(ge=-1, le=MOST_AXES)], ...],
    Field(min_length=1, max_length=MOST_AXES),
    BeforeValidator(listed_numbers),
    AfterValidator(_distinct),
]


def axes_problem(name: str, axes: tuple[int, ...], shape: Shape, known: bool = False) -> tuple[str, str] | None:
    """The problem of axes that the shape doesn't have, or (with `known`) whose sizes vary."""
    for axis in axes:
        if axis > len(shape):
            return f"{name}: invalid axis. Expected: -1, or 1 to {len(shape)}. Received: {axis}.", "Use -1 for the channels."
    if known and None in sizes_of(axes, shape):
        which = "the last axis" if axes == (-1,) else "every axis in `axis`"
        return f"{name}: invalid input. Expected: a known size of {which}. Received: one that varies.", "Give the shape in the Input."
    return None


def sizes_of(axes: tuple[int, ...], shape: Shape) -> list[int | None]:
    """The sizes of the axes."""
    return [shape[axis if axis < 0 else axis - 1] for axis in axes]


def values_of(axes: tuple[int, ...], shape: Shape) -> int:
    """The product of the sizes of the axes; an unknown one counts as 1."""
    return math.prod(size or 1 for size in sizes_of(axes, shape))


def one_or_all(axes: tuple[int, ...]) -> int | list[int]:
    """The axes as Keras takes them."""
    return axes[0] if len(axes) == 1 else list(axes)
