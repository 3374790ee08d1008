"""Metrics for forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from blocks.features import Feature
from studio.settings.metrics import Metric
from studio.settings.targets import is_number

if TYPE_CHECKING:
    import keras


class MeanAbsoluteScaledError(Metric):
    """The mean absolute error in multiples of that of saying the last value again, one step ahead, over the training data.

    Use it to compare forecasts of different series: below 1 the network is better than the last value was there.

    Formula: mean of |f - y| / mean of |y_t - y_(t-1)|, of several columns the mean of their figures.
    Source: Hyndman and Koehler (2006), doi:10.1016/j.ijforecast.2006.03.001, section 3.4.
    """

    name = "mase"
    title = "Mean absolute scaled error (MASE)"
    mode = "min"

    @classmethod
    def fits(cls, target: Feature) -> bool:
        """Whether the target continues a series that changed in the training data."""
        return is_number(target) and bool(np.min(target.statistics.get("naive_mae", 0)) > 0)

    def made(self, target: Feature) -> keras.metrics.Metric:
        from studio.settings import keras_metrics

        return keras_metrics.ScaledError(np.atleast_1d(target.statistics["naive_mae"]).tolist(), name=self.name)
