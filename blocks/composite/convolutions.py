"""Chains of convolutions as one block."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from blocks.activation import Activation
from blocks.base import Composite
from blocks.convolution import Conv2D
from blocks.fields import RARE, ActivationName, Count, Padding
from blocks.normalization import BatchNormalization
from blocks.pooling import MaxPooling2D
from blocks.regularization import Dropout
from blocks.spec import AnySpec, Shape, shape_text
from blocks.wiring import Node, Wiring

PADDING = '"same" keeps the size by a border of zeros; "valid" has none, so that each convolution takes 2 off height and width.'


class ConvolutionStage(Composite):
    """Some 3x3 convolutions of one width, then max pooling.

    Use it as one stage of a plain convolutional network: each halves the size.

    Formula: y = maxpool2x2(activation(conv3x3(... activation(conv3x3(x))))), as many as convolutions says
    Shapes: (height, width, channels) -> (floor(height / 2), floor(width / 2), filters); without pooling the size stays. With padding "valid"
        2 * convolutions are taken off height and width first.
    Weights: 9 * (channels + (convolutions - 1) * filters) * filters + (bias + 4 * batch normalization) * convolutions * filters; bias is 1, without
        use_bias 0.
    Source: Simonyan and Zisserman (2014), arXiv:1409.1556, section 2.1.
    """

    category = "convolution"
    ranks = (3,)

    convolutions: int = Field(2, ge=1, le=1000, description="Number of convolutions.")
    filters: Count = Field(64, description="Channels of each of them.")
    activation: ActivationName = Field("relu", description="Function behind each of them.")
    batch_normalization: bool = Field(False, description="Normalises behind each convolution, before its activation.")
    pooling: bool = Field(True, description="Halves the size at the end.")
    padding: Padding = Field("same", description=PADDING, json_schema_extra=RARE)
    use_bias: bool = Field(True, description="Adds one learned number per channel in each convolution.", json_schema_extra=RARE)
    dropout: float = Field(
        0.0, ge=0.0, lt=1.0, description="Share of values that are set to 0 in training, before the pooling.", json_schema_extra=RARE
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        least = (2 * self.convolutions if self.padding == "valid" else 0) + (2 if self.pooling else 1)
        if all(size is None or size >= least for size in inputs[0].shape[:-1]):
            return None
        text = f"{type(self).__name__}: invalid input. Expected: a height and width of at least {least}. Received: {shape_text(inputs[0].shape)}."
        return text, "Shrink less before it, or set pooling to false." if self.pooling else 'Set padding to "same".'

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"bias": int(self.use_bias)}

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        for number in range(1, self.convolutions + 1):
            convolution = Conv2D(filters=self.filters, padding=self.padding, use_bias=self.use_bias, kernel_initializer="he_uniform")
            if self.batch_normalization:
                x = net.add(f"conv{number}", convolution, x)
                x = net.add(f"norm{number}", BatchNormalization(momentum=0.9, epsilon=1e-5), x)
                x = net.add(f"activation{number}", Activation(activation=self.activation), x)
            else:
                x = net.add(f"conv{number}", convolution.model_copy(update={"activation": self.activation}), x)
        if self.dropout:
            x = net.add("dropout", Dropout(rate=self.dropout), x)
        return net.add("pool", MaxPooling2D(), x) if self.pooling else x
