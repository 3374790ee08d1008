"""The two ShuffleNets."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.shuffle import ShuffleUnit, ShuffleUnitV2
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.features import Feature
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.ports import Output
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
UNITS = (4, 8, 4)
"""Units of each stage, the first of which halves the size."""
STEM_FILTERS = 24
WIDTHS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
"""Channels of the first stage by groups; each further one has twice as many."""
WIDTHS_V2 = {"0.5": (48, 96, 192, 1024), "1.0": (116, 232, 464, 1024), "1.5": (176, 352, 704, 1024), "2.0": (244, 488, 976, 2048)}
"""Channels of the stages, and of the 1x1 convolution behind them."""
CV, TORCHVISION = "pytorchcv 0.0.74", "torchvision 0.29.1"
AUTHORS = "the authors' ShuffleNet-Series"
README = "counted in the form of pytorchcv 0.0.74, with a bias in the dense layer"


def _table(source: str, *stages: int) -> Stages:
    """The shapes by the channels of the three stages, and of a convolution behind them."""
    first, second, third, *last = stages
    return Stages.squares(source, (112, 24), (56, 24), (28, first), (14, second), (7, third), *((7, each) for each in last), (stages[-1],))


class _Shuffling(WithStem):
    """What both share: a convolution and a pooling that shrink pictures to a quarter, and the way from one stage to the next."""

    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32

    form: Literal["usual", "authors"] = Field(
        "usual",
        description='"usual" as the libraries have it; "authors": as in the authors\' code, without a bias at the end, and in version 2 with as many '
        "channels in the first branch as come in where the size is halved.",
        json_schema_extra={"frequent": False},
    )

    def head(self, target: Feature | None, classes: int | None) -> Output:
        return super().head(target, classes).model_copy(update={"use_bias": self.form == "usual"})

    def begun(self, net: Wiring, x: Node) -> Node:
        """What comes before the first stage."""
        x = normalised(net, x, "1", STEM_FILTERS, 3, strides=self.first_strides)
        return x if self.is_small else net.add("pool1", MaxPooling2D(pool_size=3, strides=2, padding="same"), x)


def normalised(net: Wiring, x: Node, name: str, filters: int, window: int, **settings: Any) -> Node:
    """A convolution with its normalisation and ReLU."""
    return net.chain(
        x,
        **{
            f"conv{name}": conv(filters, window, **settings),
            f"norm{name}": BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON),
            f"relu{name}": ReLU(),
        },
    )


class ShuffleNet(_Shuffling):
    """Residual units whose 1x1 convolutions see groups of channels only, mixed by a shuffle in between.

    Use it where a few million products per picture are allowed; ShuffleNetV2 is quicker on real processors.

    Departs from the paper: nothing in the layers; weights begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of ShuffleUnit says; at 1,000 classes 1,531,936 (1 group), 1,733,848 (2), 1,865,728 (3), 1,968,344 (4) and
        2,434,768 (8).
    Source: Zhang, Zhou, Lin and Sun (2017), ShuffleNet: an extremely efficient convolutional neural network for mobile devices,
        arXiv:1707.01083, table 1.
    """

    year = 2017
    paper = "Zhang, Zhou, Lin and Sun, ShuffleNet: an extremely efficient convolutional neural network for mobile devices, arXiv:1707.01083"
    variants: ClassVar[dict[str, dict[str, Any]]] = {f"ShuffleNet_g{groups}": {"groups": groups} for groups in WIDTHS}
    golden = (
        Golden("ShuffleNet_g1", IMAGENET, 1000, 1_531_936, CV, multiply_adds=143_080_000, stages=_table("table 1", 144, 288, 576)),
        Golden("ShuffleNet_g2", IMAGENET, 1000, 1_733_848, README, stages=_table("table 1", 200, 400, 800)),
        Golden("ShuffleNet_g3", IMAGENET, 1000, 1_865_728, CV, multiply_adds=137_460_000, stages=_table("table 1", 240, 480, 960)),
        Golden("ShuffleNet_g3", IMAGENET, 1000, 1_864_728, AUTHORS, multiply_adds=137_460_000, params={"form": "authors"}),
        Golden("ShuffleNet_g4", IMAGENET, 1000, 1_968_344, README, stages=_table("table 1", 272, 544, 1088)),
        Golden("ShuffleNet_g8", IMAGENET, 1000, 2_434_768, README, stages=_table("table 1", 384, 768, 1536)),
    )

    groups: Literal[1, 2, 3, 4, 8] = Field(3, description="Groups of channels; more allow more channels for the same cost.")
    width: Literal["0.25", "0.5", "1.0", "1.5", "2.0"] = Field("1.0", description="Factor of all channels of the stages.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self.begun(net, x)
        first = int(WIDTHS[self.groups] * float(self.width))
        for stage, units in enumerate(UNITS, start=2):
            for number in range(1, units + 1):
                begins = {"filters": first * 2 ** (stage - 2), "strides": 2} if number == 1 else {}
                unit = ShuffleUnit(groups=self.groups, group_first=(stage, number) != (2, 1), **begins)
                x = net.add(f"stage{stage}_unit{number}", unit, x)
        return net.add("pool", GlobalAveragePooling2D(), x)


class ShuffleNetV2(_Shuffling):
    """Units that let half of the channels pass, work on the other half, and shuffle both: laid out for the speed of real processors.

    Use it on phones and other small devices.

    Departs from the paper: in the units with strides 2 both halves have as many channels, as torchvision has them, unless form is "authors".

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of ShuffleUnitV2 says; at 1,000 classes 1,366,792 (0.5), 2,278,604 (1.0), 3,503,624 (1.5) and 7,393,996 (2.0).
    Source: Ma, Zhang, Zheng and Sun (2018), ShuffleNet V2: practical guidelines for efficient CNN architecture design, arXiv:1807.11164,
        table 5; the halves of the units with strides 2 as in torchvision.
    """

    year = 2018
    paper = "Ma, Zhang, Zheng and Sun, ShuffleNet V2: practical guidelines for efficient CNN architecture design, arXiv:1807.11164"
    variants: ClassVar[dict[str, dict[str, Any]]] = {f"ShuffleNetV2_x{width.replace('.', '_')}": {"width": width} for width in WIDTHS_V2}
    golden = (
        Golden("ShuffleNetV2_x0_5", IMAGENET, 1000, 1_366_792, TORCHVISION, stages=_table("table 5", 48, 96, 192, 1024)),
        Golden("ShuffleNetV2_x1_0", IMAGENET, 1000, 2_278_604, TORCHVISION, multiply_adds=144_910_000, stages=_table("table 5", 116, 232, 464, 1024)),
        Golden("ShuffleNetV2_x1_5", IMAGENET, 1000, 3_503_624, TORCHVISION, stages=_table("table 5", 176, 352, 704, 1024)),
        Golden("ShuffleNetV2_x2_0", IMAGENET, 1000, 7_393_996, TORCHVISION, stages=_table("table 5", 244, 488, 976, 2048)),
        Golden("ShuffleNetV2_x0_5", IMAGENET, 1000, 1_365_792, AUTHORS, params={"form": "authors"}),
        Golden("ShuffleNetV2_x1_0", IMAGENET, 1000, 2_278_760, AUTHORS, multiply_adds=145_810_000, params={"form": "authors"}),
        Golden("ShuffleNetV2_x1_5", IMAGENET, 1000, 3_506_720, AUTHORS, params={"form": "authors"}),
        Golden("ShuffleNetV2_x2_0", IMAGENET, 1000, 7_402_600, AUTHORS, params={"form": "authors"}),
    )

    width: Literal["0.5", "1.0", "1.5", "2.0"] = Field("1.0", description="Which of the paper's widths.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self.begun(net, x)
        *stages, last = WIDTHS_V2[self.width]
        for stage, (units, filters) in enumerate(zip(UNITS, stages, strict=True), start=2):
            for number in range(1, units + 1):
                begins: dict[str, Any] = {"filters": filters, "strides": 2, "first_branch": "input" if self.form == "authors" else "half"}
                unit = ShuffleUnitV2(**begins) if number == 1 else ShuffleUnitV2()
                x = net.add(f"stage{stage}_unit{number}", unit, x)
        return net.add("pool", GlobalAveragePooling2D(), normalised(net, x, "5", last, 1))
