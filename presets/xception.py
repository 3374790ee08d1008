"""Xception."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.units import BATCH_MOMENTUM, conv
from blocks.convolution import SeparableConv2D
from blocks.merging import Add
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (299, 299, 3)
ENTRY = (128, 256, 728)
MIDDLE = 728
EXIT = (728, 1024)
LAST = (1536, 2048)
PASSED = Stages.squares(
    "figure 5 and keras.applications 3.15.1",
    (149, 32), (147, 64), (147, 128), (74, 128), (74, 256), (37, 256), (37, 728), (19, 728), (19, 1024), (10, 1024), (10, 1536), (10, 2048), (2048,),
)  # fmt: skip


class Xception(WithStem):
    """Inception taken to its end: every convolution looks at each channel by itself, and a 1x1 one mixes them; shortcuts around every two.

    Use it for pictures of 100 x 100 pixels and more; as large as Inception v3 and a little more accurate.

    As keras.applications has it, so that its weights fit.

    Departs from the paper: no dropout and no dense layers before the output, which the paper has as options.

    Shapes: (height, width, channels) -> (classes).
    Weights: 9 * channels + channels * filters for each separable convolution, 2 * filters for its normalisation; at 1,000 classes 22,855,952.
    Source: Chollet (2016), Xception: deep learning with depthwise separable convolutions, arXiv:1610.02357, figure 5.
    """

    year = 2016
    paper = "Chollet, Xception: deep learning with depthwise separable convolutions, arXiv:1610.02357"
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 71
    golden = (
        Golden("Xception", IMAGENET, 1000, 22_855_952, "keras.applications 3.15.1, without the statistics of the normalisations", stages=PASSED),
    )

    middle: Annotated[int, Field(ge=0, le=64)] = Field(8, description="Blocks of three convolutions in the middle, which keep size and channels.")

    def wire(self, net: Wiring, x: Node) -> Node:
        padding = "same" if self.is_small else "valid"
        x = net.chain(
            x, conv1=conv(32, 3, strides=self.first_strides, padding=padding), norm1=BatchNormalization(momentum=BATCH_MOMENTUM), relu1=ReLU()
        )
        x = net.chain(x, conv2=conv(64, 3, padding=padding), norm2=BatchNormalization(momentum=BATCH_MOMENTUM), relu2=ReLU())
        for number, filters in enumerate(ENTRY, start=1):
            x = self._shrinking(net, x, f"entry{number}", (filters, filters), self.first_strides if number == 1 else 2, rectified=number > 1)
        for number in range(1, self.middle + 1):
            x = net.add(f"middle{number}_add", Add(), self._separable(net, x, f"middle{number}", (MIDDLE,) * 3), x)
        x = self._shrinking(net, x, "exit", EXIT)
        for number, filters in enumerate(LAST, start=1):
            x = net.chain(
                x,
                **{
                    f"last{number}_conv": _separable(filters),
                    f"last{number}_norm": BatchNormalization(momentum=BATCH_MOMENTUM),
                    f"last{number}_relu": ReLU(),
                },
            )
        return net.add("pool", GlobalAveragePooling2D(), x)

    def _shrinking(self, net: Wiring, x: Node, name: str, filters: tuple[int, ...], strides: int = 2, rectified: bool = True) -> Node:
        """Separable convolutions and a pooling, with a 1x1 convolution around them."""
        around = net.chain(
            x, **{f"{name}_shortcut": conv(filters[-1], 1, strides=strides), f"{name}_shortcut_norm": BatchNormalization(momentum=BATCH_MOMENTUM)}
        )
        y = self._separable(net, x, name, filters, rectified)
        y = net.add(f"{name}_pool", MaxPooling2D(pool_size=3, strides=strides, padding="same"), y)
        return net.add(f"{name}_add", Add(), y, around)

    @staticmethod
    def _separable(net: Wiring, x: Node, name: str, filters: tuple[int, ...], rectified: bool = True) -> Node:
        """Separable convolutions, each with an activation before it (the first one only where it is not yet there)."""
        for number, each in enumerate(filters, start=1):
            if rectified or number > 1:
                x = net.add(f"{name}_relu{number}", ReLU(), x)
            x = net.chain(x, **{f"{name}_conv{number}": _separable(each), f"{name}_norm{number}": BatchNormalization(momentum=BATCH_MOMENTUM)})
        return x


def _separable(filters: int) -> SeparableConv2D:
    return SeparableConv2D(filters=filters, kernel_size=3, padding="same", use_bias=False)
