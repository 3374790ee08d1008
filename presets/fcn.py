"""Fully convolutional networks."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.composite.convolutions import ConvolutionStage
from blocks.composite.cropping import cropped
from blocks.composite.fcn import ENLARGING, Enlarging, FCNFusion, enlarging
from blocks.convolution import Conv2D
from blocks.fields import Count, Padding, Probability
from blocks.merging import Add
from blocks.pooling import MaxPooling2D
from blocks.regularization import Dropout
from blocks.reshaping import Cropping2D, ZeroPadding2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.segmenting import LARGEST_SIDE, Segmenting

CONVOLUTIONS = (2, 2, 3, 3, 3)
WIDENING = (1, 2, 4, 8, 8)
"""Channels of each stage, for each of the first."""
LARGE = (512, 512, 3)
VOC = (500, 500, 3)
"""The largest pictures of the set of the paper."""
FUSED = {32: (), 16: (4,), 8: (4, 3)}
"""Behind which stages finer scores are added, by how far the rest is enlarged."""
FIRST_DENSE = 7
"""Height and width of the window of the first dense layer."""
CUT = {32: 19, 16: 27, 8: 31}
"""Rows and columns that are cut off in front of the enlarged scores, where the picture has a border."""
AUTHORS = "the authors' files; their enlargements are no learned weights"
COUNTED = "the same with the enlargements counted"
FIGURES = {"FCN32s": (134_346_581, 181_366_000_000), "FCN16s": (134_357_354, 181_448_000_000), "FCN8s": (134_362_751, 181_529_000_000)}
VGG = Stages.squares(
    "VGG-16, whose five poolings halve the size", (256, 64), (128, 128), (64, 256), (32, 512), (16, 512), (16, 4096), (16, 21), (512, 21)
)


class FCN(Segmenting):
    """VGG-16 with its dense layers as convolutions: coarse scores of each class, enlarged, with finer scores added on the way.

    Use it to see where segmentation with networks began; for few pictures U-Net is better. FCN8s is the finest.

    Departs from the paper: convolutions keep the size, unless border is 100 as in the authors' files; they start from He's distribution, so
    load the weights of VGG16 where they are at hand.

    Shapes: (height, width, channels) -> (height, width, classes); without a border height and width are multiples of 32.
    Weights: those of VGG-16 without its last layer, and (4,097 + fused channels) * classes; with 21 classes 134,346,581 (32s),
        134,357,354 (16s) and 134,362,751 (8s), and (2 * factor * classes)^2 of each enlarging, which are fixed unless upsampling says otherwise.
    Source: Long, Shelhamer and Darrell (2014), Fully convolutional networks for semantic segmentation, arXiv:1411.4038, section 4.
    """

    title = "FCN"
    year = 2014
    paper = "Long, Shelhamer and Darrell, Fully convolutional networks for semantic segmentation, arXiv:1411.4038"
    variants: ClassVar[dict[str, dict[str, Any]]] = {f"FCN{stride}s": {"stride": stride} for stride in FUSED}
    canonical_shape = LARGE
    canonical_classes = 21
    minimum_size = 32
    golden = (
        *(Golden(name, VOC, 21, weights, AUTHORS, multiply_adds, {"border": 100}) for name, (weights, multiply_adds) in FIGURES.items()),
        Golden("FCN32s", LARGE, 21, 134_346_581, AUTHORS, stages=VGG),
        Golden("FCN16s", LARGE, 21, 134_357_354, AUTHORS),
        Golden("FCN8s", LARGE, 21, 134_362_751, AUTHORS),
        Golden("FCN32s", LARGE, 21, 136_152_917, COUNTED, params={"upsampling": "transposed"}),
        Golden("FCN16s", LARGE, 21, 134_815_994, COUNTED, params={"upsampling": "transposed"}),
        Golden("FCN8s", LARGE, 21, 134_489_759, COUNTED, params={"upsampling": "transposed"}),
    )

    stride: Literal[8, 16, 32] = Field(
        8, description="How far the scores are enlarged at last; smaller is finer.", json_schema_extra={"unit": "times"}
    )
    filters: Count = Field(64, description="Channels of the first stage; 16 suits small pictures.")
    dense_units: Count = Field(4096, description="Channels of the two convolutions that were dense layers; 256 suits small pictures.")
    batch_normalization: bool = Field(False, description="Normalises behind each convolution of the stages: trains sooner and more surely.")
    upsampling: Enlarging = Field("fixed", description=ENLARGING)
    border: Literal[0, 100] = Field(
        0,
        description="Zeros around the picture, of which the result is cut out: 100 as in the authors' files; 0: convolutions keep the size.",
        json_schema_extra={"unit": "pixels", "frequent": False},
    )
    dropout: Probability = Field(0.5, description="Share of values that are set to 0 behind these two in training.")

    @property
    def multiple(self) -> int:
        return 1 if self.border else super().multiple

    def wire(self, net: Wiring, x: Node) -> Node:
        return self._inside_border(net, x) if self.border else self._in_its_size(net, x)

    def _in_its_size(self, net: Wiring, x: Node) -> Node:
        stages = {}
        for number in range(1, len(CONVOLUTIONS) + 1):
            x = stages[number] = net.add(f"stage{number}", self._stage(number), x)
        x = self._scored(net, x, "same")
        for number in FUSED[self.stride]:
            x = net.add(f"fusion{number}", FCNFusion(upsampling=self.upsampling), x, stages[number])
        return net.add("enlarge", enlarging(self.upsampling, self.stride), x)

    def _inside_border(self, net: Wiring, x: Node) -> Node:
        """The authors' form: the first dense layer sees whole windows only, and what is added or given is cut out of something larger."""
        size = [side or LARGEST_SIDE for side in net.shape(x)[:2]]
        x = net.add("border", ZeroPadding2D(padding=self.border - 1), x)  # the first convolution adds one more
        stages, sides = {}, {0: [side + 2 * (self.border - 1) for side in size]}
        for number in range(1, len(CONVOLUTIONS) + 1):
            x = net.add(f"stage{number}", self._stage(number, pooling=False), x)
            x = stages[number] = net.add(f"pool{number}", MaxPooling2D(padding="same"), x)
            sides[number] = [math.ceil(side / 2) for side in sides[number - 1]]
        x = self._scored(net, x, "valid")
        now = [side - FIRST_DENSE + 1 for side in sides[len(CONVOLUTIONS)]]
        for number in FUSED[self.stride]:
            x = net.add(f"enlarge{number}", enlarging(self.upsampling, 2, "valid"), x)
            now = [2 * side + 2 for side in now]
            fine = net.add(f"score{number}", Conv2D(filters=self.scores, kernel_size=1, kernel_initializer="zeros"), stages[number])
            rows, columns = (here - there for here, there in zip(sides[number], now, strict=True))
            x = net.add(f"add{number}", Add(), x, cropped(net, fine, f"crop{number}", rows, columns))
        x = net.add("enlarge", enlarging(self.upsampling, self.stride, "valid"), x)
        start = CUT[self.stride]
        margins = tuple((start, self.stride * (here + 1) - there - start) for here, there in zip(now, size, strict=True))
        return net.add("cut", Cropping2D(cropping=margins), x)

    def _stage(self, number: int, pooling: bool = True) -> ConvolutionStage:
        filters = self.filters * WIDENING[number - 1]
        return ConvolutionStage(convolutions=CONVOLUTIONS[number - 1], filters=filters, batch_normalization=self.batch_normalization, pooling=pooling)

    def _scored(self, net: Wiring, x: Node, padding: Padding) -> Node:
        """The dense layers as convolutions, and the coarse scores."""
        for number, window in ((6, FIRST_DENSE), (7, 1)):
            dense = Conv2D(filters=self.dense_units, kernel_size=window, padding=padding, activation="relu", kernel_initializer="he_normal")
            x = net.add(f"conv{number}", dense, x)
            if self.dropout:
                x = net.add(f"dropout{number}", Dropout(rate=self.dropout), x)
        return net.add("score", Conv2D(filters=self.scores, kernel_size=1), x)
