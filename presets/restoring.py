"""What networks that restore pictures have in common."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field

from blocks.features import Feature, FeatureKind
from blocks.ports import Output
from blocks.wiring import Node, Wiring
from presets.base import Preset

Scale = Literal[1, 2, 3, 4]


class Restoring(Preset):
    """Base of networks that take a picture of any size and give it back larger, or without noise.

    Args:
        usual_scale: The scale where neither a parameter nor a dataset says one.
    """

    subjects = ("image",)
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("image",)
    shared = False
    any_size = True
    minimum_size = 8
    canonical_shape = (128, 128, 3)
    canonical_classes = 3
    usual_scale: ClassVar[int] = 2

    scale: Scale | None = Field(
        None, description="How many times height and width grow; empty: as the data say, or 2. 1 keeps the size, for pictures with noise."
    )

    @property
    def factor(self) -> int:
        """How many times height and width grow."""
        return self.scale or self.usual_scale

    def fitted(self, feature: Feature | None) -> Self:
        wanted = None if feature is None else feature.statistics.get("scale", 1)
        return self if wanted is None or self.scale is not None else self.model_copy(update={"scale": wanted})

    def misfit(self, features: list[Feature]) -> str:  # type: ignore[override]
        reason = super().misfit(features)
        wanted = next((feature.statistics.get("scale", 1) for feature in features if feature.role == "target"), 1)
        if reason or self.scale in (None, wanted):
            return reason
        return f"{self.name} makes pictures {self.scale} times as large; this dataset wants {wanted} times. Leave the scale empty."

    def head(self, target: Feature | None, classes: int | None) -> Output:  # noqa: ARG002
        return Output(target=target.name if target else None, head="none")

    @staticmethod
    def channels(net: Wiring, x: Node) -> int:
        """Channels of the picture."""
        return net.channels(x)
