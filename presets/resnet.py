"""ResNet for small pictures."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.residual import BATCH_EPSILON, BATCH_MOMENTUM, ResidualStage
from blocks.convolution import Conv2D
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset

SMALL_FILTERS = (16, 32, 64)
CIFAR = (32, 32, 3)
COUNTED = "counted in a build of the paper's section 4.2 (its table 6 rounds to 0.27, 0.46, 0.66, 0.85 and 1.7 million)"
PROJECTED = "pytorchcv 0.0.74"


class ResNet(Preset):
    """A deep chain of convolutions with shortcuts around every two of them.

    Use it for small pictures, such as 32 x 32, when LeNet-5 is no longer enough. 20 layers are plenty for a start.

    The paper pads training pictures by 4 pixels, crops and flips them at random; that belongs to the data, not to the network.

    Shapes: (height, width, channels) -> (classes); depth = 6 n + 2 with n blocks in each of three stages.
    Weights: at 32 x 32 x 3 and 10 classes 269,722 (20), 464,154 (32), 658,586 (44), 853,018 (56) and 1,727,962 (110) trainable
        ones; projections add 2,752.
    Source: He et al. (2015), Deep residual learning for image recognition, arXiv:1512.03385, section 4.2.
    """

    year = 2015
    paper = "He, Zhang, Ren and Sun, Deep residual learning for image recognition, arXiv:1512.03385"
    variants = {f"ResNet{depth}": {"depth": depth} for depth in (20, 32, 44, 56, 110)}
    canonical_shape = CIFAR
    minimum_size = 8
    golden = (
        Golden("ResNet20", CIFAR, 10, 269_722, COUNTED),
        Golden("ResNet32", CIFAR, 10, 464_154, COUNTED),
        Golden("ResNet44", CIFAR, 10, 658_586, COUNTED),
        Golden("ResNet56", CIFAR, 10, 853_018, COUNTED),
        Golden("ResNet110", CIFAR, 10, 1_727_962, COUNTED),
        Golden("ResNet20", CIFAR, 10, 272_474, PROJECTED, params={"shortcut": "projection"}),
        Golden("ResNet56", CIFAR, 10, 855_770, PROJECTED, params={"shortcut": "projection"}),
        Golden("ResNet110", CIFAR, 10, 1_730_714, PROJECTED, params={"shortcut": "projection"}),
    )

    depth: Literal[20, 32, 44, 56, 110] = Field(20, description="Layers with weights on the longest way.")
    shortcut: Literal["padding", "projection"] = Field(
        "padding",
        description='Where the shape changes, "padding" adds channels of zeros (the paper\'s option A); "projection" learns a 1x1 convolution.',
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        x = net.chain(
            x,
            conv1=Conv2D(filters=SMALL_FILTERS[0], kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_normal"),
            norm1=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON),
            relu1=ReLU(),
        )
        for number, filters in enumerate(SMALL_FILTERS, start=1):
            stage = ResidualStage(blocks=(self.depth - 2) // 6, filters=filters, strides=1 if number == 1 else 2, shortcut=self.shortcut)
            x = net.add(f"stage{number}", stage, x)
        return net.add("pool", GlobalAveragePooling2D(), x)
