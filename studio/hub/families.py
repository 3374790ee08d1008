"""Which networks of keras-hub can be taken, and which can't."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One backbone class of keras-hub.

    Args:
        module: The package in `keras_hub/src/models` that has it; its presets stand there.
        shape: What the argument with the size of the pictures is called.
        fits_any_size: Whether its weights fit pictures of any size.
        repeats: Arguments that say how often something is repeated, so that they can be bounded.
    """

    module: str
    shape: str = "image_shape"
    fits_any_size: bool = True
    repeats: tuple[str, ...] = ()


FAMILIES: dict[str, Family] = {
    "CSPNetBackbone": Family("cspnet", repeats=("stackwise_depth",)),
    "DeiTBackbone": Family("deit", fits_any_size=False, repeats=("num_layers",)),
    "DenseNetBackbone": Family("densenet", repeats=("stackwise_num_repeats",)),
    "EfficientNetBackbone": Family("efficientnet", shape="input_shape", repeats=("stackwise_num_repeats",)),
    "HGNetV2Backbone": Family("hgnetv2", repeats=("depths",)),
    "MobileNetBackbone": Family("mobilenet", repeats=("stackwise_num_blocks",)),
    "ResNetBackbone": Family("resnet", repeats=("stackwise_num_blocks",)),
    "VGGBackbone": Family("vgg", repeats=("stackwise_num_repeats",)),
    "ViTBackbone": Family("vit", fits_any_size=False, repeats=("num_layers",)),
    "XceptionBackbone": Family("xception"),
}
"""By class: those whose layers all have blocks; `python -m benchmarks.hub` measures it."""

REFUSED: dict[str, tuple[str, str]] = {
    "DINOV2Backbone": ("dinov2", "DINOV2Embedding"),
    "DINOV3Backbone": ("dinov3", "DINOV3Embedding"),
    "MiTBackbone": ("mit", "SegFormerMultiheadAttention"),
    "MobileNetV5Backbone": ("mobilenetv5", "RmsNorm2d"),
    "SwinTransformerBackbone": ("swin_transformer", "SwinTransformerBlock"),
}
"""Other networks for pictures: their package, and the layer for which there are no blocks."""


def refusal(name: str, kind: str) -> str:
    """Why a network of a class can't be taken, in one sentence."""
    if kind in REFUSED:
        layer = REFUSED[kind][1]
        return f"{name} can't be taken: its layer {layer} computes what no block does. Choose a network that `studio pretrained --hub` lists."
    return f"{name} can't be taken: {kind[:80]!r} is none of {', '.join(FAMILIES)}."
