"""Inception modules that halve the size."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from blocks.composite.inception import NormalisedModule
from blocks.composite.units import conv
from blocks.fields import RARE, Count, Padding
from blocks.merging import Concatenate
from blocks.pooling import MaxPooling2D
from blocks.spec import AnySpec, Shape, shape_text
from blocks.wiring import Node, Wiring

PADDING = '"valid" uses no border, as from version 3 on; "same" rounds the half size up.'


class Reduction(NormalisedModule):
    """What all reductions share: branches of step 2, one of them a pooling."""

    category = ""

    padding: Padding = Field("valid", description=PADDING, json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or self.padding == "same" or all(size is None or size >= 3 for size in inputs[0].shape[:-1]):
            return found
        received = shape_text(inputs[0].shape)
        text = f"{type(self).__name__}: invalid input. Expected: a height and width of at least 3. Received: {received}."
        return text, 'Set padding to "same", or shrink less before it.'

    def pooled(self, net: Wiring, x: Node) -> Node:
        """The branch without weights."""
        return net.add("pool", MaxPooling2D(pool_size=3, strides=2, padding=self.padding), x)


class InceptionReductionA(Reduction):
    """Halves the size through a 3x3 window, through two of them and through a pooling, side by side.

    Use it between the large and the middle feature maps of an Inception network, 35 x 35 and 17 x 17.

    Version 3: the defaults. Version 4: filters_double_reduce 192, filters_double_middle 224, filters_double 256.
    Inception-ResNet v1: 192, 192, 256; v2: 256, 256, 384. BN-Inception has padding "same", filters_3x3_reduce 128, filters_3x3 160 and
    64, 96, 96 in module 3c.

    Formula: y = [3x3(x), 3x3(3x3(1x1(x))), maxpool3x3(x)] along the channels, the last window of each with step 2
    Shapes: (height, width, channels) -> (floor((height - 3) / 2) + 1, floor((width - 3) / 2) + 1, filters_3x3 + filters_double + channels);
        with padding "same" half the size, rounded up.
    Weights: channels * (reduced + double in) + 9 * (channels * (1 - min(reduced, 1)) + reduced) * three + 9 * middle * (double in + double)
        + (3 + learned scale + bias) * (reduced + three + double in + middle + double); reduced is filters_3x3_reduce, three filters_3x3,
        double in filters_double_reduce, middle filters_double_middle and double filters_double.
    Source: Szegedy et al. (2015), arXiv:1512.00567, figure 10; Szegedy et al. (2016), arXiv:1602.07261, figure 7 and table 1.
    """

    category = "inception"

    filters_3x3: Count = Field(384, description="Channels of the single 3x3 window.")
    filters_3x3_reduce: int = Field(0, ge=0, le=100_000, description="Channels of a 1x1 window before it; 0: none.")
    filters_double_reduce: Count = Field(64, description="Channels of the 1x1 window before the two 3x3 ones.")
    filters_double_middle: Count = Field(96, description="Channels of the first of them.")
    filters_double: Count = Field(96, description="Channels of the second of them.")
    use_bias: bool = Field(False, description="Biases in the convolutions, as in the Caffe files of BN-Inception.", json_schema_extra=RARE)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {
            "reduced": self.filters_3x3_reduce, "three": self.filters_3x3, "double in": self.filters_double_reduce,
            "middle": self.filters_double_middle, "double": self.filters_double,
        }  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        bias = self.use_bias
        first = [conv(self.filters_3x3_reduce, use_bias=bias)] if self.filters_3x3_reduce else []
        return net.add(
            "join", Concatenate(),
            self.branch(net, x, "three", *first, conv(self.filters_3x3, 3, strides=2, padding=self.padding, use_bias=bias)),
            self.branch(
                net, x, "double", conv(self.filters_double_reduce, use_bias=bias), conv(self.filters_double_middle, 3, use_bias=bias),
                conv(self.filters_double, 3, strides=2, padding=self.padding, use_bias=bias),
            ),
            self.pooled(net, x),
        )  # fmt: skip


class InceptionReductionB(Reduction):
    """Halves the size through a 3x3 window, through a 7x7 one in two steps with a 3x3 one, and through a pooling, side by side.

    Use it between the middle and the small feature maps of Inception v3 and v4, 17 x 17 and 8 x 8.

    Version 3: the defaults. Version 4: filters_3x3 192, filters_7x7_reduce 256 and filters_7x7 320.

    Formula: y = [3x3(1x1(x)), 3x3(7x1(1x7(1x1(x)))), maxpool3x3(x)] along the channels, the last window of each with step 2
    Shapes: (height, width, channels) -> (floor((height - 3) / 2) + 1, floor((width - 3) / 2) + 1, filters_3x3 + filters_7x7 + channels);
        with padding "same" half the size, rounded up.
    Weights: channels * (reduced + seven in) + 9 * reduced * three + 7 * seven in * seven in + 7 * seven in * seven + 9 * seven * seven
        + (3 + learned scale) * (reduced + three + 2 * seven in + 2 * seven); reduced is filters_3x3_reduce, three filters_3x3, seven in
        filters_7x7_reduce and seven filters_7x7.
    Source: Szegedy et al. (2015), arXiv:1512.00567, section 5; Szegedy et al. (2016), arXiv:1602.07261, figure 8.
    """

    category = "inception"

    filters_3x3_reduce: Count = Field(192, description="Channels of the 1x1 window before the 3x3 one.")
    filters_3x3: Count = Field(320, description="Channels of the 3x3 window.")
    filters_7x7_reduce: Count = Field(192, description="Channels of the 1x1 and the 1x7 window of the longer branch.")
    filters_7x7: Count = Field(192, description="Channels of its 7x1 and 3x3 windows.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"reduced": self.filters_3x3_reduce, "three": self.filters_3x3, "seven in": self.filters_7x7_reduce, "seven": self.filters_7x7}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        narrow, wide = self.filters_7x7_reduce, self.filters_7x7
        last = conv(wide, 3, strides=2, padding=self.padding)
        return net.add(
            "join", Concatenate(),
            self.branch(net, x, "three", conv(self.filters_3x3_reduce), conv(self.filters_3x3, 3, strides=2, padding=self.padding)),
            self.branch(net, x, "seven", conv(narrow), conv(narrow, (1, 7)), conv(wide, (7, 1)), last),
            self.pooled(net, x),
        )  # fmt: skip


class InceptionResNetReductionB(Reduction):
    """Halves the size through two single 3x3 windows, through a double one and through a pooling, side by side.

    Use it between the middle and the small feature maps of an Inception-ResNet, 17 x 17 and 8 x 8.

    Version 2: the defaults. Version 1: filters_second 256, filters_double_middle 256 and filters_double 256.

    Formula: y = [3x3(1x1(x)), 3x3(1x1(x)), 3x3(3x3(1x1(x))), maxpool3x3(x)] along the channels, the last window of each with step 2
    Shapes: (height, width, channels) -> (floor((height - 3) / 2) + 1, floor((width - 3) / 2) + 1,
        filters_first + filters_second + filters_double + channels); with padding "same" half the size, rounded up.
    Weights: 3 * channels * reduced + 9 * reduced * (first + second + middle) + 9 * middle * double
        + (3 + learned scale) * (3 * reduced + first + second + middle + double); reduced is filters_reduce, first filters_first, second
        filters_second, middle filters_double_middle and double filters_double.
    Source: Szegedy et al. (2016), arXiv:1602.07261, figures 12 and 18.
    """

    category = "inception"

    filters_reduce: Count = Field(256, description="Channels of the 1x1 window of each branch.")
    filters_first: Count = Field(384, description="Channels of the 3x3 window of the first branch.")
    filters_second: Count = Field(288, description="Channels of the 3x3 window of the second branch.")
    filters_double_middle: Count = Field(288, description="Channels of the first 3x3 window of the third branch.")
    filters_double: Count = Field(320, description="Channels of the second one.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {
            "reduced": self.filters_reduce, "first": self.filters_first, "second": self.filters_second, "middle": self.filters_double_middle,
            "double": self.filters_double,
        }  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        narrow = conv(self.filters_reduce)
        last = {"strides": 2, "padding": self.padding}
        return net.add(
            "join", Concatenate(),
            self.branch(net, x, "first", narrow, conv(self.filters_first, 3, **last)),
            self.branch(net, x, "second", narrow, conv(self.filters_second, 3, **last)),
            self.branch(net, x, "double", narrow, conv(self.filters_double_middle, 3), conv(self.filters_double, 3, **last)),
            self.pooled(net, x),
        )  # fmt: skip
