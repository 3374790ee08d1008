"""Blocks that move numbers between channels and pixels, or between groups of channels."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.base import NumericBlock
from blocks.fields import RARE, Count
from blocks.sizes import Size, scaled
from blocks.spec import AnySpec, Shape
from blocks.special_pooling import unknown_channels

Order = Literal["tensorflow", "torch"]
ORDER = (
    'Where the pixels of a cell stand among the channels: "tensorflow" (and the paper) keeps the channels of a pixel together, "torch" the pixels of '
    "a channel. It matters for weights from elsewhere only."
)


class PixelShuffle(NumericBlock):
    """Enlarges a picture by making pixels of channels: factor * factor channels become a cell of factor x factor pixels.

    Use it at the end of super-resolution networks, behind a Conv2D that gives factor * factor times the wanted channels.

    Formula: y[i, j, c] = x[floor(i / factor), floor(j / factor), (i mod factor * factor + j mod factor) * new channels + c];
        with order "torch" the last index is c * factor * factor + i mod factor * factor + j mod factor
    Shapes: (height, width, channels) -> (height * factor, width * factor, channels / (factor * factor)).
    Source: Shi et al. (2016), arXiv:1609.05158, equation 4.
    """

    category = "reshaping"
    layer = "blocks.layers.pixel_shuffle.PixelShuffle"
    ranks = (3,)

    factor: int = Field(2, ge=1, le=64, description="How many times height and width grow.", json_schema_extra={"unit": "times"})
    order: Order = Field("tensorflow", description=ORDER, json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or unknown_channels("PixelShuffle", inputs)
        channels, cell = inputs[0].shape[-1] if inputs and not found else None, self.factor**2
        if found or channels is None or channels % cell == 0:
            return found
        text = f"PixelShuffle: invalid input. Expected: a multiple of {cell} (factor * factor) channels. Received: {channels}."
        return text, f"Insert a Conv2D with {-(-channels // cell) * cell} filters before it."

    def sizes(self, shape: Shape) -> list[Size]:
        numbers = {"channels": shape[-1] or 1, "factor": self.factor}
        return [*scaled(shape[:-1], (self.factor, self.factor)), Size(2, "channels / (factor * factor)", numbers)]


class PixelUnshuffle(NumericBlock):
    """Shrinks a picture without losing anything: each cell of factor x factor pixels becomes channels.

    Use it at the beginning of networks for large pictures, or as the reverse of PixelShuffle.

    Formula: y[i, j, (u * factor + v) * channels + c] = x[i * factor + u, j * factor + v, c];
        with order "torch" the index of y is c * factor * factor + u * factor + v
    Shapes: (height, width, channels) -> (height / factor, width / factor, channels * factor * factor).
    Source: Shi et al. (2016), arXiv:1609.05158, equation 4 (the reverse of it).
    """

    category = "reshaping"
    layer = "blocks.layers.pixel_shuffle.PixelUnshuffle"
    ranks = (3,)

    factor: int = Field(2, ge=1, le=64, description="How many times height and width shrink.", json_schema_extra={"unit": "times"})
    order: Order = Field("tensorflow", description=ORDER, json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or unknown_channels("PixelUnshuffle", inputs)
        if found:
            return found
        wrong = [size for size in inputs[0].shape[:-1] if size is not None and size % self.factor]
        if not wrong:
            return None
        text = f"PixelUnshuffle: invalid input. Expected: height and width that are multiples of the factor {self.factor}. Received: {wrong[0]}."
        return text, "Insert ZeroPadding2D or Cropping2D before it, or change the factor."

    def sizes(self, shape: Shape) -> list[Size]:
        numbers = {"channels": shape[-1] or 1, "factor": self.factor}
        smaller = [Size(axis, "size / factor", {"size": size, "factor": self.factor}) for axis, size in enumerate(shape[:-1]) if size is not None]
        return [*smaller, Size(2, "channels * factor * factor", numbers)]


class ChannelShuffle(NumericBlock):
    """Deals the channels of each group out to all groups, as cards.

    Use it between convolutions in groups, which would otherwise never learn of each other's channels.

    Formula: y[..., k * groups + g] = x[..., g * n + k] with n = channels / groups
    Shapes: (..., channels) -> the same.
    Source: Zhang et al. (2017), arXiv:1707.01083, section 3.1.
    """

    category = "reshaping"
    layer = "blocks.layers.channel_shuffle.ChannelShuffle"
    ranks = (2, 3, 4)

    groups: Count = Field(2, description="Groups of the convolution before it; they must divide the channels.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or unknown_channels("ChannelShuffle", inputs)
        channels = inputs[0].shape[-1] if inputs and not found else None
        if found or channels is None or channels % self.groups == 0:
            return found
        nearest = max(divisor for divisor in range(1, min(self.groups, channels) + 1) if channels % divisor == 0)
        text = f"ChannelShuffle: invalid groups. Expected: a divisor of the {channels} channels. Received: {self.groups}."
        return text, f"The nearest is {nearest}."
