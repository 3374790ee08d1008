"""Blocks that make training harder on purpose, so that the network generalises."""

from __future__ import annotations

from pydantic import Field

from blocks.base import LayerBlock
from blocks.fields import PositiveFloat, Probability

RATE = "Share of values that are set to 0 in training."


class _Regularization(LayerBlock):
    category = "regularization"


class Dropout(_Regularization):
    """Sets a random share of the values to 0 in training and enlarges the others to make up for it.

    Use it before dense layers when the training loss falls but the validation loss rises.

    Shapes: unchanged.
    Source: Srivastava et al. (2014), Dropout, JMLR 15.
    """

    layer = "keras.layers.Dropout"

    rate: Probability = Field(0.5, description=RATE)


class _SpatialDropout(_Regularization):
    rate: Probability = Field(0.2, description="Share of channels that are set to 0 in training.")


class SpatialDropout1D(_SpatialDropout):
    """Sets whole channels of a sequence to 0 in training.

    Use it behind an Embedding or 1D convolutions, where neighbouring steps say much the same.

    Shapes: unchanged.
    Source: Tompson et al. (2014), arXiv:1411.4280.
    """

    layer = "keras.layers.SpatialDropout1D"
    ranks = (2,)


class SpatialDropout2D(_SpatialDropout):
    """Sets whole feature maps to 0 in training.

    Use it between convolutions, where neighbouring pixels say much the same.

    Shapes: unchanged.
    Source: Tompson et al. (2014), arXiv:1411.4280.
    """

    layer = "keras.layers.SpatialDropout2D"
    ranks = (3,)


class SpatialDropout3D(_SpatialDropout):
    """Sets whole feature volumes to 0 in training.

    Use it between 3D convolutions, where neighbouring voxels say much the same.

    Shapes: unchanged.
    Source: Tompson et al. (2014), arXiv:1411.4280.
    """

    layer = "keras.layers.SpatialDropout3D"
    ranks = (4,)


class GaussianNoise(_Regularization):
    """Adds normal noise in training.

    Use it on inputs or features to keep the network from relying on exact values.

    Shapes: unchanged.
    Source: Bishop (1995), doi:10.1162/neco.1995.7.1.108.
    """

    layer = "keras.layers.GaussianNoise"

    stddev: PositiveFloat = Field(0.1, description="Standard deviation of the noise.")


class GaussianDropout(_Regularization):
    """Multiplies every value by normal noise around 1 in training.

    Use it in place of Dropout, with the same rate.

    Shapes: unchanged.
    Source: Srivastava et al. (2014), Dropout, JMLR 15, section 10.
    """

    layer = "keras.layers.GaussianDropout"

    rate: Probability = Field(0.5, description="As the rate of Dropout; the noise has the deviation sqrt(rate / (1 - rate)).")


class AlphaDropout(_Regularization):
    """Dropout that keeps mean and variance, for networks of SELU units.

    Use it with activation "selu" only.

    Shapes: unchanged.
    Source: Klambauer et al. (2017), arXiv:1706.02515, section 3.
    """

    layer = "keras.layers.AlphaDropout"

    rate: Probability = Field(0.1, description=RATE)
