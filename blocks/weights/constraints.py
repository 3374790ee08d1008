"""What weights are brought to after each step."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from blocks.fields import listed_numbers
from blocks.weights import CONSTRAINTS, WeightSetting

AXIS = "Axes along which lengths are taken: 0 takes the weights that lead to each unit of a dense layer; 0, 1, 2 those of each filter of a Conv2D."
_Axis = Annotated[int, Field(ge=0, le=5)]
Axes = Annotated[tuple[_Axis, ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=6)]


class Constraint(WeightSetting):
    """Base of all constraints."""

    family = CONSTRAINTS
    module = "keras.constraints"

    def problem(self, shape: tuple[int, ...]) -> str | None:
        greatest = max(self._axes(), default=0)
        if greatest < len(shape):
            return None
        return f"{type(self).__name__}: invalid axis. Expected: less than {len(shape)}, the axes of the weights. Received: {greatest}."

    @model_validator(mode="after")
    def _different(self) -> Self:
        if len(set(self._axes())) < len(self._axes()):
            raise ValueError("each axis may stand once only")
        return self

    def _axes(self) -> tuple[int, ...]:
        return getattr(self, "axis", ())


class MaxNorm(Constraint):
    """Shortens weight vectors that have become too long.

    Use it with dropout and large learning rates.

    Formula: w * min(1, max_value / |w|)
    Source: Srivastava et al. (2014), Dropout, JMLR 15, section 5.1.
    """

    name: ClassVar[str] = "max_norm"

    max_value: float = Field(2.0, gt=0.0, le=1e6, description="Longest length that is left alone.")
    axis: Axes = Field((0,), description=AXIS)


class MinMaxNorm(Constraint):
    """Brings weight vectors to a length between two limits.

    Use it where vectors must neither vanish nor grow.

    Formula: w * ((1 - rate) + rate * limited(|w|) / |w|)
    Source: Srivastava et al. (2014), Dropout, JMLR 15, section 5.1 (the upper limit).
    """

    name: ClassVar[str] = "min_max_norm"

    min_value: float = Field(0.0, ge=0.0, le=1e6, description="Shortest length.")
    max_value: float = Field(1.0, gt=0.0, le=1e6, description="Longest length.")
    rate: float = Field(1.0, ge=0.0, le=1.0, description="How strictly: 1 at once, less over several steps.")
    axis: Axes = Field((0,), description=AXIS)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_value > self.max_value:
            raise ValueError(f"min_value ({self.min_value:g}) must be at most max_value ({self.max_value:g})")
        return self


class NonNeg(Constraint):
    """Makes negative weights 0.

    Use it where an input may only add to an output, as with counts.

    Formula: max(0, w)
    Source: Lee and Seung (1999), doi:10.1038/44565.
    """

    name: ClassVar[str] = "non_neg"


class UnitNorm(Constraint):
    """Gives weight vectors the length 1.

    Use it where only the direction counts, as for cosine similarity.

    Formula: w / |w|
    Source: Wang et al. (2017), arXiv:1704.06369.
    """

    name: ClassVar[str] = "unit_norm"

    axis: Axes = Field((0,), description=AXIS)
