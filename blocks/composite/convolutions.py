"""Chains of convolutions as one block."""

from __future__ import annotations

from pydantic import Field

from blocks.activation import Activation
from blocks.base import Composite
from blocks.convolution import Conv2D
from blocks.fields import ActivationName, Count
from blocks.normalization import BatchNormalization
from blocks.pooling import MaxPooling2D
from blocks.wiring import Node, Wiring


class ConvolutionStage(Composite):
    """Some 3x3 convolutions of one width, then max pooling.

    Use it as one stage of a plain convolutional network: each halves the size.

    Shapes: (height, width, channels) -> (floor(height / 2), floor(width / 2), filters); without pooling the size stays.
    Weights: (9 * channels + 1) * filters for the first and (9 * filters + 1) * filters for each other convolution, and
        4 * filters more with batch_normalization.
    Source: Simonyan and Zisserman (2014), arXiv:1409.1556, section 2.1.
    """

    category = "convolution"
    ranks = (3,)

    convolutions: int = Field(2, ge=1, le=1000, description="Number of convolutions.")
    filters: Count = Field(64, description="Channels of each of them.")
    activation: ActivationName = Field("relu", description="Function behind each of them.")
    batch_normalization: bool = Field(False, description="Normalises behind each convolution, before its activation.")
    pooling: bool = Field(True, description="Halves the size at the end.")

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        for number in range(1, self.convolutions + 1):
            if self.batch_normalization:
                x = net.add(f"conv{number}", Conv2D(filters=self.filters, padding="same", kernel_initializer="he_normal"), x)
                x = net.add(f"norm{number}", BatchNormalization(momentum=0.9, epsilon=1e-5), x)
                x = net.add(f"activation{number}", Activation(activation=self.activation), x)
            else:
                x = net.add(
                    f"conv{number}", Conv2D(filters=self.filters, padding="same", activation=self.activation, kernel_initializer="he_normal"), x
                )
        return net.add("pool", MaxPooling2D(), x) if self.pooling else x
