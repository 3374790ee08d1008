"""Blocks in which every layer sees what all layers before it found."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from blocks.composite.units import ACTIVATION, NormalisedComposite, activation, channels_of, conv
from blocks.fields import RARE, ActivationName, Probability
from blocks.merging import Concatenate
from blocks.pooling import AveragePooling2D
from blocks.regularization import Dropout
from blocks.spec import Shape
from blocks.wiring import Node, Wiring, WiringError

GROWTH = "Channels that each layer adds."
BOTTLENECK = "A 1x1 convolution to this many times growth_rate stands before each 3x3 one; 0: none."
DROPOUT = "Share of a layer's new values that are set to 0 in training."


class _Growing(NormalisedComposite):
    """What a layer and a block of layers share."""

    ranks = (3,)

    growth_rate: int = Field(32, ge=1, le=100_000, description=GROWTH)
    bottleneck: int = Field(4, ge=0, le=64, description=BOTTLENECK)
    dropout: Probability = Field(0.0, description=DROPOUT)
    activation: ActivationName = Field("relu", description=ACTIVATION, json_schema_extra=RARE)


class DenseLayer(_Growing):
    """Adds new channels to its input and keeps the old ones.

    Use it in chains, which is what DenseBlock is.

    Formula: y = [x, conv3x3(act(conv1x1(act(x))))] along the channels, where act(x) = activation(norm(x)); without bottleneck [x, conv3x3(act(x))]
    Shapes: (height, width, channels) -> (height, width, channels + growth_rate).
    Weights: channels * (4 + bottleneck * growth rate + 9 * growth rate * (1 - min(bottleneck, 1))) + bottleneck * growth rate * (4 + 9 * growth rate)
    Source: Huang et al. (2016), arXiv:1608.06993, section 3.
    """

    category = "dense block"

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        y = net.chain(x, norm1=self.norm(), relu1=activation(self.activation))
        if self.bottleneck:
            y = net.chain(y, conv1=conv(self.bottleneck * self.growth_rate), norm2=self.norm(), relu2=activation(self.activation))
        y = net.add("conv2", conv(self.growth_rate, 3), y)
        if self.dropout:
            y = net.add("dropout", Dropout(rate=self.dropout), y)
        return net.add("join", Concatenate(), x, y)


class DenseBlock(_Growing):
    """A chain of layers, each of which sees the channels of all before it and adds some.

    Use it in place of residual blocks where weights are dear: features are used again rather than learned again. Behind it put a Transition.
    DenseNet-121 has blocks of 6, 12, 24 and 16 layers.

    Formula: y = layer(... layer(layer(x))), each a DenseLayer: layer(x) = [x, new(x)] along the channels
    Shapes: (height, width, channels) -> (height, width, channels + layers * growth_rate).
    Weights: seen * (4 + bottleneck * growth rate + 9 * growth rate * (1 - min(bottleneck, 1)))
        + layers * bottleneck * growth rate * (4 + 9 * growth rate); seen is the number of channels that all layers see together,
        layers * channels + growth_rate * layers * (layers - 1) / 2.
    Source: Huang et al. (2016), arXiv:1608.06993, figure 1 and table 1.
    """

    category = "dense block"

    layers: int = Field(6, ge=1, le=64, description="Number of layers.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        return {"seen": self.layers * channels + self.growth_rate * self.layers * (self.layers - 1) // 2}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        layer = DenseLayer(**{name: getattr(self, name) for name in _Growing.model_fields})
        for number in range(1, self.layers + 1):
            x = net.add(f"layer{number}", layer, x)
        return x


class Transition(NormalisedComposite):
    """Mixes the channels into fewer and halves the size.

    Use it between two DenseBlocks.

    Formula: y = meanpool2x2(conv1x1(activation(norm(x))))
    Shapes: (height, width, channels) -> (floor(height / 2), floor(width / 2), floor(compression * channels)).
    Weights: (4 + new channels) * channels
    Source: Huang et al. (2016), arXiv:1608.06993, section 3 (compression).
    """

    category = "dense block"
    ranks = (3,)

    compression: float = Field(0.5, gt=0.0, le=1.0, description="Share of the channels that come out; 1 keeps their number.")
    activation: ActivationName = Field("relu", description=ACTIVATION, json_schema_extra=RARE)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels = net.channels(x)
        # 0.7 * 10 is 6.999 to a computer
        filters = int(self.compression * channels + 1e-6)
        if filters < 1:
            raise WiringError(
                f"Transition: invalid compression. Expected: at least {1 / channels:.3g} for {channels} channels. Received: {self.compression:.3g}."
            )
        if any(size == 1 for size in net.shape(x)[:-1]):
            raise WiringError("Transition: invalid input. Expected: a height and width of at least 2. Received: 1. Shrink less before it.")
        return net.chain(x, norm=self.norm(), relu=activation(self.activation), conv=conv(filters), pool=AveragePooling2D(pool_size=2))
