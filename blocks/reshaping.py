"""Blocks that only rearrange, pad or enlarge."""

from __future__ import annotations

from blocks.base import LayerBlock


class Flatten(LayerBlock):
    """Lines up all numbers of a sample in one vector.

    Use it between feature maps and dense layers; a global pooling block needs far fewer weights after it.

    Shapes: (any, any, ...) -> (product of the axes).
    """

    category = "reshaping"
    layer = "keras.layers.Flatten"
