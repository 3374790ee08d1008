"""Convolutions: learned windows that slide over sequences, pictures and volumes."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from blocks.base import LayerBlock, kernel_size_of, positions
from blocks.fields import RARE, ActivationName, CausalPadding, Count, InitializerName, Padding, Window1D, Window2D, Window3D, per_axis
from blocks.spec import AnySpec, Spec

FILTERS = "Output channels."
STRIDES = "Step of the window."
PADDING = '"same" keeps the size at step 1 by a border of zeros; "valid" uses no border.'
ACTIVATION = "Function applied to every output."
DILATION = "Distance between the taps of the window."
GROUPS = "Groups of channels that are convolved apart; it must divide channels and filters."
BIAS = "Adds one learned number per filter."
START = "How the weights start."
MULTIPLIER = "Filters per input channel."


class _Convolution(LayerBlock):
    """What all convolutions share: windows, and the count of multiply-adds."""

    category = "convolution"
    axes: ClassVar[int] = 2
    kernels: ClassVar[tuple[str, ...]] = ("kernel",)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        given = self.model_dump()
        if "dilation_rate" in given and max(per_axis(given["strides"], self.axes)) > 1 and max(per_axis(given["dilation_rate"], self.axes)) > 1:
            raise ValueError("strides and dilation_rate can't both be above 1; set one of them to 1")
        if given.get("filters", 0) % given.get("groups", 1):
            raise ValueError(f"groups ({given['groups']}) must divide filters ({given['filters']})")
        return self

    def windows(self) -> tuple[tuple[int, int], ...] | None:
        given = self.model_dump()
        sizes = per_axis(given["kernel_size"], self.axes)
        dilations = per_axis(given.get("dilation_rate", 1), self.axes)
        strides = per_axis(given["strides"], self.axes)
        effective = [size + (size - 1) * (dilation - 1) for size, dilation in zip(sizes, dilations, strict=True)]
        return tuple(zip(effective, strides, strict=True))

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        name, channels = type(self).__name__, inputs[0].shape[-1]
        if channels is None:
            return f"{name}: invalid input. Expected: a known number of channels. Received: one that varies.", "Give the shape in the Input."
        groups = self.model_dump().get("groups", 1)
        if channels % groups:
            divisors = [divisor for divisor in range(1, groups + 1) if channels % divisor == 0]
            return f"{name}: invalid groups. Expected: a divisor of the {channels} channels. Received: {groups}.", f"The nearest is {divisors[-1]}."
        return None

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(outputs[0]) * kernel_size_of(layer, *self.kernels)


class Conv1D(_Convolution):
    """Slides learned windows along a sequence.

    Use it for local patterns in signals, series and texts; "causal" padding never looks ahead.

    Shapes: (steps, channels) -> (steps', filters). With k = kernel_size + (kernel_size - 1) * (dilation_rate - 1),
        "valid" gives floor((steps - k) / strides) + 1, "same" and "causal" give ceil(steps / strides).
    Weights: (kernel_size * channels / groups + 1) * filters.
    Source: Waibel et al. (1989), doi:10.1109/29.21701.
    """

    layer = "keras.layers.Conv1D"
    ranks = (2,)
    axes = 1

    filters: Count = Field(32, description=FILTERS)
    kernel_size: Window1D = Field(3, description="Length of the window.", json_schema_extra={"unit": "steps"})
    strides: Window1D = Field(1, description=STRIDES, json_schema_extra={"unit": "steps", "shown_if": {"dilation_rate": 1}})
    padding: CausalPadding = Field("valid", description=PADDING.rstrip(".") + '; "causal" puts all of the border at the beginning.')
    activation: ActivationName = Field("linear", description=ACTIVATION)
    dilation_rate: Window1D = Field(1, description=DILATION, json_schema_extra={"unit": "steps", "frequent": False, "shown_if": {"strides": 1}})
    groups: Count = Field(1, description=GROUPS, json_schema_extra=RARE)
    use_bias: bool = Field(True, description=BIAS, json_schema_extra=RARE)
    kernel_initializer: InitializerName = Field("glorot_uniform", description=START, json_schema_extra=RARE)


class Conv2D(_Convolution):
    """Slides learned windows over height and width.

    Use it for local patterns in images and feature maps; a 1x1 window only mixes channels.

    Shapes: (height, width, channels) -> (height', width', filters). With k = kernel_size + (kernel_size - 1) * (dilation_rate - 1),
        "valid" gives floor((size - k) / strides) + 1 and "same" gives ceil(size / strides).
    Weights: (kernel height * kernel width * channels / groups + 1) * filters.
    Source: LeCun et al. (1998), doi:10.1109/5.726791.
    """

    layer = "keras.layers.Conv2D"
    ranks = (3,)
    axes = 2

    filters: Count = Field(32, description=FILTERS)
    kernel_size: Window2D = Field(3, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Window2D = Field(1, description=STRIDES, json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description=PADDING)
    activation: ActivationName = Field("linear", description=ACTIVATION)
    dilation_rate: Window2D = Field(1, description=DILATION, json_schema_extra={"unit": "pixels", "frequent": False, "shown_if": {"strides": 1}})
    groups: Count = Field(1, description=GROUPS, json_schema_extra=RARE)
    use_bias: bool = Field(True, description=BIAS, json_schema_extra=RARE)
    kernel_initializer: InitializerName = Field("glorot_uniform", description=START, json_schema_extra=RARE)


class Conv3D(_Convolution):
    """Slides learned windows over depth, height and width.

    Use it for volumes (scans) and videos (depth is time); it costs far more than Conv2D.

    Shapes: (depth, height, width, channels) -> (depth', height', width', filters). With
        k = kernel_size + (kernel_size - 1) * (dilation_rate - 1), "valid" gives floor((size - k) / strides) + 1 and "same" ceil(size / strides).
    Weights: (kernel depth * kernel height * kernel width * channels / groups + 1) * filters.
    Source: Ji et al. (2013), doi:10.1109/TPAMI.2012.59.
    """

    layer = "keras.layers.Conv3D"
    ranks = (4,)
    axes = 3

    filters: Count = Field(32, description=FILTERS)
    kernel_size: Window3D = Field(3, description="Window depth, height and width.", json_schema_extra={"unit": "voxels"})
    strides: Window3D = Field(1, description=STRIDES, json_schema_extra={"unit": "voxels", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description=PADDING)
    activation: ActivationName = Field("linear", description=ACTIVATION)
    dilation_rate: Window3D = Field(1, description=DILATION, json_schema_extra={"unit": "voxels", "frequent": False, "shown_if": {"strides": 1}})
    groups: Count = Field(1, description=GROUPS, json_schema_extra=RARE)
    use_bias: bool = Field(True, description=BIAS, json_schema_extra=RARE)
    kernel_initializer: InitializerName = Field("glorot_uniform", description=START, json_schema_extra=RARE)


class DepthwiseConv2D(_Convolution):
    """Slides learned windows over each channel by itself.

    Use it with a 1x1 Conv2D behind it in networks for small devices: together they cost a fraction of a Conv2D.

    Shapes: (height, width, channels) -> (height', width', channels * depth_multiplier); sizes as for Conv2D.
    Weights: (kernel height * kernel width + 1) * channels * depth_multiplier.
    Source: Howard et al. (2017), arXiv:1704.04861.
    """

    layer = "keras.layers.DepthwiseConv2D"
    ranks = (3,)
    axes = 2

    kernel_size: Window2D = Field(3, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Count = Field(1, le=4096, description=STRIDES, json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description=PADDING)
    depth_multiplier: Count = Field(1, description=MULTIPLIER)
    activation: ActivationName = Field("linear", description=ACTIVATION)
    dilation_rate: Window2D = Field(1, description=DILATION, json_schema_extra={"unit": "pixels", "frequent": False, "shown_if": {"strides": 1}})
    use_bias: bool = Field(True, description=BIAS, json_schema_extra=RARE)
    depthwise_initializer: InitializerName = Field("glorot_uniform", description=START, json_schema_extra=RARE)


class SeparableConv2D(_Convolution):
    """Slides windows over each channel by itself, then mixes the channels with a 1x1 window.

    Use it in place of Conv2D to save weights and time.

    Shapes: (height, width, channels) -> (height', width', filters); sizes as for Conv2D.
    Weights: kernel height * kernel width * channels * depth_multiplier + (channels * depth_multiplier + 1) * filters.
    Source: Chollet (2016), arXiv:1610.02357.
    """

    layer = "keras.layers.SeparableConv2D"
    ranks = (3,)
    axes = 2
    kernels = ("depthwise_kernel", "pointwise_kernel")

    filters: Count = Field(32, description=FILTERS)
    kernel_size: Window2D = Field(3, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Count = Field(1, le=4096, description=STRIDES, json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description=PADDING)
    activation: ActivationName = Field("linear", description=ACTIVATION)
    depth_multiplier: Count = Field(1, description=MULTIPLIER, json_schema_extra=RARE)
    dilation_rate: Window2D = Field(1, description=DILATION, json_schema_extra={"unit": "pixels", "frequent": False, "shown_if": {"strides": 1}})
    use_bias: bool = Field(True, description=BIAS, json_schema_extra=RARE)
    depthwise_initializer: InitializerName = Field("glorot_uniform", description="How the weights of the windows start.", json_schema_extra=RARE)
    pointwise_initializer: InitializerName = Field("glorot_uniform", description="How the weights of the mixing start.", json_schema_extra=RARE)


class Conv2DTranspose(_Convolution):
    """Enlarges feature maps with learned windows: the mirror image of a Conv2D.

    Use it in decoders and generators; a kernel_size that strides divide avoids checkerboard patterns.

    Shapes: (height, width, channels) -> (height', width', filters); "same" gives size * strides and "valid"
        size * strides + max(kernel_size - strides, 0).
    Weights: (kernel height * kernel width * channels + 1) * filters.
    Source: Zeiler et al. (2010), doi:10.1109/CVPR.2010.5539957; Odena et al. (2016), doi:10.23915/distill.00003 (checkerboards).
    """

    layer = "keras.layers.Conv2DTranspose"
    ranks = (3,)
    axes = 2

    filters: Count = Field(32, description=FILTERS)
    kernel_size: Window2D = Field(2, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Window2D = Field(2, description="By how much the size grows.", json_schema_extra={"unit": "times"})
    padding: Padding = Field("same", description='"same" gives exactly size * strides; "valid" keeps what sticks out.')
    activation: ActivationName = Field("linear", description=ACTIVATION)
    use_bias: bool = Field(True, description=BIAS, json_schema_extra=RARE)
    kernel_initializer: InitializerName = Field("glorot_uniform", description=START, json_schema_extra=RARE)

    def windows(self) -> None:
        """Enlarging has no receptive field in whole steps of the input."""

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(inputs[0]) * kernel_size_of(layer, "kernel")
