"""Convolutions that Keras lacks: taps that move, channels that pass, windows that see only what came before."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from blocks.base import NumericBlock, kernel_size_of, positions
from blocks.convolution import ACTIVATION, DILATION, TRANSPOSED_PADDING, _Filters, _Full, _Over2D, _Windowed
from blocks.fields import RARE, ActivationName, Count, Padding, Window2D, per_axis
from blocks.sizes import Size, enlarged
from blocks.spec import AnySpec, Shape, Spec
from blocks.weighted import WithActivityRegularizer, WithBias, WithKernel


class _Moving(NumericBlock):
    """How the taps of a window move."""

    modulated: bool = Field(False, description="Also learns for each tap how much it counts, from 0 to 1 (version 2 of the paper).")
    deformable_groups: Count = Field(
        1, description="Groups of channels whose taps move apart from each other; it must divide the channels.", json_schema_extra=RARE
    )


class DeformableConv2D(_Filters, _Over2D, _Moving, _Full):
    """Slides learned windows whose taps move to where the input says: each looks beside its place by a learned offset.

    Use it in place of the last Conv2Ds of detectors and of networks for objects that change their form; it takes about ten times as long.

    Formula: y[p, f] = sum over taps t and c of mask[p, t] * x[p * strides + t * dilation_rate + offset[p, t], c] * kernel[t, c, f] + bias[f];
        offset is a convolution of x that starts at 0; mask is 1, modulated a convolution of x behind a sigmoid; between pixels x is interpolated
    Shapes: (height, width, channels) -> (height', width', filters); sizes as for Conv2D.
    Weights: (kernel places * channels + 1) * (2 + modulated) * deformable groups * kernel places
        + (kernel places * channels / groups + bias) * filters; modulated and bias are 1 or 0; kernel places is height times width of the window.
    Multiply-adds: new places * kernel places * channels * ((2 + modulated) * deformable groups * kernel places + filters / groups); those of the
        interpolation are not counted.
    Source: Dai et al. (2017), arXiv:1703.06211; Zhu et al. (2018), arXiv:1811.11168 (modulated).
    """

    layer = "blocks.layers.deformable_convolution.DeformableConv2D"
    standard: ClassVar[str] = ""

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        channels = inputs[0].shape[-1] if inputs and inputs[0].shape else None
        if found or channels is None or channels % self.deformable_groups == 0:
            return found
        nearest = max(divisor for divisor in range(1, min(channels, self.deformable_groups) + 1) if channels % divisor == 0)
        return (
            f"DeformableConv2D: invalid deformable_groups. Expected: a divisor of the {channels} channels. Received: {self.deformable_groups}.",
            f"The nearest is {nearest}.",
        )


class _SameSize2D(_Windowed):
    """A convolution of pictures that keeps their height and width."""

    ranks = (3,)
    padding: ClassVar[str] = "same"

    kernel_size: Window2D = Field(3, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    dilation_rate: Window2D = Field(1, description=DILATION, json_schema_extra={"unit": "pixels", "frequent": False})

    def windows(self) -> tuple[tuple[int, int], ...]:
        sizes, rates = (per_axis(value, self.axes) for value in (self.kernel_size, self.dilation_rate))
        return tuple((size + (size - 1) * (rate - 1), 1) for size, rate in zip(sizes, rates, strict=True))


class PartialConv2D(_SameSize2D, WithKernel, WithBias, WithActivityRegularizer):
    """Slides learned windows over the first part of the channels; the others pass unchanged.

    Use it with 1x1 Conv2Ds behind it, which mix the channels: quicker than a Conv2D, and lighter on memory than a DepthwiseConv2D.

    Formula: y = x, but in the first floor(channels / n_div) channels a Conv2D (padding "same") of these channels
    Shapes: (height, width, channels) -> the same.
    Weights: (kernel places * floor(channels / n div) + bias) * floor(channels / n div); bias is 1, without use_bias 0; kernel places is
        height times width of the window.
    Multiply-adds: new places * kernel places * floor(channels / n div) * floor(channels / n div)
    Source: Chen et al. (2023), arXiv:2303.03667.
    """

    layer = "blocks.layers.partial_convolution.PartialConv2D"
    standard: ClassVar[str] = "new places * kernel places * channels * channels"

    n_div: Count = Field(4, description="One of so many channels is convolved: 4 takes the first quarter.")
    use_bias: bool = Field(False, description="Adds one learned number per convolved channel.", json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        channels = inputs[0].shape[-1] if inputs and inputs[0].shape else None
        if found or channels is None or channels >= self.n_div:
            return found
        text = f"PartialConv2D: invalid n_div. Expected: at most the {channels} channels. Received: {self.n_div}."
        return text, f"The nearest is {channels}."


class _Masked(NumericBlock):
    """What a window does not see."""

    mask_type: Literal["A", "B"] = Field("B", description='"A" leaves out the pixel itself, "B" takes it in.')
    activation: ActivationName = Field("linear", description=ACTIVATION)


class MaskedConv2D(_Filters, _SameSize2D, _Masked, WithKernel, WithBias, WithActivityRegularizer):
    """Slides learned windows that see only the pixels above, and those to the left in the same row.

    Use it to draw pictures pixel by pixel: "A" once in front, where a pixel must not see itself, and "B" in all layers behind it.

    Formula: a Conv2D (padding "same") with kernel * mask; mask is 1 before the middle of the window, row by row, and 0 behind it;
        in the middle it is 0 for "A" and 1 for "B"
    Shapes: (height, width, channels) -> (height, width, filters).
    Weights: (kernel height * kernel width * channels + bias) * filters; bias is 1, without use_bias 0; the masked ones are counted, but never learn.
    Multiply-adds: height * width * kernel height * kernel width * channels * filters; with the masked ones, which are multiplied all the same.
    Source: van den Oord, Kalchbrenner and Kavukcuoglu (2016), arXiv:1601.06759, section 3.4.
    """

    layer = "blocks.layers.masked_convolution.MaskedConv2D"

    @model_validator(mode="after")
    def _sees_something(self) -> Self:
        sizes = per_axis(self.kernel_size, self.axes)
        if any(size % 2 == 0 for size in sizes):
            raise ValueError("kernel_size must be odd, so that the window has a middle")
        if self.mask_type == "A" and max(sizes) == 1:
            raise ValueError('with mask_type "A" a window of 1 sees nothing; use a larger kernel_size')
        return self


class BilinearConv2DTranspose(NumericBlock):
    """Enlarges feature maps by windows that begin as bilinear interpolation and learn from there, or stay.

    Use it behind the scores of a fully convolutional network; a Conv2DTranspose begins with windows drawn by chance.

    Formula: y[i * factor + u, j * factor + v, f] = sum over i, j, u, v, c of x[i, j, c] * kernel[u, v, f, c], where at first
        kernel[u, v, f, c] = w(u) * w(v) for f = c and else 0, with w(u) = 1 - |u + 1/2 - factor| / factor; u and v go from 0 to 2 * factor - 1
    Shapes: (height, width, channels) -> (height * factor, width * factor, channels); padding "valid" gives factor more of each.
    Weights: 4 * factor * factor * channels * channels; without learned no training changes them.
    Multiply-adds: height * width * 4 * factor * factor * channels * channels
    Source: Long, Shelhamer and Darrell (2014), arXiv:1411.4038, section 3.3.
    """

    category = "convolution"
    layer = "blocks.layers.bilinear_transpose.BilinearConv2DTranspose"
    ranks = (3,)

    factor: int = Field(2, ge=1, le=64, description="How many times height and width grow.", json_schema_extra={"unit": "times"})
    padding: Padding = Field("same", description=TRANSPOSED_PADDING)
    learned: bool = Field(True, description="Training changes the windows; without it they stay interpolation.")

    def sizes(self, shape: Shape) -> list[Size]:
        return enlarged(shape[:-1], (2 * self.factor,) * 2, (self.factor,) * 2, self.padding, None)

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(inputs[0]) * kernel_size_of(layer, "kernel")
