"""Blocks that only rearrange, pad or cut."""

from __future__ import annotations

import math
import string
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from blocks.base import NumericBlock
from blocks.data_format import WithDataFormat
from blocks.fields import Count, Margin1D, Margin2D, Margin3D, listed_numbers
from blocks.sizes import Size, with_margins
from blocks.spec import AnySpec, Shape, shape_text

Lengths = Annotated[tuple[Annotated[int, Field(ge=-1, le=10_000_000)], ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=6)]
Order = Annotated[tuple[Annotated[int, Field(ge=1, le=6)], ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=6)]


class _Reshaping(NumericBlock):
    category = "reshaping"


class Flatten(_Reshaping, WithDataFormat):
    """Lines up all numbers of a sample in one vector.

    Use it between feature maps and dense layers; a global pooling block needs far fewer weights after it.

    Formula: y[(i * width + j) * channels + c] = x[i, j, c]: row by row, the channels of a place together, with either data_format
    Shapes: (any, any, ...) -> (product of the axes).
    """

    layer = "keras.layers.Flatten"

    def sizes(self, shape: Shape) -> list[Size]:
        names = string.ascii_lowercase[: len(shape)]
        if not shape or None in shape or len(shape) > len(names):
            return []
        return [Size(0, " * ".join(names), {name: size or 1 for name, size in zip(names, shape, strict=True)})]


class Reshape(_Reshaping):
    """Gives the numbers of a sample another shape, in the same order.

    Use it to make a picture of a vector, or to add an axis of size 1.

    Formula: y = the numbers of x in the same order (the last axis runs fastest), cut up anew
    Shapes: any -> target_shape; both hold equally many numbers.
    """

    layer = "keras.layers.Reshape"

    target_shape: Lengths = Field((-1, 1), description="The new shape without the batch, such as 7, 7, 64. -1 stands for what is left over.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        shape, wanted = inputs[0].shape, self.target_shape
        if wanted.count(-1) > 1 or 0 in wanted:
            return (
                f"Reshape: invalid target_shape. Expected: positive sizes and at most one -1. Received: {shape_text(wanted)}.",
                "Leave one -1 at most.",
            )
        if None in shape:
            return None
        numbers, known = math.prod(size or 1 for size in shape), math.prod(size for size in wanted if size != -1)
        fits = numbers % known == 0 if -1 in wanted else numbers == known
        if fits:
            return None
        text = f"Reshape: invalid target_shape. Expected: the {numbers:,} numbers of {shape_text(shape)}. Received: {shape_text(wanted)}."
        return text, "Write -1 for one of the sizes." if -1 not in wanted else f"{known} does not divide {numbers}."


class Permute(_Reshaping):
    """Exchanges axes.

    Use it to bring channels to the end, or to swap steps and features.

    Formula: y[axes in the order of dims] = x[axes]; with dims 2, 1: y[j, i] = x[i, j]
    Shapes: the axes in the given order.
    """

    layer = "keras.layers.Permute"
    ranks = (1, 2, 3, 4)

    dims: Order = Field((2, 1), description="The old axes in their new order, counted from 1, such as 2, 1, 3.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or sorted(self.dims) == list(range(1, len(inputs[0].shape) + 1)):
            return found
        axes = ", ".join(str(axis) for axis in range(1, len(inputs[0].shape) + 1))
        return f"Permute: invalid dims. Expected: each of {axes} once. Received: {', '.join(map(str, self.dims))}.", ""


class RepeatVector(_Reshaping):
    """Repeats a vector as the steps of a sequence.

    Use it between the encoder and the decoder of a sequence autoencoder.

    Formula: y[t, f] = x[f] for each step t < n
    Shapes: (features) -> (n, features).
    """

    layer = "keras.layers.RepeatVector"
    ranks = (1,)

    n: Count = Field(10, description="Number of steps.")


class Identity(_Reshaping):
    """Passes its input on as it is.

    Use it as a place holder, or to give a point of the network a name.

    Formula: y = x
    Shapes: any -> the same.
    """

    layer = "keras.layers.Identity"


class _ZeroPadding(_Reshaping, WithDataFormat):
    """Zeros around."""

    def sizes(self, shape: Shape) -> list[Size]:
        spatial = self.spatial(shape)
        return self.placed(with_margins(spatial, margins(self.model_dump()["padding"], len(spatial)), "+"))


class ZeroPadding1D(_ZeroPadding):
    """Adds zeros before and behind a sequence.

    Use it before a convolution with padding "valid" that must not shorten the sequence.

    Formula: y[t + before, c] = x[t, c], and 0 in the margins
    Shapes: (steps, channels) -> (steps + before + behind, channels).
    """

    layer = "keras.layers.ZeroPadding1D"
    ranks = (2,)

    padding: Margin1D = Field(
        1, description="Steps to add on both sides, or before and behind, such as 1, 0.", json_schema_extra={"unit": "steps", "control": "list"}
    )


class ZeroPadding2D(_ZeroPadding):
    """Adds a border of zeros.

    Use it before a convolution with padding "valid" to say exactly where the border goes.

    Formula: y[i + top, j + left, c] = x[i, j, c], and 0 in the border
    Shapes: (height, width, channels) -> (height + top + bottom, width + left + right, channels).
    """

    layer = "keras.layers.ZeroPadding2D"
    ranks = (3,)

    padding: Margin2D = Field(
        1,
        description="Pixels on all sides; or vertical, horizontal; or ((top, bottom), (left, right)).",
        json_schema_extra={"unit": "pixels", "control": "list"},
    )


class ZeroPadding3D(_ZeroPadding):
    """Adds a border of zeros around a volume.

    Use it before a Conv3D with padding "valid" to say exactly where the border goes.

    Formula: as ZeroPadding2D, with a third axis.
    Shapes: (depth, height, width, channels) -> each size + its two margins.
    """

    layer = "keras.layers.ZeroPadding3D"
    ranks = (4,)

    padding: Margin3D = Field(
        1, description="Voxels on all sides; or one number, or one pair, for each axis.", json_schema_extra={"unit": "voxels", "control": "list"}
    )


class _Cropping(_Reshaping):
    """The border cut off."""

    def cut(self, shape: Shape) -> tuple[Shape, list[tuple[int, int]]]:
        """The axes that are cut, and by how much."""
        return shape[:-1], margins(self.model_dump()["cropping"], len(shape) - 1)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        for size, margin in zip(*self.cut(inputs[0].shape), strict=True):
            if size is not None and sum(margin) >= size:
                text = f"invalid cropping. Expected: less than the {size} that are there. Received: {sum(margin)}."
                return f"{type(self).__name__}: {text}", "Make it smaller."
        return None

    def sizes(self, shape: Shape) -> list[Size]:
        return with_margins(*self.cut(shape), "-")


class _EitherCropping(_Cropping, WithDataFormat):
    """With the channels behind or before."""

    def cut(self, shape: Shape) -> tuple[Shape, list[tuple[int, int]]]:
        return self.spatial(shape), margins(self.model_dump()["cropping"], len(shape) - 1)

    def sizes(self, shape: Shape) -> list[Size]:
        return self.placed(super().sizes(shape))


class Cropping1D(_Cropping):
    """Cuts steps off a sequence.

    Use it to bring two branches to one length.

    Formula: y[t, c] = x[t + before, c]
    Shapes: (steps, channels) -> (steps - before - behind, channels).
    """

    layer = "keras.layers.Cropping1D"
    ranks = (2,)

    cropping: Margin1D = Field(
        1, description="Steps to cut off on both sides, or before and behind, such as 1, 0.", json_schema_extra={"unit": "steps", "control": "list"}
    )


class Cropping2D(_EitherCropping):
    """Cuts the border off.

    Use it to bring two branches to one size, as in U-Net without padding.

    Formula: y[i, j, c] = x[i + top, j + left, c]
    Shapes: (height, width, channels) -> (height - top - bottom, width - left - right, channels).
    """

    layer = "keras.layers.Cropping2D"
    ranks = (3,)

    cropping: Margin2D = Field(
        1,
        description="Pixels on all sides; or vertical, horizontal; or ((top, bottom), (left, right)).",
        json_schema_extra={"unit": "pixels", "control": "list"},
    )


class Cropping3D(_EitherCropping):
    """Cuts the border off a volume.

    Use it to bring two branches to one size.

    Formula: as Cropping2D, with a third axis.
    Shapes: (depth, height, width, channels) -> each size - its two margins.
    """

    layer = "keras.layers.Cropping3D"
    ranks = (4,)

    cropping: Margin3D = Field(
        1, description="Voxels on all sides; or one number, or one pair, for each axis.", json_schema_extra={"unit": "voxels", "control": "list"}
    )


def margins(value: Any, axes: int) -> list[tuple[int, int]]:
    """The two margins of each axis, from one number for all, one or two numbers each, or (of a single axis) before and behind."""
    if isinstance(value, int):
        return [(value, value)] * axes
    if axes == 1:
        return [(value[0], value[1])]
    return [(each, each) if isinstance(each, int) else (each[0], each[1]) for each in value]
