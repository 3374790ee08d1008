"""SENet-154."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from blocks.activation import ReLU
from blocks.composite.residual import ResidualStage
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.fields import Count, Probability, listed_numbers
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
FIRST = (64, 64, 128)
"""Channels of the convolutions in front of the first stage."""
GROUPS = 64
WIDTH_PER_GROUP = 4
PASSED = Stages.squares("appendix and timm 1.0.31", (112, 64), (112, 128), (56, 128), (56, 256), (28, 512), (14, 1024), (7, 2048), (2048,))


class SENet154(WithStem):
    """ResNeXt of 152 layers with 64 groups, whose blocks weigh their channels: the network that won the contest of 2017.

    Use it for large pictures where accuracy counts most and there is a GPU; SEResNeXt50_32x4d is a quarter as large.

    Three small convolutions stand in place of the large one at first, the first convolution of each block has half of the channels, and the
    shortcuts that halve the size look at 3x3 places.

    Departs from the paper: nothing in the layers; weights begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its blocks; at 1,000 classes 115,088,984.
    Source: Hu, Shen, Albanie, Sun and Wu (2017), Squeeze-and-excitation networks, arXiv:1709.01507, appendix.
    """

    title = "SENet-154"
    year = 2017
    paper = "Hu, Shen, Albanie, Sun and Wu, Squeeze-and-excitation networks, arXiv:1709.01507"
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (Golden("SENet154", IMAGENET, 1000, 115_088_984, "timm 1.0.31", multiply_adds=20_688_000_000, stages=PASSED),)

    blocks: Annotated[tuple[Count, ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=8)] = Field(
        (3, 8, 36, 3), description="Blocks of each stage."
    )
    dropout: Probability = Field(0.2, description="Share of values that are set to 0 in training before the output.")

    def wire(self, net: Wiring, x: Node) -> Node:
        for number, filters in enumerate(FIRST, start=1):
            convolution = conv(filters, 3, strides=self.first_strides if number == 1 else 1)
            norm = BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON)
            x = net.chain(x, **{f"conv{number}": convolution, f"norm{number}": norm, f"relu{number}": ReLU()})
        if not self.is_small:
            x = net.add("pool1", MaxPooling2D(pool_size=3, strides=2, padding="same"), x)
        for number, blocks in enumerate(self.blocks, start=1):
            x = net.add(f"stage{number}", self._stage(number, blocks), x)
        x = net.add("pool", GlobalAveragePooling2D(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x

    @staticmethod
    def _stage(number: int, blocks: int) -> ResidualStage:
        doubled = 2 ** (number - 1)
        settings: dict[str, Any] = {"kind": "bottleneck", "attention": "squeeze_excitation", "symmetric_padding": True, "shortcut_window": 3}
        return ResidualStage(
            blocks=blocks, filters=64 * doubled, first_filters=128 * doubled, groups=GROUPS, width_per_group=WIDTH_PER_GROUP * doubled,
            strides=1 if number == 1 else 2, **settings,
        )  # fmt: skip
