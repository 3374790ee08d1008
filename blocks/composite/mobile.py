"""Blocks for small devices: windows over single channels, and 1x1 convolutions that mix them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from blocks.attention_over_channels import SqueezeExcitation
from blocks.base import LayerBlock
from blocks.composite.units import ACTIVATION, STRIDES, NormalisedComposite, channels_of, conv, depthwise, stated_weights
from blocks.fields import RARE, ActivationName, Count, Probability
from blocks.merging import Add
from blocks.regularization import StochasticDepth
from blocks.spec import Shape
from blocks.wiring import Node, Wiring

MOBILE_EPSILON = 1e-3
WINDOW = "Size of the window over each channel."
STEP = "Step of the window; 2 halves the size."
DILATION = "Distance of the places that the window looks at; 2 sees twice as far without halving the size."
EXPANSION = "Inner channels per input channel; with 1 the first convolution is left out."
EXPANDED = "Inner channels; empty: channels * expansion, rounded."


class _Mobile(NormalisedComposite):
    """What all of them share."""

    ranks = (3,)

    strides: int = Field(1, ge=1, le=4096, description=STEP, json_schema_extra=STRIDES)
    kernel_size: int = Field(3, ge=1, le=127, description=WINDOW, json_schema_extra={"unit": "pixels"})
    epsilon: float = Field(
        MOBILE_EPSILON, gt=0.0, le=1.0, description="Added to the variance, so that nothing is divided by 0.", json_schema_extra=RARE
    )


class DepthwiseSeparable(_Mobile):
    """A convolution in two steps: a window over each channel by itself, then a 1x1 convolution, each with normalisation and activation.

    Use it in place of a Conv2D on small devices: with a 3x3 window it needs about a ninth of the weights and of the time.

    Formula: y = act(norm(conv1x1(act(norm(depthwise(x))))))
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: (kernel places + 4) * channels + (channels + 4) * filters; kernel places is kernel_size * kernel_size.
    Source: Howard et al. (2017), arXiv:1704.04861, figure 3; the activation is ReLU6 as in the authors' code.
    """

    category = "mobile"

    filters: Count = Field(64, description="Output channels.")
    activation: ActivationName = Field("relu6", description=ACTIVATION, json_schema_extra=RARE)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        x = self.unit(net, x, "depthwise", depthwise(self.kernel_size, self.strides), self.activation)
        return self.unit(net, x, "pointwise", conv(self.filters), self.activation)


class _Inverted(_Mobile):
    """A 1x1 convolution to many channels, a window over each of them, a 1x1 convolution back to few, and a shortcut where the shape stays."""

    filters: Count = Field(32, description="Output channels.")
    expansion: float = Field(6.0, ge=1.0, le=64.0, description=EXPANSION, json_schema_extra={"unit": "times"})
    expanded_filters: Count | None = Field(None, description=EXPANDED, json_schema_extra=RARE)
    stochastic_depth: Probability = Field(0.0, description="Share of samples that take the shortcut alone in training.", json_schema_extra=RARE)
    dilation_rate: int = Field(1, ge=1, le=4096, description=DILATION, json_schema_extra={**RARE, "unit": "pixels"})

    @model_validator(mode="after")
    def _no_steps_between_places(self) -> Self:
        if self.strides > 1 and self.dilation_rate > 1:
            raise ValueError("strides and dilation_rate can't both be above 1; set one of them to 1")
        return self

    def expanded(self, channels: int) -> int:
        """Inner channels."""
        return self.expanded_filters or int(channels * self.expansion + 0.5)

    def excitation(self, channels: int) -> LayerBlock | None:  # noqa: ARG002
        """What weighs the inner channels, for this many input channels."""
        return None

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        inner = self.expanded(channels)
        excitation = self.excitation(channels)
        return {
            "inner": inner,
            "expands": int(inner != channels),
            "excitation weights": stated_weights(excitation, (1, 1, inner)) if excitation else 0,
        }

    def inverted(self, net: Wiring, x: Node, function: ActivationName) -> Node:
        """The whole block with this activation."""
        channels = net.channels(x)
        inner = self.expanded(channels)
        y = self.unit(net, x, "expand", conv(inner), function) if inner != channels else x
        y = self.unit(net, y, "depthwise", depthwise(self.kernel_size, self.strides, dilation_rate=self.dilation_rate), function)
        excitation = self.excitation(channels)
        if excitation:
            y = net.add("excitation", excitation, y)
        return self.joined(net, x, self.unit(net, y, "project", conv(self.filters)))

    def joined(self, net: Wiring, x: Node, y: Node) -> Node:
        """What the block has made of x, and x added where the shape stays."""
        if self.strides > 1 or net.channels(x) != self.filters:
            return y
        if self.stochastic_depth:
            y = net.add("stochastic_depth", StochasticDepth(rate=self.stochastic_depth), y)
        return net.add("add", Add(), x, y)


class InvertedResidual(_Inverted):
    """Widens the channels, slides a window over each of them, narrows them again without activation, and adds the input where the shape stays.

    Use it in networks for small devices: the shortcut runs between the narrow ends, so little has to be kept in memory.
    MobileNetV3 has it with activation "hard_silu" or "relu", and squeeze_excitation 4 with squeeze_multiple 8 in some places.

    Formula: y = norm(conv1x1(act(norm(depthwise(act(norm(conv1x1(x)))))))), and + x with strides 1 and filters = channels
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: expands * (channels + 4) * inner + (kernel places + 4) * inner + excitation weights + (inner + 4) * filters; inner is
        channels * expansion, rounded, unless expanded_filters is given; expands is 0 where inner equals channels, otherwise 1.
    Source: Sandler et al. (2018), arXiv:1801.04381, figure 3 and table 1; Howard et al. (2019), arXiv:1905.02244, figure 4 (squeeze_excitation).
    """

    category = "mobile"

    activation: ActivationName = Field("relu6", description=ACTIVATION)
    squeeze_excitation: float | None = Field(
        None, ge=1.0, le=1024.0, description="Weighs the inner channels; the layer in its middle is so many times narrower; empty: no weighing."
    )
    squeeze_multiple: int = Field(
        8, ge=1, le=1024, description="The layer in the middle of the weighing gets a multiple of so many units.", json_schema_extra=RARE
    )
    gate_activation: Literal["sigmoid", "hard_sigmoid"] = Field("hard_sigmoid", description="Function that weighs.", json_schema_extra=RARE)

    def excitation(self, channels: int) -> LayerBlock | None:
        if self.squeeze_excitation is None:
            return None
        units = multiple_of(self.expanded(channels) / self.squeeze_excitation, self.squeeze_multiple)
        return SqueezeExcitation(squeezed_channels=units, gate_activation=self.gate_activation)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        return self.inverted(net, x, self.activation)


class MBConv(_Inverted):
    """Widens the channels, slides a window over each of them, weighs them, narrows them again, and adds the input where the shape stays.

    Use it in accurate networks of moderate size. EfficientNet-B0 has windows of 3 and 5 and expansion 6, in its first stage 1.

    Formula: y = norm(conv1x1(excite(act(norm(depthwise(act(norm(conv1x1(x))))))))), and + x with strides 1 and filters = channels
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: expands * (channels + 4) * inner + (kernel places + 4) * inner + excitation weights + (inner + 4) * filters; inner is
        channels * expansion, rounded, unless expanded_filters is given; expands is 0 where inner equals channels, otherwise 1.
    Source: Tan and Le (2019), arXiv:1905.11946, section 4 and table 1. The layer in the middle of the weighing is squeeze_excitation times
        narrower than the block's input, not than its inner channels.
    """

    category = "mobile"

    activation: ActivationName = Field("silu", description=ACTIVATION, json_schema_extra=RARE)
    squeeze_excitation: float | None = Field(
        4.0, ge=1.0, le=1024.0, description="How many times narrower than the input the layer in the middle of the weighing is; empty: no weighing."
    )

    def excitation(self, channels: int) -> LayerBlock | None:
        if self.squeeze_excitation is None:
            return None
        return SqueezeExcitation(squeezed_channels=max(int(channels / self.squeeze_excitation), 1), activation=self.activation)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        return self.inverted(net, x, self.activation)


class FusedMBConv(_Inverted):
    """MBConv with one plain convolution in place of its first two: more weights, but quicker where feature maps are large.

    Use it in the first stages of a network, where there are few channels, and MBConv in the later ones.

    Formula: y = norm(conv1x1(act(norm(conv(x))))), with expansion 1 act(norm(conv(x))); and + x with strides 1 and filters = channels
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: expands * ((kernel places * channels + 4) * inner + (inner + 4) * filters) + (1 - expands) * (kernel places * channels + 4) * filters;
        inner is channels * expansion, rounded, unless expanded_filters is given; expands is 0 where inner equals channels, otherwise 1.
    Source: Tan and Le (2021), EfficientNetV2: smaller models and faster training, arXiv:2104.00298, figure 2.
    """

    category = "mobile"

    activation: ActivationName = Field("silu", description=ACTIVATION, json_schema_extra=RARE)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels = net.channels(x)
        inner = self.expanded(channels)
        window = conv(inner if inner != channels else self.filters, self.kernel_size, strides=self.strides, dilation_rate=self.dilation_rate)
        y = self.unit(net, x, "window", window, self.activation)
        return self.joined(net, x, self.unit(net, y, "project", conv(self.filters)) if inner != channels else y)


def multiple_of(value: float, step: int) -> int:
    """The multiple of step nearest to a value, but no less than nine tenths of it (MobileNet's rule for widths)."""
    nearest = max(step, int(value + step / 2) // step * step)
    return nearest + step if nearest < 0.9 * value else nearest
