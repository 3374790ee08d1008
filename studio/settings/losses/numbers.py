"""The losses for numbers, two of which fit classes too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from blocks.features import Feature
from studio.settings.losses import Loss
from studio.settings.targets import is_class, is_number, is_picture

if TYPE_CHECKING:
    import keras


class NumberLoss(Loss):
    """Base of the losses for numbers only."""

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_number(target)


class RelativeLoss(NumberLoss):
    """Base of the losses that make sense in the target's own unit only; a wrapper takes standardised values back to it.

    Args:
        positive: Whether predictions are kept above zero.
    """

    positive: ClassVar[bool] = True

    @classmethod
    def fits(cls, target: Feature) -> bool:
        """Whether the target is a number that is nowhere negative, as far as its statistics tell."""
        return is_number(target) and target.statistics.get("minimum", 0) >= 0

    def for_numbers(self, target: Feature) -> keras.losses.Loss:
        from studio.settings.keras_losses import InUnits

        mean, deviation = target.statistics.get("mean", 0.0), target.statistics.get("standard_deviation", 1.0)
        return InUnits(self.plain(), mean=float(mean), standard_deviation=float(deviation) or 1.0, positive=self.positive)


class MeanSquaredError(Loss):
    """The squared error (L2); for classes that of the probabilities (Brier score), for pictures that of the pixels.

    Use it first for numbers; single large errors weigh heavily. On pictures it gives the highest PSNR, and softer edges.

    Formula: e^2; for classes: mean over c of (y_c - q_c)^2.
    Source: Legendre (1805), Nouvelles méthodes, appendix; classes: Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
    """

    name = "mean_squared_error"
    title = "Mean squared error (L2)"
    keras_class = "MeanSquaredError"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_number(target) or is_class(target) or is_picture(target)


class MeanAbsoluteError(Loss):
    """The absolute error (L1); for classes that of the probabilities, for pictures that of the pixels.

    Use it where some values are far off and should not decide; the network then predicts medians. It is the usual one for pictures.

    Formula: |e|; for classes: mean over c of |y_c - q_c|.
    Source: Koenker and Bassett (1978), doi:10.2307/1913643; classes: Ghosh, Kumar and Sastry (2017), arXiv:1712.09482.
    """

    name = "mean_absolute_error"
    title = "Mean absolute error (L1)"
    keras_class = "MeanAbsoluteError"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_number(target) or is_class(target) or is_picture(target)


class Huber(NumberLoss):
    """The squared error for small errors and the absolute error for large ones (smooth L1).

    Use it where most values are good and a few are far off.

    Formula: e^2 / 2 for |e| <= delta, else delta * |e| - delta^2 / 2.
    Source: Huber (1964), doi:10.1214/aoms/1177703732.
    """

    name = "huber"
    title = "Huber (smooth L1)"
    keras_class = "Huber"

    delta: Annotated[
        float, Field(gt=0, description="Error from which on it counts absolutely.", json_schema_extra={"unit": "standard deviations of the target"})
    ] = 1.0


class LogCosh(NumberLoss):
    """Nearly half the squared error for small errors and the absolute error for large ones, with no corner.

    Use it as Huber, without a parameter.

    Formula: log((exp(e) + exp(-e)) / 2).
    Source: Saleh and Saleh (2022), arXiv:2208.04564.
    """

    name = "log_cosh"
    title = "Log-cosh"
    keras_class = "LogCosh"


class MeanAbsolutePercentageError(RelativeLoss):
    """The absolute error in percent of the value, in the target's own unit.

    Use it where a hundredth of a small value matters as much as a hundredth of a large one; values must not be zero.

    Formula: 100 * |e| / |y|.
    Source: de Myttenaere et al. (2016), doi:10.1016/j.neucom.2015.12.114, arXiv:1605.02541.
    """

    name = "mean_absolute_percentage_error"
    title = "Mean absolute percentage error"
    keras_class = "MeanAbsolutePercentageError"
    positive = False

    @classmethod
    def fits(cls, target: Feature) -> bool:
        """Whether the target is a number that is nowhere zero, as far as its statistics tell."""
        return is_number(target) and (target.statistics.get("minimum", 1) > 0 or target.statistics.get("maximum", 1) < 0)


class MeanSquaredLogarithmicError(RelativeLoss):
    """The squared error of the logarithms, in the target's own unit.

    Use it for prices, sizes and counts that span several orders of magnitude.

    Formula: (log(1 + f) - log(1 + y))^2, with f kept above zero.
    Source: Tofallis (2015), doi:10.1057/jors.2014.103; Keras, `keras.losses.MeanSquaredLogarithmicError`.
    """

    name = "mean_squared_logarithmic_error"
    title = "Mean squared logarithmic error"
    keras_class = "MeanSquaredLogarithmicError"


class Poisson(RelativeLoss):
    """The surprise at a count, if counts vary as Poisson's law says, in the target's own unit.

    Use it for counts of events.

    Formula: f - y * log f, with f kept above zero.
    Source: Nelder and Wedderburn (1972), doi:10.2307/2344614.
    """

    name = "poisson"
    keras_class = "Poisson"
