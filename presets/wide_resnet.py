"""Wide residual networks for small pictures."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from blocks.activation import ReLU
from blocks.composite.pre_activation import WideResidual
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.fields import Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

CIFAR = (32, 32, 3)
FILTERS = (16, 32, 64)
COUNTED = "pytorchcv 0.0.74 (the paper's table 5 rounds to 36.5 million)"
TABLE = Stages.squares("table 1", (32, 16), (32, 160), (16, 320), (8, 640), (640,))


class WideResNet(Preset):
    """Few residual blocks with many channels each, instead of many with few.

    Use it for small pictures where ResNet110 would be too slow: sixteen wide layers are as accurate as a thousand narrow ones.
    WideResNet50_2 is the relative for large pictures.

    Departs from the paper: no dropout unless it is asked for; training pictures are not moved and mirrored, which belongs to the data.

    Shapes: (height, width, channels) -> (classes); depth = 6 n + 4 with n blocks in each of three stages.
    Weights: those of its blocks; at 32 x 32 x 3 and 10 classes 36,479,194 (28-10).
    Source: Zagoruyko and Komodakis (2016), Wide residual networks, arXiv:1605.07146, table 1.
    """

    title = "Wide ResNet"
    year = 2016
    paper = "Zagoruyko and Komodakis, Wide residual networks, arXiv:1605.07146"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        f"WideResNet{depth}_{widening}": {"depth": depth, "widening": widening} for depth, widening in ((16, 8), (28, 10), (40, 4))
    }
    canonical_shape = CIFAR
    minimum_size = 8
    golden = (
        Golden("WideResNet28_10", CIFAR, 10, 36_479_194, COUNTED, multiply_adds=5_243_000_000, stages=TABLE),
        Golden("WideResNet28_10", CIFAR, 100, 36_536_884, COUNTED, multiply_adds=5_243_000_000),
    )

    depth: Annotated[int, Field(ge=10, le=130)] = Field(28, description="Layers with weights on the longest way: 10, 16, 22, 28 ...")
    widening: Annotated[int, Field(ge=1, le=64)] = Field(
        10, description="Channels for each of the 16, 32 and 64 of the narrow form.", json_schema_extra={"unit": "times"}
    )
    dropout: Probability = Field(0.0, description="Share of values that are set to 0 within a block in training; the paper has 0.3.")

    @model_validator(mode="after")
    def _whole_blocks(self) -> Self:
        if (self.depth - 4) % 6:
            raise ValueError(f"depth must be 6 n + 4; the nearest is {4 + 6 * round((self.depth - 4) / 6)}")
        return self

    def wire(self, net: Wiring, x: Node) -> Node:
        x = net.add("conv1", conv(FILTERS[0], 3), x)
        for stage, filters in enumerate(FILTERS, start=1):
            for number in range(1, (self.depth - 4) // 6 + 1):
                strides = 2 if stage > 1 and number == 1 else 1
                block = WideResidual(filters=filters, widening=self.widening, strides=strides, dropout=self.dropout)
                x = net.add(f"stage{stage}_block{number}", block, x)
        return net.chain(x, norm=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON), relu=ReLU(), pool=GlobalAveragePooling2D())
