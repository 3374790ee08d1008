"""ResNeXt for small pictures."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.bottleneck import ResNeXtBlock
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

CIFAR = (32, 32, 3)
FILTERS = (256, 512, 1024)
BLOCKS = 3
COUNTED = "pytorchcv 0.0.74"
TABLE = Stages.squares("section 5.3 and pytorchcv 0.0.74", (32, 64), (32, 256), (16, 512), (8, 1024), (1024,))


class ResNeXt(Preset):
    """Residual bottlenecks whose 3x3 convolutions treat groups of channels apart, in three stages for small pictures.

    Use it for small pictures where there is a GPU: more groups gain more than more depth or width does. ResNeXt50_32x4d is the relative
    for large pictures.

    Departs from the paper: nothing in the layers; training pictures are not moved and mirrored, which belongs to the data.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its nine blocks; at 32 x 32 x 3 and 10 classes 34,426,698 (8x64d).
    Source: Xie et al. (2016), Aggregated residual transformations for deep neural networks, arXiv:1611.05431, section 5.3 and table 7.
    """

    title = "ResNeXt for small pictures"
    year = 2016
    paper = "Xie, Girshick, Dollar, Tu and He, Aggregated residual transformations for deep neural networks, arXiv:1611.05431"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        f"ResNeXt29_{groups}x{width}d": {"cardinality": groups, "group_width": width} for groups, width in ((8, 64), (16, 64), (32, 4))
    }
    canonical_shape = CIFAR
    minimum_size = 8
    golden = (
        Golden("ResNeXt29_8x64d", CIFAR, 10, 34_426_698, COUNTED, multiply_adds=5_387_000_000, stages=TABLE),
        Golden("ResNeXt29_16x64d", CIFAR, 10, 68_155_210, COUNTED, multiply_adds=10_689_000_000, stages=TABLE),
        Golden("ResNeXt29_32x4d", CIFAR, 10, 4_775_754, COUNTED, multiply_adds=774_060_000, stages=TABLE),
    )

    cardinality: Annotated[int, Field(ge=1, le=256)] = Field(8, description="Groups of channels.")
    group_width: Annotated[int, Field(ge=1, le=256)] = Field(64, description="Channels of each group in the first stage.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = net.chain(x, conv1=conv(64, 3), norm1=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON), relu1=ReLU())
        for stage, filters in enumerate(FILTERS, start=1):
            for number in range(1, BLOCKS + 1):
                block = ResNeXtBlock(
                    filters=filters,
                    cardinality=self.cardinality,
                    group_width=self.group_width * 2 ** (stage - 1),
                    strides=2 if stage > 1 and number == 1 else 1,
                )
                x = net.add(f"stage{stage}_block{number}", block, x)
        return net.add("pool", GlobalAveragePooling2D(), x)
