"""DeepLab version 3."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from blocks.composite.atrous import AtrousSpatialPyramidPooling
from blocks.convolution import Conv2D
from blocks.fields import Count
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.dilated import VOC, Backbone, Dilated

TORCHVISION = "torchvision 0.29.1"
FRONT = ((260, 64), (130, 64), (130, 256), (65, 512), (65, 1024), (65, 2048))
PYRAMID = (256,), (1280,), (256,), (256,), (21,)
"""Channels of a branch of the pyramid, of all five side by side, of what makes one of them, of the convolution behind it, and of the scores."""
PASSED = Stages.squares(TORCHVISION, *FRONT, *((65, *channels) for channels in PYRAMID), (520, 21))
MOBILE = Stages.squares(TORCHVISION, (260, 16), (130, 24), (65, 40), (33, 80), (33, 112), (33, 160), (33, 960), (33, 256), (33, 21), (520, 21))


class DeepLabV3(Dilated):
    """A known network that looks further instead of halving the size so often, and windows with holes of several sizes over its features.

    Use it for masks of large pictures with things near and far, on a GPU; DeepLabV3_MobileNetV3Large is the one for a processor. For few or
    small pictures U-Net is better. The weights of ResNet50V1_5 can be taken over.

    With auxiliary_heads there is one output in the middle, whose loss counts 0.5.

    Departs from the paper: as torchvision has it, with a 3x3 convolution behind the pyramid and no finer blocks ("multi-grid"); the features of
    the ResNets are an 8th of the picture's size and those of MobileNet a 16th, with the same holes.

    Shapes: (height, width, channels) -> (height, width, classes); height and width are multiples of 8.
    Weights: those of the network in front and of AtrousSpatialPyramidPooling, 9 * filters * filters + 2 * filters and (filters + 1) * classes; with
        21 classes 39,638,869 (ResNet-50), 58,630,997 (ResNet-101) and 11,025,477 (MobileNetV3).
    Source: Chen, Papandreou, Schroff and Adam (2017), Rethinking atrous convolution for semantic image segmentation, arXiv:1706.05587.
    """

    title = "DeepLab v3"
    year = 2017
    paper = "Chen, Papandreou, Schroff and Adam, Rethinking atrous convolution for semantic image segmentation, arXiv:1706.05587"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "DeepLabV3": {},
        "DeepLabV3_ResNet101": {"backbone": "resnet101"},
        "DeepLabV3_MobileNetV3Large": {"backbone": "mobilenet_v3_large"},
    }
    golden = (
        Golden("DeepLabV3", VOC, 21, 39_638_869, TORCHVISION, multiply_adds=168_731_000_000, stages=PASSED),
        Golden("DeepLabV3", VOC, 21, 42_004_074, TORCHVISION, 178_722_000_000, {"auxiliary_heads": True}),
        Golden("DeepLabV3_ResNet101", VOC, 21, 58_630_997, TORCHVISION, multiply_adds=248_752_000_000, stages=PASSED),
        Golden("DeepLabV3_ResNet101", VOC, 21, 60_996_202, TORCHVISION, 258_743_000_000, {"auxiliary_heads": True}),
        Golden("DeepLabV3_MobileNetV3Large", VOC, 21, 11_025_477, TORCHVISION, multiply_adds=10_436_000_000, stages=MOBILE),
        Golden("DeepLabV3_MobileNetV3Large", VOC, 21, 11_029_328, TORCHVISION, 10_452_000_000, {"auxiliary_heads": True}),
    )

    backbone: Backbone = Field("resnet50", description="The network in front.")
    filters: Count = Field(256, description="Channels of each branch of the pyramid, and of the convolution behind it.")

    @property
    def network(self) -> Backbone:
        return self.backbone

    def wire(self, net: Wiring, x: Node) -> Node:
        y = net.add("pyramid", AtrousSpatialPyramidPooling(filters=self.filters), self.feature_maps(net, x))
        y = self.convolved(net, y, "head", self.filters)
        return self.enlarged(net, x, net.add("score", Conv2D(filters=self.scores, kernel_size=1), y))
