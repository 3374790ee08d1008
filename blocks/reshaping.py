"""Blocks that only rearrange, pad, cut or enlarge."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from blocks.base import LayerBlock
from blocks.fields import Count, Interpolation, Margin1D, Margin2D, Margin3D, Window1D, Window2D, Window3D, listed_numbers
from blocks.spec import AnySpec, Shape, shape_text

Lengths = Annotated[tuple[Annotated[int, Field(ge=-1, le=10_000_000)], ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=6)]
Order = Annotated[tuple[Annotated[int, Field(ge=1, le=6)], ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=6)]


class _Reshaping(LayerBlock):
    category = "reshaping"


class Flatten(_Reshaping):
    """Lines up all numbers of a sample in one vector.

    Use it between feature maps and dense layers; a global pooling block needs far fewer weights after it.

    Shapes: (any, any, ...) -> (product of the axes).
    """

    layer = "keras.layers.Flatten"


class Reshape(_Reshaping):
    """Gives the numbers of a sample another shape, in the same order.

    Use it to make a picture of a vector, or to add an axis of size 1.

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

    Shapes: (features) -> (n, features).
    """

    layer = "keras.layers.RepeatVector"
    ranks = (1,)

    n: Count = Field(10, description="Number of steps.")


class UpSampling1D(_Reshaping):
    """Repeats every step of a sequence.

    Use it in decoders of sequences, with a Conv1D behind it.

    Shapes: (steps, channels) -> (steps * size, channels).
    """

    layer = "keras.layers.UpSampling1D"
    ranks = (2,)

    size: Window1D = Field(2, description="Factor.", json_schema_extra={"unit": "times"})


class UpSampling2D(_Reshaping):
    """Enlarges feature maps without weights.

    Use it in decoders, with a Conv2D behind it; it makes no checkerboard patterns.

    Shapes: (height, width, channels) -> (height * size, width * size, channels).
    """

    layer = "keras.layers.UpSampling2D"
    ranks = (3,)

    size: Window2D = Field(2, description="Factors of height and width.", json_schema_extra={"unit": "times"})
    interpolation: Interpolation = Field("nearest", description="How new values are computed.")


class UpSampling3D(_Reshaping):
    """Repeats every voxel along the three axes.

    Use it in decoders of volumes, with a Conv3D behind it.

    Shapes: (depth, height, width, channels) -> (depth * size, height * size, width * size, channels).
    """

    layer = "keras.layers.UpSampling3D"
    ranks = (4,)

    size: Window3D = Field(2, description="Factors of depth, height and width.", json_schema_extra={"unit": "times"})


class ZeroPadding1D(_Reshaping):
    """Adds zeros before and behind a sequence.

    Use it before a convolution with padding "valid" that must not shorten the sequence.

    Shapes: (steps, channels) -> (steps + before + behind, channels).
    """

    layer = "keras.layers.ZeroPadding1D"
    ranks = (2,)

    padding: Margin1D = Field(
        1, description="Steps to add on both sides, or before and behind, such as 1, 0.", json_schema_extra={"unit": "steps", "control": "list"}
    )


class ZeroPadding2D(_Reshaping):
    """Adds a border of zeros.

    Use it before a convolution with padding "valid" to say exactly where the border goes.

    Shapes: (height, width, channels) -> (height + top + bottom, width + left + right, channels).
    """

    layer = "keras.layers.ZeroPadding2D"
    ranks = (3,)

    padding: Margin2D = Field(
        1,
        description="Pixels on all sides; or vertical, horizontal; or ((top, bottom), (left, right)).",
        json_schema_extra={"unit": "pixels", "control": "list"},
    )


class ZeroPadding3D(_Reshaping):
    """Adds a border of zeros around a volume.

    Use it before a Conv3D with padding "valid" to say exactly where the border goes.

    Shapes: (depth, height, width, channels) -> each size + its two margins.
    """

    layer = "keras.layers.ZeroPadding3D"
    ranks = (4,)

    padding: Margin3D = Field(
        1, description="Voxels on all sides; or one number, or one pair, for each axis.", json_schema_extra={"unit": "voxels", "control": "list"}
    )


class Cropping1D(_Reshaping):
    """Cuts steps off a sequence.

    Use it to bring two branches to one length.

    Shapes: (steps, channels) -> (steps - before - behind, channels).
    """

    layer = "keras.layers.Cropping1D"
    ranks = (2,)

    cropping: Margin1D = Field(
        1, description="Steps to cut off on both sides, or before and behind, such as 1, 0.", json_schema_extra={"unit": "steps", "control": "list"}
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or _too_much(type(self).__name__, self.cropping, inputs[0].shape)


class Cropping2D(_Reshaping):
    """Cuts the border off.

    Use it to bring two branches to one size, as in U-Net without padding.

    Shapes: (height, width, channels) -> (height - top - bottom, width - left - right, channels).
    """

    layer = "keras.layers.Cropping2D"
    ranks = (3,)

    cropping: Margin2D = Field(
        1,
        description="Pixels on all sides; or vertical, horizontal; or ((top, bottom), (left, right)).",
        json_schema_extra={"unit": "pixels", "control": "list"},
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or _too_much(type(self).__name__, self.cropping, inputs[0].shape)


class Cropping3D(_Reshaping):
    """Cuts the border off a volume.

    Use it to bring two branches to one size.

    Shapes: (depth, height, width, channels) -> each size - its two margins.
    """

    layer = "keras.layers.Cropping3D"
    ranks = (4,)

    cropping: Margin3D = Field(
        1, description="Voxels on all sides; or one number, or one pair, for each axis.", json_schema_extra={"unit": "voxels", "control": "list"}
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or _too_much(type(self).__name__, self.cropping, inputs[0].shape)


def _too_much(name: str, cropping: Any, shape: Shape) -> tuple[str, str] | None:
    """The problem of a cropping that leaves nothing."""
    axes = len(shape) - 1
    margins = (
        [(cropping, cropping)] * axes
        if isinstance(cropping, int)
        else [tuple(cropping)]
        if axes == 1
        else [each if isinstance(each, tuple) else (each, each) for each in cropping]
    )
    for size, (before, behind) in zip(shape[:-1], margins, strict=True):
        if size is not None and before + behind >= size:
            return f"{name}: invalid cropping. Expected: less than the {size} that are there. Received: {before + behind}.", "Make it smaller."
    return None
