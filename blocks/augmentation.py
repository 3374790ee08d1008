"""Random changes of the training pictures, so that a network sees each of them in many ways.

These blocks stand between an Input and the first block with weights. They are left out of the network; the trainer applies
them to pixels from 0 to 255, in training only, by chance that depends on seed and step alone.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from blocks.base import LayerBlock
from blocks.fields import RARE

FillMode = Literal["nearest", "reflect", "wrap", "constant"]
FILL = "What comes into the picture from outside: the nearest pixel, a mirror image, the other side, or black."


class _Augmentation(LayerBlock):
    """What all augmentations share."""

    category = "augmentation"
    ranks = (3,)
    augmentation = True
    takes_integers = True

    def arguments(self) -> dict[str, Any]:
        return {**self.model_dump(), "seed": 0}


class RandomTranslation(_Augmentation):
    """Moves each training picture by a random part of its size.

    Use it where the place of the subject says nothing; a tenth suits most pictures.

    Shapes: unchanged.
    Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
    """

    layer = "keras.layers.RandomTranslation"

    height_factor: float = Field(0.1, ge=0, le=1, description="Largest shift up or down, as a part of the height.")
    width_factor: float = Field(0.1, ge=0, le=1, description="Largest shift left or right, as a part of the width.")
    fill_mode: FillMode = Field("nearest", description=FILL, json_schema_extra=RARE)


class RandomRotation(_Augmentation):
    """Turns each training picture by a random angle.

    Use it where the subject may stand askew; a whole turn is 1, so that 0.03 is about 11 degrees.

    Shapes: unchanged.
    Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
    """

    layer = "keras.layers.RandomRotation"

    factor: float = Field(0.03, ge=0, le=0.5, description="Largest angle to either side.", json_schema_extra={"unit": "turns"})
    fill_mode: FillMode = Field("nearest", description=FILL, json_schema_extra=RARE)


class RandomZoom(_Augmentation):
    """Enlarges or shrinks each training picture by a random factor.

    Use it where the subject's size says nothing.

    Shapes: unchanged.
    Source: Simard, Steinkraus and Platt (2003), doi:10.1109/ICDAR.2003.1227801.
    """

    layer = "keras.layers.RandomZoom"

    height_factor: float = Field(0.1, ge=0, le=0.5, description="Largest change of size, as a part of it.")
    fill_mode: FillMode = Field("nearest", description=FILL, json_schema_extra=RARE)


class RandomFlip(_Augmentation):
    """Mirrors each training picture, or not, by chance.

    Use it for photographs, horizontally; never for digits, letters or anything else that has a right and a left.

    Shapes: unchanged.
    Source: Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional neural networks, section 4.1.
    """

    layer = "keras.layers.RandomFlip"

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = Field("horizontal", description="Along which axis it is mirrored.")
