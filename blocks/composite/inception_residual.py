"""Inception modules with a shortcut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from blocks.composite.inception import ONE, NormalisedModule
from blocks.composite.units import activation, conv
from blocks.fields import RARE, Count
from blocks.merging import Add, Concatenate
from blocks.preprocessing import Rescaling
from blocks.spec import Shape
from blocks.wiring import Node, Wiring

SCALE = "Factor of the branches before they are added; small ones keep wide networks from diverging."


class ResidualModule(NormalisedModule):
    """What the modules with a shortcut share: branches, a 1x1 convolution back to the input's channels, a factor, and the sum."""

    category = ""

    scale: float = Field(0.17, gt=0.0, le=1.0, description=SCALE)
    last_activation: bool = Field(
        True, description="Applies the activation to the sum; the last module of a network has none.", json_schema_extra=RARE
    )

    def added(self, net: Wiring, x: Node, *branches: Node) -> Node:
        """The branches, scaled and added to x."""
        y = net.add("join", Concatenate(), *branches)
        y = net.add("expand", conv(net.channels(x), use_bias=True), y)
        y = net.add("add", Add(), x, net.add("scale", Rescaling(scale=self.scale), y))
        return net.add("activation", activation(self.activation), y) if self.last_activation else y


class InceptionResNetA(ResidualModule):
    """Adds to its input what windows of 1x1, 3x3 and twice 3x3 find, side by side.

    Use it on large feature maps, about 35 x 35, as the first kind of module of an Inception-ResNet.

    Version 2: the defaults. Version 1: 32 everywhere.

    Formula: y = activation(x + scale * 1x1([1x1(x), 3x3(1x1(x)), 3x3(3x3(1x1(x)))]))
    Shapes: unchanged.
    Weights: channels * (one + three in + double in) + 9 * (three in * three + double in * middle + middle * double)
        + (one + three + double + 1) * channels + (3 + learned scale) * (one + three in + three + double in + middle + double); one is filters_1x1,
        three in filters_3x3_reduce, double in filters_double_reduce, middle filters_double_middle and so on.
    Source: Szegedy et al. (2016), arXiv:1602.07261, figures 10 and 16; section 3.3 (scale).
    """

    category = "inception"

    filters_1x1: Count = Field(32, description=ONE)
    filters_3x3_reduce: Count = Field(32, description="Channels of the 1x1 window before the single 3x3 one.")
    filters_3x3: Count = Field(32, description="Channels of the single 3x3 window.")
    filters_double_reduce: Count = Field(32, description="Channels of the 1x1 window before the two 3x3 ones.")
    filters_double_middle: Count = Field(48, description="Channels of the first of them.")
    filters_double: Count = Field(64, description="Channels of the second of them.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {
            "one": self.filters_1x1, "three in": self.filters_3x3_reduce, "three": self.filters_3x3, "double in": self.filters_double_reduce,
            "middle": self.filters_double_middle, "double": self.filters_double,
        }  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        return self.added(
            net, x,
            self.branch(net, x, "one", conv(self.filters_1x1)),
            self.branch(net, x, "three", conv(self.filters_3x3_reduce), conv(self.filters_3x3, 3)),
            self.branch(net, x, "double", conv(self.filters_double_reduce), conv(self.filters_double_middle, 3), conv(self.filters_double, 3)),
        )  # fmt: skip


class _TwoBranches(ResidualModule):
    """A 1x1 window beside a long one in two steps."""

    length: ClassVar[int] = 7

    filters_1x1: Count = Field(192, description=ONE)
    filters_reduce: Count = Field(128, description="Channels of the 1x1 window before the longer ones.")
    filters_middle: Count = Field(160, description="Channels of the window that is 1 high.")
    filters_last: Count = Field(192, description="Channels of the window that is 1 wide.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"one": self.filters_1x1, "reduced": self.filters_reduce, "middle": self.filters_middle, "last": self.filters_last}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        long = conv(self.filters_reduce), conv(self.filters_middle, (1, self.length)), conv(self.filters_last, (self.length, 1))
        return self.added(net, x, self.branch(net, x, "one", conv(self.filters_1x1)), self.branch(net, x, "long", *long))


class InceptionResNetB(_TwoBranches):
    """Adds to its input what a 1x1 window and a 7x7 one in two steps, 1x7 and 7x1, find side by side.

    Use it on feature maps of about 17 x 17, as the second kind of module of an Inception-ResNet.

    Version 2: the defaults. Version 1: 128 everywhere.

    Formula: y = activation(x + scale * 1x1([1x1(x), 7x1(1x7(1x1(x)))]))
    Shapes: unchanged.
    Weights: channels * (one + reduced) + 7 * middle * (reduced + last) + (one + last + 1) * channels
        + (3 + learned scale) * (one + reduced + middle + last); one is filters_1x1, reduced filters_reduce and so on.
    Source: Szegedy et al. (2016), arXiv:1602.07261, figures 11 and 17; section 3.3 (scale).
    """

    category = "inception"

    scale: float = Field(0.1, gt=0.0, le=1.0, description=SCALE)


class InceptionResNetC(_TwoBranches):
    """Adds to its input what a 1x1 window and a 3x3 one in two steps, 1x3 and 3x1, find side by side.

    Use it on small feature maps, about 8 x 8, as the last kind of module of an Inception-ResNet.

    Version 2: the defaults. Version 1: 192 everywhere.

    Formula: y = activation(x + scale * 1x1([1x1(x), 3x1(1x3(1x1(x)))]))
    Shapes: unchanged.
    Weights: channels * (one + reduced) + 3 * middle * (reduced + last) + (one + last + 1) * channels
        + (3 + learned scale) * (one + reduced + middle + last); one is filters_1x1, reduced filters_reduce and so on.
    Source: Szegedy et al. (2016), arXiv:1602.07261, figures 13 and 19; section 3.3 (scale).
    """

    category = "inception"
    length = 3

    scale: float = Field(0.2, gt=0.0, le=1.0, description=SCALE)
    filters_reduce: Count = Field(192, description="Channels of the 1x1 window before the longer ones.")
    filters_middle: Count = Field(224, description="Channels of the window that is 1 high.")
    filters_last: Count = Field(256, description="Channels of the window that is 1 wide.")
