"""Convolutions: learned windows that slide over sequences, pictures and volumes."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from blocks.base import LayerBlock, kernel_size_of, positions
from blocks.fields import ActivationName, Count, InitializerName, Padding, Window2D, per_axis
from blocks.spec import AnySpec, Spec


class _Convolution(LayerBlock):
    """What all convolutions share: windows, and the count of multiply-adds."""

    axes: ClassVar[int] = 2
    kernels: ClassVar[tuple[str, ...]] = ("kernel",)

    def windows(self) -> tuple[tuple[int, int], ...]:
        given = self.model_dump()
        sizes = per_axis(given["kernel_size"], self.axes)
        dilations = per_axis(given.get("dilation_rate", 1), self.axes)
        strides = per_axis(given["strides"], self.axes)
        effective = [size + (size - 1) * (dilation - 1) for size, dilation in zip(sizes, dilations, strict=True)]
        return tuple(zip(effective, strides, strict=True))

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:
        return positions(outputs[0]) * kernel_size_of(layer, *self.kernels)


class Conv2D(_Convolution):
    """Slides learned windows over height and width.

    Use it for local patterns in images and feature maps; a 1x1 window only mixes channels.

    Shapes: (height, width, channels) -> (height', width', filters). With k = kernel_size + (kernel_size - 1) * (dilation_rate - 1),
        "valid" gives floor((size - k) / strides) + 1 and "same" gives ceil(size / strides).
    Weights: (kernel height * kernel width * channels / groups + 1) * filters.
    Source: LeCun et al. (1998), doi:10.1109/5.726791.
    """

    category = "convolution"
    layer = "keras.layers.Conv2D"
    ranks = (3,)
    axes = 2

    filters: Count = Field(32, description="Output channels.")
    kernel_size: Window2D = Field(3, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Window2D = Field(1, description="Step of the window.", json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description='"same" keeps the size at step 1 by a border of zeros; "valid" uses no border.')
    activation: ActivationName = Field("linear", description="Function applied to every output.")
    dilation_rate: Window2D = Field(1, description="Distance between the taps of the window.", json_schema_extra={"unit": "pixels", "frequent": False, "shown_if": {"strides": 1}})
    groups: Count = Field(1, description="Groups of channels that are convolved apart; it must divide channels and filters.", json_schema_extra={"frequent": False})
    use_bias: bool = Field(True, description="Adds one learned number per filter.", json_schema_extra={"frequent": False})
    kernel_initializer: InitializerName = Field("glorot_uniform", description="How the weights start.", json_schema_extra={"frequent": False})
