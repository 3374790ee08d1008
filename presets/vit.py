"""The Vision Transformer."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from blocks.composite.transformer import EPSILON, VisionTransformerBlock
from blocks.fields import Count, Probability
from blocks.normalization import LayerNormalization
from blocks.position import ClassToken, PatchEmbedding, PositionEmbedding
from blocks.regularization import Dropout
from blocks.reshaping import Cropping1D, Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

SIZES: dict[str, tuple[int, int, int]] = {"Ti": (192, 12, 3), "S": (384, 12, 6), "B": (768, 12, 12), "L": (1024, 24, 16)}
"""Features, layers and attention heads."""
IMAGENET = (224, 224, 3)
TIMM = "timm 1.0.31"


def _sized(size: str, patch: int) -> dict[str, Any]:
    features, layers, heads = SIZES[size]
    return {"features": features, "layers": layers, "num_heads": heads, "patch_size": patch}


def _sequence(patches: int, features: int) -> Stages:
    """A patch, or the learned step in front of them, is one step of the sequence."""
    return Stages("section 3.1 and table 1", ((patches, features), (patches + 1, features), (1, features), (features,)))


class ViT(Preset):
    """A Transformer that reads a picture as a sequence of patches; a learned step in front collects what they show.

    Use it where there are very many pictures, or weights trained on such; with a few thousand pictures a convolutional network learns
    more. For pictures of about 32 x 32 pixels take a patch_size of 4.

    Departs from the paper: no hidden layer of its own before the output, as in the authors' later code.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formulas of PatchEmbedding and VisionTransformerBlock say; at 224 x 224 x 3 and 1,000 classes 5,717,416 (Ti16),
        22,050,664 (S16), 86,567,656 (B16), 88,224,232 (B32) and 304,326,632 (L16).
    Source: Dosovitskiy et al. (2020), An image is worth 16x16 words: transformers for image recognition at scale, arXiv:2010.11929, table 1;
        Ti and S: Touvron et al. (2020), arXiv:2012.12877.
    """

    title = "Vision Transformer"
    year = 2020
    paper = "Dosovitskiy et al., An image is worth 16x16 words: transformers for image recognition at scale, arXiv:2010.11929"
    variants: ClassVar[dict[str, dict[str, Any]]] = {f"ViT_{size}{patch}": _sized(size, patch) for size in SIZES for patch in (16, 32)}
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("ViT_Ti16", IMAGENET, 1000, 5_717_416, TIMM, multiply_adds=1_254_000_000, stages=_sequence(196, 192)),
        Golden("ViT_S16", IMAGENET, 1000, 22_050_664, TIMM, stages=_sequence(196, 384)),
        Golden("ViT_B16", IMAGENET, 1000, 86_567_656, TIMM, multiply_adds=17_564_000_000, stages=_sequence(196, 768)),
        Golden("ViT_B32", IMAGENET, 1000, 88_224_232, TIMM, stages=_sequence(49, 768)),
        Golden("ViT_B16", (384, 384, 3), 1000, 86_859_496, TIMM, multiply_adds=55_484_000_000, stages=_sequence(576, 768)),
        Golden("ViT_L16", IMAGENET, 1000, 304_326_632, TIMM, stages=_sequence(196, 1024)),
    )

    features: Count = Field(192, description="Length of each patch's vector.")
    layers: Count = Field(12, le=64, description="Transformer layers.")
    num_heads: Count = Field(3, le=64, description="Attention heads; they must divide the features.")
    patch_size: Count = Field(16, le=128, description="Height and width of a patch.", json_schema_extra={"unit": "pixels"})
    dropout: Probability = Field(
        0.0, description="Share of values that are set to 0 in training, behind attention and dense layers; 0.1 in the paper."
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        height, width = net.shape(x)[:2]
        patches = (height or 0) // self.patch_size * ((width or 0) // self.patch_size)
        x = net.chain(
            x,
            patches=PatchEmbedding(units=self.features, patch_size=self.patch_size),
            class_token=ClassToken(),
            positions=PositionEmbedding(),
        )
        if self.dropout:
            x = net.add("dropout", Dropout(rate=self.dropout), x)
        for number in range(1, self.layers + 1):
            x = net.add(f"layer{number}", VisionTransformerBlock(num_heads=self.num_heads, dropout=self.dropout), x)
        return net.chain(x, norm=LayerNormalization(epsilon=EPSILON), first=Cropping1D(cropping=(0, patches)), vector=Flatten())
