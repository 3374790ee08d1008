"""DenseNet."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from blocks.activation import ReLU
from blocks.composite.dense_block import DenseBlock, Transition
from blocks.composite.units import BATCH_MOMENTUM, conv
from blocks.fields import Probability, listed_numbers
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.reshaping import ZeroPadding2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

Layers = Annotated[tuple[Annotated[int, Field(ge=1, le=64)], ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=8)]
IMAGENET, CIFAR = (224, 224, 3), (32, 32, 3)
EPSILON = 1.001e-5
"""As in keras.applications."""
LARGE: dict[int, tuple[int, ...]] = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32), 264: (6, 12, 64, 48)}
TORCHVISION, CV = "torchvision 0.29.1; keras.applications likewise", "pytorchcv 0.0.74"
FORMULA = "section 3 and the formulas of its blocks; the paper's table 2 rounds to a tenth of a million"


def _table(first: int, *blocks: int, side: int = 56) -> Stages:
    """The shapes by the channels before the first block and behind each block; between two blocks half of them pass."""
    begun = ((2 * side, first), (side, first)) if side == 56 else ((side, first),)
    halved = [(side >> place, channels >> (place - number)) for number, channels in enumerate(blocks) for place in (number, number + 1)]
    return Stages.squares("table 1 and the growth of section 3", *begun, *halved[:-1], (blocks[-1],))


def _small(depth: int, growth_rate: int, bottleneck: bool = True) -> dict[str, Any]:
    """Parameters of the networks for 32 x 32 pixels: three blocks; without bottleneck the channels are not compressed either."""
    layers = (depth - 4) // (6 if bottleneck else 3)
    plain = {} if bottleneck else {"bottleneck": 0, "compression": 1.0, "stem_filters": 16}
    return {"layers": (layers, layers, layers), "growth_rate": growth_rate, "stem": "small", **plain}


class DenseNet(WithStem):
    """Blocks in which every layer sees what all layers before it found, so that each needs to add only a few channels.

    Use it where good results with few weights count; it needs more memory and time than its weights suggest. The networks with BC in
    their name are for pictures of about 32 x 32 pixels.

    Departs from the paper: nothing in the layers; the epsilon of the normalisations is that of keras.applications.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formulas of DenseBlock and Transition say; at 1,000 classes 7,978,856 (121), 14,149,480 (169), 20,013,928 (201) and
        33,337,704 (264).
    Source: Huang, Liu, van der Maaten and Weinberger (2016), Densely connected convolutional networks, arXiv:1608.06993, tables 1 and 2;
        normalisation as in keras.applications.
    """

    year = 2016
    paper = "Huang, Liu, van der Maaten and Weinberger, Densely connected convolutional networks, arXiv:1608.06993"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        **{f"DenseNet{depth}": {"layers": layers} for depth, layers in LARGE.items()},
        "DenseNet161": {"layers": (6, 12, 36, 24), "growth_rate": 48},
        "DenseNetBC100_12": _small(100, 12),
        "DenseNetBC40_12": _small(40, 12),
        "DenseNetBC250_24": _small(250, 24),
        "DenseNetBC190_40": _small(190, 40),
        "DenseNetSmall40_12": _small(40, 12, bottleneck=False),
        "DenseNetSmall100_12": _small(100, 12, bottleneck=False),
    }
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("DenseNet121", IMAGENET, 1000, 7_978_856, TORCHVISION, multiply_adds=2_834_000_000, stages=_table(64, 256, 512, 1024, 1024)),
        Golden("DenseNet169", IMAGENET, 1000, 14_149_480, TORCHVISION, stages=_table(64, 256, 512, 1280, 1664)),
        Golden("DenseNet201", IMAGENET, 1000, 20_013_928, TORCHVISION, multiply_adds=4_291_000_000, stages=_table(64, 256, 512, 1792, 1920)),
        Golden("DenseNet264", IMAGENET, 1000, 33_337_704, FORMULA, stages=_table(64, 256, 512, 2304, 2688)),
        Golden("DenseNet161", IMAGENET, 1000, 28_681_000, "torchvision 0.29.1", stages=_table(96, 384, 768, 2112, 2208)),
        Golden("DenseNetBC100_12", CIFAR, 10, 769_162, CV, multiply_adds=287_930_000, stages=_table(24, 216, 300, 342, side=32)),
        Golden("DenseNetBC40_12", CIFAR, 10, 176_122, CV, multiply_adds=72_370_000),
        Golden("DenseNetBC190_40", CIFAR, 10, 25_624_430, CV, multiply_adds=9_302_000_000),
        Golden("DenseNetBC250_24", CIFAR, 10, 15_324_406, CV, multiply_adds=5_419_000_000),
        Golden(
            "DenseNetSmall40_12",
            CIFAR,
            10,
            1_019_722,
            FORMULA,
            stages=Stages.squares(
                "section 3, 12 channels from each of 12 layers", (32, 16), (32, 160), (16, 160), (16, 304), (8, 304), (8, 448), (448,)
            ),
        ),
        Golden("DenseNetSmall100_12", CIFAR, 10, 6_979_642, FORMULA),
    )

    layers: Layers = Field((6, 12, 24, 16), description="Layers of each block; the size is halved between blocks.")
    growth_rate: int = Field(32, ge=1, le=1000, description="Channels that each layer adds.")
    bottleneck: int = Field(4, ge=0, le=64, description="A 1x1 convolution to this many times growth_rate stands before each 3x3 one; 0: none.")
    compression: float = Field(0.5, gt=0.0, le=1.0, description="Share of the channels that pass from one block to the next.")
    stem_filters: int | None = Field(
        None, ge=1, le=10_000, description="Channels before the first block; empty: twice growth_rate.", json_schema_extra={"frequent": False}
    )
    dropout: Probability = Field(0.0, description="Share of each layer's new values that are set to 0 in training; 0.2 without augmentation.")

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        return (CIFAR, 10) if self.is_small else super().canonical

    def wire(self, net: Wiring, x: Node) -> Node:
        filters = self.stem_filters or 2 * self.growth_rate
        x = self._stem(net, x, filters)
        for number, layers in enumerate(self.layers, start=1):
            block = DenseBlock(layers=layers, growth_rate=self.growth_rate, bottleneck=self.bottleneck, dropout=self.dropout, epsilon=EPSILON)
            x = net.add(f"block{number}", block, x)
            if number < len(self.layers):
                x = net.add(f"transition{number}", Transition(compression=self.compression, epsilon=EPSILON), x)
        return net.chain(x, norm=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=EPSILON), relu=ReLU(), pool=GlobalAveragePooling2D())

    def _stem(self, net: Wiring, x: Node, filters: int) -> Node:
        if self.is_small:
            return net.add("conv1", conv(filters, 3), x)
        return net.chain(
            x,
            border=ZeroPadding2D(padding=3),
            conv1=conv(filters, 7, strides=2, padding="valid"),
            norm1=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=EPSILON),
            relu1=ReLU(),
            border1=ZeroPadding2D(padding=1),
            pool1=MaxPooling2D(pool_size=3, strides=2),
        )
