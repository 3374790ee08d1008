"""EfficientNet version 2."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.activation import Activation
from blocks.composite.mobile import MOBILE_EPSILON, FusedMBConv, MBConv
from blocks.composite.units import BATCH_MOMENTUM, conv
from blocks.fields import Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

Stage = tuple[bool, int, int, int, int]
BASE: tuple[Stage, ...] = (
    (True, 1, 16, 1, 1), (True, 2, 32, 4, 2), (True, 2, 48, 4, 2), (False, 3, 96, 4, 2), (False, 5, 112, 6, 1), (False, 8, 192, 6, 2),
)  # fmt: skip
STAGES: dict[str, tuple[Stage, ...]] = {
    **{f"B{number}": BASE for number in range(4)},
    "S": (
        (True, 2, 24, 1, 1), (True, 4, 48, 4, 2), (True, 4, 64, 4, 2), (False, 6, 128, 4, 2), (False, 9, 160, 6, 1), (False, 15, 256, 6, 2),
    ),
    "M": (
        (True, 3, 24, 1, 1), (True, 5, 48, 4, 2), (True, 5, 80, 4, 2), (False, 7, 160, 4, 2), (False, 14, 176, 6, 1), (False, 18, 304, 6, 2),
        (False, 5, 512, 6, 1),
    ),
    "L": (
        (True, 4, 32, 1, 1), (True, 7, 64, 4, 2), (True, 7, 96, 4, 2), (False, 10, 192, 4, 2), (False, 19, 224, 6, 1), (False, 25, 384, 6, 2),
        (False, 7, 640, 6, 1),
    ),
}  # fmt: skip
"""Whether the window is a plain one, blocks, channels, expansion and strides of each stage."""
SCALES = {
    "B0": (32, 1.0, 1.0, 224), "B1": (32, 1.0, 1.1, 240), "B2": (32, 1.1, 1.2, 260), "B3": (32, 1.2, 1.4, 300),
    "S": (24, 1.0, 1.0, 384), "M": (24, 1.0, 1.0, 480), "L": (32, 1.0, 1.0, 480),
}  # fmt: skip
"""Channels of the first convolution, factor of the channels, factor of the blocks, and size of the pictures."""
FIRST_SHRINKING = 2
"""The stage that shrinks large pictures only."""
LAST_FILTERS = 1280
FIGURES = {
    "B0": (7_139_704, 718_090_000), "B1": (8_141_052, 1_197_000_000), "B2": (10_096_086, 1_698_000_000), "B3": (14_358_406, 3_011_000_000),
    "S": (21_458_488, 8_366_000_000), "M": (54_139_356, 24_582_000_000), "L": (118_515_272, 56_080_000_000),
}  # fmt: skip
PASSED = {
    "B0": ((112, 32), (112, 16), (56, 32), (28, 48), (14, 96), (14, 112), (7, 192), (7, 1280), (1280,)),
    "S": ((192, 24), (192, 24), (96, 48), (48, 64), (24, 128), (24, 160), (12, 256), (12, 1280), (1280,)),
}  # fmt: skip
"""Side and channels behind each row of table 4, in keras.applications."""
STAGES_PASSED = {scale: Stages.squares("table 4 and keras.applications 3.15.1", *shapes) for scale, shapes in PASSED.items()}


class EfficientNetV2(WithStem):
    """EfficientNet with plain windows in its first stages, found by a search for networks that train quickly.

    Use it where accuracy counts for each hour of training; B0 is a good start.

    Departs from the paper: as keras.applications has it, so that its weights fit; pictures that grow while training goes on belong to the data.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formulas of FusedMBConv and MBConv say; at 1,000 classes 7,139,704 (B0), 8,141,052 (B1), 10,096,086 (B2), 14,358,406 (B3),
        21,458,488 (S), 54,139,356 (M) and 118,515,272 (L).
    Source: Tan and Le (2021), EfficientNetV2: smaller models and faster training, arXiv:2104.00298, table 4.
    """

    title = "EfficientNet version 2"
    year = 2021
    paper = "Tan and Le, EfficientNetV2: smaller models and faster training, arXiv:2104.00298"
    variants: ClassVar[dict[str, dict[str, Any]]] = {f"EfficientNetV2{scale}": {"scale": scale} for scale in SCALES}
    canonical_shape = (224, 224, 3)
    canonical_classes = 1000
    minimum_size = 32
    golden = tuple(
        Golden(
            f"EfficientNetV2{scale}", (side, side, 3), 1000, FIGURES[scale][0], "keras.applications 3.15.1", multiply_adds=FIGURES[scale][1],
            stages=STAGES_PASSED.get(scale),
        )
        for scale, (_, _, _, side) in SCALES.items()
    )  # fmt: skip

    scale: Literal["B0", "B1", "B2", "B3", "S", "M", "L"] = Field("B0", description="Which size.")
    dropout: Probability = Field(0.2, description="Share of values that are set to 0 in training before the output.")
    stochastic_depth: Probability = Field(
        0.2, description="Share of samples that pass by the last block in training; less for those before it.", json_schema_extra={"frequent": False}
    )

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        size = SCALES[self.scale][-1]
        return (size, size, 3), self.canonical_classes

    def wire(self, net: Wiring, x: Node) -> Node:
        first, wider, deeper, _ = SCALES[self.scale]
        stages = STAGES[self.scale]
        repeats = [math.ceil(blocks * deeper) for _, blocks, *_ in stages]
        x = self._convolved(net, x, "1", _rounded(first * wider), 3, self.first_strides)
        passed = 0
        for stage, (plain, _, filters, expansion, strides) in enumerate(stages, start=1):
            begins = self.first_strides if stage == FIRST_SHRINKING else strides
            kind = FusedMBConv if plain else MBConv
            for number in range(1, repeats[stage - 1] + 1):
                block = kind(
                    filters=_rounded(filters * wider), expansion=expansion, strides=begins if number == 1 else 1,
                    stochastic_depth=self.stochastic_depth * passed / sum(repeats), momentum=BATCH_MOMENTUM,
                )  # fmt: skip
                x = net.add(f"stage{stage}_block{number}", block, x)
                passed += 1
        x = net.add("pool", GlobalAveragePooling2D(), self._convolved(net, x, "_last", _rounded(LAST_FILTERS * wider), 1, 1))
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x

    def _convolved(self, net: Wiring, x: Node, name: str, filters: int, window: int, strides: int) -> Node:
        return net.chain(
            x,
            **{
                f"conv{name}": conv(filters, window, strides=strides),
                f"norm{name}": BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=MOBILE_EPSILON),
                f"silu{name}": Activation(activation="silu"),
            },
        )


def _rounded(filters: float) -> int:
    """The nearest multiple of 8."""
    return max(8, int(filters + 4) // 8 * 8)
