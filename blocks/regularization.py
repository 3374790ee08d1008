"""Blocks that make training harder on purpose, so that the network generalises."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from blocks.base import NumericBlock
from blocks.fields import MAXIMUM_UNITS, RARE, Probability, listed_numbers
from blocks.spec import AnySpec, shape_text

RATE = "Share of values that are set to 0 in training."

NoiseShape = Annotated[tuple[Annotated[int, Field(ge=0, le=MAXIMUM_UNITS)], ...], Field(min_length=1, max_length=5), BeforeValidator(listed_numbers)]


class _Regularization(NumericBlock):
    category = "regularization"


class _Shared(_Regularization):
    """Dropout of values that may fall together."""

    noise_shape: NoiseShape | None = Field(
        None,
        description="Per axis (without the batch) 1 where all values fall together and 0 where each falls by itself, such as 1, 0; "
        "empty: each by itself.",
        json_schema_extra=RARE,
    )

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        if self.noise_shape is not None:
            given["noise_shape"] = (None, *(size or None for size in self.noise_shape))
        return given

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or self.noise_shape is None:
            return found
        name, shape = type(self).__name__, inputs[0].shape
        if len(self.noise_shape) != len(shape) or any(given not in (0, 1, size) for given, size in zip(self.noise_shape, shape, strict=True)):
            received = ", ".join(map(str, self.noise_shape))
            return (
                f"{name}: invalid noise_shape. Expected: 0 or 1 for each axis of {shape_text(shape)}. Received: {received}.",
                f"Without it each value falls by itself; {', '.join(['1'] * (len(shape) - 1) + ['0'])} takes whole channels.",
            )
        return None


class Dropout(_Shared):
    """Sets a random share of the values to 0 in training and enlarges the others to make up for it.

    Use it before dense layers when the training loss falls but the validation loss rises.

    Formula: y = x * m / (1 - rate), m is 0 with chance rate and 1 otherwise; in prediction, and when frozen, y = x
    Shapes: unchanged.
    Source: Srivastava et al. (2014), Dropout, JMLR 15.
    """

    layer = "keras.layers.Dropout"

    rate: Probability = Field(0.5, description=RATE)


class AlphaDropout(_Shared):
    """Dropout that keeps mean and variance, for networks of SELU units.

    Use it with activation "selu" only.

    Formula: y = a * (x * m - 1.7581 * (1 - m)) + b, m is 0 with chance rate and 1 otherwise, a and b keep mean and variance; in prediction y = x
    Shapes: unchanged.
    Source: Klambauer et al. (2017), arXiv:1706.02515, section 3.
    """

    layer = "keras.layers.AlphaDropout"

    rate: Probability = Field(0.1, description="Share of values that are set to the lowest value of SELU in training.")


class _SpatialDropout(_Regularization):
    rate: Probability = Field(0.2, description="Share of channels that are set to 0 in training.")


class SpatialDropout1D(_SpatialDropout):
    """Sets whole channels of a sequence to 0 in training.

    Use it behind an Embedding or 1D convolutions, where neighbouring steps say much the same.

    Formula: y = x * m / (1 - rate), one m per sample and channel: 0 with chance rate and 1 otherwise; in prediction y = x
    Shapes: unchanged.
    Source: Tompson et al. (2014), arXiv:1411.4280.
    """

    layer = "keras.layers.SpatialDropout1D"
    ranks = (2,)


class _Laid(_SpatialDropout):
    data_format: Literal["channels_last", "channels_first"] = Field(
        "channels_last", description="Whether the channels are the last axis or the first.", json_schema_extra=RARE
    )


class SpatialDropout2D(_Laid):
    """Sets whole feature maps to 0 in training.

    Use it between convolutions, where neighbouring pixels say much the same.

    Formula: y = x * m / (1 - rate), one m per sample and channel: 0 with chance rate and 1 otherwise; in prediction y = x
    Shapes: unchanged.
    Source: Tompson et al. (2014), arXiv:1411.4280.
    """

    layer = "keras.layers.SpatialDropout2D"
    ranks = (3,)


class SpatialDropout3D(_Laid):
    """Sets whole feature volumes to 0 in training.

    Use it between 3D convolutions, where neighbouring voxels say much the same.

    Formula: y = x * m / (1 - rate), one m per sample and channel: 0 with chance rate and 1 otherwise; in prediction y = x
    Shapes: unchanged.
    Source: Tompson et al. (2014), arXiv:1411.4280.
    """

    layer = "keras.layers.SpatialDropout3D"
    ranks = (4,)


class GaussianNoise(_Regularization):
    """Adds normal noise in training.

    Use it on inputs or features to keep the network from relying on exact values.

    Formula: y = x + n, n is drawn from normal(0, stddev) for each value; in prediction y = x
    Shapes: unchanged.
    Source: Bishop (1995), doi:10.1162/neco.1995.7.1.108.
    """

    layer = "keras.layers.GaussianNoise"

    stddev: float = Field(0.1, gt=0.0, le=1.0, description="Standard deviation of the noise.")


class GaussianDropout(_Regularization):
    """Multiplies every value by normal noise around 1 in training.

    Use it in place of Dropout, with the same rate.

    Formula: y = x * n, n is drawn from normal(1, sqrt(rate / (1 - rate))) for each value; in prediction y = x
    Shapes: unchanged.
    Source: Srivastava et al. (2014), Dropout, JMLR 15, section 10.
    """

    layer = "keras.layers.GaussianDropout"

    rate: Probability = Field(0.5, description="As the rate of Dropout; the noise has the deviation sqrt(rate / (1 - rate)).")


class StochasticDepth(_Regularization):
    """Sets a random share of the samples to 0 in training and enlarges the others to make up for it (also called drop path).

    Use it at the end of a residual branch, before the Add: the sample then skips the branch. Deeper branches mostly get larger rates.

    Formula: y = x * m / (1 - rate), one m per sample: 0 with chance rate and 1 otherwise; in prediction y = x
    Shapes: unchanged.
    Source: Huang et al. (2016), arXiv:1603.09382; it divides in training, where the paper multiplies in prediction.
    """

    layer = "blocks.layers.stochastic_depth.StochasticDepth"
    ranks = (1, 2, 3, 4)

    rate: Probability = Field(0.1, description="Share of samples that are set to 0 in training.")


class ActivityRegularization(_Regularization):
    """Passes its input on and makes large values cost something in training.

    Use it to keep activations small (l2) or mostly 0 (l1), as in sparse autoencoders.

    Formula: y = x; the loss grows by l1 * sum of |x| + l2 * sum of x^2, per sample
    Shapes: unchanged.
    Source: Glorot, Bordes and Bengio (2011), Deep sparse rectifier neural networks, AISTATS (l1).
    """

    layer = "keras.layers.ActivityRegularization"

    l1: float = Field(0.0, ge=0.0, le=1e6, description="Cost of the sizes of the values.")
    l2: float = Field(0.01, ge=0.0, le=1e6, description="Cost of the squares of the values.")
