"""What the Inception networks share in front of their modules: convolutions that are normalised, and poolings that lose the border."""

from __future__ import annotations

from pydantic import Field

from blocks.composite.inception import INCEPTION_EPSILON
from blocks.composite.units import BATCH_MOMENTUM, activation, conv
from blocks.fields import Padding, Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.stem import WithStem

IMAGENET = (299, 299, 3)


class InceptionStem(WithStem):
    """Base of the Inception networks from version 3 on."""

    learned_scale: bool = Field(
        True, description="The normalisations multiply by learned numbers; keras.applications has none.", json_schema_extra={"frequent": False}
    )
    dropout: Probability = Field(0.0, description="Share of values that are set to 0 in training before the output.")

    @property
    def edge(self) -> Padding:
        """What becomes of the border in the first layers: lost, or kept where pictures are small."""
        return "same" if self.is_small else "valid"

    def convolved(
        self, net: Wiring, x: Node, name: str, filters: int, window: int | tuple[int, int] = 3, strides: int = 1, padding: str = "valid"
    ) -> Node:
        """A convolution with normalisation and activation."""
        norm = BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=INCEPTION_EPSILON, scale=self.learned_scale)
        convolution = conv(filters, window, strides=strides, padding=padding)
        return net.chain(x, **{f"conv{name}": convolution, f"norm{name}": norm, f"relu{name}": activation("relu")})

    def shrunk(self, net: Wiring, x: Node) -> Node:
        """The first three convolutions, which halve the size of large pictures once."""
        x = self.convolved(net, x, "1", 32, strides=self.first_strides, padding=self.edge)
        x = self.convolved(net, x, "2", 32, padding=self.edge)
        return self.convolved(net, x, "3", 64, padding="same")

    def begun(self, net: Wiring, x: Node) -> Node:
        """Five convolutions and a pooling: an eighth of the size of large pictures is left once the next layer has halved it."""
        x = self.pooled(net, self.shrunk(net, x), "1")
        return self.convolved(net, self.convolved(net, x, "4", 80, 1), "5", 192, padding=self.edge)

    def pooled(self, net: Wiring, x: Node, name: str) -> Node:
        """Max pooling that halves the size of large pictures."""
        return net.add(f"pool{name}", MaxPooling2D(pool_size=3, strides=self.first_strides, padding=self.edge), x)

    def ended(self, net: Wiring, x: Node) -> Node:
        """The mean of each channel."""
        x = net.add("pool", GlobalAveragePooling2D(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x
