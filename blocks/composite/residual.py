"""Residual blocks: layers beside a shortcut."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.base import Composite
from blocks.convolution import Conv2D
from blocks.fields import Count
from blocks.merging import Add
from blocks.normalization import BatchNormalization
from blocks.pooling import MaxPooling2D
from blocks.reshaping import Permute, ZeroPadding2D
from blocks.wiring import Node, Wiring, WiringError

Shortcut = Literal["projection", "padding"]
SHORTCUT = '"projection": a learned 1x1 convolution where the shape changes; "padding": no weights, every strides-th pixel and channels of zeros.'
BATCH_MOMENTUM, BATCH_EPSILON = 0.9, 1e-5
"""As in the authors' Caffe files; with Keras's 0.99 the running figures lag behind in short trainings."""


class Residual(Composite):
    """Adds a shortcut around two 3x3 convolutions, so that gradients pass unhindered.

    Use it in place of two convolutions in deep networks; chains of it train at any depth.

    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: 9 * (channels + filters) * filters + 8 * filters; a projection adds (channels + 4) * filters.
    Source: He et al. (2015), arXiv:1512.03385, figure 2 and section 3.3; "padding" is its option A, "projection" option B.
    """

    category = "residual"
    ranks = (3,)

    filters: Count = Field(64, description="Output channels.")
    strides: Count = Field(1, le=4096, description="Step of the first convolution; 2 halves the size.", json_schema_extra={"unit": "pixels"})
    shortcut: Shortcut = Field("projection", description=SHORTCUT)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        y = net.chain(
            x,
            conv1=Conv2D(filters=self.filters, kernel_size=3, strides=self.strides, padding="same", use_bias=False, kernel_initializer="he_normal"),
            norm1=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON),
            relu1=ReLU(),
            conv2=Conv2D(filters=self.filters, kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_normal"),
            norm2=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON),
        )
        return net.add("relu2", ReLU(), net.add("add", Add(), y, self._shortcut(net, x)))

    def _shortcut(self, net: Wiring, x: Node) -> Node:
        channels = net.channels(x)
        if self.strides == 1 and channels == self.filters:
            return x
        if self.shortcut == "projection":
            return net.chain(
                x,
                shortcut_conv=Conv2D(filters=self.filters, kernel_size=1, strides=self.strides, use_bias=False, kernel_initializer="he_normal"),
                shortcut_norm=BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON),
            )
        if self.strides > 1:
            x = net.add("shortcut_pool", MaxPooling2D(pool_size=1, strides=self.strides), x)
        missing = self.filters - channels
        if missing < 0:
            raise WiringError(f'Residual: shortcut "padding" can\'t go from {channels} to {self.filters} channels. Set shortcut to "projection".')
        if missing == 0:
            return x
        # Keras pads height and width only: the channels stand in for the width meanwhile.
        return net.chain(
            x,
            shortcut_swap=Permute(dims=(1, 3, 2)),
            shortcut_pad=ZeroPadding2D(padding=((0, 0), (missing // 2, missing - missing // 2))),
            shortcut_swap_back=Permute(dims=(1, 3, 2)),
        )


class ResidualStage(Composite):
    """A chain of residual blocks of one width, the first of which may halve the size.

    Use it as one stage of a residual network.

    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), filters).
    Weights: those of its blocks.
    Source: He et al. (2015), arXiv:1512.03385, table 1 and section 4.2.
    """

    category = "residual"
    ranks = (3,)

    blocks: Count = Field(3, le=1000, description="Number of residual blocks.")
    filters: Count = Field(64, description="Output channels.")
    strides: Count = Field(1, le=4096, description="Step of the first block; 2 halves the size.", json_schema_extra={"unit": "pixels"})
    shortcut: Shortcut = Field("projection", description=SHORTCUT)

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        for number in range(1, self.blocks + 1):
            x = net.add(f"block{number}", Residual(filters=self.filters, strides=self.strides if number == 1 else 1, shortcut=self.shortcut), x)
        return x
