"""Recurrent forecasts."""

from __future__ import annotations

from pydantic import Field

from blocks.fields import Count, Probability
from blocks.merging import Add
from blocks.recurrent import LSTM
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.forecasting import Forecaster

FORMULA = "the formula 4 (U (U + C) + U) of an LSTM with U units on C columns, and U + 1 of the value that follows"
LINEAR = "Adds a linear map of the window, which finds periods and trends at once."


class LSTMForecaster(Forecaster):
    """Reads the window step by step with an LSTM, and says at its end by how much the next values differ from the last one.

    Use it where much is remembered over many steps, or where several columns act on each other; it wants more data than a linear map.

    Shapes: (steps, columns) -> (horizon).
    Weights: 4 * (units + columns + 1) * units + (units + 1) * horizon; with the linear map (steps * columns + 1) * horizon more.
    Source: Hochreiter and Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735; Gers, Eck and Schmidhuber (2001), Applying LSTM to
        time series predictable through time-window approaches, doi:10.1007/3-540-44668-0_93.
    """

    title = "LSTM forecaster"
    year = 2001
    paper = "Gers, Eck and Schmidhuber, Applying LSTM to time series predictable through time-window approaches, doi:10.1007/3-540-44668-0_93"
    golden = (Golden("LSTMForecaster", (24, 1), 1, 4 * (32 + 1 + 1) * 32 + 32 + 1, FORMULA, params={"linear": False}),)

    units: Count = Field(32, description="Size of the LSTM's state.")
    dropout: Probability = Field(0.2, description="Share of the state's values that are set to 0 in training.")
    linear: bool = Field(True, description=LINEAR)

    def change(self, net: Wiring, x: Node, steps: int) -> Node:  # noqa: ARG002 - it reads any number of steps
        y = net.add("lstm", LSTM(units=self.units), x)
        y = net.add("dropout", Dropout(rate=self.dropout), y) if self.dropout else y
        y = net.add("remembered", self.row(), y)
        return net.add("change", Add(), y, net.chain(x, row=Flatten(), linear=self.row())) if self.linear else y
