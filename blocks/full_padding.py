"""As many zeros around an input as a convolution needs to be a full one."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from blocks.data_format import WithDataFormat
from blocks.fields import RARE, Window1D, Window2D, Window3D, per_axis
from blocks.sizes import Size
from blocks.spec import Shape

KERNEL = "Window of the convolution behind it."
DILATION = "Distance between the taps of that window."


class _FullPadding(WithDataFormat):
    """Margins of (kernel_size - 1) * dilation_rate on each side."""

    category = "reshaping"
    axes: ClassVar[int] = 2

    def _windows(self) -> list[tuple[int, int]]:
        given = self.model_dump()
        return list(zip(per_axis(given["kernel_size"], self.axes), per_axis(given["dilation_rate"], self.axes), strict=True))

    def own_fields(self) -> set[str]:
        return {"kernel_size", "dilation_rate"}

    def arguments(self) -> dict[str, Any]:
        margins = [(size - 1) * dilation for size, dilation in self._windows()]
        return {**super().arguments(), "padding": tuple(margins) if self.axes > 1 else margins[0]}

    def sizes(self, shape: Shape) -> list[Size]:
        formula = "size + 2 * (kernel - 1) * dilation"
        return self.placed(
            Size(axis, formula, {"size": size, "kernel": kernel, "dilation": dilation})
            for axis, (size, (kernel, dilation)) in enumerate(zip(self.spatial(shape), self._windows(), strict=True))
            if size is not None
        )


class FullPadding1D(_FullPadding):
    """Adds zeros on both sides of a sequence, so that a convolution behind it is a full one.

    Use it before a Conv1D with padding "valid" and the same kernel_size: every overlap of window and sequence counts, even by one step.

    Formula: y[t + p, c] = x[t, c] with p = (kernel_size - 1) * dilation_rate, and 0 elsewhere
    Shapes: (steps, channels) -> (steps + 2 * p, channels); behind the convolution it is steps + p.
    Source: Dumoulin and Visin (2016), arXiv:1603.07285, section 2.3 (full padding).
    """

    layer = "keras.layers.ZeroPadding1D"
    ranks = (2,)
    axes = 1

    kernel_size: Window1D = Field(3, description=KERNEL, json_schema_extra={"unit": "steps"})
    dilation_rate: Window1D = Field(1, description=DILATION, json_schema_extra={"unit": "steps", **RARE})


class FullPadding2D(_FullPadding):
    """Adds a border of zeros, so that a convolution behind it is a full one.

    Use it before a Conv2D with padding "valid" and the same kernel_size: every overlap of window and picture counts, even by one pixel.

    Formula: y[i + p, j + q, c] = x[i, j, c] with p and q = (kernel_size - 1) * dilation_rate of the axis, and 0 elsewhere
    Shapes: (height, width, channels) -> (height + 2 * p, width + 2 * q, channels); behind the convolution it is height + p, width + q.
    Source: Dumoulin and Visin (2016), arXiv:1603.07285, section 2.3 (full padding).
    """

    layer = "keras.layers.ZeroPadding2D"
    ranks = (3,)
    axes = 2

    kernel_size: Window2D = Field(3, description=KERNEL, json_schema_extra={"unit": "pixels"})
    dilation_rate: Window2D = Field(1, description=DILATION, json_schema_extra={"unit": "pixels", **RARE})


class FullPadding3D(_FullPadding):
    """Adds a border of zeros around a volume, so that a convolution behind it is a full one.

    Use it before a Conv3D with padding "valid" and the same kernel_size: every overlap of window and volume counts, even by one voxel.

    Formula: as FullPadding2D, with a third axis.
    Shapes: (depth, height, width, channels) -> each size + 2 * (kernel_size - 1) * dilation_rate.
    Source: Dumoulin and Visin (2016), arXiv:1603.07285, section 2.3 (full padding).
    """

    layer = "keras.layers.ZeroPadding3D"
    ranks = (4,)
    axes = 3

    kernel_size: Window3D = Field(3, description=KERNEL, json_schema_extra={"unit": "voxels"})
    dilation_rate: Window3D = Field(1, description=DILATION, json_schema_extra={"unit": "voxels", **RARE})
