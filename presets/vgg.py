"""VGG."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.composite.convolutions import ConvolutionStage
from blocks.dense import Dense
from blocks.fields import Count, Probability
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
KEEPING = 2
"""Stages that halve the size of large pictures only."""
FILTERS = (64, 128, 256, 512, 512)
TORCHVISION = "torchvision 0.29.1; the paper's table 2 rounds to millions"
NORMALISED = "the plain network's figure, with two weights for each channel of a convolution"
IMAGENET = (224, 224, 3)
PASSED = Stages.squares(
    "table 1, and the summary of keras.applications 3.15.1",
    (224, 64), (112, 64), (112, 128), (56, 128), (56, 256), (28, 256), (28, 512), (14, 512), (7, 512), (25088,), (4096,), (4096,),
)  # fmt: skip


class VGG(WithStem):
    """Five stages of 3x3 convolutions, each halving the size, and two wide dense layers.

    Use it for pictures where a plain, large network is wanted; most weights are in the dense layers. VGG16BN trains sooner and more surely.

    Departs from the paper: convolutions start from He's distribution (the paper first trained the small networks to start the large ones);
    VGG11BN to VGG19BN normalise behind each convolution, as torchvision has them.

    Shapes: (height, width, channels) -> (classes).
    Weights: at 224 x 224 x 3 and 1,000 classes 132,863,336 (11), 133,047,848 (13), 138,357,544 (16) and 143,667,240 (19); with normalisation
        132,868,840, 133,053,736, 138,365,992 and 143,678,248.
    Source: Simonyan and Zisserman (2014), Very deep convolutional networks for large-scale image recognition, arXiv:1409.1556, table 1 (A, B, D, E).
    """

    year = 2014
    paper = "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, arXiv:1409.1556"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        **{f"VGG{depth}": {"depth": depth} for depth in STAGES},
        **{f"VGG{depth}BN": {"depth": depth, "batch_normalization": True} for depth in STAGES},
    }
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("VGG11", IMAGENET, 1000, 132_863_336, TORCHVISION, stages=PASSED),
        Golden("VGG13", IMAGENET, 1000, 133_047_848, TORCHVISION, stages=PASSED),
        Golden("VGG16", IMAGENET, 1000, 138_357_544, TORCHVISION + "; keras.applications likewise", multiply_adds=15_470_264_320, stages=PASSED),
        Golden("VGG19", IMAGENET, 1000, 143_667_240, TORCHVISION + "; keras.applications likewise", multiply_adds=19_632_062_464, stages=PASSED),
        Golden("VGG11BN", IMAGENET, 1000, 132_868_840, NORMALISED),
        Golden("VGG13BN", IMAGENET, 1000, 133_053_736, NORMALISED),
        Golden("VGG16BN", IMAGENET, 1000, 138_365_992, TORCHVISION, multiply_adds=15_470_264_320, stages=PASSED),
        Golden("VGG16BN", IMAGENET, 1000, 138_361_768, "pytorchcv 0.0.74", multiply_adds=15_470_264_320, params={"use_bias": False}),
        Golden("VGG19BN", IMAGENET, 1000, 143_678_248, TORCHVISION, multiply_adds=19_632_062_464),
    )

    depth: Literal[11, 13, 16, 19] = Field(16, description="Layers with weights.")
    batch_normalization: bool = Field(False, description="Normalises behind each convolution: trains sooner and more surely.")
    use_bias: bool = Field(
        True,
        description="Adds one learned number per channel in each convolution, also in front of a normalisation.",
        json_schema_extra={"frequent": False},
    )
    dense_units: Count = Field(4096, description="Width of the two dense layers; 512 suits small pictures.")
    dropout: Probability = Field(0.5, description="Share of dense values that are set to 0 in training.")

    def wire(self, net: Wiring, x: Node) -> Node:
        for number, (convolutions, filters) in enumerate(zip(STAGES[self.depth], FILTERS, strict=True), start=1):
            stage = ConvolutionStage(
                convolutions=convolutions, filters=filters, batch_normalization=self.batch_normalization, use_bias=self.use_bias,
                pooling=number > KEEPING or not self.is_small,
            )  # fmt: skip
            x = net.add(f"stage{number}", stage, x)
        x = net.add("flatten", Flatten(), x)
        for number in (1, 2):
            x = net.add(f"dense{number}", Dense(units=self.dense_units, activation="relu", kernel_initializer="he_uniform"), x)
            if self.dropout:
                x = net.add(f"dropout{number}", Dropout(rate=self.dropout), x)
        return x
