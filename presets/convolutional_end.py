"""What presets share that end in a convolution to one channel per class and the mean of each channel, in place of a dense layer."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from blocks.composite.units import conv
from blocks.features import Feature
from blocks.fields import Count, listed_numbers
from blocks.pooling import GlobalAveragePooling2D
from blocks.ports import Output
from blocks.wiring import Node, Wiring
from presets.base import Preset, Situation

Ends = Annotated[tuple[Count, ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=100)]


class ConvolutionalEnd(Preset):
    """Base of the presets that score each place of a picture, and take the mean over the places."""

    ends: Ends = Field(
        (1000,),
        description="Channels of the last convolution of each output; with a dataset as its targets need.",
        json_schema_extra={"frequent": False},
    )
    rectified: bool = Field(
        True,
        description="Scores of places below 0 count as 0, as in the paper; with a dataset only where all targets are classes.",
        json_schema_extra={"frequent": False},
    )

    def suited(self, situation: Situation) -> Self:
        ends = tuple(_units(target) for target in situation.targets) or (situation.classes,)
        rectified = self.rectified and all(target.kind == "category" for target in situation.targets)
        return self.model_copy(update={"ends": ends, "rectified": rectified})

    def tower(self, net: Wiring, body: Node, number: int) -> Node:
        name = "classifier" if number == 1 else f"classifier_{number}"
        scores = net.add(name, conv(self.ends[number - 1], use_bias=True, activation="relu" if self.rectified else "linear"), body)
        return net.add("pool" if number == 1 else f"pool_{number}", GlobalAveragePooling2D(), scores)

    def head(self, target: Feature | None, classes: int | None) -> Output:
        return super().head(target, classes).model_copy(update={"head": "none"})


def _units(target: Feature) -> int:
    return len(target.classes or ()) or math.prod(size or 1 for size in target.shape)
