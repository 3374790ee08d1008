"""ESPCN: enlarging at the very end."""

from __future__ import annotations

from pydantic import Field

from blocks.convolution import Conv2D
from blocks.fields import ActivationName
from blocks.rearranging import PixelShuffle
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.restoring import Restoring

BUILT = "counted in a build of the paper's layers in PyTorch"
_FORMULA = "by formula from the layers (5, 64), (3, 32), (3, scale * scale * channels) of sections 2.2 and 3.2"


def _enlarged(side: int, scale: int, channels: int) -> Stages:
    shapes = (side, 64), (side, 32), (side, scale * scale * channels), (scale * side, channels)
    return Stages.squares("figure 1 and section 3.2", *shapes)


class ESPCN(Restoring):
    """Three convolutions on the small picture; the last one gives all pixels of a cell at once, which are then put side by side.

    Use it where enlarging must be quick: everything is computed at the small size.

    The paper trains on the luma and leaves the colours to bicubic interpolation; here all colours are learned.

    Shapes: (height, width, channels) -> (height * scale, width * scale, channels).
    Weights: 1,600 * channels + 64 + 18,464 + 289 * scale * scale * channels; 26,796 for colours and scale 2.
    Source: Shi et al. (2016), Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network,
        arXiv:1609.05158, sections 2.2 and 3.2.
    """

    year = 2016
    paper = (
        "Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network, arXiv:1609.05158"
    )
    variants = {f"ESPCN_x{scale}": {"scale": scale} for scale in (2, 3, 4)}
    canonical_shape = (85, 85, 1)
    canonical_classes = 1
    golden = (
        Golden("ESPCN_x2", (128, 128, 3), 3, 26_796, _FORMULA, multiply_adds=(4_800 + 18_432 + 3_456) * 128 * 128),
        Golden("ESPCN_x3", (17, 17, 1), 1, 22_729, _FORMULA, multiply_adds=(1_600 + 18_432 + 2_592) * 17 * 17),
        Golden("ESPCN_x2", (85, 85, 1), 1, 21_284, BUILT, multiply_adds=153_050_000, stages=_enlarged(85, 2, 1)),
        Golden("ESPCN_x3", (85, 85, 1), 1, 22_729, BUILT, multiply_adds=163_460_000, stages=_enlarged(85, 3, 1)),
        Golden("ESPCN_x4", (85, 85, 1), 1, 24_752, BUILT, multiply_adds=178_020_000, stages=_enlarged(85, 4, 1)),
        Golden("ESPCN_x3", (85, 85, 3), 3, 31_131, BUILT, multiply_adds=224_030_000, stages=_enlarged(85, 3, 3)),
        Golden("ESPCN_x4", (128, 128, 3), 3, 37_200, _FORMULA),
    )

    activation: ActivationName = Field("tanh", description="Function behind the first two convolutions.")

    def wire(self, net: Wiring, x: Node) -> Node:
        factor = self.factor
        wanted = self.channels(net, x) * factor**2
        x = net.chain(
            x,
            conv1=Conv2D(filters=64, kernel_size=5, padding="same", activation=self.activation),
            conv2=Conv2D(filters=32, kernel_size=3, padding="same", activation=self.activation),
            conv3=Conv2D(filters=wanted, kernel_size=3, padding="same"),
        )
        return net.add("pixels", PixelShuffle(factor=factor), x) if factor > 1 else x
