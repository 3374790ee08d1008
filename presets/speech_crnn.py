"""Convolutions over a spectrogram, and recurrent layers that write down what is heard."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import Field

from blocks.activation import ReLU
from blocks.audio import MelSpectrogram
from blocks.convolution import Conv2D
from blocks.features import Feature
from blocks.fields import Count
from blocks.normalization import BatchNormalization
from blocks.reshaping import Reshape
from blocks.wiring import Node, Wiring
from presets.base import Golden, Situation
from presets.sounds import BANDS, STEP_SECONDS, suited_spectrogram
from presets.transcribing import Transcribing, wanted_steps

STRIDES = {"whole": (1, 1), "halved": (2, 1), "quartered": (2, 2)}
"""How far the two convolutions go in time."""
LONGEST = 1_500
"""Moments of a spectrogram: half a minute in the usual steps."""
FORMULA = (
    "the formula 9 C F + 2 F for each of two convolutions, 8 U (I + U + 1) for each recurrent layer with I inputs, and one dense layer, "
    "counted by hand"
)


class SpeechCRNN(Transcribing):
    """Listens to the spectrogram of a sound: two convolutions over time and pitch, then recurrent layers that read both ways.

    Use it for sounds with a transcript: spoken digits, words, commands. Whole speech needs hours of it, and a GPU.

    The published networks have one to three convolutions and up to seven recurrent layers of 1,760 units; here there are fewer, and the
    time is halved or quartered only where the longest text leaves room for that. SpeechCRNN_slim trains on a processor.

    Shapes: (samples) -> (steps, characters + 1).
    Weights: 9 * channels * filters + 2 * filters for each convolution, and 2 * 4 * (units + inputs + 1) * units for each recurrent layer.
    Source: Amodei et al. (2015), arXiv:1512.02595, section 3.
    """

    title = "Speech CRNN"
    subjects = ("sound",)
    year = 2015
    paper = "Amodei et al., Deep Speech 2: end-to-end speech recognition in English and Mandarin, arXiv:1512.02595"
    variants = {"SpeechCRNN": {}, "SpeechCRNN_slim": {"filters": 16, "units": 64}}
    canonical_shape = (16_000,)
    canonical_classes = 29
    golden = (
        Golden(
            "SpeechCRNN", (16_000,), 29,
            9 * 32 + 64 + 9 * 32 * 32 + 64 + 8 * 128 * (320 + 128 + 1) + 8 * 128 * (256 + 128 + 1) + 257 * 29, FORMULA,
        ),
    )  # fmt: skip

    units: Count = Field(128, description="Units of each recurrent layer in each direction.")
    filters: Count = Field(32, description="Output channels of both convolutions.")
    time: Literal["auto", "whole", "halved", "quartered"] = Field(
        "auto", description="How many steps of the recurrent layers come of the moments of the spectrogram; auto: as few as texts allow."
    )
    bands: Annotated[int, Field(ge=8, le=256)] = Field(BANDS, description="Bands of pitch in the spectrogram.")
    step_seconds: Annotated[float, Field(gt=0, le=1)] = Field(
        STEP_SECONDS, description="Distance between two moments of the spectrogram.", json_schema_extra={"unit": "seconds", "frequent": False}
    )

    def suited(self, situation: Situation) -> Self:
        entry, target = situation.entries[0], situation.targets[0] if situation.targets else None
        if self.time != "auto":
            return self
        moments = self.spectrogram(entry.feature, entry.shape[0] or 0).steps(entry.shape[0] or 0)
        fitting = [name for name, strides in STRIDES.items() if target and moments // math.prod(strides) >= wanted_steps(target)]
        return self.model_copy(update={"time": fitting[-1] if fitting else "whole" if target else "halved"})

    def spectrogram(self, feature: Feature | None, samples: int) -> MelSpectrogram:
        return suited_spectrogram(feature, samples, self.bands, self.step_seconds, most_steps=LONGEST)

    def wire(self, net: Wiring, x: Node) -> Node:
        bands = net.shape(x)[1] or self.bands
        for number in (1, 2):
            along = STRIDES[self.time][number - 1]
            strides = along if along == 2 else (along, 2)
            x = net.add(f"conv{number}", Conv2D(filters=self.filters, kernel_size=3, strides=strides, padding="same", use_bias=False), x)
            x = net.add(f"norm{number}", BatchNormalization(momentum=0.9), x)
            x = net.add(f"relu{number}", ReLU(), x)
            bands = -(-bands // 2)
        x = self.dropped(net, "dropout1", net.add("sequence", Reshape(target_shape=(-1, bands * self.filters)), x))
        for number in range(1, self.layers + 1):
            x = self.reader(number, net, x)
        return self.dropped(net, "dropout2", x)
