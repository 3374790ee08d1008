"""Linear forecasts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.dense import Dense
from blocks.fields import Probability
from blocks.merging import Add, Subtract
from blocks.pooling import AveragePooling1D
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.forecasting import Forecaster

TREND_STEPS = 25
"""Steps of the moving average in the paper."""
TABLE = "Zeng et al. (2022), table 8: 139.7 K parameters of DLinear, which are 2 * (96 + 1) * 720"
FORMULA = "the formula (steps * columns + 1) * horizon of one linear map"


class LinearForecaster(Forecaster):
    """Weighs every step of the window, once for each step ahead.

    Use it first for every series: it learns periods and trends from few hundred steps and is seldom far behind larger networks.
    A hidden layer beside it finds what is not linear.

    As NLinear of the paper it subtracts the last value and adds it again, for both forms; the paper's maps treat each column for
    itself, these see all columns at once. The moving average of "DLinear" takes the steps that there are at its ends, where the
    paper repeats the outermost.

    Shapes: (steps, columns) -> (horizon).
    Weights: (steps * columns + 1) * horizon, twice that for "DLinear"; with a hidden layer (steps * columns + 1) * hidden +
        (hidden + 1) * horizon more.
    Source: Zeng, Chen, Zhang and Xu (2022), Are Transformers effective for time series forecasting?, arXiv:2205.13504, section 4
        and table 8; hidden layer with a linear shortcut: Das et al. (2023), arXiv:2304.08424, section 4.
    """

    title = "Linear forecaster"
    year = 2022
    paper = "Zeng, Chen, Zhang and Xu, Are Transformers effective for time series forecasting?, arXiv:2205.13504"
    golden = (
        Golden("LinearForecaster", (96, 1), 1, 139_680, TABLE, params={"form": "DLinear", "horizon": 720}),
        Golden("LinearForecaster", (24, 1), 1, 25, FORMULA, multiply_adds=24),
    )

    form: Literal["NLinear", "DLinear"] = Field(
        "NLinear", description='"DLinear" weighs a moving average of 25 steps and what is left of it by two maps.'
    )
    hidden: int = Field(0, ge=0, le=4096, description="Units of a hidden layer beside the linear map; 0 for none.")
    dropout: Probability = Field(
        0.1,
        description="Share of the hidden layer's values that are set to 0 in training.",
        json_schema_extra={"frequent": False},
    )

    def change(self, net: Wiring, x: Node, steps: int) -> Node:
        parts = [x]
        if self.form == "DLinear":
            trend = net.add("trend", AveragePooling1D(pool_size=min(TREND_STEPS, steps), strides=1, padding="same"), x)
            parts = [trend, net.add("season", Subtract(), x, trend)]
        names = ["linear"] if len(parts) == 1 else ["of_trend", "of_season"]
        sums = [net.chain(part, **{f"{name}_row": Flatten(), name: self.row()}) for name, part in zip(names, parts, strict=True)]
        if self.hidden:
            y = net.chain(x, row=Flatten(), hidden=Dense(units=self.hidden, activation="silu"))
            y = net.add("dropout", Dropout(rate=self.dropout), y) if self.dropout else y
            sums.append(net.add("bent", self.row(), y))
        return net.add("change", Add(), *sums) if len(sums) > 1 else sums[0]
