"""SqueezeNet."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.composite.squeeze import Fire
from blocks.composite.units import conv
from blocks.fields import Probability
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.convolutional_end import ConvolutionalEnd
from presets.halving import Sizes
from presets.stem import WithStem

SQUEEZED = (16, 16, 32, 32, 48, 48, 64, 64)
"""Channels into which the modules 2 to 9 squeeze; they expand to four times as many, twice."""
STEMS = {"1.0": (96, 7), "1.1": (64, 3)}
POOLED_BEFORE = {"1.0": (2, 5, 9), "1.1": (2, 4, 6)}
IMAGENET = (224, 224, 3)
TORCHVISION = "torchvision 0.29.1"
TABLE = Stages.squares(
    "table 1, from its input of 227 x 227 on which 111 x 111 follow",
    (111, 96), (55, 96), (55, 128), (55, 128), (55, 256), (27, 256), (27, 256), (27, 384), (27, 384), (27, 512), (13, 512), (13, 512), (13, 1000),
    (1000,),
)  # fmt: skip
PASSED = {
    "1.0": Stages.squares(TORCHVISION, (109, 96), (54, 96), (54, 128), (54, 256), (27, 256), (27, 384), (27, 512), (13, 512), (13, 1000), (1000,)),
    "1.1": Stages.squares(TORCHVISION, (111, 64), (55, 64), (55, 128), (27, 128), (27, 256), (13, 256), (13, 384), (13, 512), (13, 1000), (1000,)),
}


class SqueezeNet(ConvolutionalEnd, WithStem):
    """Modules that squeeze channels before they look at windows, and no dense layer: as good as AlexNet with a fiftieth of the weights.

    Use it where the file of the network must be small. Version 1.1 is as good as 1.0 in less than half the time.

    Departs from the paper: weights begin by He's distribution, in place of a mix of Xavier's and a normal one in the authors' files.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of Fire says; at 224 x 224 x 3 and 1,000 classes 1,248,424 (1.0) and 1,235,496 (1.1).
    Source: Iandola et al. (2016), SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, arXiv:1602.07360,
        table 1; version 1.1 is the authors' own of the same year.
    """

    year = 2016
    paper = "Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, arXiv:1602.07360"
    variants = {"SqueezeNet1_0": {"version": "1.0"}, "SqueezeNet1_1": {"version": "1.1"}}
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("SqueezeNet1_0", IMAGENET, 1000, 1_248_424, TORCHVISION, multiply_adds=818_920_000, stages=PASSED["1.0"]),
        Golden("SqueezeNet1_0", (227, 227, 3), 1000, 1_248_424, "the paper's size; table 1 rounds to 1.248 million", stages=TABLE),
        Golden("SqueezeNet1_1", IMAGENET, 1000, 1_235_496, TORCHVISION, multiply_adds=349_150_000, stages=PASSED["1.1"]),
    )

    version: Literal["1.0", "1.1"] = Field("1.1", description='Form of the network; "1.1" pools sooner.')
    bypass: bool = Field(False, description="Shortcuts around every second module (the paper's simple bypass).")
    dropout: Probability = Field(0.5, description="Share of values that are set to 0 in training behind the last module.")

    def wire(self, net: Wiring, x: Node) -> Node:
        filters, window = STEMS[self.version]
        sizes = Sizes.of(net.shape(x))
        if self.is_small:
            x = net.add("conv1", conv(filters, 3, use_bias=True, activation="relu"), x)
        else:
            sizes.convolved(window, 2)
            x = net.add("conv1", conv(filters, window, strides=2, padding="valid", use_bias=True, activation="relu"), x)
        for number, squeezed in enumerate(SQUEEZED, start=2):
            if number in POOLED_BEFORE[self.version]:
                x = sizes.pooled(net, f"pool{number - 1}", x)
            x = net.add(f"fire{number}", Fire(squeeze_filters=squeezed, expand_filters=4 * squeezed, bypass=self.bypass and number % 2 == 1), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x
