"""The fusion of coarse scores with finer features in fully convolutional networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from blocks.base import Block
from blocks.composite.cropping import cropped, excess
from blocks.composite.units import ConvolutionalComposite
from blocks.convolution import Conv2D
from blocks.fields import RARE, Padding
from blocks.merging import Add
from blocks.spec import AnySpec, Shape, shape_text
from blocks.special_convolution import BilinearConv2DTranspose
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring

Enlarging = Literal["transposed", "fixed", "bilinear"]
ENLARGING = (
    '"transposed": windows that begin as interpolation and learn; "fixed": the same, which stay, as in the authors\' files; '
    '"bilinear": interpolation without weights.'
)


def enlarging(how: Enlarging, factor: int, padding: Padding = "same") -> Block:
    """What enlarges scores so many times.

    Args:
        padding: Of the windows: "valid" keeps what sticks out.
    """
    if how == "bilinear":
        return UpSampling2D(size=factor, interpolation="bilinear")
    return BilinearConv2DTranspose(factor=factor, padding=padding, learned=how == "transposed")


class FCNFusion(ConvolutionalComposite):
    """Enlarges coarse class scores, computes scores from finer features too, and adds both.

    Use it between the levels of a fully convolutional network: the first input are the scores so far, the second the features of an earlier
    pooling. FCN-16s has one of it (behind pool4), FCN-8s two (pool4, pool3).

    Enlarging starts as bilinear interpolation and learns from there, or stays. Where the sizes don't match by rounding, the larger one is
    cropped to its middle.

    Formula: y = enlarge(scores) + conv1x1(features), with as many channels as there are scores
    Shapes: (height, width, channels) and (fine height, fine width, fine channels) -> (min(factor * height, fine height),
        min(factor * width, fine width), channels).
    Weights: (fine channels + 1) * channels + transposed * 4 * factor * factor * channels * channels; transposed is 1, with upsampling
        "bilinear" 0.
    Source: Long, Shelhamer and Darrell (2014), arXiv:1411.4038, figure 3 and section 4.2.
    """

    category = "segmentation"
    ranks = (3,)
    arity: ClassVar[tuple[int, int | None]] = (2, 2)

    factor: int = Field(2, ge=2, le=64, description="How many times larger the features are than the scores.", json_schema_extra={"unit": "times"})
    upsampling: Enlarging = Field("bilinear", description=ENLARGING)
    start_at_zero: bool = Field(
        True,
        description="The scores of the features start at 0, as in the paper, so that the network begins as the coarser one.",
        json_schema_extra=RARE,
    )

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"fine channels": (inputs[1][-1] if len(inputs) > 1 else 1) or 1, "transposed": int(self.upsampling != "bilinear")}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        coarse, fine = inputs[0].shape, inputs[1].shape
        enlarged: Shape = tuple(None if size is None else self.factor * size for size in coarse[:-1])
        less = excess((*enlarged, 1), fine)
        if less is None or max(less) < self.factor:
            return None
        text = f"FCNFusion: invalid inputs. Expected: features of about {shape_text(enlarged)}, {self.factor} times the scores."
        return f"{text} Received: {shape_text(coarse)} and {shape_text(fine)}.", "Connect features of an earlier pooling as the second input."

    def wire(self, net: Wiring, scores: Node, features: Node) -> Node:  # type: ignore[override]
        channels = net.channels(scores)
        coarse = net.add("enlarge", enlarging(self.upsampling, self.factor), scores)
        initializer = "zeros" if self.start_at_zero else "glorot_uniform"
        fine = net.add("score", Conv2D(filters=channels, kernel_size=1, kernel_initializer=initializer), features)
        more = excess(net.shape(fine), net.shape(coarse))
        if more:
            fine = cropped(net, fine, "crop_fine", *more)
            coarse = cropped(net, coarse, "crop_coarse", -more[0], -more[1])
        return net.add("add", Add(), coarse, fine)
