"""Augmentations that combine: pictures with each other, and several changes in one block."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from blocks.augmentation_base import SAMPLING, Augmentation, OfValues, Sampling, Share, ends
from blocks.fields import RARE


class _Mixing(Augmentation):
    """Each picture gets a part of another one, and the loss asks for both classes by their shares. The network needs to have one Input."""

    category = "augmentation"
    mixes = True


class MixUp(_Mixing):
    """Lays a second training picture over each one, like two slides, and asks for both classes in the same proportion.

    Use it for classification with few data or wrong labels; train longer than without.

    Formula: y = a * x + (1 - a) * x', loss = a * loss(class) + (1 - a) * loss(class'), a drawn from Beta(alpha, alpha)
    Shapes: unchanged.
    Source: Zhang et al. (2017), arXiv:1710.09412.
    """

    layer = "keras.layers.MixUp"

    alpha: float = Field(0.2, ge=0.0625, le=100, description="How evenly two pictures mix: small numbers leave one nearly alone, 1 draws any share.")


class CutMix(_Mixing):
    """Pastes a box of a second training picture into each one, and asks for both classes in proportion to their areas.

    Use it for classification of photographs; train longer than without. Of a mask, the same box is pasted.

    Formula: y = x' inside a box, x outside; loss = a * loss(class) + (1 - a) * loss(class'), a being the share of pixels outside
    Shapes: unchanged.
    Source: Yun et al. (2019), arXiv:1905.04899.
    """

    layer = "keras.layers.CutMix"

    factor: Share = Field(1.0, description="alpha of Beta(alpha, alpha), from which the area is drawn: 1 draws any area; two numbers: between them.")

    def arguments(self) -> dict[str, Any]:
        low, high = ends(self.factor)
        return {**super().arguments(), "factor": (max(low, 0.05), max(high, 0.05))}


class _Policy(OfValues):
    """Several changes, drawn for each picture by itself."""

    category = "augmentation"
    alone = True
    moves = True

    interpolation: Sampling = Field("bilinear", description=SAMPLING, json_schema_extra=RARE)


class RandAugment(_Policy):
    """Applies a few changes to each training picture, drawn out of fourteen.

    Use it in place of choosing augmentations one by one; two numbers set how much is changed.

    Formula: y = change_n(... change_1(x)): identity, auto contrast, equalize, rotate, solarize, posterize, colour, contrast, brightness,
        sharpness, shear and translate along each axis
    Shapes: unchanged.
    Source: Cubuk et al. (2019), arXiv:1909.13719.
    """

    layer = "blocks.layers.random_policies.RandAugment"

    num_ops: int = Field(2, ge=1, le=14, description="Changes per picture.")
    factor: float = Field(0.3, ge=0, le=1, description="How strong they are: 1 turns by up to 30 degrees and shifts by up to 45 %.")


class AugMix(_Policy):
    """Mixes each training picture with several chains of changes of itself.

    Use it where pictures in use will be worse than those of the training: noise, blur, weather.

    Formula: y = m * x + (1 - m) * (w_1 * chain_1(x) + ... + w_k * chain_k(x)), m from Beta(alpha, alpha), w from Dirichlet(alpha)
    Shapes: unchanged.
    Source: Hendrycks et al. (2019), arXiv:1912.02781, without its second loss.
    """

    layer = "blocks.layers.random_policies.AugMix"

    num_chains: int = Field(3, ge=1, le=10, description="Chains that are mixed.")
    chain_depth: int = Field(3, ge=1, le=10, description="Most changes per chain.")
    factor: float = Field(0.3, ge=0, le=1, description="How strong the changes are.")
    alpha: float = Field(1.0, ge=0.125, le=100, description="How evenly chains and picture mix; 1 draws any share.", json_schema_extra=RARE)
    all_ops: bool = Field(True, description="Also changes colour, contrast, brightness and sharpness.", json_schema_extra=RARE)
