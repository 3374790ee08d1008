"""Ways around a residual block, and what all residual blocks share."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from blocks.attention_over_channels import CBAM, EfficientChannelAttention, SqueezeExcitation
from blocks.base import Block
from blocks.composite.units import ACTIVATION, STRIDES, NormalisedComposite, conv, stated_weights
from blocks.fields import RARE, ActivationName, Probability
from blocks.merging import Add
from blocks.normalization import BatchNormalization
from blocks.pooling import MaxPooling2D
from blocks.regularization import StochasticDepth
from blocks.reshaping import Permute, ZeroPadding2D
from blocks.wiring import Node, Wiring, WiringError

Shortcut = Literal["projection", "padding", "pooling"]
SHORTCUT = (
    '"projection": a learned 1x1 convolution where the shape changes; "padding": no weights, every strides-th pixel and channels of zeros; '
    '"pooling": every strides-th pixel, and a 1x1 convolution only where the number of channels changes.'
)

ATTENTION = "Weighs the channels (squeeze_excitation, or eca with few weights), or channels and places (cbam), before the shortcut is added."

SYMMETRIC = (
    "Where the 3x3 convolution takes a step, zeros are added on all sides, as in PyTorch and ResNet50V2 of keras.applications; otherwise only "
    "where the size needs it. It matters for weights from there."
)


DILATION = "Distance of the places that the 3x3 convolutions look at; 2 sees twice as far without halving the size."

GROUPS = "Groups of channels that the 3x3 convolutions treat apart; it must divide them."


def grouped(filters: int, groups: int) -> None:
    """Refuses filters that can't be shared out.

    Raises:
        ValueError: The groups don't divide them.
    """
    if filters % groups:
        raise ValueError(f"groups ({groups}) must divide filters ({filters})")


class ResidualUnit(NormalisedComposite):
    """What residual blocks share."""

    category = ""
    ranks = (3,)

    strides: int = Field(1, ge=1, le=4096, description="Step of the first 3x3 convolution; 2 halves the size.", json_schema_extra=STRIDES)
    shortcut: Shortcut = Field("projection", description=SHORTCUT)
    activation: ActivationName = Field("relu", description=ACTIVATION, json_schema_extra=RARE)
    dropout: Probability = Field(
        0.0, description="Share of values that are set to 0 in training, before the last convolution.", json_schema_extra=RARE
    )
    attention: Literal["none", "squeeze_excitation", "cbam", "eca"] = Field("none", description=ATTENTION)
    attention_ratio: float = Field(
        16, ge=1, le=1024, description="How many times narrower than the channels the layer in its middle is.",
        json_schema_extra={"frequent": False, "shown_if": {"attention": ["squeeze_excitation", "cbam"]}},
    )  # fmt: skip
    attention_bias: bool = Field(
        True, description="Biases in its dense layers.",
        json_schema_extra={"frequent": False, "shown_if": {"attention": ["squeeze_excitation", "cbam"]}},
    )  # fmt: skip
    groups: int = Field(1, ge=1, le=4096, description=GROUPS, json_schema_extra=RARE)
    dilation_rate: int = Field(1, ge=1, le=4096, description=DILATION, json_schema_extra={**RARE, "unit": "pixels"})
    stochastic_depth: Probability = Field(0.0, description="Share of samples that take the shortcut alone in training.", json_schema_extra=RARE)
    symmetric_padding: bool = Field(False, description=SYMMETRIC, json_schema_extra=RARE)

    @model_validator(mode="after")
    def _no_steps_between_places(self) -> Self:
        if self.strides > 1 and self.nearest_places > 1:
            raise ValueError("strides and dilation_rate can't both be above 1; set one of them to 1")
        return self

    @property
    def nearest_places(self) -> int:
        """The dilation of what takes the step."""
        return self.dilation_rate

    @property
    def around_window(self) -> int:
        """The size of the shortcut's convolution."""
        return 1

    def window(self, net: Wiring, x: Node, node_id: str, filters: int, strides: int = 1, **settings: Any) -> Node:
        """A 3x3 convolution."""
        if strides > 1 and self.symmetric_padding:
            settings = {**settings, "padding": "valid"}
            x = net.add("pad", ZeroPadding2D(padding=1), x)
        return net.add(node_id, conv(filters, 3, strides=strides, groups=self.groups, dilation_rate=self.dilation_rate, **settings), x)

    def projects(self, channels: int, filters: int) -> bool:
        """Whether the shortcut is a 1x1 convolution."""
        changed = channels != filters
        return (changed or self.strides > 1) if self.shortcut == "projection" else changed and self.shortcut == "pooling"

    def around(
        self, net: Wiring, x: Node, filters: int, bias: bool = False, norm: BatchNormalization | None = None, projected: Node | None = None
    ) -> Node:
        """The shortcut from x.

        Args:
            filters: The channels to arrive with.
            norm: What stands behind a projection.
            projected: Where a projection starts, if not at x.
        """
        channels = net.channels(x)
        if self.projects(channels, filters):
            y, window = projected or x, self.around_window
            if window > 1:
                y = net.add("shortcut_border", ZeroPadding2D(padding=window // 2), y)
            y = net.add("shortcut_conv", conv(filters, window, strides=self.strides, padding="valid", use_bias=bias), y)
            return net.add("shortcut_norm", norm, y) if norm else y
        if self.strides > 1:
            x = net.add("shortcut_pool", MaxPooling2D(pool_size=1, strides=self.strides), x)
        missing = filters - channels
        if missing < 0:
            name = type(self).__name__
            raise WiringError(f'{name}: shortcut "padding" can\'t go from {channels} to {filters} channels. Set shortcut to "projection".')
        if missing == 0:
            return x
        # Keras pads height and width only: the channels stand in for the width meanwhile.
        return net.chain(
            x,
            shortcut_swap=Permute(dims=(1, 3, 2)),
            shortcut_pad=ZeroPadding2D(padding=((0, 0), (missing // 2, missing - missing // 2))),
            shortcut_swap_back=Permute(dims=(1, 3, 2)),
        )

    def joined(self, net: Wiring, y: Node, around: Node) -> Node:
        """The sum of both ways, the first of them weighed by attention and left out for some samples in training."""
        attention = self._attention()
        if attention:
            y = net.add("attention", attention, y)
        if self.stochastic_depth:
            y = net.add("stochastic_depth", StochasticDepth(rate=self.stochastic_depth), y)
        return net.add("add", Add(), y, around)

    def attention_weights(self, filters: int) -> dict[str, int | float]:
        """What the attention over this many channels weighs."""
        attention = self._attention()
        return {"attention weights": stated_weights(attention, (1, 1, filters)) if attention else 0}

    def _attention(self) -> Block | None:
        if self.attention == "none":
            return None
        if self.attention == "eca":
            return EfficientChannelAttention()
        kind = CBAM if self.attention == "cbam" else SqueezeExcitation
        return kind(ratio=self.attention_ratio, use_bias=self.attention_bias)
