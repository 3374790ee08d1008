"""Where the channels stand, for the blocks that take either order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from blocks.base import NumericBlock
from blocks.fields import RARE
from blocks.sizes import Size
from blocks.spec import Shape

DataFormat = Literal["channels_last", "channels_first"]
CHANNELS_FIRST: DataFormat = "channels_first"


class WithDataFormat(NumericBlock):
    """The channels stand behind the other axes, or before them."""

    data_format: DataFormat = Field(
        "channels_last",
        description='Where the channels stand: "channels_last" reads (height, width, channels), "channels_first" (channels, height, width).',
        json_schema_extra=RARE,
    )

    def spatial(self, shape: Shape) -> Shape:
        """The axes that are no channels."""
        return shape[1:] if self.data_format == CHANNELS_FIRST else shape[:-1]

    def placed(self, sizes: Iterable[Size]) -> list[Size]:
        """Sizes whose axes are counted among the spatial ones, counted among all."""
        first = 1 if self.data_format == CHANNELS_FIRST else 0
        return [size._replace(axis=size.axis + first) for size in sizes]
