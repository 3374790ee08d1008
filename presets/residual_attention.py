"""The residual attention network."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.attention_module import ResidualAttentionModule
from blocks.composite.bottleneck import ResidualBottleneck
from blocks.composite.pre_activation import PreActivationBottleneck
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, conv
from blocks.features import Feature
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
SMALLEST = 32
"""Height and width must be multiples of it: the modules halve and double them. Without the first shrinking it is a quarter."""
FILTERS = (256, 512, 1024, 2048)
DEPTHS = (3, 2, 1)
"""How often the second branch of a module halves the size, by stage."""
MODULES = {56: (1, 1, 1), 92: (1, 2, 3)}
UNITS: dict[str, dict[str, Any]] = {"residual": {"expansion": 4}, "resnext": {"expansion": 2, "groups": 32}}
LAST = 3
"""Residual units of the last stage, which has no module."""
AUTHORS = "the authors' files"
TABLE = Stages.squares("table 2", (112, 64), (56, 64), (56, 256), (28, 512), (14, 1024), (7, 2048), (2048,))


class ResidualAttention(WithStem):
    """A residual network with modules that learn which features matter at which place, and strengthen these.

    Use it for pictures of 224 x 224 pixels in which the thing is small or stands before a busy ground.

    AttentionNeXt56 has the units of ResNeXt.

    Departs from the paper: as the authors' files, which have shortcuts within the modules' second branch.

    Shapes: (height, width, channels) -> (classes); height and width are multiples of 32.
    Weights: those of its modules; at 1,000 classes 31,810,728 (56), 52,466,344 (92) and 31,318,824 (AttentionNeXt56).
    Source: Wang et al. (2017), Residual attention network for image classification, arXiv:1704.06904, table 2.
    """

    title = "Residual attention network"
    year = 2017
    paper = "Wang et al., Residual attention network for image classification, arXiv:1704.06904"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        **{f"ResidualAttention{depth}": {"depth": depth} for depth in MODULES},
        "AttentionNeXt56": {"depth": 56, "unit": "resnext"},
    }
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = SMALLEST
    golden = (
        Golden("ResidualAttention56", IMAGENET, 1000, 31_810_728, AUTHORS, multiply_adds=6_271_000_000, stages=TABLE),
        Golden("ResidualAttention92", IMAGENET, 1000, 52_466_344, AUTHORS, multiply_adds=10_534_000_000, stages=TABLE),
        Golden("AttentionNeXt56", IMAGENET, 1000, 31_318_824, AUTHORS, multiply_adds=6_419_000_000, stages=TABLE),
    )

    depth: Literal[56, 92] = Field(56, description="Layers with weights in the first branches.")
    unit: Literal["residual", "resnext"] = Field(
        "residual",
        description='"residual" normalises before its convolutions; "resnext" behind them, and its 3x3 one has 32 groups and twice as many channels.',
        json_schema_extra={"frequent": False},
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        first = conv(64, 3) if self.is_small else conv(64, 7, strides=2)
        x = net.chain(x, conv1=first, norm1=self._norm(), relu1=ReLU())
        if not self.is_small:
            x = net.add("pool1", MaxPooling2D(pool_size=3, strides=2, padding="same"), x)
        for stage, (filters, depth, modules) in enumerate(zip(FILTERS, DEPTHS, MODULES[self.depth], strict=False), start=1):
            x = net.add(f"unit{stage}", self._unit(filters, 1 if stage == 1 else 2), x)
            module = ResidualAttentionModule(mask_depth=depth, normalization=self._place, **UNITS[self.unit])
            for number in range(1, modules + 1):
                x = net.add(f"attention{stage}_{number}", module, x)
        for number in range(1, LAST + 1):
            x = net.add(f"last{number}", self._unit(FILTERS[-1], 2 if number == 1 else 1), x)
        if self.unit == "residual":
            x = net.chain(x, norm=self._norm(), relu=ReLU())
        return net.add("pool", GlobalAveragePooling2D(), x)

    def size(self, height: int | None, width: int | None, feature: Feature | None) -> tuple[tuple[int, int], str]:
        own, reason = super().size(height, width, feature)
        multiple = self.least_size
        found = math.ceil(own[0] / multiple) * multiple, math.ceil(own[1] / multiple) * multiple
        if found == own:
            return own, reason
        return found, f"The network takes multiples of {multiple}; the pictures become {found[0]} x {found[1]}."

    @property
    def _place(self) -> Literal["before", "behind"]:
        """Where units normalise."""
        return "before" if self.unit == "residual" else "behind"

    def _unit(self, filters: int, strides: int) -> PreActivationBottleneck | ResidualBottleneck:
        kind = PreActivationBottleneck if self.unit == "residual" else ResidualBottleneck
        settings = UNITS[self.unit]
        return kind(filters=filters // settings["expansion"], strides=strides, **settings)

    def _norm(self) -> BatchNormalization:
        return BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON)
