"""SegNet."""

from __future__ import annotations

from pydantic import Field

from blocks.activation import ReLU
from blocks.composite.units import BATCH_EPSILON, BATCH_MOMENTUM
from blocks.convolution import Conv2D
from blocks.fields import Count
from blocks.normalization import BatchNormalization
from blocks.special_pooling import MaxPoolingWithIndices2D, MaxUnpooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.segmenting import Segmenting

CONVOLUTIONS = (2, 2, 3, 3, 3)
WIDENING = (1, 2, 4, 8, 8)
"""Channels of each stage, for each of the first."""
STREET = (352, 480, 3)
FORMULA = "the formula (9 C + 3) F over the convolutions of figure 2, which rounds to the 29.45M printed in the paper's table 6"
DOWN = ((352, 480, 64), (176, 240, 64), (176, 240, 128), (88, 120, 128), (88, 120, 256), (44, 60, 256), (44, 60, 512), (22, 30, 512), (11, 15, 512))
FIGURE = Stages("figure 2, whose way up mirrors the way down", (*DOWN, *DOWN[-2::-1], (352, 480, 11)))


class SegNet(Segmenting):
    """The convolutions of VGG-16 down, and the same up again; what was largest goes back to where it stood.

    Use it for masks where memory is short: only places are kept on the way down, no features. U-Net keeps these and draws finer edges.

    Departs from the paper: convolutions start from He's distribution; load the weights of VGG16 where they are at hand.

    Shapes: (height, width, channels) -> (height, width, classes); height and width are multiples of 32.
    Weights: (9 * channels + 3) * filters for each convolution, the last one (9 * 64 + 1) * classes; with 11 classes 29,449,355.
    Source: Badrinarayanan, Kendall and Cipolla (2015), SegNet: a deep convolutional encoder-decoder architecture, arXiv:1511.00561, figure 2.
    """

    year = 2015
    paper = "Badrinarayanan, Kendall and Cipolla, SegNet: a deep convolutional encoder-decoder architecture, arXiv:1511.00561"
    canonical_shape = STREET
    canonical_classes = 11
    minimum_size = 32
    golden = (Golden("SegNet", STREET, 11, 29_443_008 + 577 * 11, FORMULA, stages=FIGURE),)

    filters: Count = Field(64, description="Channels of the first stage; 16 suits small pictures.")

    def wire(self, net: Wiring, x: Node) -> Node:
        places: list[tuple[Node, Node]] = []
        for stage, (convolutions, widening) in enumerate(zip(CONVOLUTIONS, WIDENING, strict=True), start=1):
            for number in range(1, convolutions + 1):
                x = self._convolved(net, x, f"down{stage}_{number}", self.filters * widening)
            pool = net.add(f"pool{stage}", MaxPoolingWithIndices2D(), x)
            places.append((x, net.output(pool, 1)))
            x = pool
        for stage in range(len(CONVOLUTIONS), 0, -1):
            before, indices = places[stage - 1]
            x = net.add(f"unpool{stage}", MaxUnpooling2D(), x, indices, before)
            widths = [WIDENING[stage - 1]] * (CONVOLUTIONS[stage - 1] - 1)
            if stage > 1:
                widths.append(WIDENING[stage - 2])
            for number, widening in enumerate(widths, start=1):
                x = self._convolved(net, x, f"up{stage}_{number}", self.filters * widening)
        return net.add("score", Conv2D(filters=self.scores, kernel_size=3, padding="same"), x)

    @staticmethod
    def _convolved(net: Wiring, x: Node, name: str, filters: int) -> Node:
        convolution = Conv2D(filters=filters, kernel_size=3, padding="same", kernel_initializer="he_normal")
        norm = BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=BATCH_EPSILON)
        return net.chain(x, **{f"{name}_conv": convolution, f"{name}_norm": norm, f"{name}_relu": ReLU()})
