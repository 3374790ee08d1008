"""Blocks that take a part of their input."""

from __future__ import annotations

from pydantic import Field

from blocks.base import NumericBlock
from blocks.fields import MAXIMUM_UNITS, Count
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape, shape_text


class ChannelSlice(NumericBlock):
    """Takes neighbouring channels out of all.

    Use it to split the channels between branches, as ShuffleNet v2 does.

    Formula: y[..., c] = x[..., start + c]
    Shapes: (..., channels) -> (..., size); without a size all channels from start on.
    Source: Ma et al. (2018), arXiv:1807.11164, figure 3 c (channel split).
    """

    category = "reshaping"
    layer = "blocks.layers.channel_slice.ChannelSlice"
    ranks = (1, 2, 3, 4)

    start: int = Field(0, ge=0, le=MAXIMUM_UNITS, description="The channel to begin with, counted from 0.")
    size: Count | None = Field(None, description="How many channels; empty: all that follow.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        channels = inputs[0].shape[-1]
        if channels is None:
            text = f"ChannelSlice: invalid input. Expected: a known number of channels. Received: {shape_text(inputs[0].shape)}."
            return text, "Give the shape in the Input."
        if self.start >= channels:
            return f"ChannelSlice: invalid start. Expected: less than the {channels} channels. Received: {self.start}.", "Begin earlier."
        if self.size and self.start + self.size > channels:
            left = channels - self.start
            return (
                f"ChannelSlice: invalid size. Expected: at most the {left} channels from start on. Received: {self.size}.",
                "Leave it empty for all.",
            )
        return None

    def sizes(self, shape: Shape) -> list[Size]:
        axis = len(shape) - 1
        if self.size:
            return [Size(axis, "size", {"size": self.size})]
        return [Size(axis, "channels - start", {"channels": shape[-1] or 1, "start": self.start})]
