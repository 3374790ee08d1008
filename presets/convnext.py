"""ConvNeXt."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.composite.convnext import ConvNeXtBlock
from blocks.composite.units import conv
from blocks.fields import Probability
from blocks.normalization import LayerNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

SIZES: dict[str, tuple[tuple[int, ...], tuple[int, ...], float]] = {
    "tiny": ((3, 3, 9, 3), (96, 192, 384, 768), 0.1),
    "small": ((3, 3, 27, 3), (96, 192, 384, 768), 0.4),
    "base": ((3, 3, 27, 3), (128, 256, 512, 1024), 0.5),
    "large": ((3, 3, 27, 3), (192, 384, 768, 1536), 0.5),
    "xlarge": ((3, 3, 27, 3), (256, 512, 1024, 2048), 0.5),
}
"""Blocks and channels of the four stages, and the paper's stochastic depth."""
EPSILON = 1e-6
IMAGENET = (224, 224, 3)
KERAS = "keras.applications 3.15.1"
TABLE = Stages.squares("table 9", (56, 96), (28, 192), (14, 384), (7, 768), (768,))


class ConvNeXt(WithStem):
    """A convolutional network laid out like a Transformer: large windows over single channels, few normalisations, GELU.

    Use it where accuracy counts most and a GPU is at hand.

    Departs from the paper: weights begin by He's distribution, in place of a normal one of deviation 0.02.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of ConvNeXtBlock says; at 1,000 classes 28,589,128 (tiny), 50,223,688 (small), 88,591,464 (base) and
        197,767,336 (large).
    Source: Liu et al. (2022), A ConvNet for the 2020s, arXiv:2201.03545, figure 4 and table 9.
    """

    title = "ConvNeXt"
    year = 2022
    paper = "Liu et al., A ConvNet for the 2020s, arXiv:2201.03545"
    variants: ClassVar[dict[str, dict[str, Any]]] = {
        f"ConvNeXt{'XLarge' if scale == 'xlarge' else scale.capitalize()}": {"scale": scale} for scale in SIZES
    }
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("ConvNeXtTiny", IMAGENET, 1000, 28_589_128, KERAS, stages=TABLE),
        Golden("ConvNeXtSmall", IMAGENET, 1000, 50_223_688, KERAS, stages=TABLE),
        Golden("ConvNeXtBase", IMAGENET, 1000, 88_591_464, KERAS),
        Golden("ConvNeXtLarge", IMAGENET, 1000, 197_767_336, KERAS),
        Golden("ConvNeXtXLarge", IMAGENET, 1000, 350_196_968, KERAS),
    )

    scale: Literal["tiny", "small", "base", "large", "xlarge"] = Field("tiny", description="Which of the paper's sizes.")
    stochastic_depth: Probability | None = Field(
        None, description="Share of samples that pass by the last block in training, less before it; empty: the paper's, 0.1 to 0.5."
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        blocks, channels, usual = SIZES[self.scale]
        depth = usual if self.stochastic_depth is None else self.stochastic_depth
        x = net.chain(
            x,
            stem=conv(channels[0], 3, use_bias=True) if self.is_small else conv(channels[0], 4, strides=4, padding="valid", use_bias=True),
            stem_norm=LayerNormalization(epsilon=EPSILON),
        )
        passed = 0
        for stage, (count, filters) in enumerate(zip(blocks, channels, strict=True), start=1):
            if stage > 1:
                x = net.chain(
                    x,
                    **{
                        f"norm{stage}": LayerNormalization(epsilon=EPSILON),
                        f"halving{stage}": conv(filters, 2, strides=2, padding="valid", use_bias=True),
                    },
                )
            for number in range(1, count + 1):
                x = net.add(f"stage{stage}_block{number}", ConvNeXtBlock(stochastic_depth=depth * passed / (sum(blocks) - 1)), x)
                passed += 1
        return net.chain(x, pool=GlobalAveragePooling2D(), norm=LayerNormalization(epsilon=EPSILON))
