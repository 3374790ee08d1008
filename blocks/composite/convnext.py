"""The block of ConvNeXt."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from blocks.activation import Activation
from blocks.composite.units import ConvolutionalComposite, conv, depthwise
from blocks.fields import RARE, ActivationName, Probability
from blocks.merging import Add
from blocks.normalization import LayerNormalization, LayerScale
from blocks.regularization import StochasticDepth
from blocks.spec import Shape
from blocks.wiring import Node, Wiring


class ConvNeXtBlock(ConvolutionalComposite):
    """Slides a large window over each channel, mixes the channels in two 1x1 convolutions, and adds the input: laid out as a Transformer's block.

    Use it in accurate networks for pictures, in stages with a normalisation and a 2x2 Conv2D of strides 2 between them.

    Formula: y = x + gamma * conv1x1(gelu(conv1x1(norm(depthwise(x))))), norm over the channels of each place
    Shapes: unchanged.
    Weights: (kernel places + 3) * channels + (channels + 1) * expansion * channels + (expansion * channels + 1) * channels
        + layer scale * channels; kernel places is kernel_size * kernel_size; layer scale is 1 where layer_scale is given, otherwise 0.
    Source: Liu et al. (2022), arXiv:2201.03545, figure 4; layer_scale as in the authors' code.
    """

    category = "residual"
    ranks = (3,)

    kernel_size: int = Field(7, ge=1, le=127, description="Size of the window over each channel.", json_schema_extra={"unit": "pixels"})
    expansion: int = Field(4, ge=1, le=64, description="Inner channels per channel.", json_schema_extra={"unit": "times"})
    activation: ActivationName = Field("gelu", description="Function between the 1x1 convolutions.", json_schema_extra=RARE)
    layer_scale: float | None = Field(
        1e-6, gt=0.0, le=1.0, description="Learned factors of the channels before the sum start here; empty: no factors.", json_schema_extra=RARE
    )
    epsilon: float = Field(1e-6, gt=0.0, le=1.0, description="Added to the variance, so that nothing is divided by 0.", json_schema_extra=RARE)
    stochastic_depth: Probability = Field(0.0, description="Share of samples that take the shortcut alone in training; deep networks have up to 0.5.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"layer scale": int(self.layer_scale is not None)}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels = net.channels(x)
        y = net.chain(
            x,
            depthwise_conv=depthwise(self.kernel_size, use_bias=True),
            norm=LayerNormalization(epsilon=self.epsilon),
            expand=conv(self.expansion * channels, use_bias=True),
            activation=Activation(activation=self.activation),
            project=conv(channels, use_bias=True),
        )
        if self.layer_scale is not None:
            y = net.add("layer_scale", LayerScale(initial_value=self.layer_scale), y)
        if self.stochastic_depth:
            y = net.add("stochastic_depth", StochasticDepth(rate=self.stochastic_depth), y)
        return net.add("add", Add(), x, y)
