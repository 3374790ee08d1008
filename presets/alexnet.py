"""AlexNet."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.adaptive_pooling import AdaptiveAveragePooling2D
from blocks.composite.units import conv
from blocks.convolution import Conv2D
from blocks.dense import Dense
from blocks.fields import Count, Probability
from blocks.pooling import MaxPooling2D
from blocks.regularization import Dropout
from blocks.reshaping import Flatten, ZeroPadding2D
from blocks.response_normalization import LocalResponseNormalization
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

FILTERS = {"2012": (96, 256, 384, 384, 256), "2014": (64, 192, 384, 256, 256), "textbook": (96, 256, 384, 384, 256)}
BORDERS = {"2012": 0, "2014": 2, "textbook": 1}
"""Pixels of zeros around the picture."""
WINDOWS = (11, 5, 3, 3, 3)
GROUPED = (2, 4, 5)
"""Convolutions that see only the half of the channels that lies on their own device."""
POOLED = (1, 2, 5)
BIN = 6
CAFFE = "BVLC/caffe, models/bvlc_alexnet"
FIGURE = Stages.squares("figure 2", (55, 96), (27, 96), (27, 256), (13, 256), (13, 384), (13, 384), (13, 256), (6, 256), (4096,), (4096,))
ONE_DEVICE = Stages.squares(
    "torchvision 0.29.1", (55, 64), (27, 64), (27, 192), (13, 192), (13, 384), (13, 256), (13, 256), (6, 256), (9216,), (4096,), (4096,)
)
TEXTBOOK = Stages.squares(
    "Dive into Deep Learning, section 8.1", (54, 96), (26, 96), (26, 256), (12, 256), (12, 384), (12, 256), (5, 256), (6400,), (4096,), (4096,)
)


class AlexNet(Preset):
    """Five convolutions, the first with a large window, and two wide dense layers: the network that won the contest of 2012.

    Use it to learn where deep networks for pictures began; VGG, ResNet and those after them are better.

    The form of 2014 is the author's own for one device: fewer channels at first, no normalisation of responses, and a mean over 6 x 6
    places, so that any size of picture fits. The textbook's is that of 2012 without normalisation and groups. AlexNetGrouped is the form of
    2012, whose convolutions 2, 4 and 5 were spread over two devices.

    Departs from the papers: weights begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: at 1,000 classes 61,100,840 (2014), 60,965,224 (2012, at 227 x 227 x 3) and 62,378,344 (2012 without groups); textbook 46,764,746 at
        224 x 224 x 1 and 10 classes.
    Source: Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional neural networks, NIPS, section 3;
        Krizhevsky (2014), One weird trick for parallelizing convolutional neural networks, arXiv:1404.5997.
    """

    year = 2012
    paper = "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, NIPS"
    variants: ClassVar[dict[str, dict[str, Any]]] = {"AlexNet": {}, "AlexNetGrouped": {"form": "2012", "groups": 2}}
    canonical_shape = (224, 224, 3)
    canonical_classes = 1000
    minimum_size = 67
    golden = (
        Golden("AlexNet", (224, 224, 3), 1000, 61_100_840, "torchvision 0.29.1", multiply_adds=714_190_000, stages=ONE_DEVICE),
        Golden("AlexNetGrouped", (227, 227, 3), 1000, 60_965_224, CAFFE, multiply_adds=724_410_000, stages=FIGURE),
        Golden(
            "AlexNetGrouped", (227, 227, 3), 1000, 62_378_344, "counted in a build in PyTorch", multiply_adds=1_135_000_000, params={"groups": 1},
            stages=FIGURE,
        ),
        Golden(
            "AlexNet", (224, 224, 1), 10, 46_764_746, "Dive into Deep Learning, section 8.1, counted in a build in PyTorch",
            multiply_adds=938_150_000, params={"form": "textbook"}, stages=TEXTBOOK,
        ),
    )  # fmt: skip

    form: Literal["2012", "2014", "textbook"] = Field(
        "2014", description='Which channels: "2014" is for one device, "2012" the first form, "textbook" that one without normalisation.'
    )
    groups: Literal[1, 2] = Field(1, description="Groups of channels in the convolutions 2, 4 and 5: 2 where they lay on two devices.")
    dense_units: Count = Field(4096, description="Width of the two dense layers; 512 suits small pictures.")
    dropout: Probability = Field(0.5, description="Share of dense values that are set to 0 in training.")

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        if self.form == "textbook":
            return (224, 224, 1), 10
        return ((227, 227, 3) if self.form == "2012" else self.canonical_shape), self.canonical_classes

    def wire(self, net: Wiring, x: Node) -> Node:
        for number, (filters, window) in enumerate(zip(FILTERS[self.form], WINDOWS, strict=True), start=1):
            x = net.add(f"conv{number}", self._convolution(number, filters, window), self._padded(net, x) if number == 1 else x)
            if self.form == "2012" and number < min(GROUPED[1:]) - 1:
                x = net.add(f"response{number}", LocalResponseNormalization(), x)
            if number in POOLED:
                x = net.add(f"pool{number}", MaxPooling2D(pool_size=3, strides=2), x)
        if self.form == "2014":
            x = net.add("bins", AdaptiveAveragePooling2D(output_size=BIN), x)
        x = net.add("flatten", Flatten(), x)
        for number in (1, 2):
            # 2014: dropout before each dense layer, 2012: behind it
            x = self._dropped(net, number, x) if self.form == "2014" else x
            x = net.add(f"dense{number}", Dense(units=self.dense_units, activation="relu", kernel_initializer="he_normal"), x)
            x = self._dropped(net, number, x) if self.form != "2014" else x
        return x

    def _padded(self, net: Wiring, x: Node) -> Node:
        border = BORDERS[self.form]
        return net.add("border", ZeroPadding2D(padding=border), x) if border else x

    def _convolution(self, number: int, filters: int, window: int) -> Conv2D:
        first: dict[str, Any] = {"strides": 4, "padding": "valid"} if number == 1 else {}
        return conv(filters, window, groups=self.groups if number in GROUPED else 1, use_bias=True, activation="relu", **first)

    def _dropped(self, net: Wiring, number: int, x: Node) -> Node:
        return net.add(f"dropout{number}", Dropout(rate=self.dropout), x) if self.dropout else x
