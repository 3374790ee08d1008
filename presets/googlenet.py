"""GoogLeNet."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from blocks.adaptive_pooling import AdaptiveAveragePooling2D
from blocks.composite.inception import INCEPTION_EPSILON, InceptionV1
from blocks.composite.units import BATCH_MOMENTUM, activation, conv
from blocks.dense import Dense
from blocks.fields import Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.response_normalization import LocalResponseNormalization
from blocks.wiring import Node, Wiring
from presets.auxiliary import WithAuxiliaryHeads
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
MODULES: dict[str, tuple[int, int, int, int, int, int]] = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}  # fmt: skip
"""Channels of each module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5 and behind the pooling."""
NAMES = ("filters_1x1", "filters_3x3_reduce", "filters_3x3", "filters_5x5_reduce", "filters_5x5", "filters_pool")
POOLED_BEHIND = ("3b", "4e")
AUXILIARY_BEHIND = ("4a", "4d")
AUXILIARY_DROPOUT = 0.7
TABLE = Stages.squares(
    "table 1",
    (112, 64), (56, 64), (56, 192), (28, 192), (28, 256), (28, 480), (14, 480), (14, 512), (14, 512), (14, 512), (14, 528), (14, 832), (7, 832),
    (7, 832), (7, 1024), (1024,), (1000,),
)  # fmt: skip


class GoogLeNet(WithStem, WithAuxiliaryHeads):
    """Modules that look through windows of several sizes side by side, with cheap 1x1 convolutions in front of the larger ones.

    Use it to see where Inception began: as good as VGG with a twentieth of its weights. With batch_normalization and window 3 it is the
    form of torchvision. With auxiliary_heads there are the paper's two outputs in the middle, whose losses count 0.3 each.

    Departs from the paper: these outputs are there on request only, behind a mean over 4 x 4 bins, so that any size of picture fits; weights
    begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of InceptionV1 says; at 1,000 classes 6,998,552, in the form of torchvision 6,624,904; 13,378,280 and
        13,004,888 with the outputs in the middle.
    Source: Szegedy et al. (2014), Going deeper with convolutions, arXiv:1409.4842, table 1.
    """

    title = "GoogLeNet"
    year = 2014
    paper = "Szegedy et al., Going deeper with convolutions, arXiv:1409.4842"
    variants: ClassVar[dict[str, dict[str, Any]]] = {"GoogLeNet": {}, "GoogLeNetBN": {"batch_normalization": True, "window": 3}}
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden(
            "GoogLeNet",
            IMAGENET,
            1000,
            6_998_552,
            "BVLC/caffe, models/bvlc_googlenet, without its two outputs in the middle",
            multiply_adds=1_583_000_000,
            stages=TABLE,
        ),
        Golden(
            "GoogLeNet",
            IMAGENET,
            1000,
            13_378_280,
            "BVLC/caffe, models/bvlc_googlenet",
            multiply_adds=1_591_000_000,
            params={"auxiliary_heads": True},
        ),
        Golden("GoogLeNetBN", IMAGENET, 1000, 6_624_904, "torchvision 0.29.1, without auxiliary outputs", multiply_adds=1_498_000_000, stages=TABLE),
        Golden("GoogLeNetBN", IMAGENET, 1000, 13_004_888, "torchvision 0.29.1", params={"auxiliary_heads": True}),
    )

    batch_normalization: bool = Field(False, description="Normalises behind each convolution; otherwise responses are normalised twice at the start.")
    window: int = Field(5, ge=3, le=9, description="Size of the largest window; 3 in the later ports.", json_schema_extra={"unit": "pixels"})
    dropout: Probability = Field(0.4, description="Share of values that are set to 0 in training before the output.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self._convolved(net, x, "1", 64, 3) if self.is_small else self._pooled(net, "1", self._convolved(net, x, "1", 64, 7, 2))
        x = self._responses(net, "1", x)
        x = self._convolved(net, self._convolved(net, x, "2_reduce", 64, 1), "2", 192, 3)
        x = self._pooled(net, "2", self._responses(net, "2", x))
        for name, filters in MODULES.items():
            module = InceptionV1(batch_normalization=self.batch_normalization, window=self.window, **dict(zip(NAMES, filters, strict=True)))
            x = net.add(f"inception{name}", module, x)
            if name in POOLED_BEHIND:
                x = self._pooled(net, name, x)
        x = net.add("pool", GlobalAveragePooling2D(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x

    def auxiliary(self, net: Wiring) -> dict[str, Node]:
        return {f"auxiliary{name}": self._head(net, Node(f"inception{name}"), name) for name in AUXILIARY_BEHIND}

    def _head(self, net: Wiring, x: Node, name: str) -> Node:
        x = net.add(f"bins{name}", AdaptiveAveragePooling2D(output_size=4), x)
        x = self._convolved(net, x, f"_auxiliary{name}", 128, 1)
        dense = Dense(units=1024, activation="relu", kernel_initializer="he_normal")
        x = net.chain(x, **{f"flatten{name}": Flatten(), f"dense{name}": dense})
        return net.add(f"dropout{name}", Dropout(rate=AUXILIARY_DROPOUT), x)

    def _convolved(self, net: Wiring, x: Node, name: str, filters: int, window: int, strides: int = 1) -> Node:
        if not self.batch_normalization:
            return net.add(f"conv{name}", conv(filters, window, strides=strides, use_bias=True, activation="relu"), x)
        norm = BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=INCEPTION_EPSILON)
        return net.chain(x, **{f"conv{name}": conv(filters, window, strides=strides), f"norm{name}": norm, f"relu{name}": activation("relu")})

    def _pooled(self, net: Wiring, name: str, x: Node) -> Node:
        return net.add(f"pool{name}", MaxPooling2D(pool_size=3, strides=2, padding="same"), x)

    def _responses(self, net: Wiring, name: str, x: Node) -> Node:
        if self.batch_normalization:
            return x
        return net.add(f"response{name}", LocalResponseNormalization(bias=1.0, convention="caffe"), x)
