"""ResNet for small pictures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.residual import ResidualStage
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

SMALL_FILTERS = (16, 32, 64)
CIFAR = (32, 32, 3)
COUNTED = "counted in a build of the paper's section 4.2 (its table 6 rounds to 0.27, 0.46, 0.66, 0.85 and 1.7 million)"
PROJECTED = "pytorchcv 0.0.74"
TABLE = Stages.squares("the table of section 4.2", (32, 16), (32, 16), (16, 32), (8, 64), (64,))


class ResNet(Preset):
    """A deep chain of convolutions with shortcuts around every two of them.

    Use it for small pictures, such as 32 x 32, when LeNet-5 is no longer enough. 20 layers are plenty for a start.

    The paper pads training pictures by 4 pixels, crops and flips them at random; that belongs to the data, not to the network.

    Departs from the paper: where form is "v2" each block normalises before its convolutions, as in the paper that followed (arXiv:1603.05027).

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
        Golden("ResNet20", CIFAR, 10, 269_722, COUNTED, stages=TABLE),
        Golden("ResNet32", CIFAR, 10, 464_154, COUNTED, stages=TABLE),
        Golden("ResNet44", CIFAR, 10, 658_586, COUNTED, stages=TABLE),
        Golden("ResNet56", CIFAR, 10, 853_018, COUNTED, stages=TABLE),
        Golden("ResNet110", CIFAR, 10, 1_727_962, COUNTED, stages=TABLE),
        Golden("ResNet20", CIFAR, 10, 272_474, PROJECTED, 40_810_000, {"shortcut": "projection"}),
        Golden("ResNet56", CIFAR, 10, 855_770, PROJECTED, 125_750_000, {"shortcut": "projection"}),
        Golden("ResNet110", CIFAR, 10, 1_730_714, PROJECTED, 253_150_000, {"shortcut": "projection"}),
        Golden("ResNet20", CIFAR, 10, 272_282, PROJECTED, 40_810_000, {"shortcut": "projection", "form": "v2"}, stages=TABLE),
        Golden("ResNet56", CIFAR, 10, 855_578, PROJECTED, 125_750_000, {"shortcut": "projection", "form": "v2"}),
        Golden("ResNet110", CIFAR, 10, 1_730_522, PROJECTED, 253_150_000, {"shortcut": "projection", "form": "v2"}),
    )

    depth: Literal[20, 32, 44, 56, 110] = Field(20, description="Layers with weights on the longest way.")
    form: Literal["v1", "v2"] = Field("v1", description='"v1" normalises behind each convolution, "v2" before it.')
    shortcut: Literal["padding", "projection"] = Field(
        "padding",
        description='Where the shape changes, "padding" adds channels of zeros (the paper\'s option A); "projection" learns a 1x1 convolution.',
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        norm = BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON)
        x = net.add("conv1", conv(SMALL_FILTERS[0], 3), x)
        if self.form == "v1":
            x = net.chain(x, norm1=norm, relu1=ReLU())
        shared: dict[str, Any] = {"kind": "basic" if self.form == "v1" else "pre_activation", "shortcut": self.shortcut}
        for number, filters in enumerate(SMALL_FILTERS, start=1):
            stage = ResidualStage(blocks=(self.depth - 2) // 6, filters=filters, strides=1 if number == 1 else 2, **shared)
            x = net.add(f"stage{number}", stage, x)
        if self.form == "v2":
            x = net.chain(x, norm=norm, relu=ReLU())
        return net.add("pool", GlobalAveragePooling2D(), x)
