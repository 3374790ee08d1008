"""Blocks that make one of several inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from blocks.base import NumericBlock, axis_problem
from blocks.fields import RARE, listed_numbers
from blocks.spec import AnySpec, Shape, Spec, shape_text


def _one_or_two(value: Any) -> Any:
    """Reads "1" and "1, 2"."""
    listed = listed_numbers(value) if isinstance(value, str) else value
    return listed[0] if isinstance(listed, list) and len(listed) == 1 else listed


_Axis = Annotated[int, Field(ge=-4, le=4)]
Axes = Annotated[_Axis | tuple[_Axis, _Axis], BeforeValidator(_one_or_two)]


class _Merging(NumericBlock):
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

    Formula: y = x1 + x2 + ...
    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Add"


class Subtract(_Merging):
    """Subtracts the second input from the first, place by place.

    Use it to compare two branches.

    Formula: y = x1 - x2
    Shapes: two equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Subtract"
    arity = (2, 2)


class Multiply(_Merging):
    """Multiplies its inputs, place by place.

    Use it for gates and attention: one input says how much of the other passes.

    Formula: y = x1 * x2 * ..., place by place
    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Multiply"


class Average(_Merging):
    """Takes the mean of its inputs, place by place.

    Use it to let several branches vote.

    Formula: y = (x1 + x2 + ...) / inputs
    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Average"


class Maximum(_Merging):
    """Takes the largest of its inputs, place by place.

    Use it to let branches compete, as in maxout networks.

    Formula: y = max(x1, x2, ...), place by place
    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    Source: Goodfellow et al. (2013), arXiv:1302.4389.
    """

    layer = "keras.layers.Maximum"


class Minimum(_Merging):
    """Takes the smallest of its inputs, place by place.

    Use it where all branches must agree.

    Formula: y = min(x1, x2, ...), place by place
    Shapes: equal shapes -> the same shape; an axis of size 1 is stretched.
    """

    layer = "keras.layers.Minimum"


class Concatenate(NumericBlock):
    """Puts its inputs side by side along one axis.

    Use it to keep all of what several branches found, as in Inception and U-Net.

    Formula: y = x1, x2, ... one behind the other along the axis
    Shapes: shapes that are equal but for the axis -> the sizes along the axis add up.
    """

    category = "merging"
    layer = "keras.layers.Concatenate"
    arity = (2, None)
    ranks = (1, 2, 3, 4)

    axis: int = Field(-1, ge=-1, le=4, description="The axis, counted from 1; -1 is the last (channels).", json_schema_extra=RARE)

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


class Dot(NumericBlock):
    """Multiplies two inputs along one axis of each and sums up, so that these axes disappear.

    Use it to compare every entry of one input with every entry of the other; with normalize it is the cosine of their angle.

    Formula: y[a, b] = sum over k of x1[a, k] * x2[b, k]; with normalize x1 and x2 are brought to length 1 along k first
    Shapes: (..., k, ...) and (..., k, ...) -> the axes of the first without k, then those of the second without k; of two vectors (1).
    Multiply-adds: new values * summed; summed is the size of the axis that disappears.
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.2.1 (dot products of queries and keys).
    """

    category = "merging"
    layer = "keras.layers.Dot"
    arity = (2, 2)
    ranks = (1, 2, 3, 4)

    axes: Axes = Field(
        -1,
        description="The axis to sum over, counted from 1, -1 is the last; or one for each input, such as 2, 1.",
        json_schema_extra={"control": "list"},
    )
    normalize: bool = Field(False, description="Brings both inputs to length 1 along the axis first, which gives cosines from -1 to 1.")

    def _places(self, shapes: Sequence[Shape]) -> list[int]:
        """The place of the axis in each shape; outside of it where the shape has no such axis."""
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        return [len(shape) + axis if axis < 0 else axis - 1 for shape, axis in zip(shapes, axes, strict=True)]

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        shapes = [spec.shape for spec in inputs]
        places = self._places(shapes)
        for shape, place in zip(shapes, places, strict=True):
            if not 0 <= place < len(shape):
                wanted = f"axes of {shape_text(shape)}, 1 to {len(shape)} or -1 to -{len(shape)}"
                return f"Dot: invalid axes. Expected: {wanted}. Received: {self._axes_text()}.", "Use -1 for the last axis."
        first, second = (shape[place] for shape, place in zip(shapes, places, strict=True))
        if first == second:
            return None
        received = f"{shape_text((first,))} and {shape_text((second,))} (of {' and '.join(shape_text(shape) for shape in shapes)})"
        return f"Dot: invalid inputs. Expected: equal sizes along axes {self._axes_text()}. Received: {received}.", _common_axes(shapes)

    def _axes_text(self) -> str:
        return str(self.axes) if isinstance(self.axes, int) else ", ".join(map(str, self.axes))

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"summed": inputs[0][self._places(inputs)[0]] or 1}

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        first, second = inputs
        summed = first.shape[self._places([first.shape, second.shape])[0]] or 1
        return first.elements * second.elements // summed


def _common_axes(shapes: list[Shape]) -> str:
    """Axes of the same known size, as advice; the last ones first."""
    pairs = [(one, other) for one in range(len(shapes[0]), 0, -1) for other in range(len(shapes[1]), 0, -1)]
    found = next(((one, other) for one, other in pairs if shapes[0][one - 1] == shapes[1][other - 1]), None)
    return "Bring the axes to one size, with Dense for instance." if found is None else f"Axes {found[0]}, {found[1]} have equal sizes."


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
