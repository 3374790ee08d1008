"""Inception version 4."""

from __future__ import annotations

from typing import Any, ClassVar

from blocks.composite.inception import InceptionA, InceptionB, InceptionC
from blocks.composite.inception_reduction import InceptionReductionA, InceptionReductionB
from blocks.merging import Concatenate
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.inception_stem import IMAGENET, InceptionStem

MODULES = (4, 7, 3)
"""How many modules of each kind there are."""
FIGURES = Stages.squares(
    "figures 3 and 9",
    (149, 32), (147, 32), (147, 64), (73, 160), (71, 192), (35, 384), (35, 384), (17, 1024), (17, 1024), (8, 1536), (8, 1536), (1536,),
)  # fmt: skip


class InceptionV4(InceptionStem):
    """The modules of version 3, more of them and all of a kind alike, behind a longer beginning that branches, too.

    Use it for large pictures where the time is there: twice the products of version 3 for a point of accuracy.

    Departs from the paper: nothing but that weights begin by He's distribution.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its modules; at 1,000 classes 42,679,816.
    Source: Szegedy et al. (2016), Inception-v4, Inception-ResNet and the impact of residual connections on learning, arXiv:1602.07261,
        figures 3 and 9.
    """

    title = "Inception v4"
    year = 2016
    paper = "Szegedy, Ioffe, Vanhoucke and Alemi, Inception-v4, Inception-ResNet and the impact of residual connections, arXiv:1602.07261"
    variants: ClassVar[dict[str, dict[str, Any]]] = {"InceptionV4": {"dropout": 0.2}}
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 75
    golden = (Golden("InceptionV4", IMAGENET, 1000, 42_679_816, "timm 1.0.31", multiply_adds=12_254_000_000, stages=FIGURES),)

    def wire(self, net: Wiring, x: Node) -> Node:
        scale = self.learned_scale
        x = self._stem(net, x)
        first = InceptionA(
            filters_1x1=96, filters_window_reduce=64, filters_window=96, window=3, filters_double_reduce=64, filters_double=96, filters_pool=96,
            learned_scale=scale,
        )  # fmt: skip
        second = InceptionB(filters_1x1=384, filters_7x7_reduce=192, filters_7x7_middle=224, filters_7x7=256, filters_pool=128, learned_scale=scale)
        third = InceptionC(
            filters_1x1=256, filters_3x3_reduce=384, filters_3x3=256, filters_double_reduce=384, filters_double_1x3=448, filters_double=512,
            filters_pool=256, learned_scale=scale,
        )  # fmt: skip
        kinds, counts = {"a": first, "b": second, "c": third}, dict(zip("abc", MODULES, strict=True))
        between = {
            "b": InceptionReductionA(filters_double_reduce=192, filters_double_middle=224, filters_double=256, learned_scale=scale),
            "c": InceptionReductionB(filters_3x3=192, filters_7x7_reduce=256, filters_7x7=320, learned_scale=scale),
        }
        for kind, module in kinds.items():
            if kind in between:
                x = net.add(f"reduction_{kind}", between[kind], x)
            for number in range(1, counts[kind] + 1):
                x = net.add(f"{kind}{number}", module, x)
        return self.ended(net, x)

    def _stem(self, net: Wiring, x: Node) -> Node:
        """Three places where two branches are joined."""
        x = self.shrunk(net, x)
        x = net.add("join1", Concatenate(), self.pooled(net, x, "1"), self.convolved(net, x, "4", 96, strides=self.first_strides, padding=self.edge))
        short = self.convolved(net, self.convolved(net, x, "5", 64, 1), "6", 96, padding=self.edge)
        long = self.convolved(net, x, "7", 64, 1)
        long = self.convolved(net, long, "8", 64, (7, 1), padding="same")
        long = self.convolved(net, long, "9", 64, (1, 7), padding="same")
        x = net.add("join2", Concatenate(), short, self.convolved(net, long, "10", 96, padding=self.edge))
        shrunk = self.convolved(net, x, "11", 192, strides=self.first_strides, padding=self.edge)
        return net.add("join3", Concatenate(), shrunk, self.pooled(net, x, "2"))
