"""Forecasts by causal convolutions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from blocks.composite.sequence import TemporalConvolutionBlock
from blocks.fields import Count, Probability
from blocks.merging import Add
from blocks.reshaping import Cropping1D, Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden
from presets.forecasting import Forecaster
from presets.lstm_forecaster import LINEAR

FORMULA = "the formulas of TemporalConvolutionBlock with F channels, kernel k: (k C + 1) F + (k F + 1) F + (C + 1) F, then 2 (k F + 1) F; and F + 1"
MOST_LEVELS = 8


def levels_for(steps: int, kernel_size: int) -> int:
    """Blocks with dilations 1, 2, 4 ... whose last step sees the whole window: two windows each, 1 + 2 (k - 1) (2^levels - 1) steps."""
    levels = 1
    while 1 + 2 * (kernel_size - 1) * (2**levels - 1) < steps and levels < MOST_LEVELS:
        levels += 1
    return levels


class TCNForecaster(Forecaster):
    """Reads the window with convolutions that see no later step, over distances that double from block to block.

    Use it for long windows and fine patterns, where an LSTM is too slow; with enough blocks its last step sees the whole window.

    Shapes: (steps, columns) -> (horizon).
    Weights: those of its TemporalConvolutionBlocks + (filters + 1) * horizon; with the linear map (steps * columns + 1) * horizon more.
    Source: Bai, Kolter and Koltun (2018), An empirical evaluation of generic convolutional and recurrent networks for sequence
        modeling, arXiv:1803.01271, section 3.
    """

    title = "TCN forecaster"
    year = 2018
    paper = "Bai, Kolter and Koltun, An empirical evaluation of generic convolutional and recurrent networks for sequence modeling, arXiv:1803.01271"
    golden = (
        Golden(
            "TCNForecaster", (24, 1), 1, (3 + 1) * 16 + (3 * 16 + 1) * 16 + 2 * 16 + 2 * 2 * (3 * 16 + 1) * 16 + 16 + 1, FORMULA,
            params={"linear": False},
        ),
    )  # fmt: skip

    filters: Count = Field(16, description="Channels of every convolution.")
    kernel_size: Annotated[int, Field(ge=2, le=64)] = Field(3, description="Length of the windows.", json_schema_extra={"unit": "steps"})
    levels: Annotated[int, Field(ge=1, le=12)] | None = Field(
        None, description="Blocks, each of which looks twice as far back; empty: until the last step sees the whole window."
    )
    dropout: Probability = Field(0.2, description="Share of channels that are set to 0 in training.")
    linear: bool = Field(True, description=LINEAR)

    def change(self, net: Wiring, x: Node, steps: int) -> Node:
        y = x
        for level in range(self.levels or levels_for(steps, self.kernel_size)):
            block = TemporalConvolutionBlock(filters=self.filters, kernel_size=self.kernel_size, dilation_rate=2**level, dropout=self.dropout)
            y = net.add(f"block{level + 1}", block, y)
        if steps > 1:
            y = net.add("at_last", Cropping1D(cropping=(steps - 1, 0)), y)
        y = net.chain(y, seen=Flatten(), convolved=self.row())
        return net.add("change", Add(), y, net.chain(x, row=Flatten(), linear=self.row())) if self.linear else y
