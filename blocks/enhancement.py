"""Preparation of pictures that brings out what is hard to see: contrast stretched or evened out, without chance."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from blocks.augmentation_base import PIXELS, ValueRange, decimals
from blocks.base import LayerBlock
from blocks.fields import RARE, per_axis
from blocks.preprocessing import kept_whole
from blocks.spec import AnySpec


class _Enhancement(LayerBlock):
    """Pictures in, pictures of the same size and kind out."""

    category = "preprocessing"
    ranks = (3,)
    preprocessing = True
    takes_integers = True

    value_range: ValueRange = Field(
        PIXELS, description="Least and largest value of a pixel: 0, 255 for whole numbers, 0, 1 behind Rescaling.", json_schema_extra=RARE
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or not inputs[0].is_integer or self.value_range == PIXELS:
            return found
        name, given = type(self).__name__, ", ".join(f"{value:g}" for value in self.value_range)
        return f"{name}: invalid value_range. Expected: 0, 255 for pixels that are whole numbers. Received: {given}.", "Insert Rescaling before it."

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        return kept_whole(layer, inputs[0])


class AutoContrast(_Enhancement):
    """Stretches the values of each channel of each picture over the whole range.

    Use it for pictures that are too dark, too light or hazy; one stray pixel can undo it.

    Formula: y = (x - least) / (largest - least) * 255 for the channel's least and largest value; a channel of one value stays
    Shapes: unchanged.
    Source: Cubuk et al. (2018), arXiv:1805.09501, table 6.
    """

    layer = "keras.layers.AutoContrast"


class Equalization(_Enhancement):
    """Spreads the values of each channel of each picture evenly over the range, so that each is about as frequent.

    Use it where light and exposure vary; noise in plain areas comes out, too.

    Formula: y = round(255 * (c(x) - c(least)) / (pixels - c(least))), where c(v) is how many pixels are at most v
    Shapes: unchanged.
    Source: Hummel (1977), Image enhancement by histogram transformation, Computer Graphics and Image Processing 6.
    """

    layer = "blocks.layers.histograms.Equalization"

    bins: int = Field(256, ge=2, le=65_536, description="Steps in which values are counted.", json_schema_extra=RARE)


_Tiles = Annotated[int, Field(ge=1, le=64)]
Tiles = Annotated[_Tiles | tuple[_Tiles, _Tiles], BeforeValidator(decimals)]


class ContrastLimitedAdaptiveHistogramEqualization(_Enhancement):
    """Equalises each tile of a picture by itself, with limited contrast, and blends the tiles (CLAHE).

    Use it for X-rays, microscopes and other pictures with light and dark areas; the limit keeps noise down.

    Formula: as Equalization in each tile, counts above clip_limit * mean count being spread over all values; each pixel takes the
        mean of the four nearest tiles by its distance to their centres
    Shapes: unchanged.
    Source: Zuiderveld (1994), Contrast limited adaptive histogram equalization, in Graphics Gems IV.
    """

    title = "CLAHE"
    layer = "blocks.layers.histograms.ContrastLimitedAdaptiveHistogramEqualization"

    clip_limit: float = Field(4.0, ge=0, le=256, description="Most times that a value counts, as a multiple of the mean; 0: no limit.")
    tile_grid_size: Tiles = Field((8, 8), description="Tiles down and across.")

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "tile_grid_size": per_axis(self.tile_grid_size, 2)}
