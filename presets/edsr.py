"""EDSR: residual blocks without normalisation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blocks.convolution import Conv2D
from blocks.fields import Count
from blocks.merging import Add
from blocks.preprocessing import Rescaling
from blocks.rearranging import PixelShuffle
from blocks.upsampling import CubicUpSampling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.restoring import Restoring

_FORMULA = "by formula from figure 3 and section 3.2; table 1 prints 1.5M for the baseline and 43M for the whole network"
BASELINE = Stages.squares("figures 3 and 6", (128, 64), (128, 64), (128, 256), (256, 64), (256, 3))
LARGEST = Stages.squares("figures 3 and 6", (128, 256), (128, 1024), (256, 256), (256, 1024), (512, 256), (512, 3))


class EDSR(Restoring):
    """Residual blocks without normalisation on the small picture, then enlarging by putting channels side by side.

    Use it first for pictures that are to be restored: its slim form trains in minutes and is well above bicubic interpolation.

    The slim form learns only what bicubic interpolation (or, against noise, the picture itself) leaves out, and begins with nothing to
    add: its last convolution starts at zero. The paper subtracts the mean colour of its training pictures, which is left out here.

    Shapes: (height, width, channels) -> (height * scale, width * scale, channels).
    Weights: with f filters and b blocks, 27 * f + f, 2 * b * (9 * f * f + f), in the paper's form the same once more and the enlarging's
        9 * f * f * scale * scale + f * scale * scale (for 4 twice that of 2), and the last convolution.
    Source: Lim et al. (2017), Enhanced deep residual networks for single image super-resolution, arXiv:1707.02921, figure 3, section 3.2;
        learning the rest: Kim et al. (2016), arXiv:1511.04587.
    """

    year = 2017
    paper = "Lim et al., Enhanced deep residual networks for single image super-resolution, arXiv:1707.02921"
    variants = {
        "EDSR_slim": {"form": "slim", "blocks": 4, "filters": 32},
        **{f"EDSR_baseline_x{scale}": {"form": "paper", "blocks": 16, "filters": 64, "scale": scale} for scale in (2, 3, 4)},
        **{f"EDSR_x{scale}": {"form": "paper", "blocks": 32, "filters": 256, "residual_scale": 0.1, "scale": scale} for scale in (2, 3, 4)},
    }
    golden = (
        Golden("EDSR_slim", (128, 128, 3), 3, 78_348, "by formula: 896 + 8 * 9,248 + 3,468", params={"scale": 2}),
        Golden("EDSR_baseline_x2", (128, 128, 3), 3, 1_369_859, _FORMULA, stages=BASELINE),
        Golden("EDSR_baseline_x3", (128, 128, 3), 3, 1_554_499, _FORMULA),
        Golden("EDSR_baseline_x4", (128, 128, 3), 3, 1_517_571, _FORMULA),
        Golden("EDSR_x2", (128, 128, 3), 3, 40_729_603, _FORMULA),
        Golden("EDSR_x3", (128, 128, 3), 3, 43_680_003, _FORMULA),
        Golden("EDSR_x4", (128, 128, 3), 3, 43_089_923, _FORMULA, stages=LARGEST),
    )

    form: Literal["paper", "slim"] = Field("slim", description='"paper": as published; "slim": learns what bicubic interpolation leaves out.')
    blocks: Annotated[int, Field(ge=1, le=256)] = Field(4, description="Residual blocks, of two convolutions each.")
    filters: Count = Field(32, description="Channels inside the network.")
    residual_scale: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="Factor of what each block adds; below 1 keeps very wide networks steady.", json_schema_extra={"frequent": False}
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        factor, channels = self.factor, self.channels(net, x)
        first = y = net.add("first", self._conv(self.filters), x)
        for number in range(1, self.blocks + 1):
            y = self._block(net, number, y)
        if self.form == "paper":
            y = net.add("body", Add(), net.add("last", self._conv(self.filters), y), first)
            return net.add("picture", self._conv(channels), self._enlarged(net, y))
        y = net.add("rest", Conv2D(filters=channels * factor**2, kernel_size=3, padding="same", kernel_initializer="zeros"), y)
        if factor > 1:
            y = net.add("pixels", PixelShuffle(factor=factor), y)
            x = net.add("enlarged", CubicUpSampling2D(factor=factor), x)
        return net.add("picture", Add(), x, y)

    def _block(self, net: Wiring, number: int, x: Node) -> Node:
        y = net.add(f"block{number}_conv1", self._conv(self.filters, "relu"), x)
        y = net.add(f"block{number}_conv2", self._conv(self.filters), y)
        if self.residual_scale != 1:
            y = net.add(f"block{number}_scale", Rescaling(scale=self.residual_scale), y)
        return net.add(f"block{number}", Add(), x, y)

    def _enlarged(self, net: Wiring, x: Node) -> Node:
        """Enlarged by the factor, by 4 in two steps."""
        steps = {1: (), 2: (2,), 3: (3,), 4: (2, 2)}[self.factor]
        for number, step in enumerate(steps, start=1):
            x = net.add(f"enlarge{number}_conv", self._conv(self.filters * step**2), x)
            x = net.add(f"enlarge{number}", PixelShuffle(factor=step), x)
        return x

    @staticmethod
    def _conv(filters: int, activation: Literal["relu"] | None = None) -> Conv2D:
        if activation:
            return Conv2D(filters=filters, kernel_size=3, padding="same", activation=activation, kernel_initializer="he_normal")
        return Conv2D(filters=filters, kernel_size=3, padding="same")
