"""Convolutional blocks for sequences, in which no step sees a later one."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from blocks.activation import Activation
from blocks.composite.units import ConvolutionalComposite, activation, channels_of
from blocks.convolution import Conv1D
from blocks.fields import RARE, ActivationName, Count, Probability
from blocks.merging import Add, Multiply
from blocks.regularization import Dropout, SpatialDropout1D
from blocks.spec import Shape
from blocks.wiring import Node, Wiring

DILATION = "Distance between the taps of the window; doubled from block to block (1, 2, 4, 8 ...) the network sees far back."


class _Causal(ConvolutionalComposite):
    """What both share: windows that end at the step they are for."""

    ranks = (2,)

    filters: Count = Field(32, description="Channels of the windows.")
    kernel_size: int = Field(3, ge=1, le=4096, description="Length of the windows.", json_schema_extra={"unit": "steps"})
    dilation_rate: int = Field(1, ge=1, le=4096, description=DILATION, json_schema_extra={"unit": "steps"})

    def window(self, initializer: str) -> Conv1D:
        """A convolution that sees no later step."""
        return Conv1D(
            filters=self.filters, kernel_size=self.kernel_size, dilation_rate=self.dilation_rate, padding="causal", kernel_initializer=initializer
        )


class TemporalConvolutionBlock(_Causal):
    """Adds a shortcut around two windows that see no later step.

    Use it in chains with growing dilation_rate for sequences and time series, in place of an LSTM: it trains faster and sees a fixed way back.

    The paper writes each kernel as length times direction (weight normalisation). Keras has no such layer; it changes how the
    training runs and not what the block can compute, so it is left out.

    Formula: y = activation(dropout(act(conv(dropout(act(conv(x)))))) + shortcut(x)), the convolutions causal
    Shapes: (steps, channels) -> (steps, filters).
    Weights: (kernel length * channels + 1) * filters + (kernel length * filters + 1) * filters + projection * (channels + 1) * filters;
        projection is 1 where the shortcut has a convolution (filters differ from channels), otherwise 0.
    Source: Bai, Kolter and Koltun (2018), arXiv:1803.01271, figure 1 b.
    """

    category = "sequence"

    dropout: Probability = Field(0.2, description="Share of channels that are set to 0 in training, for all steps.")
    activation: ActivationName = Field("relu", description="Function behind each convolution.", json_schema_extra=RARE)
    spatial_dropout: bool = Field(True, description="Drops whole channels, as the paper; otherwise single values.", json_schema_extra=RARE)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"projection": int(bool(inputs) and channels_of(inputs[0]) != self.filters)}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        y = x
        for number in (1, 2):
            y = net.add(f"conv{number}", self.window("he_normal"), y)
            y = net.add(f"relu{number}", activation(self.activation), y)
            if self.dropout:
                dropout = SpatialDropout1D(rate=self.dropout) if self.spatial_dropout else Dropout(rate=self.dropout)
                y = net.add(f"dropout{number}", dropout, y)
        if net.channels(x) != self.filters:
            x = net.add("shortcut_conv", Conv1D(filters=self.filters, kernel_size=1, kernel_initializer="he_normal"), x)
        return net.add("relu3", activation(self.activation), net.add("add", Add(), y, x))


class WaveNetBlock(_Causal):
    """Lets a gate decide how much of a window's outcome passes, and adds it to the input; what passes is a second output.

    Use it in chains with growing dilation_rate for sound and other long signals. Add the second outputs of all blocks, and put the
    network's end behind the sum.

    Formula: z = tanh(conv(x)) * sigmoid(conv(x)), the convolutions causal; first output y = x + conv1x1(z); second output s = conv1x1(z), another
        convolution where skip_filters is given, otherwise the same
    Shapes: (steps, channels) -> (steps, channels) and (steps, skip_filters), without skip_filters (steps, channels).
    Weights: 2 * (kernel length * channels + 1) * filters + (filters + 1) * (channels + skip); skip is skip_filters, 0 where it is empty.
    Source: van den Oord et al. (2016), arXiv:1609.03499, equation 2 and figure 4.
    """

    category = "sequence"

    kernel_size: int = Field(2, ge=1, le=4096, description="Length of the windows.", json_schema_extra={"unit": "steps"})
    skip_filters: Count | None = Field(None, description="Channels of the second output; empty: it is what is added to the input.")

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"skip": self.skip_filters or 0}

    def wire(self, net: Wiring, x: Node) -> tuple[Node, Node]:  # type: ignore[override]
        content = net.chain(x, filter_conv=self.window("glorot_uniform"), filter_tanh=Activation(activation="tanh"))
        gate = net.chain(x, gate_conv=self.window("glorot_uniform"), gate_sigmoid=Activation(activation="sigmoid"))
        z = net.add("gated", Multiply(), content, gate)
        residual = net.add("residual_conv", Conv1D(filters=net.channels(x), kernel_size=1), z)
        skip = net.add("skip_conv", Conv1D(filters=self.skip_filters, kernel_size=1), z) if self.skip_filters else residual
        return net.add("add", Add(), x, residual), skip
