"""Inception version 3."""

from __future__ import annotations

from typing import Any, ClassVar

from blocks.adaptive_pooling import AdaptiveAveragePooling2D
from blocks.composite.inception import InceptionA, InceptionB, InceptionC
from blocks.composite.inception_reduction import InceptionReductionA, InceptionReductionB
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.auxiliary import WithAuxiliaryHeads
from presets.base import Golden, Stages
from presets.inception_stem import IMAGENET, InceptionStem

AUXILIARY_BINS = 5
POOLED = (32, 64, 64)
"""Channels behind the pooling of each module of the first kind."""
LONG = (128, 160, 160, 192)
"""Channels within the longer branches of each module of the second kind."""
KERAS = "keras.applications 3.15.1"
PASSED = Stages.squares(
    f"{KERAS}; table 1 likewise, but for the order of the convolutions in front",
    (149, 32), (147, 32), (147, 64), (73, 64), (73, 80), (71, 192), (35, 192), (35, 256), (35, 288), (17, 768), (8, 1280), (8, 2048), (2048,),
)  # fmt: skip


class InceptionV3(InceptionStem, WithAuxiliaryHeads):
    """Large windows as two small ones, one behind the other, and 7x7 ones as 1x7 and 7x1: more to see for the same price.

    Use it for pictures of 150 x 150 pixels and more; as good as ResNet152 with a third of its products.

    As keras.applications has it, so that its weights fit; with learned_scale it is the form of torchvision. With auxiliary_heads there is
    one output in the middle, whose loss counts 0.3.

    Departs from the paper: no label smoothing of its own (set it in the training); in front of the output in the middle stands a mean over
    5 x 5 bins, so that any size of picture fits.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its modules; at 1,000 classes 23,817,352, with learned_scale 23,834,568, and 27,161,264 with the output in the middle.
    Source: Szegedy et al. (2015), Rethinking the Inception architecture for computer vision, arXiv:1512.00567, table 1.
    """

    title = "Inception v3"
    year = 2015
    paper = "Szegedy et al., Rethinking the Inception architecture for computer vision, arXiv:1512.00567"
    variants: ClassVar[dict[str, dict[str, Any]]] = {"InceptionV3": {"learned_scale": False}}
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 75
    golden = (
        Golden("InceptionV3", IMAGENET, 1000, 23_817_352, f"{KERAS}, without the statistics", multiply_adds=5_713_000_000, stages=PASSED),
        Golden(
            "InceptionV3", IMAGENET, 1000, 23_834_568, "torchvision 0.29.1, without the auxiliary output", multiply_adds=5_713_000_000,
            params={"learned_scale": True},
        ),
        Golden(
            "InceptionV3", IMAGENET, 1000, 27_161_264, "torchvision 0.29.1", params={"learned_scale": True, "auxiliary_heads": True},
        ),
    )  # fmt: skip

    def wire(self, net: Wiring, x: Node) -> Node:
        scale = self.learned_scale
        x = self.pooled(net, self.begun(net, x), "2")
        for number, pooled in enumerate(POOLED, start=1):
            x = net.add(f"a{number}", InceptionA(filters_pool=pooled, learned_scale=scale), x)
        x = net.add("reduction_a", InceptionReductionA(learned_scale=scale), x)
        for number, long in enumerate(LONG, start=1):
            x = net.add(f"b{number}", InceptionB(filters_7x7_reduce=long, filters_7x7_middle=long, learned_scale=scale), x)
        x = net.add("reduction_b", InceptionReductionB(learned_scale=scale), x)
        for number in (1, 2):
            x = net.add(f"c{number}", InceptionC(learned_scale=scale), x)
        return self.ended(net, x)

    def auxiliary(self, net: Wiring) -> dict[str, Node]:
        x = net.add("auxiliary_bins", AdaptiveAveragePooling2D(output_size=AUXILIARY_BINS), Node(f"b{len(LONG)}"))
        x = self.convolved(net, x, "_auxiliary1", 128, 1)
        x = self.convolved(net, x, "_auxiliary2", 768, AUXILIARY_BINS)
        return {"auxiliary": net.add("auxiliary_pool", GlobalAveragePooling2D(), x)}
