"""Inception modules with shortcuts."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.composite.inception import InceptionA
from blocks.composite.inception_reduction import InceptionReductionA, InceptionResNetReductionB
from blocks.composite.inception_residual import InceptionResNetA, InceptionResNetB, InceptionResNetC
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.inception_stem import IMAGENET, InceptionStem

MODULES = {1: (5, 10, 5), 2: (10, 20, 9)}
"""How many modules of each kind there are before the last one, by version."""
FRONT = ((149, 32), (147, 32), (147, 64), (73, 64), (73, 80), (71, 192))
FIRST = Stages.squares("figures 14 and 15", *FRONT, (35, 256), (35, 256), (17, 896), (17, 896), (8, 1792), (8, 1792), (1792,))
SECOND = Stages.squares("keras.applications 3.15.1", *FRONT, (35, 192), (35, 320), (17, 1088), (8, 2080), (8, 1536), (1536,))


class InceptionResNet(InceptionStem):
    """Inception modules that are added to what came in, scaled down: they train in fewer steps than those without a shortcut.

    Use it for large pictures where accuracy counts most. Version 2 is that of keras.applications, so that its weights fit; version 1 is
    about as large as Inception v3, and known from the recognition of faces.

    Departs from the paper: shortcuts of version 2 are as wide as those of the published weights, not as in its figures.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its modules; at 1,000 classes 24,357,096 (version 1) and 55,813,192 (version 2, without learned scales).
    Source: Szegedy et al. (2016), Inception-v4, Inception-ResNet and the impact of residual connections on learning, arXiv:1602.07261,
        figures 10 to 19.
    """

    title = "Inception-ResNet"
    year = 2016
    paper = "Szegedy, Ioffe, Vanhoucke and Alemi, Inception-v4, Inception-ResNet and the impact of residual connections, arXiv:1602.07261"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        "InceptionResNetV1": {"version": 1, "dropout": 0.2},
        "InceptionResNetV2": {"version": 2, "learned_scale": False},
    }
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 75
    golden = (
        Golden("InceptionResNetV1", IMAGENET, 1000, 24_357_096, "the network of facenet with a dense layer in place of its embedding", stages=FIRST),
        Golden(
            "InceptionResNetV2",
            IMAGENET,
            1000,
            55_813_192,
            "keras.applications 3.15.1, without the statistics",
            multiply_adds=13_156_000_000,
            stages=SECOND,
        ),
        Golden("InceptionResNetV2", IMAGENET, 1000, 55_843_464, "timm 1.0.31", multiply_adds=13_156_000_000, params={"learned_scale": True}),
    )

    version: Literal[1, 2] = Field(2, description="1: about as large as Inception v3; 2: about as large as Inception v4.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self._stem(net, x)
        first, second, third = MODULES[self.version]
        for number in range(1, first + 1):
            x = net.add(f"a{number}", self._first(), x)
        narrow, wide = (192, 256) if self.version == 1 else (256, 384)
        reduction = InceptionReductionA(
            filters_double_reduce=narrow, filters_double_middle=narrow, filters_double=wide, learned_scale=self.learned_scale
        )
        x = net.add("reduction_a", reduction, x)
        for number in range(1, second + 1):
            x = net.add(f"b{number}", self._second(), x)
        x = net.add("reduction_b", self._reduction(), x)
        for number in range(1, third + 1):
            x = net.add(f"c{number}", self._third(), x)
        x = net.add(f"c{third + 1}", self._third(scale=1.0, last_activation=False), x)
        return self.ended(net, x if self.version == 1 else self.convolved(net, x, "6", 1536, 1))

    def _stem(self, net: Wiring, x: Node) -> Node:
        x = self.begun(net, x)
        if self.version == 1:
            return self.convolved(net, x, "6", 256, strides=self.first_strides, padding=self.edge)
        return net.add("mixed", InceptionA(filters_1x1=96, filters_pool=64, learned_scale=self.learned_scale), self.pooled(net, x, "2"))

    def _first(self) -> InceptionResNetA:
        narrow = {"filters_double_middle": 32, "filters_double": 32} if self.version == 1 else {}
        return InceptionResNetA(learned_scale=self.learned_scale, **narrow)

    def _second(self) -> InceptionResNetB:
        narrow = {"filters_1x1": 128, "filters_reduce": 128, "filters_middle": 128, "filters_last": 128} if self.version == 1 else {}
        return InceptionResNetB(learned_scale=self.learned_scale, **narrow)

    def _third(self, **settings: Any) -> InceptionResNetC:
        narrow = {"filters_middle": 192, "filters_last": 192} if self.version == 1 else {}
        return InceptionResNetC(learned_scale=self.learned_scale, **narrow, **settings)

    def _reduction(self) -> InceptionResNetReductionB:
        narrow = {"filters_second": 256, "filters_double_middle": 256, "filters_double": 256} if self.version == 1 else {}
        return InceptionResNetReductionB(learned_scale=self.learned_scale, **narrow)
