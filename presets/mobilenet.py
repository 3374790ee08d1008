"""MobileNet, versions 1 to 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.activation import Activation
from blocks.composite.mobile import MOBILE_EPSILON, DepthwiseSeparable, InvertedResidual, multiple_of
from blocks.composite.units import BATCH_MOMENTUM, conv
from blocks.dense import Dense
from blocks.fields import ActivationName, Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
KERAS = "keras.applications 3.15.1"
PRINTED = "keras.applications 3.15.1, without the statistics of the normalisations"
SEPARABLE = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))
"""Channels and strides of the blocks of version 1."""
INVERTED = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Expansion, channels, blocks and strides of the stages of version 2."""
LAST_FILTERS = 1280
Searched = tuple[int, float, int, bool, Literal["relu", "hard_silu"], int]
"""Window, inner channels per channel, channels, whether they are weighed, activation and strides."""
SEARCHED: dict[str, tuple[Searched, ...]] = {
    "small": (
        (3, 1, 16, True, "relu", 2), (3, 72 / 16, 24, False, "relu", 2), (3, 88 / 24, 24, False, "relu", 1), (5, 4, 40, True, "hard_silu", 2),
        (5, 6, 40, True, "hard_silu", 1), (5, 6, 40, True, "hard_silu", 1), (5, 3, 48, True, "hard_silu", 1), (5, 3, 48, True, "hard_silu", 1),
        (5, 6, 96, True, "hard_silu", 2), (5, 6, 96, True, "hard_silu", 1), (5, 6, 96, True, "hard_silu", 1),
    ),
    "large": (
        (3, 1, 16, False, "relu", 1), (3, 4, 24, False, "relu", 2), (3, 3, 24, False, "relu", 1), (5, 3, 40, True, "relu", 2),
        (5, 3, 40, True, "relu", 1), (5, 3, 40, True, "relu", 1), (3, 6, 80, False, "hard_silu", 2), (3, 2.5, 80, False, "hard_silu", 1),
        (3, 2.3, 80, False, "hard_silu", 1), (3, 2.3, 80, False, "hard_silu", 1), (3, 6, 112, True, "hard_silu", 1),
        (3, 6, 112, True, "hard_silu", 1), (5, 6, 160, True, "hard_silu", 2), (5, 6, 160, True, "hard_silu", 1), (5, 6, 160, True, "hard_silu", 1),
    ),
}  # fmt: skip
"""The blocks of version 3."""
LAST_UNITS = {"small": 1024, "large": 1280}
TABLES = {
    "1": Stages.squares("table 1", (112, 32), (112, 64), (56, 128), (28, 256), (14, 512), (7, 1024)),
    "2": Stages.squares("table 2", (112, 32), (112, 16), (56, 24), (28, 32), (14, 64), (14, 96), (7, 160), (7, 320), (7, 1280), (1280,)),
    "small": Stages.squares("table 2", (112, 16), (56, 16), (28, 24), (14, 40), (14, 48), (7, 96), (7, 576), (576,), (1024,)),
    "large": Stages.squares("table 1", (112, 16), (112, 16), (56, 24), (28, 40), (14, 80), (14, 112), (7, 160), (7, 960), (960,), (1280,)),
}
"""Of each paper."""


class _Mobile(WithStem):
    """What both versions share."""

    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32

    width: float = Field(1.0, ge=0.1, le=4.0, description="Factor of all channels.")
    dropout: Probability = Field(0.001, description="Share of values that are set to 0 in training before the output.")

    def stepped(self, strides: Sequence[int]) -> list[int]:
        """The steps of blocks; of the first one that takes some, only where pictures are large."""
        first = next(place for place, each in enumerate(strides) if each > 1)
        return [self.first_strides if place == first else each for place, each in enumerate(strides)]

    def convolved(
        self, net: Wiring, x: Node, name: str, filters: int, window: int = 1, strides: int = 1, activation: ActivationName = "relu6"
    ) -> Node:
        """A convolution with its normalisation and activation."""
        return net.chain(
            x,
            **{
                f"conv{name}": conv(filters, window, strides=strides),
                f"norm{name}": BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=MOBILE_EPSILON),
                f"activation{name}": Activation(activation=activation),
            },
        )

    def ended(self, net: Wiring, x: Node) -> Node:
        """The mean of each channel, and dropout."""
        x = net.add("pool", GlobalAveragePooling2D(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x


class MobileNet(_Mobile):
    """Convolutions in two steps, a window over each channel and a 1x1 convolution: a ninth of the work of plain ones.

    Use it where a network must be quick and small; `width` makes it narrower still.

    Departs from the paper: ReLU6 in place of ReLU and dropout before the output, as in the authors' code.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of DepthwiseSeparable says; at 1,000 classes 4,231,976, and 2,585,560 (width 0.75), 1,331,592 (0.5), 470,072 (0.25).
    Source: Howard et al. (2017), MobileNets: efficient convolutional neural networks for mobile vision applications, arXiv:1704.04861,
        table 1; normalisation, ReLU6 and dropout as in keras.applications.
    """

    title = "MobileNet"
    year = 2017
    paper = "Howard et al., MobileNets: efficient convolutional neural networks for mobile vision applications, arXiv:1704.04861"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "MobileNet": {}, "MobileNet_0_75": {"width": 0.75}, "MobileNet_0_50": {"width": 0.5}, "MobileNet_0_25": {"width": 0.25},
    }  # fmt: skip
    golden = (
        Golden("MobileNet", IMAGENET, 1000, 4_231_976, PRINTED, multiply_adds=568_740_000, stages=TABLES["1"]),
        Golden("MobileNet_0_75", IMAGENET, 1000, 2_585_560, PRINTED),
        Golden("MobileNet_0_50", IMAGENET, 1000, 1_331_592, PRINTED),
        Golden("MobileNet_0_25", IMAGENET, 1000, 470_072, PRINTED),
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self.convolved(net, x, "1", int(32 * self.width), 3, strides=self.first_strides)
        steps = self.stepped([strides for _, strides in SEPARABLE])
        for number, ((filters, _), strides) in enumerate(zip(SEPARABLE, steps, strict=True), start=1):
            x = net.add(f"block{number}", DepthwiseSeparable(filters=int(filters * self.width), strides=strides), x)
        return self.ended(net, x)


class MobileNetV2(_Mobile):
    """Blocks that widen the channels, look at each by itself, and narrow them again, with shortcuts between the narrow ends.

    Use it first for phones and other small devices: more accurate than version 1 in less time.

    Departs from the paper: nothing in the layers; weights begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of InvertedResidual says; at 1,000 classes 3,504,872.
    Source: Sandler et al. (2018), MobileNetV2: inverted residuals and linear bottlenecks, arXiv:1801.04381, table 2; normalisation and
        rounding of widths as in keras.applications.
    """

    year = 2018
    paper = "Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, arXiv:1801.04381"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "MobileNetV2": {}, "MobileNetV2_0_35": {"width": 0.35}, "MobileNetV2_0_50": {"width": 0.5}, "MobileNetV2_0_75": {"width": 0.75},
        "MobileNetV2_1_30": {"width": 1.3}, "MobileNetV2_1_40": {"width": 1.4},
    }  # fmt: skip
    golden = (Golden("MobileNetV2", IMAGENET, 1000, 3_504_872, KERAS + " and torchvision 0.29.1", multiply_adds=300_770_000, stages=TABLES["2"]),)

    dropout: Probability = Field(0.0, description="Share of values that are set to 0 in training before the output; 0.2 in the authors' code.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self.convolved(net, x, "1", multiple_of(32 * self.width, 8), 3, strides=self.first_strides)
        number = 0
        steps = self.stepped([strides for *_, strides in INVERTED])
        for (expansion, filters, blocks, _), strides in zip(INVERTED, steps, strict=True):
            for place in range(blocks):
                number += 1
                block = InvertedResidual(filters=multiple_of(filters * self.width, 8), expansion=expansion, strides=strides if place == 0 else 1)
                x = net.add(f"block{number}", block, x)
        return self.ended(net, self.convolved(net, x, "_last", multiple_of(LAST_FILTERS * max(1.0, self.width), 8)))


class MobileNetV3(_Mobile):
    """Inverted residual blocks that a search has put together, some of which weigh their channels, with cheap activations.

    Use it for phones, where each millisecond counts; MobileNetV3Small for the smallest devices.

    Departs from the paper: nothing in the layers; weights begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of InvertedResidual says; at 1,000 classes 5,483,032 (large) and 2,542,856 (small).
    Source: Howard et al. (2019), Searching for MobileNetV3, arXiv:1905.02244, tables 1 and 2; normalisation and rounding of widths as in
        keras.applications.
    """

    year = 2019
    paper = "Howard et al., Searching for MobileNetV3, arXiv:1905.02244"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "MobileNetV3Small": {"form": "small"}, "MobileNetV3Large": {"form": "large"},
        "MobileNetV3Small_0_75": {"form": "small", "width": 0.75}, "MobileNetV3Large_0_75": {"form": "large", "width": 0.75},
    }  # fmt: skip
    golden = (
        Golden("MobileNetV3Small", IMAGENET, 1000, 2_542_856, KERAS + " and torchvision 0.29.1", multiply_adds=56_510_000, stages=TABLES["small"]),
        Golden("MobileNetV3Large", IMAGENET, 1000, 5_483_032, KERAS + " and torchvision 0.29.1", multiply_adds=216_590_000, stages=TABLES["large"]),
        Golden("MobileNetV3Small_0_75", IMAGENET, 1000, 2_041_872, KERAS, multiply_adds=43_400_000),
        Golden("MobileNetV3Large_0_75", IMAGENET, 1000, 3_993_528, KERAS, multiply_adds=154_560_000),
        Golden("MobileNetV3Small", IMAGENET, 1000, 2_044_736, KERAS, multiply_adds=52_290_000, params={"minimalistic": True}),
        Golden("MobileNetV3Large", IMAGENET, 1000, 3_924_288, KERAS, multiply_adds=209_140_000, params={"minimalistic": True}),
    )

    form: Literal["small", "large"] = Field("small", description="Which of the paper's two networks.")
    minimalistic: bool = Field(
        False,
        description="Windows of 3x3, ReLU and no weighing everywhere, for devices that do nothing else well.",
        json_schema_extra={"frequent": False},
    )
    dropout: Probability = Field(0.2, description="Share of values that are set to 0 in training before the output.")

    @property
    def quick(self) -> ActivationName:
        """The activation of most layers."""
        return "relu" if self.minimalistic else "hard_silu"

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self.feature_maps(net, x)
        units = multiple_of(LAST_UNITS[self.form] * max(1.0, self.width), 8)
        x = net.chain(x, pool=GlobalAveragePooling2D(), features=Dense(units=units, activation=self.quick))
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x

    def feature_maps(self, net: Wiring, x: Node, dilated: bool = False) -> Node:
        """All layers before the mean of each channel.

        Args:
            dilated: The last blocks see twice as far, and none of them halves the size: a 16th of it is left.
        """
        quick = self.quick
        x = self.convolved(net, x, "1", 16, 3, strides=self.first_strides, activation=quick)
        channels = 16
        steps = self.stepped([strides for *_, strides in SEARCHED[self.form]])
        last_step = max(place for place, strides in enumerate(steps, start=1) if strides > 1)
        for number, ((window, inner, filters, weighed, function, _), strides) in enumerate(zip(SEARCHED[self.form], steps, strict=True), start=1):
            leaving = multiple_of(filters * self.width, 8)
            block = InvertedResidual(
                filters=leaving,
                expanded_filters=channels if number == 1 else multiple_of(channels * inner, 8),
                kernel_size=3 if self.minimalistic else window,
                strides=1 if dilated and number >= last_step else strides,
                dilation_rate=2 if dilated and number >= last_step else 1,
                activation="relu" if function == "relu" else quick,
                squeeze_excitation=4.0 if weighed and not self.minimalistic else None,
            )
            x = net.add(f"block{number}", block, x)
            channels = leaving
        return self.convolved(net, x, "_last", multiple_of(6 * channels, 8), activation=quick)
