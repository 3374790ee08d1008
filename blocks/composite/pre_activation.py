"""Residual blocks that normalise first, so that the shortcut stays an open way through the whole network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import Field, model_validator

from blocks.base import Composite
from blocks.composite.bottleneck import Narrowing
from blocks.composite.shortcuts import ResidualUnit, grouped
from blocks.composite.units import STRIDES, activation, channels_of, conv
from blocks.fields import RARE, Count, Probability
from blocks.regularization import Dropout
from blocks.spec import Shape
from blocks.wiring import Node, Wiring


class PreActivationResidual(ResidualUnit):
    """Adds a shortcut around two 3x3 convolutions, each with its normalisation and activation before it.

    Use it in place of Residual in very deep networks. Behind the last one of a network put a BatchNormalization and a ReLU.

    Formula: y = conv3x3(activation(norm(conv3x3(activation(norm(x)))))) + shortcut(x); a projection starts behind the first activation.
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: 4 * channels + 9 * (channels + filters) * filters / groups + 4 * filters + projection * channels * filters + attention weights;
        projection is 1 where the shortcut has a convolution, otherwise 0.
    Source: He et al. (2016), arXiv:1603.05027, figure 1 b.
    """

    category = "residual"

    filters: Count = Field(64, description="Output channels.")

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        grouped(self.filters, self.groups)
        return self

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        return {"projection": int(self.projects(channels, self.filters)), **self.attention_weights(self.filters)}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        first = net.chain(x, norm1=self.norm(), relu1=activation(self.activation))
        y = self.window(net, first, "conv1", self.filters, self.strides)
        y = net.chain(y, norm2=self.norm(), relu2=activation(self.activation))
        if self.dropout:
            y = net.add("dropout", Dropout(rate=self.dropout), y)
        y = net.add("conv2", conv(self.filters, 3, groups=self.groups, dilation_rate=self.dilation_rate), y)
        return self.joined(net, y, self.around(net, x, self.filters, projected=first))


class PreActivationBottleneck(Narrowing):
    """Adds a shortcut around a 1x1, a 3x3 and a 1x1 convolution, each with its normalisation and activation before it.

    Use it in place of ResidualBottleneck in very deep networks. Behind the last one of a network put a BatchNormalization and a ReLU.

    Formula: y = conv1x1(act(conv3x3(act(conv1x1(act(x)))))) + shortcut(x), where act(x) = activation(norm(x));
        a projection starts behind the first act.
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters * expansion).
    Weights: 4 * channels + channels * inner + 9 * inner * inner / groups + 8 * inner + (inner + bias) * new channels
        + projection * (channels + bias) * new channels + attention weights; inner is groups * width_per_group, and projection is 1 where
        the shortcut has a convolution, otherwise 0.
    Source: He et al. (2016), arXiv:1603.05027, figure 1 b and section 4.
    """

    category = "residual"

    use_bias: bool = Field(
        False, description="Adds one learned number per channel in the last convolution and in the projection, as keras.applications does.",
        json_schema_extra=RARE,
    )  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        first = net.chain(x, norm1=self.norm(), relu1=activation(self.activation))
        y = net.chain(first, conv1=conv(self.inner), norm2=self.norm(), relu2=activation(self.activation))
        y = self.window(net, y, "conv2", self.inner, self.strides)
        y = net.chain(y, norm3=self.norm(), relu3=activation(self.activation))
        if self.dropout:
            y = net.add("dropout", Dropout(rate=self.dropout), y)
        y = net.add("conv3", conv(self.leaving, use_bias=self.use_bias), y)
        return self.joined(net, y, self.around(net, x, self.leaving, bias=self.use_bias, projected=first))


class WideResidual(Composite):
    """A pre-activation residual block that is wide rather than one of many.

    Use it in networks of 16 to 40 layers: a few wide layers train faster than many narrow ones and are as accurate.
    WRN-28-10 has three stages of four blocks, with filters 16, 32 and 64, and widening 10.

    Formula: as PreActivationResidual with filters * widening channels, and dropout between its convolutions.
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters * widening).
    Weights: 4 * channels + 9 * channels * new channels + 4 * new channels + 9 * new channels * new channels
        + projection * channels * new channels; projection is 1 where the shortcut has a convolution, otherwise 0.
    Source: Zagoruyko and Komodakis (2016), arXiv:1605.07146, figure 1 d and table 1.
    """

    category = "residual"
    ranks = (3,)

    filters: int = Field(16, ge=1, le=4096, description="Channels before they are widened.")
    widening: int = Field(10, ge=1, le=4096, description="Output channels per filter.", json_schema_extra={"unit": "times"})
    strides: int = Field(1, ge=1, le=4096, description="Step of the first convolution; 2 halves the size.", json_schema_extra=STRIDES)
    dropout: Probability = Field(0.0, description="Share of values that are set to 0 between the convolutions in training; the paper has 0.3.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        return {"projection": self._residual().quantities(inputs, outputs)["projection"]}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        return net.add("residual", self._residual(), x)

    def _residual(self) -> PreActivationResidual:
        return PreActivationResidual(filters=self.filters * self.widening, strides=self.strides, dropout=self.dropout)
