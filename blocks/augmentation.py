"""Augmentations that move pixels: shifts, turns, zooms, mirrors, shears, views from the side, waves and cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field

from blocks.augmentation_base import (
    CHANCE,
    FILL,
    FILL_VALUE,
    SAMPLING,
    WITH_CONSTANT,
    Augmentation,
    FillMode,
    FillValue,
    Sampling,
    Share,
    Signed,
    either_side,
    ends,
)
from blocks.features import IGNORED
from blocks.fields import RARE, Count
from blocks.spec import Shape

if TYPE_CHECKING:
    import keras

SIDES = "; two numbers: from the first to the second."


class _Moving(Augmentation):
    category = "augmentation"
    moves = True

    def for_masks(self) -> Self:
        """As the block itself; classes are not mixed, and what comes in from outside by one value has none."""
        found = {"interpolation": "nearest", "fill_value": float(IGNORED)}
        return self.model_copy(update={name: value for name, value in found.items() if name in type(self).model_fields})


class _Filled(_Moving):
    """Pixels come into the picture from outside."""

    fill_mode: FillMode = Field("nearest", description=FILL, json_schema_extra=RARE)
    fill_value: FillValue = Field(0.0, description=FILL_VALUE, json_schema_extra=WITH_CONSTANT)
    interpolation: Sampling = Field("bilinear", description=SAMPLING, json_schema_extra=RARE)


class RandomTranslation(_Filled):
    """Moves each training picture by a random part of its size.

    Use it where the place of the subject says nothing; a tenth suits most pictures.

    Formula: y[i, j] = x[i - a * height, j - b * width], with a from -height_factor to height_factor, b likewise
    Shapes: unchanged.
    Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
    """

    layer = "keras.layers.RandomTranslation"

    height_factor: Signed = Field(0.1, description="Largest shift up or down, as a part of the height" + SIDES)
    width_factor: Signed = Field(0.1, description="Largest shift left or right, as a part of the width" + SIDES)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "height_factor": either_side(self.height_factor), "width_factor": either_side(self.width_factor)}


class RandomRotation(_Filled):
    """Turns each training picture by a random angle.

    Use it where the subject may stand askew; a whole turn is 1, so that 0.03 is about 11 degrees.

    Formula: the pixel at (i, j) from the centre moves to (i * cos a + j * sin a, j * cos a - i * sin a), a up to factor * 360 degrees
    Shapes: unchanged.
    Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
    """

    layer = "keras.layers.RandomRotation"

    factor: Signed = Field(0.03, description="Largest angle to either side" + SIDES, json_schema_extra={"unit": "turns"})

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": either_side(self.factor)}


_Zoom = Annotated[float, Field(gt=-1, le=1)]


class RandomZoom(_Filled):
    """Enlarges or shrinks each training picture by a random factor.

    Use it where the subject's size says nothing.

    Formula: y[i, j] = x[i * (1 + a), j * (1 + b)] from the centre: below 0 the subject grows, above 0 it shrinks
    Shapes: unchanged.
    Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
    """

    layer = "keras.layers.RandomZoom"

    height_factor: Signed = Field(0.1, description="Largest change of size, as a part of it" + SIDES)
    width_factor: Signed | None = Field(
        None, description="Largest change of width" + SIDES.rstrip(".") + "; empty: as the height, so that proportions stay.", json_schema_extra=RARE
    )

    def arguments(self) -> dict[str, Any]:
        width = None if self.width_factor is None else _zoom(self.width_factor)
        return {**super().arguments(), "height_factor": _zoom(self.height_factor), "width_factor": width}


def _zoom(value: float | tuple[float, float]) -> tuple[float, float]:
    """Both ends; at -1 nothing of the picture would be left."""
    low, high = either_side(value)
    return max(low, -0.99), max(high, -0.99)


class RandomFlip(_Moving):
    """Mirrors each training picture, or not, by chance.

    Use it for photographs, horizontally; never for digits, letters or anything else that has a right and a left.

    Formula: y[i, j] = x[i, width - 1 - j] for every second picture (horizontal), x[height - 1 - i, j] (vertical)
    Shapes: unchanged.
    Source: Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional neural networks, section 4.1.
    """

    layer = "keras.layers.RandomFlip"

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = Field(
        "horizontal", description="Along which axis it is mirrored; with both, each has a chance of its own."
    )

    def chain(self, value_range: tuple[float, float]) -> list[keras.layers.Layer]:
        # Keras 3.15 flips both axes together or none, although half of the pictures should be flipped along one only.
        if self.mode != "horizontal_and_vertical":
            return super().chain(value_range)
        return [RandomFlip(mode="horizontal").make(), RandomFlip(mode="vertical").make()]


class RandomShear(_Filled):
    """Slants each training picture by a random amount.

    Use it for handwriting and for subjects that are seen from changing sides.

    Formula: y[i, j] = x[i + b * j, j + a * i], with a up to x_factor and b up to y_factor, to either side
    Shapes: unchanged.
    Source: Cubuk et al. (2018), arXiv:1805.09501, table 6.
    """

    layer = "keras.layers.RandomShear"

    x_factor: Share = Field(0.1, description="Largest slant of upright lines, as a part of the height; two numbers: between them.")
    y_factor: Share = Field(0.0, description="Largest slant of level lines, as a part of the width; two numbers: between them.")

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "x_factor": ends(self.x_factor, 0.0), "y_factor": ends(self.y_factor, 0.0)}


class RandomPerspective(_Moving):
    """Shows each training picture as if it were seen from a random side.

    Use it for flat things that are photographed at an angle: signs, pages, labels.

    Formula: y[i, j] = x[(a0 * i + a1 * j + a2) / k, (b0 * i + b1 * j + b2) / k], k = c0 * i + c1 * j + 1, as each corner moves by chance
    Shapes: unchanged.
    Source: Hartley and Zisserman (2004), Multiple view geometry in computer vision, chapter 2.
    """

    layer = "blocks.layers.random_warping.RandomPerspective"

    factor: Share = Field(0.5, description=CHANCE)
    scale: float = Field(0.3, ge=0, le=1, description="Largest way of a corner, as a part of the size: half of it to either side.")
    fill_value: FillValue = Field(0.0, description=FILL_VALUE, json_schema_extra=RARE)
    interpolation: Sampling = Field("bilinear", description=SAMPLING, json_schema_extra=RARE)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor)}


class RandomElasticTransform(_Filled):
    """Bends each training picture in random waves, as if it were drawn on rubber.

    Use it for handwriting and for tissue under a microscope.

    Formula: y[i, j] = x[i + dy[i, j], j + dx[i, j]], dx and dy being noise that a Gaussian window smooths
    Shapes: unchanged.
    Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801, section 2.
    """

    layer = "blocks.layers.random_warping.RandomElasticTransform"

    factor: Share = Field(0.5, description=CHANCE)
    scale: Share = Field(0.5, description="How far pixels move: at most this much, or between two numbers; 1 is about a tenth of the size.")

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "factor": ends(self.factor), "scale": ends(self.scale, 0.0)}


class RandomCrop(_Moving):
    """Cuts a window out of each training picture at a random place and enlarges it to the size of the picture.

    Use it where the subject fills the picture; evaluation sees whole pictures. To move pictures without enlarging them use RandomTranslation.

    Formula: y = resized(x[i : i + height, j : j + width]), with i and j by chance
    Shapes: unchanged: Keras's layer would give (height, width, channels), which evaluation could not do without cutting, too.
    Source: Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional neural networks, section 4.1.
    """

    layer = "blocks.layers.random_crop.RandomCrop"

    height: Count = Field(24, description="Height of the window; lower pictures are taken whole.", json_schema_extra={"unit": "pixels"})
    width: Count = Field(24, description="Width of the window; narrower pictures are taken whole.", json_schema_extra={"unit": "pixels"})
    interpolation: Sampling = Field("bilinear", description=SAMPLING, json_schema_extra=RARE)

    def at(self, here: Shape, there: Shape) -> Self:
        return self.model_copy(update={"height": _part(self.height, here[0], there[0]), "width": _part(self.width, here[1], there[1])})


def _part(size: int, here: int | None, there: int | None) -> int:
    return max(1, round(size * there / here)) if here and there else size
