"""ResNet in ResNet."""

from __future__ import annotations

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.resnet_in_resnet import ResNetInResNetBlock
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.fields import Count
from blocks.merging import Concatenate
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.convolutional_end import ConvolutionalEnd

CIFAR = (32, 32, 3)
BLOCKS = (2, 3, 3)
"""Blocks of two units in each stage."""
WIDTHS = Stages.squares("pytorchcv 0.0.74, each stream by itself", (32, 48), (16, 96), (8, 192), (8, 10), (10,))


class ResNetInResNet(ConvolutionalEnd):
    """Two streams side by side, one with shortcuts and one without, each of which sees the other in every layer.

    Use it to see what shortcuts do: the network decides itself what it keeps and what it works over.

    Departs from the paper: a normalisation stands behind the last convolution, as in the build whose figure is printed.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its eight blocks; at 32 x 32 x 3 and 10 classes 9,492,980.
    Source: Targ, Almeida and Lyman (2016), Resnet in Resnet: generalizing residual architectures, arXiv:1603.08029, table 2.
    """

    title = "ResNet in ResNet"
    year = 2016
    paper = "Targ, Almeida and Lyman, Resnet in Resnet: generalizing residual architectures, arXiv:1603.08029"
    canonical_shape = CIFAR
    minimum_size = 8
    golden = (Golden("ResNetInResNet", CIFAR, 10, 9_492_980, "pytorchcv 0.0.74", multiply_adds=1_279_000_000, stages=WIDTHS),)

    filters: Count = Field(48, description="Channels of each stream in the first stage; each further stage has twice as many.")

    def wire(self, net: Wiring, x: Node) -> Node:
        streams = tuple(
            net.chain(x, **{f"{name}_conv": conv(self.filters, 3), f"{name}_norm": self._norm(), f"{name}_relu": ReLU()})
            for name in ("residual", "transient")
        )
        for stage, blocks in enumerate(BLOCKS, start=1):
            for number in range(1, blocks + 1):
                block = ResNetInResNetBlock(filters=self.filters * 2 ** (stage - 1), strides=2 if stage > 1 and number == 1 else 1)
                made = net.add(f"stage{stage}_block{number}", block, *streams)
                streams = (made, net.output(made, 1))
        return net.add("join", Concatenate(), *streams)

    def tower(self, net: Wiring, body: Node, number: int) -> Node:
        suffix = "" if number == 1 else f"_{number}"
        scores = net.chain(body, **{f"classifier{suffix}": conv(self.ends[number - 1]), f"classifier_norm{suffix}": self._norm()})
        return net.add(f"pool{suffix}", GlobalAveragePooling2D(), scores)

    def _norm(self) -> BatchNormalization:
        return BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON)
