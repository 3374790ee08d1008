"""Inception modules: windows of several sizes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from blocks.composite.units import ACTIVATION, NormalisedComposite, activation, conv
from blocks.convolution import Conv2D
from blocks.fields import RARE, ActivationName, Count
from blocks.merging import Concatenate
from blocks.normalization import BatchNormalization
from blocks.pooling import AveragePooling2D, MaxPooling2D
from blocks.spec import Shape
from blocks.wiring import Node, Wiring

ONE = "Channels of the branch with a 1x1 window."
POOL = "Channels of the 1x1 window behind the pooling."
INCEPTION_EPSILON = 1e-3


class InceptionModule(NormalisedComposite):
    """What all modules share: branches side by side, each a chain of convolutions."""

    category = ""
    ranks = (3,)

    activation: ActivationName = Field("relu", description=ACTIVATION, json_schema_extra=RARE)
    epsilon: float = Field(
        INCEPTION_EPSILON, gt=0.0, le=1.0, description="Added to the variance, so that nothing is divided by 0.", json_schema_extra=RARE
    )

    def branch(self, net: Wiring, x: Node, name: str, *convolutions: Conv2D) -> Node:
        """Convolutions one after the other, each with normalisation and activation."""
        for number, convolution in enumerate(convolutions, start=1):
            x = net.chain(
                x,
                **{
                    f"{name}_conv{number}": convolution,
                    f"{name}_norm{number}": self.norm(),
                    f"{name}_activation{number}": activation(self.activation),
                },
            )
        return x


class NormalisedModule(InceptionModule):
    """Modules of the versions from 2 on: every convolution has a normalisation."""

    category = ""

    learned_scale: bool = Field(
        True, description="The normalisations multiply by learned numbers; keras.applications has none.", json_schema_extra=RARE
    )

    def norm(self) -> BatchNormalization:
        return BatchNormalization(momentum=self.momentum, epsilon=self.epsilon, scale=self.learned_scale)


class InceptionV1(InceptionModule):
    """Looks through windows of 1x1, 3x3 and 5x5 and through a pooling, side by side.

    Use it in place of a convolution where objects come in several sizes. 1x1 windows in front of the larger ones keep it cheap.

    Formula: y = [act(1x1(x)), act(3x3(act(1x1(x)))), act(5x5(act(1x1(x)))), act(1x1(maxpool3x3(x)))] along the channels
    Shapes: (height, width, channels) -> (height, width, filters_1x1 + filters_3x3 + filters_5x5 + filters_pool).
    Weights: channels * (one + three in + five in + pool) + 9 * three in * three + window * window * five in * five
        + (1 + 3 * batch normalization) * (one + three in + three + five in + five + pool); one is filters_1x1, three in filters_3x3_reduce and so on.
        A convolution has a bias, with batch_normalization none.
    Source: Szegedy et al. (2014), arXiv:1409.4842, figure 2 b and table 1; batch_normalization with a 3x3 window for the 5x5 one is the form of
        torchvision and TF-slim.
    """

    category = "inception"

    filters_1x1: Count = Field(64, description=ONE)
    filters_3x3_reduce: Count = Field(96, description="Channels of the 1x1 window before the 3x3 one.")
    filters_3x3: Count = Field(128, description="Channels of the 3x3 window.")
    filters_5x5_reduce: Count = Field(16, description="Channels of the 1x1 window before the 5x5 one.")
    filters_5x5: Count = Field(32, description="Channels of the 5x5 window.")
    filters_pool: Count = Field(32, description=POOL)
    batch_normalization: bool = Field(False, description="Normalises behind each convolution, which then has no bias.")
    window: int = Field(5, ge=3, le=9, description="Size of the largest window; 3 in the later ports.", json_schema_extra={"unit": "pixels", **RARE})

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {
            "one": self.filters_1x1, "three in": self.filters_3x3_reduce, "three": self.filters_3x3, "five in": self.filters_5x5_reduce,
            "five": self.filters_5x5, "pool": self.filters_pool,
        }  # fmt: skip

    def branch(self, net: Wiring, x: Node, name: str, *convolutions: Conv2D) -> Node:
        if self.batch_normalization:
            return super().branch(net, x, name, *convolutions)
        for number, convolution in enumerate(convolutions, start=1):
            x = net.add(f"{name}_conv{number}", convolution.model_copy(update={"use_bias": True, "activation": self.activation}), x)
        return x

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        pooled = net.add("pool", MaxPooling2D(pool_size=3, strides=1, padding="same"), x)
        return net.add(
            "join", Concatenate(),
            self.branch(net, x, "one", conv(self.filters_1x1)),
            self.branch(net, x, "three", conv(self.filters_3x3_reduce), conv(self.filters_3x3, 3)),
            self.branch(net, x, "five", conv(self.filters_5x5_reduce), conv(self.filters_5x5, self.window)),
            self.branch(net, pooled, "pool", conv(self.filters_pool)),
        )  # fmt: skip


class InceptionA(NormalisedModule):
    """Looks through windows of 1x1, 5x5 and twice 3x3 and through a pooling, side by side.

    Use it on large feature maps, about 35 x 35, as the first kind of module.

    Version 2 (BN-Inception): window 3 and, in the order of the fields, 64, 64, 64, 64, 96 and 32 at first.
    Version 3: the defaults, with filters_pool 32 in the first. Version 4: window 3 and 96, 64, 96, 64, 96, 96.
    Inception-ResNet v2 begins with one of 96, 48, 64, 64, 96, 64.

    Formula: y = [1x1(x), window(1x1(x)), 3x3(3x3(1x1(x))), 1x1(pool3x3(x))] along the channels, activation and normalisation behind each convolution
    Shapes: (height, width, channels) -> (height, width, filters_1x1 + filters_window + filters_double + filters_pool).
    Weights: channels * (one + middle in + double in + pool) + window * window * middle in * middle + 9 * double * (double in + double)
        + (3 + learned scale + bias) * (one + middle in + middle + double in + 2 * double + pool); one is filters_1x1, middle in
        filters_window_reduce, middle filters_window, double in filters_double_reduce and so on.
    Source: Szegedy et al. (2015), arXiv:1512.00567, figure 5; Ioffe and Szegedy (2015), arXiv:1502.03167, appendix; Szegedy et al. (2016),
        arXiv:1602.07261, figure 4.
    """

    category = "inception"

    filters_1x1: Count = Field(64, description=ONE)
    filters_window_reduce: Count = Field(48, description="Channels of the 1x1 window before the single larger one.")
    filters_window: Count = Field(64, description="Channels of the single larger window.")
    window: int = Field(5, ge=3, le=9, description="Size of the single larger window; 3 in versions 2 and 4.", json_schema_extra={"unit": "pixels"})
    filters_double_reduce: Count = Field(64, description="Channels of the 1x1 window before the two 3x3 ones.")
    filters_double: Count = Field(96, description="Channels of each of the two 3x3 windows.")
    filters_pool: Count = Field(64, description=POOL)
    pooling: Literal["average", "max"] = Field("average", description="What is pooled; the last module of BN-Inception takes the largest values.")
    use_bias: bool = Field(False, description="Biases in the convolutions, as in the Caffe files of BN-Inception.", json_schema_extra=RARE)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {
            "one": self.filters_1x1, "middle in": self.filters_window_reduce, "middle": self.filters_window, "double in": self.filters_double_reduce,
            "double": self.filters_double, "pool": self.filters_pool,
        }  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        bias = self.use_bias
        kind = AveragePooling2D if self.pooling == "average" else MaxPooling2D
        pooled = net.add("pool", kind(pool_size=3, strides=1, padding="same"), x)
        double = conv(self.filters_double, 3, use_bias=bias)
        return net.add(
            "join", Concatenate(),
            self.branch(net, x, "one", conv(self.filters_1x1, use_bias=bias)),
            self.branch(
                net, x, "window", conv(self.filters_window_reduce, use_bias=bias), conv(self.filters_window, self.window, use_bias=bias)
            ),
            self.branch(net, x, "double", conv(self.filters_double_reduce, use_bias=bias), double, double),
            self.branch(net, pooled, "pool", conv(self.filters_pool, use_bias=bias)),
        )  # fmt: skip


class InceptionB(NormalisedModule):
    """Looks through windows of 1x1 and through 7x7 ones in two steps, 1x7 and 7x1, beside a pooling.

    Use it on feature maps of about 17 x 17, behind InceptionA and a reduction.

    Version 3: the defaults with filters_7x7_reduce and filters_7x7_middle of 128, 160, 160 and 192 in turn. Version 4: filters_1x1 384,
    filters_7x7_reduce 192, filters_7x7_middle 224, filters_7x7 256 and filters_pool 128.

    Formula: y = [1x1(x), 7x1(1x7(1x1(x))), 1x7(7x1(1x7(7x1(1x1(x))))), 1x1(meanpool3x3(x))] along the channels, activation and normalisation
        behind each convolution
    Shapes: (height, width, channels) -> (height, width, filters_1x1 + 2 * filters_7x7 + filters_pool).
    Weights: channels * (one + 2 * reduced + pool) + 7 * (reduced * reduced + 2 * reduced * middle + middle * middle + 2 * middle * last)
        + (3 + learned scale) * (one + 3 * reduced + 3 * middle + 2 * last + pool); one is filters_1x1, reduced filters_7x7_reduce, middle
        filters_7x7_middle, last filters_7x7 and pool filters_pool.
    Source: Szegedy et al. (2015), arXiv:1512.00567, figure 6; Szegedy et al. (2016), arXiv:1602.07261, figure 5.
    """

    category = "inception"

    filters_1x1: Count = Field(192, description=ONE)
    filters_7x7_reduce: Count = Field(128, description="Channels of the 1x1 windows before the longer ones.")
    filters_7x7_middle: Count = Field(128, description="Channels within the longer branches.")
    filters_7x7: Count = Field(192, description="Output channels of each of the two longer branches.")
    filters_pool: Count = Field(192, description=POOL)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {
            "one": self.filters_1x1, "reduced": self.filters_7x7_reduce, "middle": self.filters_7x7_middle, "last": self.filters_7x7,
            "pool": self.filters_pool,
        }  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        reduced, middle, last = self.filters_7x7_reduce, self.filters_7x7_middle, self.filters_7x7
        pooled = net.add("pool", AveragePooling2D(pool_size=3, strides=1, padding="same"), x)
        return net.add(
            "join", Concatenate(),
            self.branch(net, x, "one", conv(self.filters_1x1)),
            self.branch(net, x, "seven", conv(reduced), conv(middle, (1, 7)), conv(last, (7, 1))),
            self.branch(net, x, "double", conv(reduced), conv(reduced, (7, 1)), conv(middle, (1, 7)), conv(middle, (7, 1)), conv(last, (1, 7))),
            self.branch(net, pooled, "pool", conv(self.filters_pool)),
        )  # fmt: skip


class InceptionC(NormalisedModule):
    """Looks through windows of 1x1 and 3x3, the larger ones split at the end into a 1x3 and a 3x1 side by side, and through a pooling.

    Use it on small feature maps, about 8 x 8, as the last kind of module.

    Version 3: the defaults. Version 4: filters_1x1 256, filters_3x3_reduce 384, filters_3x3 256, filters_double_reduce 384,
    filters_double_1x3 448, filters_double 512 and filters_pool 256.

    Formula: y = [1x1(x), split(1x1(x)), split(3x3(1x1(x))), 1x1(meanpool3x3(x))] along the channels, where split(z) = [1x3(z), 3x1(z)],
        activation and normalisation behind each convolution; with filters_double_1x3 the 3x3 is a 1x3 and a 3x1
    Shapes: (height, width, channels) -> (height, width, filters_1x1 + 4 * filters_3x3 + filters_pool).
    Weights: channels * (one + reduced + double in + pool) + 6 * reduced * split + 6 * double * split
        + 9 * double in * double * (1 - min(thin, 1)) + 3 * thin * (double in + double)
        + (3 + learned scale) * (one + reduced + 4 * split + double in + thin + double + pool); one is filters_1x1, reduced filters_3x3_reduce,
        split filters_3x3, double in filters_double_reduce, thin filters_double_1x3, double filters_double and pool filters_pool.
    Source: Szegedy et al. (2015), arXiv:1512.00567, figure 7; Szegedy et al. (2016), arXiv:1602.07261, figure 6.
    """

    category = "inception"

    filters_1x1: Count = Field(320, description=ONE)
    filters_3x3_reduce: Count = Field(384, description="Channels of the 1x1 window before the first split.")
    filters_3x3: Count = Field(384, description="Channels of each of the four windows of the two splits.")
    filters_double_reduce: Count = Field(448, description="Channels of the 1x1 window before the 3x3 one.")
    filters_double: Count = Field(384, description="Channels of the 3x3 window before the second split.")
    filters_double_1x3: int = Field(
        0, ge=0, le=100_000, description="Channels of a 1x3 window, which with a 3x1 one takes the place of the 3x3 one; 0: the 3x3 one stays."
    )
    filters_pool: Count = Field(192, description=POOL)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {
            "one": self.filters_1x1, "reduced": self.filters_3x3_reduce, "split": self.filters_3x3, "double in": self.filters_double_reduce,
            "thin": self.filters_double_1x3, "double": self.filters_double, "pool": self.filters_pool,
        }  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        thin, double = self.filters_double_1x3, self.filters_double
        last = [conv(thin, (1, 3)), conv(double, (3, 1))] if thin else [conv(double, 3)]
        pooled = net.add("pool", AveragePooling2D(pool_size=3, strides=1, padding="same"), x)
        one = self.branch(net, x, "one", conv(self.filters_1x1))
        three = self.branch(net, x, "three", conv(self.filters_3x3_reduce))
        deep = self.branch(net, x, "double", conv(self.filters_double_reduce), *last)
        return net.add(
            "join", Concatenate(), one,
            self.branch(net, three, "three_wide", conv(self.filters_3x3, (1, 3))),
            self.branch(net, three, "three_high", conv(self.filters_3x3, (3, 1))),
            self.branch(net, deep, "double_wide", conv(self.filters_3x3, (1, 3))),
            self.branch(net, deep, "double_high", conv(self.filters_3x3, (3, 1))),
            self.branch(net, pooled, "pool", conv(self.filters_pool)),
        )  # fmt: skip
