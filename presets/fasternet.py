"""FasterNet."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from blocks.composite.fasternet import FasterNetBlock
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, activation, conv
from blocks.dense import Dense
from blocks.fields import Count, Probability, listed_numbers
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
FEATURES = 1280
"""Numbers before the output."""
AUTHORS = "the authors' own network"
TABLES = {
    filters: Stages.squares("table 7", (56, filters), (28, 2 * filters), (14, 4 * filters), (7, 8 * filters), (8 * filters,), (FEATURES,))
    for filters in (40, 192)
}
"""By the channels of the first stage."""


class FasterNet(WithStem):
    """Windows over a quarter of the channels only, so that less data are moved than by depthwise convolutions.

    Use it for pictures of 64 x 64 pixels and more where answers have to be quick; FasterNetT0 is the smallest.

    Departs from the paper: nothing in the layers; weights begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its blocks; at 1,000 classes 3,905,500 (T0) to 93,465,192 (L).
    Source: Chen et al. (2023), Run, don't walk: chasing higher FLOPS for faster neural networks, arXiv:2303.03667, table 7.
    """

    title = "FasterNet"
    year = 2023
    paper = "Chen et al., Run, don't walk: chasing higher FLOPS for faster neural networks, arXiv:2303.03667"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "FasterNetT0": {"filters": 40, "activation": "gelu"},
        "FasterNetT1": {"filters": 64, "activation": "gelu", "stochastic_depth": 0.02},
        "FasterNetT2": {"filters": 96, "stochastic_depth": 0.05},
        "FasterNetS": {"filters": 128, "blocks": [1, 2, 13, 2], "stochastic_depth": 0.1},
        "FasterNetM": {"filters": 144, "blocks": [3, 4, 18, 3], "stochastic_depth": 0.2},
        "FasterNetL": {"filters": 192, "blocks": [3, 4, 18, 3], "stochastic_depth": 0.3},
    }
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("FasterNetT0", IMAGENET, 1000, 3_905_500, AUTHORS, multiply_adds=335_420_000, stages=TABLES[40]),
        Golden("FasterNetL", IMAGENET, 1000, 93_465_192, AUTHORS, multiply_adds=15_494_000_000, stages=TABLES[192]),
    )

    filters: Count = Field(40, description="Channels of the first stage; each further stage has twice as many.")
    blocks: Annotated[tuple[Count, ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=8)] = Field(
        (1, 2, 8, 2), description="Blocks of each stage."
    )
    activation: Literal["relu", "gelu"] = Field("relu", description="Function in the blocks and before the output.")
    stochastic_depth: Probability = Field(
        0.0, description="Share of samples that pass by the last block in training; by earlier ones fewer.", json_schema_extra={"frequent": False}
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        patches = conv(self.filters, 3) if self.is_small else conv(self.filters, 4, strides=4, padding="valid")
        x = net.chain(x, patches=patches, norm1=self._norm())
        done, last = 0, max(1, sum(self.blocks) - 1)
        for stage, blocks in enumerate(self.blocks, start=1):
            if stage > 1:
                merging = conv(self.filters * 2 ** (stage - 1), 2, strides=2, padding="valid")
                x = net.chain(x, **{f"merge{stage}": merging, f"norm{stage}": self._norm()})
            for number in range(1, blocks + 1):
                rate = round(self.stochastic_depth * done / last, 6)
                x = net.add(f"stage{stage}_block{number}", FasterNetBlock(activation=self.activation, stochastic_depth=rate), x)
                done += 1
        x = net.add("pool", GlobalAveragePooling2D(), x)
        return net.chain(x, features=Dense(units=FEATURES, use_bias=False), activation=activation(self.activation))

    def _norm(self) -> BatchNormalization:
        return BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON)
