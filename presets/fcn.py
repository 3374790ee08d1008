"""Fully convolutional networks."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.composite.convolutions import ConvolutionStage
from blocks.composite.fcn import FCNFusion
from blocks.convolution import Conv2D, Conv2DTranspose
from blocks.fields import Count, Probability
from blocks.regularization import Dropout
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.segmenting import Segmenting

CONVOLUTIONS = (2, 2, 3, 3, 3)
WIDENING = (1, 2, 4, 8, 8)
"""Channels of each stage, for each of the first."""
LARGE = (512, 512, 3)
FUSED = {32: (), 16: (4,), 8: (4, 3)}
"""Behind which stages finer scores are added, by how far the rest is enlarged."""
AUTHORS = "the authors' files; their enlargements are no learned weights"
VGG = Stages.squares(
    "VGG-16, whose five poolings halve the size", (256, 64), (128, 128), (64, 256), (32, 512), (16, 512), (16, 4096), (16, 21), (512, 21)
)


class FCN(Segmenting):
    """VGG-16 with its dense layers as convolutions: coarse scores of each class, enlarged, with finer scores added on the way.

    Use it to see where segmentation with networks began; for few pictures U-Net is better. FCN8s is the finest.

    Departs from the paper: convolutions keep the size (the files pad the picture by 100 pixels and cut the result), and start from He's
    distribution; load the weights of VGG16 where they are at hand.

    Shapes: (height, width, channels) -> (height, width, classes); height and width are multiples of 32.
    Weights: those of VGG-16 without its last layer, and (4,097 + fused channels) * classes; with 21 classes 134,346,581 (32s),
        134,357,354 (16s) and 134,362,751 (8s).
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
        Golden("FCN32s", LARGE, 21, 134_346_581, AUTHORS, stages=VGG),
        Golden("FCN16s", LARGE, 21, 134_357_354, AUTHORS),
        Golden("FCN8s", LARGE, 21, 134_362_751, AUTHORS),
        Golden("FCN32s", LARGE, 21, 136_152_917, "the same with the enlargements counted", params={"upsampling": "transposed"}),
        Golden("FCN16s", LARGE, 21, 134_815_994, "the same with the enlargements counted", params={"upsampling": "transposed"}),
        Golden("FCN8s", LARGE, 21, 134_489_759, "the same with the enlargements counted", params={"upsampling": "transposed"}),
    )

    stride: Literal[8, 16, 32] = Field(
        8, description="How far the scores are enlarged at last; smaller is finer.", json_schema_extra={"unit": "times"}
    )
    filters: Count = Field(64, description="Channels of the first stage; 16 suits small pictures.")
    dense_units: Count = Field(4096, description="Channels of the two convolutions that were dense layers; 256 suits small pictures.")
    batch_normalization: bool = Field(False, description="Normalises behind each convolution of the stages: trains sooner and more surely.")
    upsampling: Literal["transposed", "bilinear"] = Field(
        "bilinear", description='"bilinear" interpolates; "transposed" learns the windows that enlarge.'
    )
    dropout: Probability = Field(0.5, description="Share of values that are set to 0 behind these two in training.")

    def wire(self, net: Wiring, x: Node) -> Node:
        stages = {}
        for number, (convolutions, widening) in enumerate(zip(CONVOLUTIONS, WIDENING, strict=True), start=1):
            stage = ConvolutionStage(convolutions=convolutions, filters=self.filters * widening, batch_normalization=self.batch_normalization)
            x = stages[number] = net.add(f"stage{number}", stage, x)
        for number, window in ((6, 7), (7, 1)):
            dense = Conv2D(filters=self.dense_units, kernel_size=window, padding="same", activation="relu", kernel_initializer="he_normal")
            x = net.add(f"conv{number}", dense, x)
            if self.dropout:
                x = net.add(f"dropout{number}", Dropout(rate=self.dropout), x)
        x = net.add("score", Conv2D(filters=self.scores, kernel_size=1), x)
        for number in FUSED[self.stride]:
            x = net.add(f"fusion{number}", FCNFusion(upsampling=self.upsampling), x, stages[number])
        if self.upsampling == "bilinear":
            return net.add("enlarge", UpSampling2D(size=self.stride, interpolation="bilinear"), x)
        last = Conv2DTranspose(filters=self.scores, kernel_size=2 * self.stride, strides=self.stride, padding="same", use_bias=False)
        return net.add("enlarge", last, x)
