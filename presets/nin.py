"""Network in Network."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.composite.units import conv
from blocks.fields import Probability
from blocks.pooling import AveragePooling2D, MaxPooling2D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.convolutional_end import ConvolutionalEnd
from presets.halving import Sizes

TEXTBOOK = "Dive into Deep Learning, section 8.3, counted in a build in PyTorch"
PAPER = "Lin, Chen and Yan, Network in network, arXiv:1312.4400"
CIFAR, IMAGENET = (32, 32, 3), (224, 224, 3)
SMALL = ((5, 1, (192, 160, 96)), (5, 1, (192, 192, 192)), (3, 1, (192, 192)))
"""Of each block the window, the strides and the channels; the last block's last convolution is the classifier."""
TEXTBOOK_MINIMUM = 67
"""The least height and width of which three poolings without border leave something."""
LARGE = ((11, 4, (96, 96, 96)), (5, 1, (256, 256, 256)), (3, 1, (384, 384, 384)), (3, 1, (1024, 1024)))
CAFFE = Stages.squares("the authors' Caffe files", (32, 192), (32, 160), (32, 96), (16, 96), (16, 192), (8, 192), (8, 10), (10,))
LARGE_CAFFE = Stages.squares(
    "the authors' Caffe file nin_imagenet", (54, 96), (27, 96), (27, 256), (13, 256), (13, 384), (6, 384), (6, 1024), (6, 1000), (1000,)
)
PRINTED = Stages.squares("Dive into Deep Learning, section 8.3", (54, 96), (26, 96), (26, 256), (12, 256), (12, 384), (5, 384), (5, 10), (10,))


class _Nested(ConvolutionalEnd):
    """What both share."""

    dropout: Probability = Field(0.5, description="Share of values that are set to 0 in training between the blocks.")

    def dropped(self, net: Wiring, number: int, x: Node) -> Node:
        """Dropout behind a block."""
        return net.add(f"dropout{number}", Dropout(rate=self.dropout), x) if self.dropout else x


class NiN(_Nested):
    """Behind each window a small network of its own, which slides along with it as 1x1 convolutions; the mean of each class's map at the end.

    Use it for small pictures, and to see where 1x1 convolutions and global average pooling come from.

    Departs from the paper: weights begin by He's distribution, in place of a normal one of fixed deviation.

    Shapes: (height, width, channels) -> (classes).
    Weights: the sum over all convolutions of (window * window * channels + 1) * filters; 966,986 at 32 x 32 x 3 and 10 classes.
    Source: Lin, Chen and Yan (2013), Network in network, arXiv:1312.4400, figure 2; the channels are those of the authors' Caffe files.
    """

    title = "Network in Network"
    year = 2013
    paper = PAPER
    canonical_shape = CIFAR
    minimum_size = 8
    golden = (Golden("NiN", CIFAR, 10, 966_986, "pytorchcv 0.0.74", multiply_adds=222_490_000, stages=CAFFE),)

    def wire(self, net: Wiring, x: Node) -> Node:
        sizes = Sizes.of(net.shape(x))
        for number, block in enumerate(SMALL, start=1):
            x = _block(net, x, number, *block)
            if number == 1:
                x = self.dropped(net, number, sizes.pooled(net, "pool1", x))
            if number == 2:
                x = self.dropped(net, number, net.add("pool2", AveragePooling2D(pool_size=3, strides=2, padding="same"), x))
        return x


class NiNImageNet(_Nested):
    """The network in network for large pictures: a window of 11 x 11 at first, and four blocks.

    Use it for pictures of about 224 x 224 pixels; NiN is for small ones.

    Departs from the paper: weights begin by He's distribution, in place of a normal one of fixed deviation.

    With form "textbook" the last of the blocks has no more channels than there are classes, and poolings leave out what is beyond the border.

    Shapes: (height, width, channels) -> (classes).
    Weights: the sum over all convolutions of (window * window * channels + 1) * filters; 7,595,176 at 224 x 224 x 3 and 1,000 classes.
    Source: Lin, Chen and Yan (2013), Network in network, arXiv:1312.4400; the channels are those of the authors' Caffe file nin_imagenet.
    """

    title = "Network in Network for large pictures"
    year = 2013
    paper = PAPER
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden(
            "NiNImageNet",
            IMAGENET,
            1000,
            7_595_176,
            "counted in a build of the authors' nin_imagenet in PyTorch",
            multiply_adds=1_100_000_000,
            stages=LARGE_CAFFE,
        ),
        Golden("NiNImageNet", (224, 224, 1), 10, 1_992_166, TEXTBOOK, multiply_adds=762_300_000, params={"form": "textbook"}, stages=PRINTED),
        Golden("NiNImageNet", IMAGENET, 1000, 7_439_608, TEXTBOOK, multiply_adds=965_570_000, params={"form": "textbook"}),
    )

    form: Literal["authors", "textbook"] = Field(
        "authors", description='"authors": 1,024 channels before the scores of the classes; "textbook": as many as classes.'
    )

    @property
    def least_size(self) -> int:
        return TEXTBOOK_MINIMUM if self.form == "textbook" else self.minimum_size

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        return ((224, 224, 1), 10) if self.form == "textbook" else super().canonical

    def wire(self, net: Wiring, x: Node) -> Node:
        sizes = Sizes.of(net.shape(x))
        for number, (window, strides, filters) in enumerate(LARGE, start=1):
            if number == 1:
                sizes.convolved(window, strides)
            if number == len(LARGE):
                x = self.dropped(net, number - 1, x)
                if self.form == "textbook":
                    return x
            x = _block(net, x, number, window, strides, filters, "valid" if number == 1 else "same")
            if number < len(LARGE) and self.form == "textbook":
                x = net.add(f"pool{number}", MaxPooling2D(pool_size=3, strides=2), x)
            elif number < len(LARGE):
                x = sizes.pooled(net, f"pool{number}", x)
        return x

    def tower(self, net: Wiring, body: Node, number: int) -> Node:
        if self.form == "textbook":
            classes = self.ends[number - 1]
            body = _block(net, body, len(LARGE) - 1 + number, LARGE[-1][0], 1, (classes, classes))
        return super().tower(net, body, number)


def _block(net: Wiring, x: Node, number: int, window: int, strides: int, filters: tuple[int, ...], padding: str = "same") -> Node:
    first, *others = filters
    x = net.add(f"conv{number}", conv(first, window, strides=strides, padding=padding, use_bias=True, activation="relu"), x)
    for place, channels in enumerate(others, start=1):
        x = net.add(f"mlp{number}_{place}", conv(channels, use_bias=True, activation="relu"), x)
    return x
