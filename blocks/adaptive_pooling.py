"""Pooling to a given size, whatever the size that comes in."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from blocks.base import NumericBlock
from blocks.data_format import WithDataFormat
from blocks.fields import Window1D, Window2D, Window3D, listed_numbers, per_axis
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape

Levels = Annotated[tuple[Annotated[int, Field(ge=1, le=64)], ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=8)]


class _Adaptive(WithDataFormat):
    """Bins that together cover the input."""

    category = "pooling"
    layer = "blocks.layers.bin_pooling.AdaptivePooling"
    axes: ClassVar[int] = 2
    pooling: ClassVar[Literal["average", "max"]] = "average"

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        return {**given, "output_size": per_axis(given["output_size"], self.axes), "pooling": self.pooling}

    def sizes(self, shape: Shape) -> list[Size]:  # noqa: ARG002 - the sizes that come in don't matter
        wanted = per_axis(self.model_dump()["output_size"], self.axes)
        return self.placed(Size(axis, "output size", {"output size": size}) for axis, size in enumerate(wanted))


class _Adaptive1D(_Adaptive):
    ranks = (2,)
    axes = 1

    output_size: Window1D = Field(1, description="Steps that come out.", json_schema_extra={"unit": "steps"})


class _Adaptive2D(_Adaptive):
    ranks = (3,)
    axes = 2

    output_size: Window2D = Field(1, description="Height and width that come out.", json_schema_extra={"unit": "pixels"})


class _Adaptive3D(_Adaptive):
    ranks = (4,)
    axes = 3

    output_size: Window3D = Field(1, description="Depth, height and width that come out.", json_schema_extra={"unit": "voxels"})


class AdaptiveAveragePooling1D(_Adaptive1D):
    """Divides a sequence of any length into as many bins as are wanted, and takes the mean of each.

    Use it where sequences of different lengths must come out equally long.

    Formula: y[b, c] = mean of x[t, c] from t = floor(b * steps / output_size) up to, without, ceil((b + 1) * steps / output_size)
    Shapes: (steps, channels) -> (output_size, channels); bins overlap by one step where output_size doesn't divide steps.
    Source: He et al. (2014), arXiv:1406.4729, appendix A (the bins).
    """

    pooling = "average"


class AdaptiveAveragePooling2D(_Adaptive2D):
    """Divides pictures of any size into as many bins as are wanted, and takes the mean of each.

    Use it before Flatten and dense layers, so that they fit pictures of any size.

    Formula: y[a, b, c] = mean of x[i, j, c], i from floor(a * height / output_size) up to, without, ceil((a + 1) * height / output_size),
        and j likewise over the width
    Shapes: (height, width, channels) -> (output_size, output_size, channels); bins overlap by one pixel where output_size doesn't divide the size.
    Source: He et al. (2014), arXiv:1406.4729, appendix A (the bins).
    """

    pooling = "average"


class AdaptiveAveragePooling3D(_Adaptive3D):
    """Divides volumes of any size into as many bins as are wanted, and takes the mean of each.

    Use it before Flatten and dense layers, so that they fit volumes of any size.

    Formula: as AdaptiveAveragePooling2D, with a third axis of the bins.
    Shapes: (depth, height, width, channels) -> (output_size, output_size, output_size, channels).
    Source: He et al. (2014), arXiv:1406.4729, appendix A (the bins).
    """

    pooling = "average"


class AdaptiveMaxPooling1D(_Adaptive1D):
    """Divides a sequence of any length into as many bins as are wanted, and keeps the largest value of each.

    Use it where sequences of different lengths must come out equally long, and strong finds count.

    Formula: y[b, c] = max of x[t, c] from t = floor(b * steps / output_size) up to, without, ceil((b + 1) * steps / output_size)
    Shapes: (steps, channels) -> (output_size, channels); bins overlap by one step where output_size doesn't divide steps.
    Source: He et al. (2014), arXiv:1406.4729, appendix A (the bins).
    """

    pooling = "max"


class AdaptiveMaxPooling2D(_Adaptive2D):
    """Divides pictures of any size into as many bins as are wanted, and keeps the largest value of each.

    Use it before Flatten and dense layers for pictures of any size, when strong finds count.

    Formula: y[a, b, c] = max of x[i, j, c], i from floor(a * height / output_size) up to, without, ceil((a + 1) * height / output_size),
        and j likewise over the width
    Shapes: (height, width, channels) -> (output_size, output_size, channels); bins overlap by one pixel where output_size doesn't divide the size.
    Source: He et al. (2014), arXiv:1406.4729, appendix A (the bins).
    """

    pooling = "max"


class AdaptiveMaxPooling3D(_Adaptive3D):
    """Divides volumes of any size into as many bins as are wanted, and keeps the largest value of each.

    Use it before Flatten and dense layers for volumes of any size, when strong finds count.

    Formula: as AdaptiveMaxPooling2D, with a third axis of the bins.
    Shapes: (depth, height, width, channels) -> (output_size, output_size, output_size, channels).
    Source: He et al. (2014), arXiv:1406.4729, appendix A (the bins).
    """

    pooling = "max"


class SpatialPyramidPooling(NumericBlock):
    """Pools a picture into grids of several finenesses and lines them up in one vector of fixed length.

    Use it in place of Flatten before dense layers: pictures of any size fit, and it still says roughly where something was.

    Formula: y = the bins of a 1x1, a 2x2 and a 4x4 grid (with levels 1, 2, 4) one behind the other, each the max or mean of its part, as in
        AdaptiveMaxPooling2D
    Shapes: (height, width, channels) -> ((sum of level * level) * channels); height and width may vary.
    Source: He et al. (2014), arXiv:1406.4729, section 2.2 and appendix A.
    """

    category = "pooling"
    layer = "blocks.layers.bin_pooling.SpatialPyramidPooling"
    ranks = (3,)

    levels: Levels = Field((1, 2, 4), description="Bins along height and width of each grid, such as 1, 2, 4.", json_schema_extra={"unit": "bins"})
    pooling: Literal["max", "average"] = Field("max", description="What a bin gives: its largest value, or its mean.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or inputs[0].shape[-1] is not None:
            return found
        return (
            "SpatialPyramidPooling: invalid input. Expected: a known number of channels. Received: one that varies.",
            "Give the shape in the Input.",
        )

    def sizes(self, shape: Shape) -> list[Size]:
        numbers = {"bins": sum(level * level for level in self.levels), "channels": shape[-1] or 1}
        return [Size(0, "bins * channels", numbers)]
