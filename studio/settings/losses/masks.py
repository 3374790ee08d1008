"""Losses for masks besides cross-entropy and its focal form, which stand with those for classes: how far areas cover each other.

Sums go over the pixels of one sample, without those that have no class; means over its classes leave out those that it does not
show, since a pixel that is wrongly given one of these is missing from its own class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from blocks.features import Feature
from studio.settings.losses import Loss
from studio.settings.targets import is_mask

if TYPE_CHECKING:
    import keras

Share = Annotated[float, Field(ge=0, le=10)]


class MaskLoss(Loss):
    """Base of the losses for masks only."""

    keras_class = ""

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_mask(target)


class DiceLoss(MaskLoss):
    """One less the Dice coefficient: how far true and predicted areas fail to cover each other.

    Use it where a class covers few pixels; it starts more slowly than together with cross-entropy.

    Formula: 1 - mean over c of 2 * sum of y_c * q_c / sum of (y_c + q_c).
    Source: Milletari, Navab and Ahmadi (2016), arXiv:1606.04797, section 3; several classes: Sudre et al. (2017), arXiv:1707.03237.
    """

    name = "dice"
    title = "Dice"

    def for_masks(self, num_classes: int, label_smoothing: float, class_weights: Sequence[float] | None) -> keras.losses.Loss:  # noqa: ARG002
        from studio.settings.keras_mask_losses import Overlap

        return Overlap(num_classes, 0.5, 0.5, name=self.name)


class Jaccard(MaskLoss):
    """One less the IoU: the common part of true and predicted areas as a share of both together.

    Use it as Dice; it makes the figure itself large that the mean IoU measures.

    Formula: 1 - mean over c of sum of y_c * q_c / sum of (y_c + q_c - y_c * q_c).
    Source: Rahman and Wang (2016), doi:10.1007/978-3-319-50835-1_22.
    """

    name = "jaccard"
    title = "IoU (Jaccard)"

    def for_masks(self, num_classes: int, label_smoothing: float, class_weights: Sequence[float] | None) -> keras.losses.Loss:  # noqa: ARG002
        from studio.settings.keras_mask_losses import Overlap

        return Overlap(num_classes, 1.0, 1.0, name=self.name)


class Tversky(MaskLoss):
    """Dice in which a missed pixel may cost more than one too many.

    Use it where small things must not be missed; with both costs 0.5 it is Dice, with both 1 the IoU.

    Formula: 1 - mean over c of t / (t + alpha * sum of (1 - y_c) * q_c + beta * sum of y_c * (1 - q_c)), t = sum of y_c * q_c.
    Source: Salehi, Erdogmus and Gholipour (2017), arXiv:1706.05721, equation 2.
    """

    name = "tversky"

    alpha: Share = Field(0.3, description="Cost of a pixel too many.")
    beta: Share = Field(0.7, gt=0, description="Cost of a missed pixel.")

    def for_masks(self, num_classes: int, label_smoothing: float, class_weights: Sequence[float] | None) -> keras.losses.Loss:  # noqa: ARG002
        from studio.settings.keras_mask_losses import Overlap

        return Overlap(num_classes, self.alpha, self.beta, name=self.name)


class DiceCrossentropy(MaskLoss):
    """Cross-entropy of the pixels and Dice of the areas, added up.

    Use it first for masks: cross-entropy gives a gradient everywhere from the start, Dice keeps small classes from being lost.

    Formula: mean over the pixels of -log p + dice * (1 - mean over c of 2 * sum of y_c * q_c / sum of (y_c + q_c)).
    Source: Isensee et al. (2018), arXiv:1809.10486, section 2.3.
    """

    name = "dice_crossentropy"
    title = "Cross-entropy and Dice"
    smoothed = True

    dice: Annotated[float, Field(ge=0, le=100, description="Factor of the Dice part.")] = 1.0

    def for_masks(self, num_classes: int, label_smoothing: float, class_weights: Sequence[float] | None) -> keras.losses.Loss:
        from studio.settings.keras_mask_losses import Overlap, PixelCrossentropy, Together

        pixels = PixelCrossentropy(num_classes, label_smoothing=label_smoothing, class_weights=class_weights)
        return Together([pixels, Overlap(num_classes, 0.5, 0.5)], [1.0, self.dice], name=self.name)
