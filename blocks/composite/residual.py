"""Residual blocks: layers beside a shortcut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from blocks.base import Block
from blocks.composite.bottleneck import EXPANSION, FIRST, PER_GROUP, WINDOW, ResidualBottleneck
from blocks.composite.pre_activation import PreActivationBottleneck, PreActivationResidual
from blocks.composite.shortcuts import ResidualUnit, grouped
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM, STRIDES, activation, channels_of, conv
from blocks.fields import RARE, Count
from blocks.regularization import Dropout
from blocks.spec import Shape
from blocks.wiring import Node, Wiring

__all__ = ["BATCH_EPSILON", "BATCH_MOMENTUM", "Residual", "ResidualStage"]

NARROW: JsonDict = {"frequent": False, "shown_if": {"kind": ["bottleneck", "pre_activation_bottleneck"]}}
ONE: JsonDict = {"frequent": False, "shown_if": {"kind": "bottleneck"}}


class Residual(ResidualUnit):
    """Adds a shortcut around two 3x3 convolutions, so that gradients pass unhindered.

    Use it in place of two convolutions in deep networks; chains of it train at any depth.

    Formula: y = activation(norm(conv3x3(activation(norm(conv3x3(x))))) + shortcut(x))
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: 9 * (channels + filters) * filters / groups + 8 * filters + projection * (channels + 4) * filters + attention weights; projection is 1
        where the shortcut has a convolution, otherwise 0.
    Source: He et al. (2015), arXiv:1512.03385, figure 2 and section 3.3; "padding" is its option A, "projection" option B.
    """

    category = "residual"

    filters: Count = Field(64, description="Output channels.")

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        grouped(self.filters, self.groups)
        return self

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        channels = channels_of(inputs[0]) if inputs else 1
        return {"projection": int(self.projects(channels, self.filters)), **self.attention_weights(self.filters)}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        y = self.window(net, x, "conv1", self.filters, self.strides)
        y = net.chain(y, norm1=self.norm(), relu1=activation(self.activation))
        if self.dropout:
            y = net.add("dropout", Dropout(rate=self.dropout), y)
        y = net.chain(y, conv2=conv(self.filters, 3, groups=self.groups, dilation_rate=self.dilation_rate), norm2=self.norm())
        return net.add("relu2", activation(self.activation), self.joined(net, y, self.around(net, x, self.filters, norm=self.norm())))


class ResidualStage(ResidualUnit):
    """A chain of residual blocks of one width, one of which may halve the size.

    Use it as one stage of a residual network.

    Formula: y = block(... block(block(x))), as many as blocks says.
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters); with a bottleneck filters * expansion.
    Weights: those of its blocks.
    Source: He et al. (2015), arXiv:1512.03385, table 1 and section 4.2; He et al. (2016), arXiv:1603.05027.
    """

    category = "residual"

    blocks: int = Field(3, ge=1, le=1000, description="Number of residual blocks.")
    filters: int = Field(64, ge=1, le=100_000, description="Output channels; with a bottleneck its inner ones.")
    strides: int = Field(1, ge=1, le=4096, description="Step of one block; 2 halves the size.", json_schema_extra=STRIDES)
    kind: Literal["basic", "bottleneck", "pre_activation", "pre_activation_bottleneck"] = Field(
        "basic", description="Which blocks: Residual, ResidualBottleneck, PreActivationResidual or PreActivationBottleneck."
    )
    strides_at: Literal["first", "last"] = Field("first", description="Which block takes the step.", json_schema_extra=RARE)
    strides_in: Literal["3x3", "1x1"] = Field(
        "3x3", description="Which convolution of it does: the 3x3 one, or the first 1x1 one as in the paper.",
        json_schema_extra=ONE,
    )  # fmt: skip
    first_dilation_rate: int = Field(1, ge=1, le=4096, description="dilation_rate of the first block.", json_schema_extra={**RARE, "unit": "pixels"})
    expansion: int = Field(4, ge=1, le=64, description=EXPANSION, json_schema_extra={**NARROW, "unit": "times"})
    width_per_group: int | None = Field(None, ge=1, le=2048, description=PER_GROUP, json_schema_extra=NARROW)
    first_filters: Count | None = Field(None, description=FIRST, json_schema_extra=ONE)
    shortcut_window: Literal[1, 3] = Field(1, description=WINDOW, json_schema_extra={**ONE, "unit": "pixels"})
    use_bias: bool = Field(
        False, description="Biases in the convolutions, as in keras.applications: of a bottleneck in all, of a pre-activation one in the last.",
        json_schema_extra=NARROW,
    )  # fmt: skip

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        if "bottleneck" not in self.kind or self.width_per_group is None:
            grouped(self.filters, self.groups)
        return self

    @property
    def nearest_places(self) -> int:
        return self.first_dilation_rate if self.stepping == 1 else self.dilation_rate

    @property
    def stepping(self) -> int:
        """The number of the block that takes the step."""
        return 1 if self.strides_at == "first" else self.blocks

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        for number in range(1, self.blocks + 1):
            strides = self.strides if number == self.stepping else 1
            x = net.add(f"block{number}", self._block(strides, self.first_dilation_rate if number == 1 else self.dilation_rate), x)
        return x

    def _block(self, strides: int, dilation_rate: int) -> Block:
        shared = {name: getattr(self, name) for name in ResidualUnit.model_fields if name != "strides"} | {"dilation_rate": dilation_rate}
        narrow = {name: getattr(self, name) for name in ("expansion", "width_per_group", "use_bias")}
        if self.kind == "bottleneck":
            own = {name: getattr(self, name) for name in ("strides_in", "first_filters", "shortcut_window")}
            return ResidualBottleneck(filters=self.filters, strides=strides, **own, **shared, **narrow)
        if self.kind == "pre_activation_bottleneck":
            return PreActivationBottleneck(filters=self.filters, strides=strides, **shared, **narrow)
        kind = PreActivationResidual if self.kind == "pre_activation" else Residual
        return kind(filters=self.filters, strides=strides, **shared)
