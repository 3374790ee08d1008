"""Metrics for numbers, one of which fits pictures too."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from blocks.features import Feature
from studio.settings.metrics import Metric
from studio.settings.targets import is_number, is_picture

if TYPE_CHECKING:
    import keras


class NumberMetric(Metric):
    """Base of the metrics for numbers.

    Args:
        keras_class: The class in `keras.metrics`.
    """

    keras_class: ClassVar[str]

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_number(target)

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        import keras

        return getattr(keras.metrics, self.keras_class)(name=self.name)


class MeanAbsoluteError(NumberMetric):
    """How far predictions are off on average.

    Use it first: it has the unit of the target.

    Formula: mean of |f - y|.
    Source: Willmott and Matsuura (2005), doi:10.3354/cr030079; scikit-learn, `sklearn.metrics.mean_absolute_error`.
    """

    name = "mae"
    title = "Mean absolute error (MAE)"
    keras_class = "MeanAbsoluteError"
    mode = "min"
    unit = "target"


class MeanSquaredError(NumberMetric):
    """Mean of the squared errors; of pictures those of the pixels, from 0 to 1.

    Use it where single large errors are worse than many small ones.

    Formula: mean of (f - y)^2.
    Source: scikit-learn, `sklearn.metrics.mean_squared_error`.
    """

    name = "mse"
    title = "Mean squared error (MSE)"
    keras_class = "MeanSquaredError"
    mode = "min"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        return is_number(target) or is_picture(target)

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_picture_metrics

        return keras_picture_metrics.MeanSquaredError(name=self.name) if is_picture(target) else super().made(target)


class RootMeanSquaredError(NumberMetric):
    """Root of the mean squared error.

    Use it as the squared error, in the unit of the target.

    Formula: sqrt(mean of (f - y)^2).
    Source: scikit-learn, `sklearn.metrics.root_mean_squared_error`.
    """

    name = "rmse"
    title = "Root mean squared error (RMSE)"
    keras_class = "RootMeanSquaredError"
    mode = "min"
    unit = "target"


class MeanAbsolutePercentageError(NumberMetric):
    """How far predictions are off on average, in percent of the value.

    Use it where values differ by orders of magnitude and none is zero.

    Formula: 100 * mean of |f - y| / |y|.
    Source: de Myttenaere et al. (2016), doi:10.1016/j.neucom.2015.12.114; scikit-learn, `sklearn.metrics.mean_absolute_percentage_error`.
    """

    name = "mape"
    title = "Mean absolute percentage error (MAPE)"
    keras_class = "MeanAbsolutePercentageError"
    mode = "min"
    unit = "percent"


class R2(NumberMetric):
    """Share of the target's variance that is explained: 1 is perfect, 0 is as good as always saying the mean.

    Use it to compare targets of different units.

    Formula: 1 - sum of (f - y)^2 / sum of (y - mean of y)^2.
    Source: Wright (1921), Journal of Agricultural Research 20, 557; scikit-learn, `sklearn.metrics.r2_score`.
    """

    name = "r2"
    title = "R2 (coefficient of determination)"

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        from studio.settings import keras_metrics

        return keras_metrics.R2(name=self.name)


class PearsonCorrelation(NumberMetric):
    """Linear correlation of predictions and values, from -1 to 1; it forgives a wrong scale.

    Use it where only the order and the proportions matter.

    Formula: covariance of f and y / (standard deviation of f * standard deviation of y).
    Source: Pearson (1895), doi:10.1098/rspl.1895.0041.
    """

    name = "pearson_correlation"
    title = "Pearson correlation"

    def made(self, target: Feature) -> keras.metrics.Metric:  # noqa: ARG002
        from studio.settings import keras_metrics

        return keras_metrics.PearsonCorrelation(name=self.name)
