"""U-Net: a class for every pixel."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from blocks.activation import ReLU
from blocks.augmentation import RandomFlip, RandomRotation, RandomZoom
from blocks.composite.convolutions import ConvolutionStage
from blocks.composite.unet import UNetDown, UNetUp
from blocks.convolution import Conv2D
from blocks.features import Feature
from blocks.fields import Count, Probability
from blocks.normalization import BatchNormalization
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Situation, Stages
from presets.segmenting import LARGEST_SIDE, reason_for, wanted_size

SMALL_AREA = 64 * 64
"""Pixels up to which the U sees pictures as they are."""
LEAST_BOTTOM = 12
"""Height and width at which the bottom of the U is entered at least, without padding; below, little of the picture would be left."""
SLIM: dict[str, Any] = {
    "filters": 16, "levels": 3, "reduction": None, "batch_normalization": True, "dropout": 0.0, "augmentation": "geometric",
}  # fmt: skip
"""What learns from a few dozen pictures within minutes on two CPU cores."""
BUILT = "counted in a build of figure 1 in PyTorch; with normalisation there are no biases before it"
_SLIM_FORMULA = "the same with 16, 32, 64 and 128 channels, without bias but two weights per channel of each normalisation, and 27 * 16 + 32 in front"
_FORMULA = "the sum over all convolutions of (window * channels + 1) * filters, by figure 1 of the paper"
FIGURE = Stages.squares(
    "figure 1",
    (570, 64), (568, 64), (284, 64), (282, 128), (280, 128), (140, 128), (138, 256), (136, 256), (68, 256), (66, 512),
    (64, 512), (32, 512), (30, 1024), (28, 1024), (56, 512), (56, 1024), (54, 512), (52, 512), (104, 256), (104, 512),
    (102, 256), (100, 256), (200, 128), (200, 256), (198, 128), (196, 128), (392, 64), (392, 128), (390, 64), (388, 64),
    (388, 2),
)  # fmt: skip


class UNet(Preset):
    """Halves a picture several times to see what it shows, and doubles it again to see where, with bridges between equal sizes.

    Use it first for masks, in the slim form: it learns from a few dozen pictures.

    The published network has 64 channels at first and four halvings, neither padding nor normalisation, and its result is smaller than the
    picture by a border; with a dataset a border of zeros keeps the size, unless padding says otherwise. UNet_slim has fewer channels, a halving
    less, normalisation, and for pictures that are not small the whole U stands behind a convolution that halves the size, which is doubled
    again in the end; its training pictures are mirrored, turned and zoomed.

    Shapes: (height, width, channels) -> (height, width, classes); with padding "valid" the border is missing: (572, 572) -> (388, 388).
    Weights: as the formula of each block says; 31,030,658 with 1 channel and 2 classes, slim 485,090 with 3 and 2.
    Source: Ronneberger, Fischer and Brox (2015), arXiv:1505.04597; Ioffe and Szegedy (2015), arXiv:1502.03167.
    """

    title = "U-Net"
    predicts = ("mask",)
    year = 2015
    paper = "Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image Segmentation, arXiv:1505.04597"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "UNet": {},
        "UNetSame": {"padding": "same"},
        "UNet_slim": SLIM,
    }
    canonical_shape = (572, 572, 1)
    canonical_classes = 2
    golden = (
        Golden("UNet", (572, 572, 1), 2, 31_030_658, _FORMULA, multiply_adds=150_428_000_000, stages=FIGURE),
        Golden("UNetSame", (512, 512, 1), 2, 31_030_658, _FORMULA),
        Golden("UNetSame", (512, 512, 1), 1, 31_030_593, BUILT, multiply_adds=192_368_000_000),
        Golden("UNetSame", (512, 512, 3), 2, 31_031_810, BUILT, multiply_adds=192_686_000_000),
        Golden("UNetSame", (512, 512, 3), 21, 31_033_045, BUILT, multiply_adds=193_005_000_000),
        Golden("UNetSame", (512, 512, 3), 2, 31_037_698, BUILT, 192_686_000_000, {"batch_normalization": True}),
        Golden(
            "UNetSame", (256, 256, 1), 1, 31_031_685, "zhixuhao/unet, a port to Keras", 54_606_000_000, {"enlarging": "upsampling", "last_filters": 2}
        ),
        Golden("UNet_slim", (128, 128, 3), 2, 485_090, _SLIM_FORMULA),
    )

    filters: Count = Field(64, description="Channels at first; each halving doubles them.")
    levels: Annotated[int, Field(ge=1, le=6)] = Field(4, description="How often the size is halved inside the U.")
    reduction: Literal[1, 2, 4] | None = Field(
        1, description="How many times smaller the U sees the picture, whose result is enlarged again; empty: 2 above 64 x 64 pixels."
    )
    padding: Literal["same", "valid"] | None = Field(
        None,
        description='"same" keeps the size by a border of zeros; "valid" has none, as in the paper, so that the result lacks a border; '
        'empty: "same" with a dataset, else "valid".',
    )
    batch_normalization: bool = Field(False, description="Normalises behind each convolution: trains sooner and more surely.")
    dropout: Probability = Field(0.5, description="Share of values that are set to 0 in training on the two lowest levels.")
    enlarging: Literal["transposed", "upsampling"] = Field(
        "transposed",
        description='"transposed": a learned Conv2DTranspose of 2x2; "upsampling": pixels repeated, then a 2x2 Conv2D.',
        json_schema_extra={"frequent": False},
    )
    last_filters: Count | None = Field(
        None, description="Channels of a further 3x3 convolution before the output; empty: none.", json_schema_extra={"frequent": False}
    )
    augmentation: Literal["none", "geometric"] = Field(
        "none", description='"geometric" mirrors, turns and zooms each training picture and its mask by chance; "none" takes them as they are.'
    )

    def suited(self, situation: Situation) -> Self:
        if self.padding is not None:
            return self
        return self.model_copy(update={"padding": "same" if situation.targets else "valid"})

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        shape = (128, 128, 3) if self.reduction is None else (512, 512, 1) if self.padding == "same" else self.canonical_shape
        return shape, self.canonical_classes

    def wire(self, net: Wiring, x: Node) -> Node:
        height, width = net.shape(x)[:2]
        reduction = self._reduction(height or LARGEST_SIDE, width or LARGEST_SIDE)
        if self.augmentation == "geometric":
            x = net.chain(
                x,
                flip=RandomFlip(),
                turn=RandomRotation(factor=0.04, fill_mode="reflect"),
                zoom=RandomZoom(height_factor=0.2, fill_mode="reflect"),
            )
        if reduction > 1:
            x = net.chain(
                x,
                shrink=Conv2D(filters=self.filters, kernel_size=3, strides=reduction, padding="same", use_bias=False, kernel_initializer="he_normal"),
                shrink_norm=BatchNormalization(momentum=0.9),
                shrink_relu=ReLU(),
            )
        shared: dict[str, Any] = {
            "padding": self.padding, "batch_normalization": self.batch_normalization, "use_bias": not self.batch_normalization,
        }  # fmt: skip
        skips = []
        for level in range(self.levels):
            dropout = self.dropout if level == self.levels - 1 else 0.0
            x = net.add(f"down{level + 1}", UNetDown(filters=self.filters * 2**level, dropout=dropout, **shared), x)
            skips.append(net.output(x, 1))
        bottom = ConvolutionStage(filters=self.filters * 2**self.levels, convolutions=2, pooling=False, dropout=self.dropout, **shared)
        x = net.add("bottom", bottom, x)
        for level in reversed(range(self.levels)):
            x = net.add(f"up{level + 1}", UNetUp(filters=self.filters * 2**level, enlarging=self.enlarging, **shared), x, skips[level])
        if self.last_filters:
            last = Conv2D(filters=self.last_filters, kernel_size=3, padding="same", activation="relu", kernel_initializer="he_normal")
            x = net.add("last", last, x)
        return net.add("enlarge", UpSampling2D(size=reduction, interpolation="bilinear"), x) if reduction > 1 else x

    def _reduction(self, height: int, width: int) -> int:
        return self.reduction or (2 if height * width > SMALL_AREA else 1)

    def size(self, height: int | None, width: int | None, feature: Feature | None) -> tuple[tuple[int, int], str]:
        wanted = wanted_size(height, width, feature)
        sizes = {factor: (self._fitting(wanted[0], factor), self._fitting(wanted[1], factor)) for factor in (1, 2, 4)}
        reduction, found = next((factor, size) for factor, size in sizes.items() if self._reduction(*size) == factor)
        return found, reason_for(found, wanted, height, width, f"The network halves the size {self.levels + int(math.log2(reduction))} times; ")

    def _fitting(self, side: float, reduction: int) -> int:
        """The least size from a side on that can be halved at every level."""
        if self.padding == "same":
            multiple = reduction << self.levels
            return max(1, math.ceil(side / multiple)) * multiple
        factor, lost = reduction << self.levels, reduction * 4 * ((1 << self.levels) - 1)
        return max(LEAST_BOTTOM, math.ceil((side - lost) / factor)) * factor + lost
