"""What presets share that shrink pictures before their first stage, and can leave that out for small ones."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from presets.base import Preset


class WithStem(Preset):
    """Base of the presets whose first layers shrink pictures to a quarter of their height and width.

    Args:
        small_minimum_size: The least height and width where they don't.
    """

    small_minimum_size: ClassVar[int] = 8

    stem: Literal["large", "small"] = Field(
        "large",
        description='"large" shrinks pictures to a quarter before the first stage, as published; "small" keeps their size there, for about '
        "32 x 32 pixels, of which nearly nothing would be left at the end. It sees more of them and takes longer.",
    )

    @property
    def is_small(self) -> bool:
        """Whether the first layers keep the size."""
        return self.stem == "small"

    @property
    def first_strides(self) -> int:
        """Steps of a layer that shrinks large pictures only."""
        return 1 if self.is_small else 2

    @property
    def least_size(self) -> int:
        return self.small_minimum_size if self.is_small else self.minimum_size
