"""Attention within feature maps: channels and places weighed by what the map shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from blocks.base import Composite, NumericBlock, kernel_size_of, positions
from blocks.fields import RARE, ActivationName, Count, Window1D
from blocks.spec import AnySpec, Shape, Spec
from blocks.weighted import WithBias, WithKernel
from blocks.weights import Initializer, initializer_field
from blocks.wiring import Node, Wiring

SQUEEZED = "Units of the layer in the middle; empty: channels / ratio."
RATIO = "How many times narrower than the channels the layer in the middle is; it keeps at least 1 unit."


class _OverFeatureMaps(NumericBlock):
    """What all of them share: sequences, pictures and volumes go in and come out in the same shape."""

    category = "attention"
    ranks = (2, 3, 4)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or inputs[0].shape[-1] is not None:
            return found
        name = type(self).__name__
        return f"{name}: invalid input. Expected: a known number of channels. Received: one that varies.", "Give the shape in the Input."


class _Squeezing(_OverFeatureMaps, WithKernel, WithBias):
    """Two dense layers over the channels, narrow in the middle."""

    ratio: float = Field(16, ge=1, le=1024, description=RATIO)
    squeezed_channels: Count | None = Field(None, description=SQUEEZED, json_schema_extra=RARE)
    activation: ActivationName = Field("relu", description="Function behind the layer in the middle.", json_schema_extra=RARE)

    def sees_all(self) -> bool:
        return True

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"squeezed channels": squeezed(inputs[0][-1] or 1, self.ratio, self.squeezed_channels)}


def squeezed(channels: int, ratio: float, given: int | None) -> int:
    """Units of the layer in the middle."""
    return given or max(int(channels / ratio), 1)


class SqueezeExcitation(_Squeezing):
    """Weighs each channel by a number between 0 and 1 that depends on the means of all channels.

    Use it behind the last convolution of a block, before the shortcut is added; it costs little and mostly helps.

    Formula: y = x * gate(W2 activation(W1 mean(x) + b1) + b2), means over all places
    Shapes: unchanged: (..., channels) -> (..., channels).
    Weights: squeezed channels * (2 * channels + bias) + channels * bias; squeezed channels are channels / ratio rounded down, at least 1,
        unless given.
    Multiply-adds: 2 * channels * squeezed channels
    Source: Hu, Shen and Sun (2017), arXiv:1709.01507; Howard et al. (2019), arXiv:1905.02244 (hard_sigmoid).
    """

    layer = "blocks.layers.squeeze_excitation.SqueezeExcitation"

    gate_activation: Literal["sigmoid", "hard_sigmoid"] = Field(
        "sigmoid", description='Function of the gate; "hard_sigmoid" is made of straight lines and quicker.'
    )

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return kernel_size_of(layer, "kernel")


class ChannelAttention(_Squeezing):
    """Weighs each channel by a number between 0 and 1 that depends on the means and the largest values of all channels.

    Use it with SpatialAttention behind it, which together are CBAM.

    Formula: y = x * sigmoid(mlp(mean(x)) + mlp(max(x))), mlp(c) = W2 activation(W1 c + b1) + b2
    Shapes: unchanged: (..., channels) -> (..., channels).
    Weights: squeezed channels * (2 * channels + bias) + channels * bias; squeezed channels are channels / ratio rounded down, at least 1,
        unless given.
    Multiply-adds: 4 * channels * squeezed channels
    Source: Woo et al. (2018), arXiv:1807.06521, section 3.1.
    """

    layer = "blocks.layers.cbam.ChannelAttention"

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return 2 * kernel_size_of(layer, "kernel")


class SpatialAttention(_OverFeatureMaps, WithKernel):
    """Weighs each place by a number between 0 and 1 that depends on its surroundings.

    Use it behind ChannelAttention, which together are CBAM.

    Formula: y = x * sigmoid(norm(window * [mean over channels of x, max over channels of x]))
    Shapes: unchanged: (..., channels) -> (..., channels).
    Weights: 2 * kernel places + 4 * batch normalization; batch normalization is 1 or 0.
    Multiply-adds: places * 2 * kernel places
    Source: Woo et al. (2018), arXiv:1807.06521, section 3.2.
    """

    layer = "blocks.layers.cbam.SpatialAttention"

    kernel_size: Window1D = Field(7, le=31, description="Size of the window along every axis.", json_schema_extra={"unit": "places"})
    batch_normalization: bool = Field(True, description="Normalises the sums of the window, as the authors' code does.", json_schema_extra=RARE)

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(inputs[0]) * kernel_size_of(layer, "kernel")


class CBAM(Composite):
    """Weighs the channels of a feature map, then its places.

    Use it behind the last convolution of a block, before the shortcut is added; SqueezeExcitation is its first half alone.

    Formula: y = spatial(channel(x)), the blocks SpatialAttention and ChannelAttention
    Shapes: unchanged: (..., channels) -> (..., channels).
    Weights: squeezed channels * (2 * channels + bias) + channels * bias + 2 * kernel places + 4 * batch normalization;
        squeezed channels are channels / ratio rounded down, at least 1, unless given.
    Multiply-adds: 4 * channels * squeezed channels + places * 2 * kernel places
    Source: Woo et al. (2018), arXiv:1807.06521.
    """

    category = "attention"
    ranks = (2, 3, 4)

    ratio: float = Field(16, ge=1, le=1024, description=RATIO)
    squeezed_channels: Count | None = Field(None, description=SQUEEZED, json_schema_extra=RARE)
    kernel_size: Window1D = Field(7, le=31, description="Size of the window over places, along every axis.", json_schema_extra={"unit": "places"})
    use_bias: bool = Field(True, description="Adds learned numbers in the dense layers of the channels.", json_schema_extra=RARE)
    batch_normalization: bool = Field(True, description="Normalises the sums of the window over places.", json_schema_extra=RARE)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        return net.chain(
            x,
            channel=ChannelAttention(ratio=self.ratio, squeezed_channels=self.squeezed_channels, use_bias=self.use_bias),
            spatial=SpatialAttention(kernel_size=self.kernel_size, batch_normalization=self.batch_normalization),
        )

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"squeezed channels": squeezed(inputs[0][-1] or 1, self.ratio, self.squeezed_channels)}


class EfficientChannelAttention(_OverFeatureMaps, WithKernel):
    """Weighs each channel by a number between 0 and 1 that depends on the means of its neighbours; known as ECA.

    Use it in place of SqueezeExcitation where every weight counts: it has less than ten.

    Formula: y = x * sigmoid(window * mean(x)), the window sliding along the channels
    Shapes: unchanged: (..., channels) -> (..., channels).
    Weights: window; its length is the odd number near log2(channels) / 2 + 1 / 2, unless kernel_size is given.
    Multiply-adds: channels * window
    Source: Wang et al. (2019), arXiv:1910.03151.
    """

    layer = "blocks.layers.eca.EfficientChannelAttention"

    kernel_size: int | None = Field(
        None,
        ge=1,
        le=31,
        description="Length of the window, an odd number; empty: by the number of channels.",
        json_schema_extra={"unit": "channels"},
    )

    def sees_all(self) -> bool:
        return True

    @model_validator(mode="after")
    def _odd(self) -> Self:
        if self.kernel_size and self.kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, such as {self.kernel_size - 1}, so that the window has a middle")
        return self

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        near = int((math.log2(inputs[0][-1] or 1) + 1) / 2)
        return {"window": self.kernel_size or near + 1 - near % 2}

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return (inputs[0].shape[-1] or 1) * kernel_size_of(layer, "kernel")


class NonLocal(_OverFeatureMaps, WithKernel, WithBias):
    """Lets every place of a feature map take from all other places, and adds that to it.

    Use it between the late stages of a convolutional network, where places are few: the cost grows with the square of their number.

    Formula: y = x + Wo (sum over places j of f(x[i], x[j]) (Wv x[j])); f is softmax of (Wq x[i]) . (Wk x[j]), or as mode says
    Shapes: unchanged: (..., channels) -> (..., channels).
    Weights: bottleneck * (channels + bias) * (1 + 2 * embedded) + concatenation * 2 * bottleneck + (bottleneck + bias) * channels;
        embedded is 0 for mode "gaussian", else 1; bottleneck is half the channels, unless given.
    Multiply-adds: places * channels * bottleneck * (2 + 2 * embedded) + concatenation * (places + seen places) * bottleneck
        + places * seen places * (compared channels + bottleneck); compared channels are all of them for "gaussian" and none for "concatenation".
    Source: Wang et al. (2017), arXiv:1711.07971.
    """

    layer = "blocks.layers.non_local.NonLocal"

    mode: Literal["embedded_gaussian", "gaussian", "dot_product", "concatenation"] = Field(
        "embedded_gaussian",
        description="How two places are compared: softmax of learned projections, of the input itself, their product alone, or a learned sum.",
    )
    bottleneck: Count | None = Field(None, description="Channels of the comparison; empty: half of the input's.")
    pool_size: Window1D = Field(1, description="Each place looks at the largest values of windows of this size; 2 makes it quicker.")
    add_input: bool = Field(True, description="Adds the input to the outcome.", json_schema_extra=RARE)
    output_initializer: Initializer = initializer_field("zeros", "How the last layer starts; with zeros the block changes nothing at first.")

    def sees_all(self) -> bool:
        return True

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        least = min((size for size in inputs[0].shape[:-1] if size is not None), default=self.pool_size)
        if least >= self.pool_size:
            return None
        return f"NonLocal: invalid pool_size. Expected: at most {least} here. Received: {self.pool_size}.", f"Set pool_size to {least} or less."

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = inputs[0][-1] or 1
        bottleneck = self.bottleneck or max(channels // 2, 1)
        return {
            "bottleneck": bottleneck,
            "embedded": int(self.mode != "gaussian"),
            "concatenation": int(self.mode == "concatenation"),
            "compared channels": {"gaussian": channels, "concatenation": 0}.get(self.mode, bottleneck),
            "seen places": _pooled_places(inputs[0], self.pool_size),
        }

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        places, seen = positions(inputs[0]), _pooled_places(inputs[0].shape, self.pool_size)
        total: int = 0
        for variable in layer.weights:
            if variable.name == "kernel":
                at = {"query_score": places, "key_score": seen}.get(variable.path.split("/")[-2], places)
                total += at * math.prod(variable.shape)
        bottleneck: int = layer.value.units
        compared = {"gaussian": inputs[0].shape[-1] or 1, "concatenation": 0}.get(self.mode, bottleneck)
        return total + places * seen * (compared + bottleneck)


def _pooled_places(shape: Shape, pool_size: int) -> int:
    return math.prod((size or 1) // pool_size or 1 for size in shape[:-1])
