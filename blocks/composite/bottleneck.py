"""Residual blocks whose 3x3 convolution works on few channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from blocks.base import Composite
from blocks.composite.shortcuts import SHORTCUT, ResidualUnit, Shortcut, grouped
from blocks.composite.units import STRIDES, activation, channels_of, conv
from blocks.fields import RARE, Count
from blocks.regularization import Dropout
from blocks.spec import Shape
from blocks.wiring import Node, Wiring

FILTERS = "Channels of the 3x3 convolution; expansion times as many come out."
EXPANSION = "Output channels per filter."
PER_GROUP = "Channels of the 3x3 convolution in each group; empty: filters / groups."
FIRST = "Channels of the first 1x1 convolution; empty: as many as the 3x3 one has."
WINDOW = "Size of the shortcut's convolution where it halves the size."
BIAS = "Adds one learned number per channel in every convolution, as keras.applications does; the normalisation takes it away again."


class Narrowing(ResidualUnit):
    """What blocks with a narrow 3x3 convolution share."""

    category = ""

    filters: int = Field(64, ge=1, le=100_000, description=FILTERS)
    expansion: int = Field(4, ge=1, le=64, description=EXPANSION, json_schema_extra={"unit": "times"})
    width_per_group: int | None = Field(None, ge=1, le=2048, description=PER_GROUP, json_schema_extra=RARE)

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        if self.width_per_group is None:
            grouped(self.filters, self.groups)
        return self

    @property
    def inner(self) -> int:
        """Channels of the 3x3 convolution."""
        return self.groups * (self.width_per_group or self.filters // self.groups)

    @property
    def leaving(self) -> int:
        """Output channels."""
        return self.filters * self.expansion

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        return {"inner": self.inner, "projection": int(self.projects(channels, self.leaving)), **self.attention_weights(self.leaving)}


class ResidualBottleneck(Narrowing):
    """Adds a shortcut around three convolutions: one to few channels, a 3x3 one there, and one back to many.

    Use it in place of Residual in networks of 50 layers and more: it is deeper at the same cost. With groups 32 and width_per_group 4
    it is the block of ResNeXt; with width_per_group 128 that of the wide ResNet-50-2.

    Formula: y = activation(norm(conv1x1(activation(norm(conv3x3(activation(norm(conv1x1(x)))))))) + shortcut(x))
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters * expansion).
    Weights: channels * first + 9 * first * inner / groups + inner * new channels + (4 + bias) * (first + inner + new channels)
        + projection * (shortcut places * channels + 4 + bias) * new channels + attention weights; inner is groups * width_per_group, first is
        first_filters or inner, projection is 1 where the shortcut has a convolution, otherwise 0, and shortcut places are those of its window.
    Source: He et al. (2015), arXiv:1512.03385, figure 5; Xie et al. (2016), arXiv:1611.05431 (groups); strides in the 3x3 convolution as in
        torchvision and most libraries ("v1.5"), in the 1x1 convolution as in the paper.
    """

    category = "residual"

    strides_in: Literal["3x3", "1x1"] = Field(
        "3x3", description="Which convolution takes the step: the 3x3 one, or the first 1x1 one as in the paper."
    )
    first_filters: Count | None = Field(None, description=FIRST, json_schema_extra=RARE)
    shortcut_window: Literal[1, 3] = Field(1, description=WINDOW, json_schema_extra={**RARE, "unit": "pixels"})
    use_bias: bool = Field(False, description=BIAS, json_schema_extra=RARE)

    @model_validator(mode="after")
    def _first_fits(self) -> Self:
        if self.first_filters:
            grouped(self.first_filters, self.groups)
        return self

    @property
    def first(self) -> int:
        """Channels of the first convolution."""
        return self.first_filters or self.inner

    @property
    def around_window(self) -> int:
        return self.shortcut_window if self.strides > 1 else 1

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        return {**super().quantities(inputs, outputs), "first": self.first, "shortcut places": self.around_window**2}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        first, second = (self.strides, 1) if self.strides_in == "1x1" else (1, self.strides)
        y = net.chain(x, conv1=conv(self.first, strides=first, use_bias=self.use_bias), norm1=self.norm(), relu1=activation(self.activation))
        y = self.window(net, y, "conv2", self.inner, second, use_bias=self.use_bias)
        y = net.chain(y, norm2=self.norm(), relu2=activation(self.activation))
        if self.dropout:
            y = net.add("dropout", Dropout(rate=self.dropout), y)
        y = net.chain(y, conv3=conv(self.leaving, use_bias=self.use_bias), norm3=self.norm())
        around = self.around(net, x, self.leaving, bias=self.use_bias, norm=self.norm())
        return net.add("relu3", activation(self.activation), self.joined(net, y, around))


class ResNeXtBlock(Composite):
    """A residual bottleneck whose 3x3 convolution treats groups of channels apart: "32x4d" is 32 groups of 4 channels.

    Use it in place of ResidualBottleneck: at the same cost it is more accurate. Both sizes double where filters double: the four stages
    of ResNeXt-50 have group_width 4, 8, 16, 32 and filters 256, 512, 1024, 2048.

    Formula: as ResidualBottleneck with groups = cardinality.
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: channels * inner + 9 * inner * group width + inner * filters + 8 * inner + 4 * filters + projection * (channels + 4) * filters;
        inner is cardinality * group_width, and projection is 1 where the shortcut has a convolution, otherwise 0.
    Source: Xie et al. (2016), arXiv:1611.05431, figure 3 c and table 1.
    """

    category = "residual"
    ranks = (3,)

    filters: int = Field(256, ge=1, le=100_000, description="Output channels.")
    cardinality: int = Field(32, ge=1, le=4096, description="Groups of channels.")
    group_width: int = Field(4, ge=1, le=2048, description="Channels in each group.")
    strides: int = Field(1, ge=1, le=4096, description="Step of the 3x3 convolution; 2 halves the size.", json_schema_extra=STRIDES)
    shortcut: Shortcut = Field("projection", description=SHORTCUT)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:
        return {"inner": self.cardinality * self.group_width, "projection": self._bottleneck().quantities(inputs, outputs)["projection"]}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        return net.add("bottleneck", self._bottleneck(), x)

    def _bottleneck(self) -> ResidualBottleneck:
        return ResidualBottleneck(
            filters=self.filters, expansion=1, groups=self.cardinality, width_per_group=self.group_width, strides=self.strides, shortcut=self.shortcut
        )
