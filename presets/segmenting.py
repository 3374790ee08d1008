"""What presets share that compute the scores of each pixel themselves, in sizes that can be halved again and again."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

from pydantic import Field

from blocks.features import Feature, FeatureKind
from blocks.fields import Count
from blocks.ports import Output
from presets.base import Preset, Situation

LARGEST_SIDE = 128
"""Height and width of a square to whose area larger pictures of a dataset are made smaller, so that a training takes minutes on two CPU cores."""


def wanted_size(height: int | None, width: int | None, feature: Feature | None) -> tuple[float, float]:
    """The height and width of a dataset's pictures, in the median where they vary, made smaller to the area of a square of `LARGEST_SIDE`."""
    known: dict[str, Any] = feature.statistics if feature else {}
    own = [side or int(known.get(name) or 0) or LARGEST_SIDE for side, name in ((height, "median_height"), (width, "median_width"))]
    scale = min(1.0, LARGEST_SIDE / math.sqrt(own[0] * own[1])) if feature else 1.0
    return own[0] * scale, own[1] * scale


def reason_for(found: tuple[int, int], wanted: tuple[float, float], height: int | None, width: int | None, rule: str) -> str:
    """Why pictures enter in another size than their own; "" when they don't.

    Args:
        found: The size in which they enter.
        wanted: What `wanted_size` says.
        rule: What the network does with sizes: the beginning of a sentence.
    """
    if found == (height, width):
        return ""
    text = f"{found[0]} x {found[1]}"
    if height is None or width is None:
        return f"The pictures' sizes vary; they become {text}."
    if wanted[0] < height:
        return f"Pictures of {height} x {width} would take long; they become {text}."
    return f"{rule}{height} x {width} becomes {text}."


class Segmenting(Preset):
    """Base of the presets whose last layer before the Output gives one channel per class."""

    shared = False
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("mask",)

    scores: Count = Field(21, description="Classes; with a dataset as many as its masks have.", json_schema_extra={"frequent": False})

    @property
    def multiple(self) -> int:
        """Height and width are multiples of it."""
        return 32

    def suited(self, situation: Situation) -> Self:
        target = situation.targets[0] if situation.targets else None
        return self.model_copy(update={"scores": len(target.classes or ()) if target else situation.classes})

    def head(self, target: Feature | None, classes: int | None) -> Output:
        return super().head(target, classes).model_copy(update={"head": "none"})

    def size(self, height: int | None, width: int | None, feature: Feature | None) -> tuple[tuple[int, int], str]:
        wanted = wanted_size(height, width, feature)
        found = self._fitting(wanted[0]), self._fitting(wanted[1])
        return found, reason_for(found, wanted, height, width, f"The network takes multiples of {self.multiple}; ")

    def _fitting(self, side: float) -> int:
        """The nearest multiple, at least one."""
        return max(1, round(side / self.multiple)) * self.multiple
