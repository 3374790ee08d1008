"""A small convolutional network on spectrograms."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.audio import MelSpectrogram
from blocks.augmentation import RandomTranslation
from blocks.convolution import Conv2D
from blocks.features import Feature
from blocks.fields import Count, Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset
from presets.sounds import BANDS, STEP_SECONDS, suited_spectrogram

LAST_SIDE = 5
"""Stages are added until the spectrogram is smaller than this, in steps or bands."""
LEAST_STAGES, MOST_STAGES = 2, 4
FORMULA = "the formula 9 C F + 2 F for each stage with C channels, and one dense layer"


class SpectrogramCNN(Preset):
    """Looks at the spectrogram of a sound as at a picture: 3x3 convolutions, each followed by halving the size and doubling the filters.

    Use it first for sounds: words, voices, instruments, noises. It trains in minutes on a processor.

    The published networks are wider and pool by larger factors, since they listen to half a minute of music; here the number of
    stages follows the size of the spectrogram. All sounds are made equally loud, and training sounds are moved a little in
    time and in pitch, unless told otherwise.

    Shapes: (samples) -> (classes).
    Weights: per stage 9 * channels * filters + 2 * filters, and (values + 1) * classes.
    Source: Choi, Fazekas and Sandler (2016), arXiv:1606.00298, section 3.
    """

    title = "Spectrogram CNN"
    subjects = ("sound",)
    year = 2016
    paper = "Choi, Fazekas and Sandler, Automatic tagging using deep convolutional neural networks, arXiv:1606.00298"
    canonical_shape = (16_000,)
    golden = (
        Golden(
            "SpectrogramCNN", (16_000,), 10, 9 * 24 + 48 + 9 * 24 * 48 + 96 + 9 * 48 * 96 + 192 + 97 * 10, FORMULA,
            params={"stages": 3, "ending": "average"},
        ),
    )  # fmt: skip

    filters: Count = Field(24, description="Output channels of the first stage; each further stage has twice as many.")
    stages: Annotated[int, Field(ge=1, le=8)] | None = Field(
        None, description="Convolutions, each followed by halving; empty: as the size of the spectrogram allows."
    )
    ending: Literal["average", "flatten"] = Field(
        "flatten", description='What the dense layer sees: "average" of each channel, or "flatten", every place of it.'
    )
    dropout: Probability = Field(0.3, description="Share of values before the dense layer that are set to 0 in training.")
    augmentation: Literal["none", "shift"] = Field(
        "shift", description='"shift" moves each training sound a little in time and pitch, by chance; "none" takes them as they are.'
    )
    loudness: Literal["removed", "kept"] = Field(
        "removed",
        description='"removed" makes all sounds equally loud, so that the distance to the microphone does not count; "kept" leaves them as they are.',
    )
    bands: Annotated[int, Field(ge=8, le=256)] = Field(BANDS, description="Bands of pitch in the spectrogram.")
    step_seconds: Annotated[float, Field(gt=0, le=1)] = Field(
        STEP_SECONDS,
        description="Distance between two moments of the spectrogram; long sounds get larger ones.",
        json_schema_extra={"unit": "seconds", "frequent": False},
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        side = min(size or LAST_SIDE for size in net.shape(x)[:2])
        fitting = max(LEAST_STAGES, min(MOST_STAGES, math.ceil(math.log2(side / LAST_SIDE) + 1e-9)))
        if self.augmentation == "shift":
            x = net.add("shift", RandomTranslation(height_factor=0.1, width_factor=0.05), x)
        for number in range(1, (self.stages or fitting) + 1):
            convolution = Conv2D(
                filters=self.filters * 2 ** (number - 1), kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_normal"
            )
            x = net.add(f"conv{number}", convolution, x)
            if side > 1:
                x = net.add(f"pool{number}", MaxPooling2D(), x)
                side //= 2
            x = net.add(f"norm{number}", BatchNormalization(momentum=0.9), x)
            x = net.add(f"relu{number}", ReLU(), x)
        x = net.add("average", GlobalAveragePooling2D(), x) if self.ending == "average" else net.add("flatten", Flatten(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x

    def spectrogram(self, feature: Feature | None, samples: int) -> MelSpectrogram:
        return suited_spectrogram(feature, samples, self.bands, self.step_seconds, centered=self.loudness == "removed")
