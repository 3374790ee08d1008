"""ResNet for large pictures, with its relatives: wide, grouped (ResNeXt), and with attention."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.residual import ResidualStage
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.reshaping import ZeroPadding2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
STAGES: dict[int, tuple[int, ...]] = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
FILTERS = (64, 128, 256, 512)
KERAS_EPSILON = 1.001e-5
DILATED = {3: {"strides": 1, "dilation_rate": 2}, 4: {"strides": 1, "first_dilation_rate": 2, "dilation_rate": 4}}
"""What replaces the steps of the last two stages where the size is to stay."""
DEEP = (50, 101, 152)
"""Depths whose blocks have a bottleneck."""
KERAS, TORCHVISION = "keras.applications 3.15.1, without the statistics of the normalisations", "torchvision 0.29.1"
TIMM, CV = "timm 1.0.31", "pytorchcv 0.0.74"
OWN: dict[str, Any] = {"form": "v2", "strides_at": "first", "stem_normalization": True}
"""Version 2 as in its authors' files."""


def _table(filters: int) -> Stages:
    """The shapes by the channels that leave the first stage."""
    return Stages.squares("table 1", (112, 64), (56, 64), *((56 >> stage, filters << stage) for stage in range(4)), (filters << 3,))


BASIC, BOTTLENECK = _table(64), _table(256)
LATE = Stages.squares(
    "keras.applications 3.15.1, which halves the size at the end of each stage",
    (112, 64), (56, 64), (56, 256), (28, 256), (28, 512), (14, 512), (14, 1024), (7, 1024), (7, 2048), (2048,),
)  # fmt: skip


class DeepResNet(WithStem):
    """Residual blocks in four stages behind a convolution and a pooling that shrink pictures to a quarter.

    Use it for pictures of 64 x 64 pixels and more; ResNet18 is a good start, ResNet50 the usual yardstick. For smaller pictures there
    is ResNet20, or stem "small".

    ResNet50, 101 and 152 and their version 2 are those of keras.applications, so that its weights fit; V1_5 takes its steps in the 3x3
    convolutions, as torchvision does. Version 2 normalises before each convolution; PreActResNet is its form in the authors' files.
    ResNeXt has convolutions in groups, WideResNet wide ones; SE, CBAM and ECA weigh channels or places in each block.

    Departs from the paper: the epsilon of the normalisations, which is that of keras.applications where its weights fit.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its stages; at 1,000 classes 11,689,512 (18), 21,797,672 (34), 25,583,592 (50), 44,601,832 (101) and 60,268,520 (152).
    Source: He et al. (2015), arXiv:1512.03385, table 1; version 2: He et al. (2016), arXiv:1603.05027; ResNeXt: Xie et al. (2016),
        arXiv:1611.05431; WideResNet: Zagoruyko and Komodakis (2016), arXiv:1605.07146; attention: Hu et al. (2017), arXiv:1709.01507,
        Woo et al. (2018), arXiv:1807.06521, and Wang et al. (2019), arXiv:1910.03151.
    """

    title = "ResNet for large pictures"
    year = 2015
    paper = "He, Zhang, Ren and Sun, Deep residual learning for image recognition, arXiv:1512.03385"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "ResNet18": {"depth": 18}, "ResNet34": {"depth": 34},
        **{f"ResNet{depth}": {"depth": depth, "use_bias": True} for depth in DEEP},
        **{f"ResNet{depth}V1_5": {"depth": depth, "form": "v1.5"} for depth in DEEP},
        "ResNet18V2": {"depth": 18, "form": "v2"}, "ResNet34V2": {"depth": 34, "form": "v2"},
        **{f"ResNet{depth}V2": {"depth": depth, "form": "v2", "use_bias": True} for depth in DEEP},
        "WideResNet50_2": {"depth": 50, "form": "v1.5", "width_per_group": 128},
        "WideResNet101_2": {"depth": 101, "form": "v1.5", "width_per_group": 128},
        "ResNeXt50_32x4d": {"depth": 50, "form": "v1.5", "groups": 32, "width_per_group": 4},
        "ResNeXt101_32x8d": {"depth": 101, "form": "v1.5", "groups": 32, "width_per_group": 8},
        **{f"PreActResNet{depth}": {"depth": depth, **OWN} for depth in STAGES},
        **{f"SEResNet{depth}": {"depth": depth, "attention": "squeeze_excitation"} for depth in DEEP},
        "SEResNeXt50_32x4d": {"depth": 50, "form": "v1.5", "groups": 32, "width_per_group": 4, "attention": "squeeze_excitation"},
        "CBAMResNet18": {"depth": 18, "attention": "cbam"},
        "CBAMResNet50": {"depth": 50, "form": "v1.5", "attention": "cbam"},
        "ECAResNet18": {"depth": 18, "attention": "eca"},
        **{f"ECAResNet{depth}": {"depth": depth, "form": "v1.5", "attention": "eca"} for depth in (50, 101)},
    }  # fmt: skip
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("ResNet18", IMAGENET, 1000, 11_689_512, TORCHVISION, multiply_adds=1_814_000_000, stages=BASIC),
        Golden("ResNet34", IMAGENET, 1000, 21_797_672, TORCHVISION, stages=BASIC),
        Golden("ResNet50", IMAGENET, 1000, 25_583_592, KERAS, multiply_adds=3_858_000_000, stages=BOTTLENECK),
        Golden("ResNet50", IMAGENET, 1000, 25_557_032, "pytorchcv 0.0.74", multiply_adds=3_858_000_000, params={"use_bias": False}),
        Golden(
            "ResNet50",
            IMAGENET,
            1000,
            25_557_096,
            "the authors' Caffe file",
            multiply_adds=3_858_000_000,
            params={"use_bias": False, "first_bias": True},
        ),
        Golden("ResNet101", IMAGENET, 1000, 44_601_832, KERAS, multiply_adds=7_570_000_000, stages=BOTTLENECK),
        Golden("ResNet152", IMAGENET, 1000, 60_268_520, KERAS, stages=BOTTLENECK),
        Golden("ResNet50V1_5", IMAGENET, 1000, 25_557_032, TORCHVISION, multiply_adds=4_089_000_000, stages=BOTTLENECK),
        Golden("ResNet101V1_5", IMAGENET, 1000, 44_549_160, TORCHVISION, multiply_adds=7_801_000_000, stages=BOTTLENECK),
        Golden("ResNet152V1_5", IMAGENET, 1000, 60_192_808, TORCHVISION, stages=BOTTLENECK),
        Golden("ResNet50V2", IMAGENET, 1000, 25_568_360, KERAS, multiply_adds=3_482_000_000, stages=LATE),
        Golden("ResNet101V2", IMAGENET, 1000, 44_577_896, KERAS, multiply_adds=7_194_000_000, stages=LATE),
        Golden("WideResNet50_2", IMAGENET, 1000, 68_883_240, TORCHVISION, multiply_adds=11_398_000_000, stages=BOTTLENECK),
        Golden("ResNeXt50_32x4d", IMAGENET, 1000, 25_028_904, TORCHVISION, multiply_adds=4_230_000_000, stages=BOTTLENECK),
        Golden("ResNeXt101_32x8d", IMAGENET, 1000, 88_791_336, TORCHVISION),
        Golden("ResNet18V2", IMAGENET, 1000, 11_687_720, TIMM, multiply_adds=1_814_000_000),
        Golden("ResNet50V2", IMAGENET, 1000, 25_549_352, TIMM, 4_089_000_000, {"use_bias": False, "strides_at": "first"}),
        Golden("ResNet101V2", IMAGENET, 1000, 44_541_480, TIMM, 7_801_000_000, {"use_bias": False, "strides_at": "first"}),
        Golden("PreActResNet18", IMAGENET, 1000, 11_687_848, CV, multiply_adds=1_814_000_000, stages=BASIC),
        Golden("PreActResNet34", IMAGENET, 1000, 21_796_008, CV, multiply_adds=3_664_000_000, stages=BASIC),
        Golden("PreActResNet50", IMAGENET, 1000, 25_549_480, CV, multiply_adds=4_089_000_000, stages=BOTTLENECK),
        Golden("PreActResNet101", IMAGENET, 1000, 44_541_608, CV, multiply_adds=7_801_000_000, stages=BOTTLENECK),
        Golden("SEResNet50", IMAGENET, 1000, 28_088_024, "the authors' own network", multiply_adds=3_860_000_000, stages=BOTTLENECK),
        Golden("SEResNet50", IMAGENET, 1000, 28_088_024, TIMM, 4_092_000_000, {"form": "v1.5"}),
        Golden("SEResNet101", IMAGENET, 1000, 49_326_872, TIMM, multiply_adds=7_575_000_000, stages=BOTTLENECK),
        Golden("SEResNet152", IMAGENET, 1000, 66_821_848, TIMM, multiply_adds=11_289_000_000, stages=BOTTLENECK),
        Golden("SEResNeXt50_32x4d", IMAGENET, 1000, 27_559_896, TIMM, multiply_adds=4_233_000_000, stages=BOTTLENECK),
        Golden("CBAMResNet18", IMAGENET, 1000, 11_779_392, CV, multiply_adds=1_815_000_000, stages=BASIC),
        Golden("CBAMResNet50", IMAGENET, 1000, 28_089_624, CV, multiply_adds=4_096_000_000, stages=BOTTLENECK),
        Golden("CBAMResNet50", IMAGENET, 1000, 28_073_576, TIMM, 4_096_000_000, {"attention_bias": False}),
        Golden("ECAResNet18", IMAGENET, 1000, 11_689_548, TIMM, multiply_adds=1_814_000_000, stages=BASIC),
        Golden("ECAResNet50", IMAGENET, 1000, 25_557_118, TIMM, multiply_adds=4_089_000_000, stages=BOTTLENECK),
        Golden("ECAResNet101", IMAGENET, 1000, 44_549_331, TIMM, multiply_adds=7_802_000_000, stages=BOTTLENECK),
    )

    depth: Literal[18, 34, 50, 101, 152] = Field(18, description="Layers with weights on the longest way; from 50 on with bottlenecks.")
    form: Literal["v1", "v1.5", "v2"] = Field(
        "v1", description='"v1": steps in the first convolution of a block; "v1.5": in its 3x3 one; "v2": normalisation before each convolution.'
    )
    attention: Literal["none", "squeeze_excitation", "cbam", "eca"] = Field(
        "none", description="Weighs channels (eca: with few weights), or channels and places (cbam), in each block."
    )
    groups: int = Field(1, ge=1, le=1024, description="Groups of channels in the 3x3 convolutions.", json_schema_extra={"frequent": False})
    width_per_group: int | None = Field(
        None, ge=1, le=1024, description="Channels of each group in the first stage; empty: 64.", json_schema_extra={"frequent": False}
    )
    strides_at: Literal["first", "last"] = Field(
        "last",
        description='Which block of a stage halves the size in version 2 from 50 layers on: the "last" one as in keras.applications, or the '
        '"first" one as in the authors\' files.',
        json_schema_extra={"frequent": False, "shown_if": {"form": "v2"}},
    )
    stem_normalization: bool = Field(
        False,
        description="Normalises behind the first convolution of version 2, too, as in the authors' files.",
        json_schema_extra={"frequent": False, "shown_if": {"form": "v2"}},
    )
    attention_bias: bool = Field(
        True,
        description="Biases in the dense layers of the attention; timm has none in cbam.",
        json_schema_extra={"frequent": False, "shown_if": {"attention": ["squeeze_excitation", "cbam"]}},
    )
    first_bias: bool = Field(
        False, description="A bias in the first convolution alone, as in the authors' file of ResNet-50.", json_schema_extra={"frequent": False}
    )
    use_bias: bool = Field(
        False, description="Biases in the convolutions, as keras.applications has them from 50 layers on.", json_schema_extra={"frequent": False}
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        return net.add("pool", GlobalAveragePooling2D(), self.feature_maps(net, x))

    def feature_maps(self, net: Wiring, x: Node, dilated: bool = False) -> Node:
        """All layers before the mean of each channel.

        Args:
            dilated: The last two stages see twice and four times as far, and don't halve the size: an eighth of it is left.
        """
        x = self._begun(net, x)
        for number, (blocks, filters) in enumerate(zip(STAGES[self.depth], FILTERS, strict=True), start=1):
            x = net.add(f"stage{number}", self._stage(number, blocks, filters, DILATED.get(number, {}) if dilated else {}), x)
        return net.chain(x, norm=self._norm(), relu=ReLU()) if self.form == "v2" else x

    def _begun(self, net: Wiring, x: Node) -> Node:
        first_bias = self.use_bias or self.first_bias
        if self.is_small:
            x = net.add("conv1", conv(FILTERS[0], 3, use_bias=first_bias), x)
        else:
            x = net.chain(x, border=ZeroPadding2D(padding=3), conv1=conv(FILTERS[0], 7, strides=2, padding="valid", use_bias=first_bias))
        if self.form != "v2" or self.stem_normalization:
            x = net.chain(x, norm1=self._norm(), relu1=ReLU())
        return x if self.is_small else net.chain(x, border1=ZeroPadding2D(padding=1), pool1=MaxPooling2D(pool_size=3, strides=2))

    def _stage(self, number: int, blocks: int, filters: int, dilation: dict[str, int]) -> ResidualStage:
        settings: dict[str, Any] = {"blocks": blocks, "filters": filters, "strides": 1 if number == 1 else 2, "attention": self.attention}
        settings |= dilation
        settings |= {"epsilon": self._epsilon, "groups": self.groups, "attention_bias": self.attention_bias}
        if self.depth not in DEEP:
            return ResidualStage(**settings, kind="pre_activation" if self.form == "v2" else "basic", symmetric_padding=True)
        if self.width_per_group:
            settings["width_per_group"] = self.width_per_group * 2 ** (number - 1)
        if self.form == "v2":
            at_the_end = {"strides": 1 if number == len(FILTERS) else 2, "strides_at": "last", "shortcut": "pooling"}
            settings |= (at_the_end if self.strides_at == "last" else {}) | {"symmetric_padding": True}
            return ResidualStage(**settings, kind="pre_activation_bottleneck", use_bias=self.use_bias)
        return ResidualStage(
            **settings, kind="bottleneck", strides_in="1x1" if self.form == "v1" else "3x3", use_bias=self.use_bias,
            symmetric_padding=self.form == "v1.5",
        )  # fmt: skip

    @property
    def _epsilon(self) -> float:
        """Of the normalisations."""
        return KERAS_EPSILON if self.use_bias else BATCH_EPSILON

    def _norm(self) -> BatchNormalization:
        return BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=self._epsilon)
