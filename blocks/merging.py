"""Blocks that make one of several inputs."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from blocks.base import LayerBlock, axis_problem
from blocks.spec import AnySpec, Shape, shape_text


class _Merging(LayerBlock):
    """What all merging shares: inputs must have the same shape, except that an axis of size 1 stretches."""

    category = "merging"
    arity: ClassVar[tuple[int, int | None]] = (2, None)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or _joined([spec.shape for spec in inputs]):
            return found
        received = " and ".join(shape_text(spec.shape) for spec in inputs)
        return f"{type(self).__name__}: invalid inputs. Expected: equal shapes. Received: {received}.", _advice([spec.shape for spec in inputs])


class Add(_Merging):
    """Adds its inputs, place by place.

    Use it at the end of a shortcut, as in residual networks.

    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Add"


class Subtract(_Merging):
    """Subtracts the second input from the first, place by place.

    Use it to compare two branches.

    Shapes: two equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Subtract"
    arity = (2, 2)


class Multiply(_Merging):
    """Multiplies its inputs, place by place.

    Use it for gates and attention: one input says how much of the other passes.

    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Multiply"


class Average(_Merging):
    """Takes the mean of its inputs, place by place.

    Use it to let several branches vote.

    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Average"


class Maximum(_Merging):
    """Takes the largest of its inputs, place by place.

    Use it to let branches compete, as in maxout networks.

    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    Source: Goodfellow et al. (2013), arXiv:1302.4389.
    """

    layer = "keras.layers.Maximum"


class Minimum(_Merging):
    """Takes the smallest of its inputs, place by place.

    Use it where all branches must agree.

    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Minimum"


class Concatenate(LayerBlock):
    """Puts its inputs side by side along one axis.

    Use it to keep all of what several branches found, as in Inception and U-Net.

    Shapes: shapes that are equal but for the axis -> the sizes along the axis add up.
    """

    category = "merging"
    layer = "keras.layers.Concatenate"
    arity = (2, None)
    ranks = (1, 2, 3, 4)

    axis: int = Field(-1, ge=-1, le=4, description="The axis, counted from 1; -1 is the last (channels).", json_schema_extra={"frequent": False})

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or axis_problem("Concatenate", self.axis, inputs[0].shape)
        if found:
            return found
        shapes = [spec.shape for spec in inputs]
        place = len(shapes[0]) - 1 if self.axis == -1 else self.axis - 1
        others = {tuple(size for number, size in enumerate(shape) if number != place and size is not None) for shape in shapes if None not in shape}
        if len({len(shape) for shape in shapes}) == 1 and len(others) <= 1:
            return None
        received = " and ".join(shape_text(shape) for shape in shapes)
        return f"Concatenate: invalid inputs. Expected: shapes that are equal but for axis {self.axis}. Received: {received}.", _advice(shapes)


def _joined(shapes: list[Shape]) -> bool:
    if len({len(shape) for shape in shapes}) != 1:
        return False
    return all(len({size for size in sizes if size not in (None, 1)}) <= 1 for sizes in zip(*shapes, strict=True))


def _advice(shapes: list[Shape]) -> str:
    if len({len(shape) for shape in shapes}) != 1:
        return "Insert Flatten, a global pooling block or Reshape before the one with more axes."
    if len({shape[:-1] for shape in shapes}) > 1:
        return "Bring them to one size: with pooling, strides, UpSampling2D or padding."
    return "Bring them to one number of channels: with a 1x1 Conv2D, or Dense."
