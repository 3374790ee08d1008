"""Windows with holes of several sizes side by side, over feature maps whose size stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from blocks.composite.units import NormalisedComposite, activation, channels_of, conv
from blocks.fields import RARE, Count, Probability, listed_numbers
from blocks.merging import Concatenate
from blocks.pooling import GlobalAveragePooling2D
from blocks.regularization import Dropout
from blocks.spec import AnySpec, Shape, shape_text
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring

Rates = Annotated[tuple[Annotated[int, Field(ge=1, le=4096)], ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=8)]


class AtrousSpatialPyramidPooling(NormalisedComposite):
    """Looks at each place alone, at its near and far surroundings, and at the whole picture, side by side; known as ASPP.

    Use it behind the features of a segmentation network, so that things of any size are seen whole. dilation_rates are 6, 12 and 18 where a
    16th of the picture's size is left, and twice as much where an 8th is.

    Formula: y = unit1x1([unit1x1(x), unit3x3(x) with each of dilation_rates, enlarged unit1x1(mean(x))]) along the channels;
        unit(x) = relu(norm(conv(x)))
    Shapes: (height, width, channels) -> (height, width, filters).
    Weights: (2 + 9 * rates) * channels * filters + (3 + rates) * 4 * filters + (2 + rates) * filters * filters; rates is how many dilation_rates
        there are.
    Source: Chen, Papandreou, Schroff and Adam (2017), arXiv:1706.05587, section 3.3 and figure 5; dropout as in torchvision.
    """

    category = "segmentation"
    ranks = (3,)

    filters: Count = Field(256, description="Channels of each branch, and of what comes out.")
    dilation_rates: Rates = Field((12, 24, 36), description="Distance of the places that each 3x3 convolution looks at, in pixels.")
    dropout: Probability = Field(0.5, description="Share of values that are set to 0 at the end in training.", json_schema_extra=RARE)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"rates": len(self.dilation_rates), "channels": channels_of(inputs[0]) if inputs else 1}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or None not in inputs[0].shape:
            return found
        text = f"{type(self).__name__}: invalid input. Expected: a known height and width. Received: {shape_text(inputs[0].shape)}."
        return text, "Give the shape in the Input, or insert Resizing."

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        height, width, _ = net.shape(x)
        branches = [self.unit(net, x, "place", conv(self.filters), "relu")]
        for number, rate in enumerate(self.dilation_rates, start=1):
            branches.append(self.unit(net, x, f"around{number}", conv(self.filters, 3, dilation_rate=rate), "relu"))
        whole = self.unit(net, net.add("mean", GlobalAveragePooling2D(keepdims=True), x), "whole", conv(self.filters), "relu")
        size = height or 1 if height == width else (height or 1, width or 1)
        branches.append(net.add("enlarge", UpSampling2D(size=size), whole))
        y = net.chain(net.add("join", Concatenate(), *branches), conv=conv(self.filters), norm=self.norm(), relu=activation("relu"))
        return net.add("dropout", Dropout(rate=self.dropout), y) if self.dropout else y
