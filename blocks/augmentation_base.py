"""What all augmentations share: pixels and their range, numbers drawn between two ends, and the layers that do the work.

Augmentation blocks stand between an Input and the first block with weights. They are left out of the network; the trainer
applies them, in training only, by chance that depends on seed and step alone. A picture that enters as whole numbers is
changed as such, from 0 to 255, even where the block stands behind a Rescaling.

Keras draws "between 0 and f", "between -f and f" or "between -f, but not below 0, and f" for a single number f, and its
code and its manual don't always agree. Here every layer gets both ends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.config import JsonDict

from blocks.base import LayerBlock
from blocks.fields import RARE
from blocks.spec import AnySpec, Shape, shape_text

if TYPE_CHECKING:
    import keras

FillMode = Literal["nearest", "reflect", "wrap", "constant"]
FILL = "What comes into the picture from outside: the nearest pixel, a mirror image, the other side, or one value."
FILL_VALUE = "The value that comes in from outside, in the picture's own range."
FillValue = Annotated[float, Field(ge=-1e6, le=1e6)]
WITH_CONSTANT: JsonDict = {"frequent": False, "shown_if": {"fill_mode": "constant"}}
Sampling = Literal["bilinear", "nearest"]
SAMPLING = "How pixels between the old ones are computed."
CHANCE = "How likely a picture is changed: drawn between two numbers; a single one is the chance itself."
PIXELS = (0.0, 255.0)


def decimals(value: Any) -> Any:
    """Reads one or two numbers as people type them: "0.2" or "0.1, 0.3"."""
    if isinstance(value, str):
        value = [_number(part) for part in re.split(r"[\s,;()\[\]]+", value) if part]
    if isinstance(value, list | tuple) and len(value) == 1:
        return value[0]
    return value


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


_Share = Annotated[float, Field(ge=0, le=1)]
_Signed = Annotated[float, Field(ge=-1, le=1)]
Share = Annotated[_Share | tuple[_Share, _Share], BeforeValidator(decimals)]
"""One number from 0 to 1, or the two ends between which it is drawn."""
Signed = Annotated[_Signed | tuple[_Signed, _Signed], BeforeValidator(decimals)]
"""The largest change to either side, or the two ends between which the change is drawn."""
_Value = Annotated[float, Field(ge=-1e6, le=1e6)]


def _ascending(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] >= value[1]:
        raise ValueError("the first number must be below the second")
    return value


ValueRange = Annotated[tuple[_Value, _Value], BeforeValidator(decimals), AfterValidator(_ascending)]


def ends(value: float | tuple[float, float], least: float | None = None) -> tuple[float, float]:
    """Both ends, ascending; a single number is both of them, or the upper one where the lower is given."""
    if isinstance(value, tuple):
        return min(value), max(value)
    return (value, value) if least is None else (min(least, value), max(least, value))


def either_side(value: float | tuple[float, float]) -> tuple[float, float]:
    """Both ends of a change; a single number goes to either side."""
    return ends(value) if isinstance(value, tuple) else (-abs(value), abs(value))


class Augmentation(LayerBlock):
    """Base of all augmentations. Each family gives the category.

    Args:
        alone: Whether the layer draws once for a whole batch, so that it must be given one picture after the other.
        from_0_to_1: Whether the layer is right for pixels from 0 to 1 only.
        mixes: Whether it mixes each picture with another one of the batch, and so the labels, too.
        colours: Whether pictures need red, green and blue.
        moves: Whether pixels get to other places, so that masks must follow.
    """

    ranks = (3,)
    augmentation = True
    takes_integers = True
    alone: ClassVar[bool] = False
    from_0_to_1: ClassVar[bool] = False
    mixes: ClassVar[bool] = False
    colours: ClassVar[bool] = False
    moves: ClassVar[bool] = False

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        if None in inputs[0].shape:
            text = f"{type(self).__name__}: invalid input. Expected: pictures of one size. Received: {shape_text(inputs[0].shape)}."
            return text, "Insert Resizing before it."
        if self.colours and inputs[0].shape[-1] != 3:
            text = f"{type(self).__name__}: invalid input. Expected: 3 channels (red, green, blue). Received: {inputs[0].shape[-1]}."
            return text, "Remove it: pictures without colours have none to change."
        return None

    def arguments(self) -> dict[str, Any]:
        return {**self.model_dump(exclude=self.own_fields()), "seed": 0}

    def chain(self, value_range: tuple[float, float]) -> list[keras.layers.Layer]:  # noqa: ARG002 - most don't look at values
        """New layers that do the work, one after the other.

        Args:
            value_range: The least and the largest value of a pixel.
        """
        return [self.make()]

    def at(self, here: Shape, there: Shape) -> Self:  # noqa: ARG002 - most speak of shares of the size
        """The block for pictures of the shape `there`, which are resized to `here` only behind it."""
        return self

    def for_masks(self) -> Self | None:
        """The block that moves the mask of a picture as this one moves the picture; None where no block can."""
        return None


class OfValues(Augmentation):
    """An augmentation that depends on how bright a pixel can be."""

    value_range: ValueRange | None = Field(
        None,
        description="Least and largest value of a pixel, for pictures of decimals; empty: 0 to 1. Whole numbers always go from 0 to 255.",
        json_schema_extra=RARE,
    )

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "value_range": self.value_range or PIXELS}

    def chain(self, value_range: tuple[float, float]) -> list[keras.layers.Layer]:
        return [self.model_copy(update={"value_range": value_range}).make()]
