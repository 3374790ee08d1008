"""The two halves of U-Net: down to what a picture shows, and up again to where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from blocks.base import Composite
from blocks.composite.convolutions import PADDING, ConvolutionStage
from blocks.composite.cropping import cropped, excess
from blocks.convolution import Conv2D, Conv2DTranspose
from blocks.fields import RARE, ActivationName, Count, Padding, Probability
from blocks.merging import Concatenate
from blocks.pooling import MaxPooling2D
from blocks.spec import AnySpec, Shape, shape_text
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring


class _Convolved(Composite):
    """What both halves share: some 3x3 convolutions."""

    ranks = (3,)

    filters: Count = Field(64, description="Channels of each convolution.")
    convolutions: int = Field(2, ge=1, le=100, description="Number of 3x3 convolutions.", json_schema_extra=RARE)
    padding: Padding = Field("same", description=PADDING + " The paper has it.")
    batch_normalization: bool = Field(False, description="Normalises behind each convolution, before its activation.")
    use_bias: bool = Field(True, description="Adds one learned number per channel in each 3x3 convolution.", json_schema_extra=RARE)
    activation: ActivationName = Field("relu", description="Function behind each of them.", json_schema_extra=RARE)

    def stage(self, dropout: float = 0.0) -> ConvolutionStage:
        """The convolutions."""
        names = ("filters", "convolutions", "padding", "batch_normalization", "use_bias", "activation")
        return ConvolutionStage(**{name: getattr(self, name) for name in names}, dropout=dropout, pooling=False)

    @property
    def lost(self) -> int:
        """Rows and columns that the convolutions take off."""
        return 2 * self.convolutions if self.padding == "valid" else 0


class UNetDown(_Convolved):
    """Convolutions, whose outcome is kept for the way up, and a pooling that leads on.

    Use it on the way down of a U-Net: the first output, of half the size, goes to the next one, the second to the UNetUp of the same level.
    The bottom of the U is a ConvolutionStage without pooling.

    Formula: second output z = act(conv3x3(act(conv3x3(x)))); first output y = maxpool2x2(z)
    Shapes: (height, width, channels) -> (floor(height / 2), floor(width / 2), filters) and (height, width, filters); with padding "valid"
        2 * convolutions are taken off height and width first.
    Weights: 9 * (channels + (convolutions - 1) * filters) * filters + (bias + 4 * batch normalization) * convolutions * filters; bias is 1, without
        use_bias 0.
    Source: Ronneberger, Fischer and Brox (2015), arXiv:1505.04597, figure 1 and section 2.
    """

    category = "segmentation"

    dropout: Probability = Field(
        0.0, description="Share of values that are set to 0 in training behind the convolutions; the paper has it lowest down."
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        least = self.lost + 2
        if found or all(size is None or size >= least for size in inputs[0].shape[:-1]):
            return found
        text = f"UNetDown: invalid input. Expected: a height and width of at least {least}. Received: {shape_text(inputs[0].shape)}."
        return text, "Use fewer levels, or larger pictures."

    def wire(self, net: Wiring, x: Node) -> tuple[Node, Node]:  # type: ignore[override]
        found = net.add("convolutions", self.stage(self.dropout), x)
        return net.add("pool", MaxPooling2D(), found), found


class UNetUp(_Convolved):
    """Enlarges what comes from below, puts what was found at this size beside it, and convolves both.

    Use it on the way up of a U-Net. The first input comes from below, the second is the second output of the UNetDown of the same level.

    Formula: y = act(conv3x3(act(conv3x3([crop(skip), enlarge(x)])))), side by side along the channels
    Shapes: (height, width, channels) and (skip height, skip width, skip channels) -> (2 * height, 2 * width, filters); with "valid" the second is
        cropped to 2 * height and 2 * width, and 2 * convolutions are taken off these.
    Weights: (4 * channels + enlarge bias) * filters + 9 * (filters + skip channels + (convolutions - 1) * filters) * filters
        + (bias + 4 * batch normalization) * convolutions * filters; enlarge bias and bias are 1, without use_bias bias is 0.
    Source: Ronneberger, Fischer and Brox (2015), arXiv:1505.04597, figure 1 and section 2.
    """

    category = "segmentation"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)

    enlarging: Literal["transposed", "upsampling"] = Field(
        "transposed", description='"transposed": a learned Conv2DTranspose of 2x2; "upsampling": pixels repeated, then a 2x2 Conv2D.'
    )

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        skip = inputs[1][-1] if len(inputs) > 1 else None
        return {"skip channels": skip or 1, "enlarge bias": 1}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        below, skip = inputs[0].shape, inputs[1].shape
        doubled: Shape = tuple(None if size is None else 2 * size for size in below[:-1])
        more = excess((*skip[:-1], 1), (*doubled, 1))
        received = f"{shape_text(below)} and {shape_text(skip)}"
        if self.padding == "valid":
            if more is None:
                text = f"UNetUp: invalid inputs. Expected: known sizes, to crop the second to the first. Received: {received}."
                return text, 'Give the shape in the Input, or set padding to "same".'
            if min(more) < 0:
                text = f"UNetUp: invalid inputs. Expected: a second one of at least {shape_text(doubled)}. Received: {received}."
                return text, "Connect the second output of the UNetDown of this level."
            if min(size or 1 for size in doubled) <= self.lost:
                least = self.lost // 2 + 1
                return f"UNetUp: invalid input. Expected: a height and width of at least {least}. Received: {shape_text(below)}.", "Use fewer levels."
        elif more is not None and more != (0, 0):
            text = f"UNetUp: invalid inputs. Expected: a second one of {shape_text(doubled)}, twice the first. Received: {received}."
            return text, "Bring the picture to a size that can be halved at every level (with Resizing or ZeroPadding2D), or connect the right level."
        return None

    def wire(self, net: Wiring, below: Node, skip: Node) -> Node:  # type: ignore[override]
        if self.enlarging == "transposed":
            x = net.add("enlarge", Conv2DTranspose(filters=self.filters, kernel_size=2, strides=2, kernel_initializer="he_normal"), below)
        else:
            x = net.chain(
                below, repeat=UpSampling2D(), enlarge=Conv2D(filters=self.filters, kernel_size=2, padding="same", kernel_initializer="he_normal")
            )
        more = excess(net.shape(skip), net.shape(x)) if self.padding == "valid" else None
        if more:
            skip = cropped(net, skip, "crop", *more)
        return net.add("convolutions", self.stage(), net.add("join", Concatenate(), skip, x))
