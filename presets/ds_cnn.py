"""Depthwise separable convolutions for short words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.audio import MelSpectrogram
from blocks.convolution import Conv2D, DepthwiseConv2D
from blocks.features import Feature
from blocks.fields import Count, Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset
from presets.sounds import suited_spectrogram


class DSCNN(Preset):
    """A keyword spotter for small devices: one convolution over time and pitch, then cheap ones, each split into its channels and their mixing.

    Use it for short words and sounds, where the network is to be small.

    The published networks look at ten cepstral coefficients; here they look at ten bands of pitch, in decibels.

    Shapes: (samples) -> (classes).
    Weights: (40 + 3) * filters, blocks * (9 * filters + filters^2 + 6 * filters), and (filters + 1) * classes.
    Source: Zhang, Suda, Lai and Chandra (2017), Hello edge: keyword spotting on microcontrollers, arXiv:1711.07128, table 4.
    """

    title = "DS-CNN"
    subjects = ("sound",)
    year = 2017
    paper = "Zhang, Suda, Lai and Chandra, Hello edge: keyword spotting on microcontrollers, arXiv:1711.07128"
    variants = {
        "DSCNNSmall": {},
        "DSCNNMedium": {"filters": 172, "strides": "time first"},
        "DSCNNLarge": {"filters": 276, "strides": "time first", "blocks": 5},
    }
    canonical_shape = (16_000,)
    canonical_classes = 12
    golden = (Golden("DSCNNSmall", (16_000,), 12, 23_756, "the trainable weights printed by the keyword spotting reference of MLPerf Tiny v0.5"),)

    filters: Count = Field(64, description="Output channels of every convolution.")
    blocks: Annotated[int, Field(ge=1, le=16)] = Field(4, description="Depthwise separable convolutions.")
    strides: Literal["both", "time first"] = Field(
        "both",
        description='Where the size is halved: in "both" directions by the first convolution, or by it in time and by the next one in both.',
    )
    dropout: Probability = Field(0.2, description="Share of values before the dense layer that are set to 0 in training.")
    bands: Annotated[int, Field(ge=8, le=256)] = Field(10, description="Bands of pitch in the spectrogram.")

    def wire(self, net: Wiring, x: Node) -> Node:
        late = self.strides == "time first"
        x = net.chain(
            x,
            conv1=Conv2D(filters=self.filters, kernel_size=(10, 4), strides=(2, 1) if late else 2, padding="same"),
            norm1=BatchNormalization(momentum=0.9),
            relu1=ReLU(),
        )
        for number in range(2, self.blocks + 2):
            depthwise = DepthwiseConv2D(kernel_size=3, strides=2 if late and number == 2 else 1, padding="same")
            x = net.add(f"depthwise{number}", depthwise, x)
            x = net.add(f"depthnorm{number}", BatchNormalization(momentum=0.9), x)
            x = net.add(f"depthrelu{number}", ReLU(), x)
            x = net.add(f"conv{number}", Conv2D(filters=self.filters, kernel_size=1), x)
            x = net.add(f"norm{number}", BatchNormalization(momentum=0.9), x)
            x = net.add(f"relu{number}", ReLU(), x)
        x = net.add("average", GlobalAveragePooling2D(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x

    def spectrogram(self, feature: Feature | None, samples: int) -> MelSpectrogram:
        return suited_spectrogram(feature, samples, self.bands)
