"""Convolutions: learned windows that slide over sequences, pictures and volumes."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from blocks.base import NumericBlock, kernel_size_of, positions
from blocks.fields import (
    RARE,
    ActivationName,
    CausalPadding,
    Count,
    Padding,
    Window1D,
    Window2D,
    Window3D,
    per_axis,
)
from blocks.sizes import Size, enlarged, windowed
from blocks.spec import AnySpec, Shape, Spec
from blocks.weighted import WithActivityRegularizer, WithBias, WithDepthwiseKernel, WithKernel, WithPointwiseKernel

FILTERS = "Output channels."
STRIDES = "Step of the window."
PADDING = '"same" keeps the size at step 1 by a border of zeros; "valid" uses no border.'
ACTIVATION = "Function applied to every output."
DILATION = "Distance between the taps of the window."
GROUPS = "Groups of channels that are convolved apart; it must divide channels and filters."
MULTIPLIER = "Filters per input channel."


class _Windowed(NumericBlock):
    """What all convolutions share: windows with a step, and the count of multiply-adds."""

    category = "convolution"
    axes: ClassVar[int] = 2
    kernels: ClassVar[tuple[str, ...]] = ("kernel",)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        name, channels = type(self).__name__, inputs[0].shape[-1]
        if channels is None:
            return f"{name}: invalid input. Expected: a known number of channels. Received: one that varies.", "Give the shape in the Input."
        groups = getattr(self, "groups", 1)
        if channels % groups:
            divisors = [divisor for divisor in range(1, groups + 1) if channels % divisor == 0]
            return f"{name}: invalid groups. Expected: a divisor of the {channels} channels. Received: {groups}.", f"The nearest is {divisors[-1]}."
        return None

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(outputs[0]) * kernel_size_of(layer, *self.kernels)


class _Convolution(_Windowed):
    """A convolution that keeps or shrinks the size."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        given = self.model_dump()
        if max(per_axis(given["strides"], self.axes)) > 1 and max(per_axis(given.get("dilation_rate", 1), self.axes)) > 1:
            raise ValueError("strides and dilation_rate can't both be above 1; set one of them to 1")
        if given.get("filters", 0) % given.get("groups", 1):
            raise ValueError(f"groups ({given['groups']}) must divide filters ({given['filters']})")
        return self

    def windows(self) -> tuple[tuple[int, int], ...]:
        given = self.model_dump()
        sizes, dilations, strides = (per_axis(given[name], self.axes) for name in ("kernel_size", "dilation_rate", "strides"))
        effective = [size + (size - 1) * (dilation - 1) for size, dilation in zip(sizes, dilations, strict=True)]
        return tuple(zip(effective, strides, strict=True))

    def sizes(self, shape: Shape) -> list[Size]:
        return windowed(shape[:-1], self.windows(), str(self.model_dump()["padding"]))


class _Filters(NumericBlock):
    """How many channels come out; it stands first in the forms."""

    filters: Count = Field(32, description=FILTERS)


class _Over1D(_Convolution):
    ranks = (2,)
    axes = 1

    kernel_size: Window1D = Field(3, description="Length of the window.", json_schema_extra={"unit": "steps"})
    strides: Window1D = Field(1, description=STRIDES, json_schema_extra={"unit": "steps", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description=PADDING)
    dilation_rate: Window1D = Field(1, description=DILATION, json_schema_extra={"unit": "steps", "frequent": False, "shown_if": {"strides": 1}})


class _Over2D(_Convolution):
    ranks = (3,)
    axes = 2

    kernel_size: Window2D = Field(3, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Window2D = Field(1, description=STRIDES, json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description=PADDING)
    dilation_rate: Window2D = Field(1, description=DILATION, json_schema_extra={"unit": "pixels", "frequent": False, "shown_if": {"strides": 1}})


class _Over3D(_Convolution):
    ranks = (4,)
    axes = 3

    kernel_size: Window3D = Field(3, description="Window depth, height and width.", json_schema_extra={"unit": "voxels"})
    strides: Window3D = Field(1, description=STRIDES, json_schema_extra={"unit": "voxels", "shown_if": {"dilation_rate": 1}})
    padding: Padding = Field("valid", description=PADDING)
    dilation_rate: Window3D = Field(1, description=DILATION, json_schema_extra={"unit": "voxels", "frequent": False, "shown_if": {"strides": 1}})


class _Full(_Convolution, WithKernel, WithBias, WithActivityRegularizer):
    """Every filter sees every channel of its group."""

    standard: ClassVar[str] = "new places * kernel places * channels * filters"

    activation: ActivationName = Field("linear", description=ACTIVATION)
    groups: Count = Field(1, description=GROUPS, json_schema_extra=RARE)


class Conv1D(_Filters, _Over1D, _Full):
    """Slides learned windows along a sequence.

    Use it for local patterns in signals, series and texts; "causal" padding never looks ahead.

    Formula: y[t, f] = sum over i, c of x[t * strides + i * dilation_rate, c] * kernel[i, c, f] + bias[f]
    Shapes: (steps, channels) -> (steps', filters). With k = kernel_size + (kernel_size - 1) * (dilation_rate - 1),
        "valid" gives floor((steps - k) / strides) + 1, "same" and "causal" give ceil(steps / strides).
    Weights: (kernel length * channels / groups + bias) * filters; bias is 1, without use_bias 0.
    Multiply-adds: new steps * kernel length * channels / groups * filters
    Source: Waibel et al. (1989), doi:10.1109/29.21701.
    """

    layer = "keras.layers.Conv1D"

    padding: CausalPadding = Field("valid", description=PADDING.rstrip(".") + '; "causal" puts all of the border at the beginning.')  # type: ignore[assignment]


class Conv2D(_Filters, _Over2D, _Full):
    """Slides learned windows over height and width.

    Use it for local patterns in images and feature maps; a 1x1 window only mixes channels.

    Formula: y[i, j, f] = sum over u, v, c of x[i * strides + u * dilation_rate, j * strides + v * dilation_rate, c] * kernel[u, v, c, f] + bias[f]
    Shapes: (height, width, channels) -> (height', width', filters). With k = kernel_size + (kernel_size - 1) * (dilation_rate - 1),
        "valid" gives floor((size - k) / strides) + 1 and "same" gives ceil(size / strides).
    Weights: (kernel height * kernel width * channels / groups + bias) * filters; bias is 1, without use_bias 0.
    Multiply-adds: new height * new width * kernel height * kernel width * channels / groups * filters
    Source: LeCun et al. (1998), doi:10.1109/5.726791.
    """

    layer = "keras.layers.Conv2D"


class Conv3D(_Filters, _Over3D, _Full):
    """Slides learned windows over depth, height and width.

    Use it for volumes (scans) and videos (depth is time); it costs far more than Conv2D.

    Formula: as Conv2D, with a third axis of the window.
    Shapes: (depth, height, width, channels) -> (depth', height', width', filters). With
        k = kernel_size + (kernel_size - 1) * (dilation_rate - 1), "valid" gives floor((size - k) / strides) + 1 and "same" ceil(size / strides).
    Weights: (kernel depth * kernel height * kernel width * channels / groups + bias) * filters; bias is 1, without use_bias 0.
    Multiply-adds: new places * kernel places * channels / groups * filters; places is the product of the three sizes.
    Source: Ji et al. (2013), doi:10.1109/TPAMI.2012.59.
    """

    layer = "keras.layers.Conv3D"


class _Depthwise(_Convolution, WithDepthwiseKernel, WithBias, WithActivityRegularizer):
    """Every filter sees one channel."""

    kernels = ("kernel",)
    standard: ClassVar[str] = "new places * kernel places * channels * new channels"

    depth_multiplier: Count = Field(1, description=MULTIPLIER)
    activation: ActivationName = Field("linear", description=ACTIVATION)


class DepthwiseConv1D(_Over1D, _Depthwise):
    """Slides learned windows along each channel of a sequence by itself.

    Use it with a Conv1D of kernel size 1 behind it, where a full convolution would be too slow.

    Formula: y[t, c * depth_multiplier + m] = sum over i of x[t * strides + i * dilation_rate, c] * kernel[i, c, m] + bias
    Shapes: (steps, channels) -> (steps', channels * depth_multiplier); sizes as for Conv1D.
    Weights: (kernel length + bias) * channels * depth multiplier; bias is 1, without use_bias 0.
    Multiply-adds: new steps * kernel length * channels * depth multiplier
    Source: Kaiser, Gomez and Chollet (2017), arXiv:1706.03059.
    """

    layer = "keras.layers.DepthwiseConv1D"


class DepthwiseConv2D(_Over2D, _Depthwise):
    """Slides learned windows over each channel by itself.

    Use it with a 1x1 Conv2D behind it in networks for small devices: together they cost a fraction of a Conv2D.

    Formula: y[i, j, c * depth_multiplier + m] = sum over u, v of x[i * strides + u, j * strides + v, c] * kernel[u, v, c, m] + bias
    Shapes: (height, width, channels) -> (height', width', channels * depth_multiplier); sizes as for Conv2D.
    Weights: (kernel height * kernel width + bias) * channels * depth multiplier; bias is 1, without use_bias 0.
    Multiply-adds: new height * new width * kernel height * kernel width * channels * depth multiplier
    Source: Howard et al. (2017), arXiv:1704.04861.
    """

    layer = "keras.layers.DepthwiseConv2D"

    strides: Count = Field(1, le=4096, description=STRIDES, json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})


class _Separable(_Convolution, WithDepthwiseKernel, WithPointwiseKernel, WithBias, WithActivityRegularizer):
    """Windows over single channels, then a mixing of the channels."""

    kernels = ("depthwise_kernel", "pointwise_kernel")
    standard: ClassVar[str] = "new places * kernel places * channels * filters"

    activation: ActivationName = Field("linear", description=ACTIVATION)
    depth_multiplier: Count = Field(1, description=MULTIPLIER, json_schema_extra=RARE)


class SeparableConv1D(_Filters, _Over1D, _Separable):
    """Slides windows along each channel by itself, then mixes the channels.

    Use it in place of Conv1D to save weights and time.

    Formula: a DepthwiseConv1D, then a Conv1D of kernel size 1.
    Shapes: (steps, channels) -> (steps', filters); sizes as for Conv1D.
    Weights: kernel length * channels * depth multiplier + (channels * depth multiplier + bias) * filters; bias is 1, without use_bias 0.
    Multiply-adds: new steps * channels * depth multiplier * (kernel length + filters)
    Source: Kaiser, Gomez and Chollet (2017), arXiv:1706.03059.
    """

    layer = "keras.layers.SeparableConv1D"


class SeparableConv2D(_Filters, _Over2D, _Separable):
    """Slides windows over each channel by itself, then mixes the channels with a 1x1 window.

    Use it in place of Conv2D to save weights and time.

    Formula: a DepthwiseConv2D, then a Conv2D of kernel size 1.
    Shapes: (height, width, channels) -> (height', width', filters); sizes as for Conv2D.
    Weights: kernel height * kernel width * channels * depth multiplier + (channels * depth multiplier + bias) * filters;
        bias is 1, without use_bias 0.
    Multiply-adds: new height * new width * channels * depth multiplier * (kernel height * kernel width + filters)
    Source: Chollet (2016), arXiv:1610.02357.
    """

    layer = "keras.layers.SeparableConv2D"

    strides: Count = Field(1, le=4096, description=STRIDES, json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})


TRANSPOSED_PADDING = '"same" gives exactly size * strides; "valid" keeps what sticks out.'
OUTPUT_PADDING = "Adds to the size at the end, to choose among several that a Conv of these strides would shrink to this one; empty: none."
GROWTH = "By how much the size grows."


class _Transposed(_Windowed, WithKernel, WithBias, WithActivityRegularizer):
    """A convolution that enlarges. Keras's dilation_rate is left out: TensorFlow computes it on GPUs only."""

    padding: Padding = Field("same", description=TRANSPOSED_PADDING)
    activation: ActivationName = Field("linear", description=ACTIVATION)

    @model_validator(mode="after")
    def _less_than_strides(self) -> Self:
        given = self.model_dump()
        strides = per_axis(given["strides"], self.axes)
        if given["output_padding"] is not None:
            for window, stride, added in zip(
                per_axis(given["kernel_size"], self.axes), strides, per_axis(given["output_padding"], self.axes), strict=True
            ):
                least = 1 - window % 2 if self.padding == "same" else 0
                if not least <= added < stride + least:
                    raise ValueError(f"output_padding must be from {least} to {stride - 1 + least} with this kernel_size, strides and padding")
        return self

    def sizes(self, shape: Shape) -> list[Size]:
        given = self.model_dump()
        added = None if given["output_padding"] is None else per_axis(given["output_padding"], self.axes)
        return enlarged(shape[:-1], per_axis(given["kernel_size"], self.axes), per_axis(given["strides"], self.axes), self.padding, added)

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(inputs[0]) * kernel_size_of(layer, "kernel")


class _TransposedOver1D(_Transposed):
    ranks = (2,)
    axes = 1

    kernel_size: Window1D = Field(2, description="Length of the window.", json_schema_extra={"unit": "steps"})
    strides: Window1D = Field(2, description=GROWTH, json_schema_extra={"unit": "times"})
    output_padding: int | None = Field(None, ge=0, le=4096, description=OUTPUT_PADDING, json_schema_extra={"unit": "steps", "frequent": False})


class _TransposedOver2D(_Transposed):
    ranks = (3,)
    axes = 2

    kernel_size: Window2D = Field(2, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Window2D = Field(2, description=GROWTH, json_schema_extra={"unit": "times"})
    output_padding: int | None = Field(None, ge=0, le=4096, description=OUTPUT_PADDING, json_schema_extra={"unit": "pixels", "frequent": False})


class _TransposedOver3D(_Transposed):
    ranks = (4,)
    axes = 3

    kernel_size: Window3D = Field(2, description="Window depth, height and width.", json_schema_extra={"unit": "voxels"})
    strides: Window3D = Field(2, description=GROWTH, json_schema_extra={"unit": "times"})
    output_padding: int | None = Field(None, ge=0, le=4096, description=OUTPUT_PADDING, json_schema_extra={"unit": "voxels", "frequent": False})


class Conv1DTranspose(_Filters, _TransposedOver1D):
    """Lengthens sequences with learned windows: the mirror image of a Conv1D.

    Use it in decoders of signals; a kernel_size that strides divide avoids regular patterns.

    Formula: y[t * strides + i, f] = sum over t, i, c of x[t, c] * kernel[i, f, c], and bias[f]
    Shapes: (steps, channels) -> (steps', filters); "same" gives steps * strides and "valid" steps * strides + max(kernel_size - strides, 0).
    Weights: (kernel length * channels + bias) * filters; bias is 1, without use_bias 0.
    Multiply-adds: steps * kernel length * channels * filters
    Source: Zeiler et al. (2010), doi:10.1109/CVPR.2010.5539957; Odena et al. (2016), doi:10.23915/distill.00003 (regular patterns).
    """

    layer = "keras.layers.Conv1DTranspose"


class Conv2DTranspose(_Filters, _TransposedOver2D):
    """Enlarges feature maps with learned windows: the mirror image of a Conv2D.

    Use it in decoders and generators; a kernel_size that strides divide avoids checkerboard patterns.

    Formula: y[i * strides + u, j * strides + v, f] = sum over i, j, u, v, c of x[i, j, c] * kernel[u, v, f, c], and bias[f]
    Shapes: (height, width, channels) -> (height', width', filters); "same" gives size * strides and "valid"
        size * strides + max(kernel_size - strides, 0).
    Weights: (kernel height * kernel width * channels + bias) * filters; bias is 1, without use_bias 0.
    Multiply-adds: height * width * kernel height * kernel width * channels * filters
    Source: Zeiler et al. (2010), doi:10.1109/CVPR.2010.5539957; Odena et al. (2016), doi:10.23915/distill.00003 (checkerboards).
    """

    layer = "keras.layers.Conv2DTranspose"


class Conv3DTranspose(_Filters, _TransposedOver3D):
    """Enlarges volumes with learned windows: the mirror image of a Conv3D.

    Use it in decoders of scans and videos.

    Formula: as Conv2DTranspose, with a third axis of the window.
    Shapes: (depth, height, width, channels) -> (depth', height', width', filters); sizes as for Conv2DTranspose.
    Weights: (kernel places * channels + bias) * filters; bias is 1, without use_bias 0.
    Multiply-adds: places * kernel places * channels * filters; places is the product of the three sizes.
    Source: Zeiler et al. (2010), doi:10.1109/CVPR.2010.5539957.
    """

    layer = "keras.layers.Conv3DTranspose"
