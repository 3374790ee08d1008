"""Fully convolutional networks behind a dilated ResNet."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.dilated import VOC, Backbone, Dilated

TORCHVISION = "torchvision 0.29.1"
FILTERS = 512
PASSED = Stages.squares(TORCHVISION, (260, 64), (130, 64), (130, 256), (65, 512), (65, 1024), (65, 2048), (65, 512), (65, 21), (520, 21))


class FCNResNet(Dilated):
    """A ResNet that looks further instead of halving the size so often, one convolution over its features, and enlarged scores.

    Use it for masks of large pictures where there is a GPU; DeepLabV3 looks at surroundings of several sizes. For few pictures U-Net is better.

    With auxiliary_heads there is one output in the middle, whose loss counts 0.5.

    Departs from the paper: as torchvision has it, with a ResNet in place of VGG-16 and without finer scores on the way.

    Shapes: (height, width, channels) -> (height, width, classes); height and width are multiples of 8.
    Weights: those of the ResNet in front, 9,438,208 of the convolution and 513 * classes; with 21 classes 32,957,013 (50) and 51,949,141 (101).
    Source: Long, Shelhamer and Darrell (2014), Fully convolutional networks for semantic segmentation, arXiv:1411.4038; dilation: Yu and Koltun
        (2015), arXiv:1511.07122.
    """

    title = "FCN behind a ResNet"
    year = 2014
    paper = "Long, Shelhamer and Darrell, Fully convolutional networks for semantic segmentation, arXiv:1411.4038"
    variants: ClassVar[dict[str, dict[str, Any]]] = {f"FCN_ResNet{depth}": {"depth": depth} for depth in (50, 101)}
    golden = (
        Golden("FCN_ResNet50", VOC, 21, 32_957_013, TORCHVISION, multiply_adds=142_726_000_000, stages=PASSED),
        Golden("FCN_ResNet50", VOC, 21, 35_322_218, TORCHVISION, 152_717_000_000, {"auxiliary_heads": True}),
        Golden("FCN_ResNet101", VOC, 21, 51_949_141, TORCHVISION, multiply_adds=222_747_000_000, stages=PASSED),
        Golden("FCN_ResNet101", VOC, 21, 54_314_346, TORCHVISION, 232_738_000_000, {"auxiliary_heads": True}),
    )

    depth: Literal[50, 101] = Field(50, description="Layers of the ResNet.")

    @property
    def network(self) -> Backbone:
        return "resnet50" if self.depth == 50 else "resnet101"

    def wire(self, net: Wiring, x: Node) -> Node:
        return self.enlarged(net, x, self.scored(net, self.feature_maps(net, x), "head", FILTERS))
