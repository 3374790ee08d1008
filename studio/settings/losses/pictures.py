"""A loss for pictures; those of numbers that fit pictures too stand with the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from blocks.features import Feature
from studio.settings.losses import Loss
from studio.settings.targets import is_picture

if TYPE_CHECKING:
    import keras


class Charbonnier(Loss):
    """The absolute error of the pixels with its corner rounded off.

    Use it as the absolute error; small errors pull less, so that training ends more calmly.

    Formula: sqrt(e^2 + epsilon^2).
    Source: Charbonnier et al. (1994), doi:10.1109/ICIP.1994.413553; Lai et al. (2017), arXiv:1704.03915, section 3.2.
    """

    name = "charbonnier"
    title = "Charbonnier (smooth L1 of pixels)"
    keras_class = ""

    epsilon: Annotated[
        float, Field(gt=0, le=1, description="Error up to which it is nearly squared.", json_schema_extra={"unit": "of the range"})
    ] = 0.001

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_picture(target)

    def for_pictures(self) -> keras.losses.Loss:
        from studio.settings.keras_losses import Charbonnier as Made
        from studio.settings.keras_losses import OfBytes

        return OfBytes(Made(epsilon=self.epsilon, name=self.name))
