"""The block of SqueezeNet."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from blocks.composite.units import ConvolutionalComposite, conv
from blocks.fields import RARE, ActivationName, Count
from blocks.merging import Add, Concatenate
from blocks.wiring import Node, Wiring, WiringError


class Fire(ConvolutionalComposite):
    """Squeezes its input into few channels, and expands these through windows of 1x1 and 3x3 side by side.

    Use it in place of a convolution where the network must be small: it has about a ninth of the weights.

    Formula: s = activation(conv1x1(x)); y = [activation(conv1x1(s)), activation(conv3x3(s))] along the channels
    Shapes: (height, width, channels) -> (height, width, 2 * expand_filters).
    Weights: (channels + 1) * squeeze filters + (10 * squeeze filters + 2) * expand filters
    Source: Iandola et al. (2016), arXiv:1602.07360, figure 1 and section 6 (bypass).
    """

    category = "mobile"
    ranks = (3,)

    squeeze_filters: Count = Field(16, description="Channels of the squeezing 1x1 window.")
    expand_filters: int = Field(64, ge=1, le=1_000_000, description="Channels of each of the two windows behind it.")
    bypass: bool = Field(False, description="Adds the input to the output; channels must be 2 * expand_filters.")
    activation: ActivationName = Field("relu", description="Function behind each convolution.", json_schema_extra=RARE)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels, leaving = net.channels(x), 2 * self.expand_filters
        if self.bypass and channels != leaving:
            raise WiringError(
                f"Fire: invalid bypass. Expected: {leaving} input channels, as many as come out. Received: {channels}. Set bypass to false."
            )
        settings: dict[str, Any] = {"use_bias": True, "activation": self.activation}
        squeezed = net.add("squeeze", conv(self.squeeze_filters, **settings), x)
        y = net.add(
            "join", Concatenate(),
            net.add("expand_small", conv(self.expand_filters, **settings), squeezed),
            net.add("expand_large", conv(self.expand_filters, 3, **settings), squeezed),
        )  # fmt: skip
        return net.add("add", Add(), x, y) if self.bypass else y
