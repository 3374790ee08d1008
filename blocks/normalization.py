"""Normalisation between layers, which lets deep networks learn quickly."""

from __future__ import annotations

from pydantic import Field

from blocks.base import LayerBlock
from blocks.fields import RARE


class BatchNormalization(LayerBlock):
    """Shifts and scales each channel to mean 0 and deviation 1 over the batch, then by learned numbers.

    Use it between a convolution (or dense layer) without bias and its activation. In prediction it uses running figures
    of the training; very small batches make these poor.

    Shapes: unchanged.
    Weights: 4 * channels, half of them trainable (scale and center; the others are the running mean and variance).
    Source: Ioffe and Szegedy (2015), arXiv:1502.03167.
    """

    category = "normalization"
    layer = "keras.layers.BatchNormalization"
    ranks = (1, 2, 3, 4)

    momentum: float = Field(
        0.99, ge=0.0, lt=1.0, description="Share of the running figures that each step keeps; 0.9 settles sooner, for short trainings."
    )
    epsilon: float = Field(0.001, gt=0.0, le=1.0, description="Added to the variance, so that nothing is divided by 0.", json_schema_extra=RARE)
    center: bool = Field(True, description="Adds a learned number per channel.", json_schema_extra=RARE)
    scale: bool = Field(True, description="Multiplies each channel by a learned number.", json_schema_extra=RARE)


class LayerNormalization(LayerBlock):
    """Shifts and scales the channels of each place to mean 0 and deviation 1, then by learned numbers.

    Use it in Transformers and recurrent networks, and with small batches: it doesn't look at other samples.

    Shapes: unchanged.
    Weights: 2 * channels.
    Source: Ba, Kiros and Hinton (2016), arXiv:1607.06450.
    """

    category = "normalization"
    layer = "keras.layers.LayerNormalization"
    ranks = (1, 2, 3, 4)

    epsilon: float = Field(0.001, gt=0.0, le=1.0, description="Added to the variance, so that nothing is divided by 0.", json_schema_extra=RARE)
    center: bool = Field(True, description="Adds a learned number per channel.", json_schema_extra=RARE)
    scale: bool = Field(True, description="Multiplies each channel by a learned number.", json_schema_extra=RARE)
