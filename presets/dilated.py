"""What segmentation networks share whose first part is a known network that stops halving the size and looks further instead."""

from __future__ import annotations

import abc
from typing import ClassVar, Literal

from blocks.activation import ReLU
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.convolution import Conv2D
from blocks.normalization import BatchNormalization
from blocks.preprocessing import Resizing
from blocks.regularization import Dropout
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring
from presets.auxiliary import WithAuxiliaryHeads
from presets.deep_resnet import DeepResNet
from presets.mobilenet import MobileNetV3
from presets.segmenting import Segmenting

Backbone = Literal["resnet50", "resnet101", "mobilenet_v3_large"]
VOC = (520, 520, 3)
SHRUNK = {"resnet50": 8, "resnet101": 8, "mobilenet_v3_large": 16}
"""How many times smaller than the picture the features are."""
MULTIPLE = 8
"""Height and width are multiples of it; an eighth that is odd is rounded up where it is halved once more."""
MIDDLE = {"resnet50": ("stage3", 1024), "resnet101": ("stage3", 1024), "mobilenet_v3_large": ("block4", 40)}
"""Behind which node the head in the middle stands, and the channels there."""
HEAD_DROPOUT = 0.1


class _MobileNetV3(MobileNetV3):
    """MobileNetV3 whose normalisations follow short trainings, too."""

    momentum: ClassVar[float] = BATCH_MOMENTUM


class Dilated(Segmenting, WithAuxiliaryHeads):
    """Base of the presets that score the features of a dilated network and enlarge the scores."""

    side_weight = 0.5
    canonical_shape = VOC
    canonical_classes = 21
    minimum_size = 16

    @property
    @abc.abstractmethod
    def network(self) -> Backbone:
        """The network in front."""

    @property
    def multiple(self) -> int:
        return MULTIPLE

    def feature_maps(self, net: Wiring, x: Node) -> Node:
        """What the network in front finds; its nodes are named as in its own preset, so that its weights can be taken over."""
        if self.network == "mobilenet_v3_large":
            return _MobileNetV3(form="large").feature_maps(net, x, dilated=True)
        return DeepResNet(depth=50 if self.network == "resnet50" else 101, form="v1.5").feature_maps(net, x, dilated=True)

    def scored(self, net: Wiring, x: Node, name: str, filters: int) -> Node:
        """A 3x3 convolution, dropout, and the scores of each class: the head of a fully convolutional network."""
        x = self.convolved(net, x, name, filters)
        return net.add(f"{name}_score", Conv2D(filters=self.scores, kernel_size=1), net.add(f"{name}_dropout", Dropout(rate=HEAD_DROPOUT), x))

    def convolved(self, net: Wiring, x: Node, name: str, filters: int) -> Node:
        """A 3x3 convolution with normalisation and activation."""
        norm = BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON)
        return net.chain(x, **{f"{name}_conv": conv(filters, 3), f"{name}_norm": norm, f"{name}_relu": ReLU()})

    def auxiliary(self, net: Wiring) -> dict[str, Node]:
        node, channels = MIDDLE[self.network]
        scores = self.scored(net, Node(node), "middle", channels // 4)
        return {"auxiliary": net.add("middle_enlarge", UpSampling2D(size=MULTIPLE, interpolation="bilinear"), scores)}

    def enlarged(self, net: Wiring, picture: Node, scores: Node) -> Node:
        """The scores at the size of the picture."""
        height, width = net.shape(picture)[:2]
        shrunk = SHRUNK[self.network]
        if height and width and (height % shrunk or width % shrunk):
            return net.add("enlarge", Resizing(height=height, width=width, interpolation="bilinear", antialias=False), scores)
        return net.add("enlarge", UpSampling2D(size=shrunk, interpolation="bilinear"), scores)
