"""The module of the residual attention network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from blocks.activation import Activation
from blocks.composite.bottleneck import ResidualBottleneck
from blocks.composite.pre_activation import PreActivationBottleneck
from blocks.composite.units import NormalisedComposite, activation, channels_of, conv
from blocks.fields import RARE
from blocks.merging import Add, Multiply
from blocks.pooling import MaxPooling2D
from blocks.spec import AnySpec, Shape, shape_text
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring


class ResidualAttentionModule(NormalisedComposite):
    """Works on features in one branch, learns in a second one which of them matter where, and strengthens these.

    Use it between residual blocks of one width. The second branch halves the size again and again and enlarges it back, so that it sees the
    whole picture. mask_depth is 3 at 56 x 56, 2 at 28 x 28 and 1 at 14 x 14 in the paper's networks.

    Formula: y = unit((1 + mask(x')) * trunk(x')), x' = p units of x; trunk is t units; mask is (max pooling, r units) mask_depth times, then
        (r units, enlarging, adding what was there at that size) mask_depth times, then twice conv1x1(relu(norm())), and a sigmoid
    Shapes: unchanged; height and width must be multiples of 2 to the power of mask_depth, channels one of expansion.
    Weights: units * unit weights + (4 + 4 * before + 2 * channels) * channels; before is 1, with normalization "behind" 0. Units are
        p + t + 2 * r * mask_depth + mask_depth - 1 + 1 blocks PreActivationBottleneck, or ResidualBottleneck, of
        4 * channels + 8 * inner + 2 * channels * inner + 9 * inner * inner / groups weights; inner is channels / expansion.
    Source: Wang et al. (2017), arXiv:1704.06904, figure 2 and table 2; skip connections and the single unit at the end as in the authors' files.
    """

    category = "residual"
    ranks = (3,)

    mask_depth: int = Field(2, ge=1, le=5, description="How often the second branch halves the size.")
    p: int = Field(1, ge=1, le=16, description="Residual units before the branches part.")
    t: int = Field(2, ge=1, le=16, description="Residual units of the first branch.")
    r: int = Field(1, ge=1, le=16, description="Residual units between two poolings or enlargements of the second branch.")
    expansion: int = Field(4, ge=1, le=64, description="Channels per inner channel of a unit.", json_schema_extra={"unit": "times", **RARE})
    normalization: Literal["before", "behind"] = Field(
        "before",
        description='Normalises "before" each convolution, or "behind" it, as the form with groups in the authors\' files does.',
        json_schema_extra=RARE,
    )
    groups: int = Field(1, ge=1, le=1024, description="Groups of channels in the 3x3 convolutions of its units.", json_schema_extra=RARE)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        inner = channels // self.expansion
        return {
            "before": int(self.normalization == "before"),
            "units": self.p + self.t + 2 * self.r * self.mask_depth + self.mask_depth,
            "unit weights": 4 * channels + 8 * inner + 2 * channels * inner + 9 * inner * inner // self.groups,
        }

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        *sides, channels = inputs[0].shape
        factor = 2**self.mask_depth
        if any(side is not None and side % factor for side in sides):
            text = f"height and width that are multiples of {factor}. Received: {shape_text(inputs[0].shape)}."
            return f"ResidualAttentionModule: invalid input. Expected: {text}", "Lower mask_depth, or insert Resizing or ZeroPadding2D."
        if channels is not None and channels % self.expansion:
            nearest = max(each for each in range(1, self.expansion + 1) if channels % each == 0)
            text = f"ResidualAttentionModule: invalid expansion. Expected: a divisor of the {channels} channels. Received: {self.expansion}."
            return text, f"The nearest is {nearest}."
        if channels is not None and channels // self.expansion % self.groups:
            inner = channels // self.expansion
            nearest = max(each for each in range(1, self.groups + 1) if inner % each == 0)
            text = f"ResidualAttentionModule: invalid groups. Expected: a divisor of the {inner} inner channels. Received: {self.groups}."
            return text, f"The nearest is {nearest}."
        return None

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        channels = net.channels(x)
        kind = PreActivationBottleneck if self.normalization == "before" else ResidualBottleneck
        unit = kind(
            filters=channels // self.expansion, expansion=self.expansion, groups=self.groups, momentum=self.momentum, epsilon=self.epsilon,
        )  # fmt: skip

        def units(y: Node, name: str, count: int) -> Node:
            for number in range(1, count + 1):
                y = net.add(f"{name}_unit{number}", unit, y)
            return y

        x = units(x, "entry", self.p)
        trunk = units(x, "trunk", self.t)
        y, kept = x, [trunk]
        for level in range(1, self.mask_depth + 1):
            y = net.add(f"pool{level}", MaxPooling2D(pool_size=3, strides=2, padding="same"), y)
            y = units(y, f"down{level}", self.r)
            if level < self.mask_depth:
                kept.append(net.add(f"skip{level}_add", Add(), y, net.add(f"skip{level}_unit", unit, y)))
        for level in range(self.mask_depth, 0, -1):
            y = units(y, f"up{level}", self.r)
            y = net.add(f"enlarge{level}", UpSampling2D(size=2, interpolation="bilinear"), y)
            y = net.add(f"add{level}", Add(), y, kept[level - 1])
        mask = net.add("mask", Activation(activation="sigmoid"), self._mixed(net, y, channels))
        strengthened = net.add("strengthen", Add(), trunk, net.add("weigh", Multiply(), mask, trunk))
        return units(strengthened, "exit", 1)

    def _mixed(self, net: Wiring, y: Node, channels: int) -> Node:
        """The last two convolutions of the second branch."""
        if self.normalization == "before":
            y = net.chain(y, mask_norm1=self.norm(), mask_relu1=activation("relu"), mask_conv1=conv(channels))
        else:
            y = net.add("mask_conv1", conv(channels), y)
        return net.chain(y, mask_norm2=self.norm(), mask_relu2=activation("relu"), mask_conv2=conv(channels))
