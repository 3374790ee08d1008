"""The block of FasterNet."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from blocks.composite.units import ACTIVATION, NormalisedComposite, conv
from blocks.fields import RARE, ActivationName, Probability
from blocks.merging import Add
from blocks.normalization import LayerScale
from blocks.regularization import StochasticDepth
from blocks.spec import AnySpec, Shape
from blocks.special_convolution import PartialConv2D
from blocks.wiring import Node, Wiring


class FasterNetBlock(NormalisedComposite):
    """Slides a window over a quarter of the channels, mixes all of them in two 1x1 convolutions, and adds the input.

    Use it in networks that have to be fast: it moves less data than depthwise convolutions do.

    Formula: y = x + conv1x1(activation(norm(conv1x1(pconv(x))))), where pconv convolves the first channels / n_div channels and lets the others pass
    Shapes: unchanged.
    Weights: kernel places * floor(channels / n div) * floor(channels / n div) + 2 * expansion * channels * channels + 4 * expansion * channels
        + layer scale * channels; layer scale is 1 where layer_scale is given, otherwise 0.
    Source: Chen et al. (2023), arXiv:2303.03667, figure 4; its smallest networks have activation "gelu".
    """

    category = "mobile"
    ranks = (3,)

    expansion: int = Field(2, ge=1, le=64, description="Inner channels per channel.", json_schema_extra={"unit": "times"})
    n_div: int = Field(4, ge=1, le=4096, description="One of so many channels is convolved: 4 takes the first quarter.")
    kernel_size: int = Field(3, ge=1, le=127, description="Size of the window.", json_schema_extra={"unit": "pixels", **RARE})
    activation: ActivationName = Field("relu", description=ACTIVATION)
    layer_scale: float | None = Field(
        None, gt=0.0, le=1.0, description="Learned factors of the channels before the sum start here; empty: no factors.", json_schema_extra=RARE
    )
    stochastic_depth: Probability = Field(0.0, description="Share of samples that take the shortcut alone in training.", json_schema_extra=RARE)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"layer scale": int(self.layer_scale is not None)}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        channels = (inputs[0].shape[-1] or 1) if inputs and not found else self.n_div
        if found or channels >= self.n_div:
            return found
        text = f"FasterNetBlock: invalid n_div. Expected: at most the {channels} channels. Received: {self.n_div}."
        return text, f"The nearest is {channels}."

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels = net.channels(x)
        y = net.add("partial", PartialConv2D(kernel_size=self.kernel_size, n_div=self.n_div), x)
        y = self.unit(net, y, "expand", conv(self.expansion * channels), self.activation)
        y = net.add("project", conv(channels), y)
        if self.layer_scale is not None:
            y = net.add("layer_scale", LayerScale(initial_value=self.layer_scale), y)
        if self.stochastic_depth:
            y = net.add("stochastic_depth", StochasticDepth(rate=self.stochastic_depth), y)
        return net.add("add", Add(), x, y)
