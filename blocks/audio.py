"""Sound: from samples to what is heard at each moment and pitch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from blocks.base import LayerBlock
from blocks.fields import RARE, Padding, PositiveFloat
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape

SAMPLES: JsonDict = {"unit": "samples"}
RARE_SAMPLES: JsonDict = {"unit": "samples", "frequent": False}
_Length = Annotated[int, Field(ge=2, le=65_536)]
_Step = Annotated[int, Field(ge=1, le=65_536)]
WindowName = Literal["hann", "hamming", "blackman", "bartlett", "boxcar", "cosine", "flattop", "nuttall", "parzen", "triang"]


class STFTSpectrogram(LayerBlock):
    """Cuts sound into short frames and says how loud each frequency is in each of them (short-time Fourier transform).

    Use it behind an Input of samples, with Conv1D or LSTM behind it, or, with expand_dims, with Conv2D. Its weights are the waves it looks
    for; they aren't trained.

    Formula: S[t, f] = sum over n of x[t * frame_step + n] * window[n] * exp(-2i * pi * f * n / fft_length); log: log |S|, psd: |S|^2
    Shapes: (samples) or (samples, channels) -> (steps, channels * frequencies), with frequencies = floor(fft_length / 2) + 1, twice as many
        for "stft"; with expand_dims (steps, frequencies, channels). "valid" gives steps = floor((samples - frame_length) / frame_step) + 1,
        "same" ceil(samples / frame_step).
    Weights: waves * frame length * frequencies; waves is 1 for "real" and "imag", otherwise 2.
    Source: Allen (1977), Short term spectral analysis, synthesis, and modification by discrete Fourier transform, IEEE TASSP 25.
    """

    category = "audio"
    layer = "blocks.layers.spectrograms.STFTSpectrogram"
    ranks = (1, 2)
    preprocessing = True

    mode: Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"] = Field(
        "log", description='What is given: the logarithm of the loudness, the loudness, its square, a part of the complex number, or both ("stft").'
    )
    frame_length: _Length = Field(256, description="Length of a frame.", json_schema_extra=SAMPLES)
    frame_step: _Step | None = Field(None, description="Distance between frames; empty: half of their length.", json_schema_extra=SAMPLES)
    fft_length: _Length | None = Field(
        None, description="Length to which a frame is filled up, an even number; empty: the next power of 2.", json_schema_extra=RARE_SAMPLES
    )
    window: WindowName | None = Field("hann", description="How a frame fades in and out; empty: not at all.", json_schema_extra=RARE)
    periodic: bool = Field(False, description="Takes the window as one of many in a row.", json_schema_extra=RARE)
    scaling: Literal["density", "spectrum"] | None = Field(
        "density", description="By what the window is divided: the root of its squares, or its sum; empty: nothing.", json_schema_extra=RARE
    )
    padding: Padding = Field("valid", description='"same" also takes frames that stick out, filled up with silence; "valid" does not.')
    expand_dims: bool = Field(False, description="Gives a picture (steps, frequencies, channels), for Conv2D.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.frame_step is not None and self.frame_step > self.frame_length:
            raise ValueError(f"frame_step must be at most frame_length ({self.frame_length})")
        if self.fft_length is not None and (self.fft_length < self.frame_length or self.fft_length % 2):
            raise ValueError(f"fft_length must be even and at least frame_length ({self.frame_length})")
        return self

    @property
    def step(self) -> int:
        """Distance between frames."""
        return self.frame_step or self.frame_length // 2

    @property
    def frequencies(self) -> int:
        """Frequencies that are told apart."""
        return (self.fft_length or 1 << (self.frame_length - 1).bit_length()) // 2 + 1

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        shape = inputs[0].shape
        if len(shape) == 2 and shape[1] is None:
            return "STFTSpectrogram: invalid input. Expected: a known number of channels. Received: one that varies.", "Give the shape in the Input."
        if shape[0] is not None and shape[0] < self.frame_length and self.padding == "valid":
            return (
                f"STFTSpectrogram: invalid frame_length. Expected: at most the {shape[0]} samples. Received: {self.frame_length}.",
                'Set padding to "same", or use shorter frames.',
            )
        return None

    def sizes(self, shape: Shape) -> list[Size]:
        found = [Size(2 if self.expand_dims and len(shape) == 2 else 1, "channels * waves * frequencies", self._numbers(shape))]
        if self.expand_dims:
            found = [Size(1, "waves * frequencies", self._numbers(shape))]
        if shape[0] is not None:
            numbers = {"samples": shape[0], "frame length": self.frame_length, "frame step": self.step}
            formula = "floor((samples - frame length) / frame step) + 1" if self.padding == "valid" else "ceil(samples / frame step)"
            found.insert(0, Size(0, formula, numbers))
        return found

    def _numbers(self, shape: Shape) -> dict[str, int | float]:
        channels = (shape[1] or 1) if len(shape) == 2 else 1
        return {"channels": channels, "waves": 2 if self.mode == "stft" else 1, "frequencies": self.frequencies}

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"waves": 1 if self.mode in ("real", "imag") else 2, "frequencies": self.frequencies}


class MelSpectrogram(LayerBlock):
    """Says how loud each pitch is at each moment, in bands as the ear tells them apart (mel scale).

    Use it behind an Input of samples for speech, music and noises, with Conv1D or LSTM behind it, or, with expand_dims, with Conv2D.

    Formula: y[t, m] = 10 * log10(sum over f of |S[t, f]|^mag_exp * triangle_m[f]), S as in STFTSpectrogram; mel = 1127 * ln(1 + hertz / 700);
        centered: minus the mean of all y[t, m]
    Shapes: (samples) -> (steps, num_mel_bins), steps = floor((samples + 2 * floor(fft_length / 2) - fft_length) / sequence_stride) + 1; with
        expand_dims (steps, num_mel_bins, 1).
    Source: Davis and Mermelstein (1980), doi:10.1109/TASSP.1980.1163420; scale: Stevens, Volkmann and Newman (1937), doi:10.1121/1.1915893.
    """

    category = "audio"
    layer = "blocks.layers.spectrograms.MelSpectrogram"
    ranks = (1,)
    preprocessing = True

    num_mel_bins: int = Field(128, ge=1, le=4096, description="Bands of pitch.")
    sampling_rate: int = Field(16_000, ge=2, le=10_000_000, description="Samples per second of the sound.", json_schema_extra={"unit": "hertz"})
    fft_length: _Length = Field(2048, description="Length of a frame.", json_schema_extra=SAMPLES)
    sequence_stride: _Step = Field(512, description="Distance between frames.", json_schema_extra=SAMPLES)
    sequence_length: _Length | None = Field(
        None, description="Length of the window in a frame; empty: the whole frame.", json_schema_extra=RARE_SAMPLES
    )
    window: Literal["hann", "hamming"] | None = Field("hann", description="How a frame fades in and out; empty: not at all.", json_schema_extra=RARE)
    min_freq: float = Field(20.0, ge=0, le=5e6, description="Lowest pitch.", json_schema_extra={"unit": "hertz"})
    max_freq: float | None = Field(
        None, gt=0, le=5e6, description="Highest pitch; empty: half of the sampling rate.", json_schema_extra={"unit": "hertz"}
    )
    power_to_db: bool = Field(True, description="Gives decibels, a logarithm, as the ear hears.")
    top_db: PositiveFloat = Field(
        80.0,
        le=1e6,
        description="What is softer than the loudest value by more than this is cut off.",
        json_schema_extra={"frequent": False, "unit": "decibels", "shown_if": {"power_to_db": True}},
    )
    mag_exp: PositiveFloat = Field(2.0, le=16.0, description="1 takes the loudness, 2 its power.", json_schema_extra=RARE)
    min_power: PositiveFloat = Field(
        1e-10, le=1e6, description="Least value before the logarithm.", json_schema_extra={"frequent": False, "shown_if": {"power_to_db": True}}
    )
    ref_power: PositiveFloat = Field(
        1.0, le=1e6, description="The value that counts as 0 decibels.", json_schema_extra={"frequent": False, "shown_if": {"power_to_db": True}}
    )
    centered: bool = Field(
        False,
        description="Takes its mean off each sound, so that how loud all of it is does not count.",
        json_schema_extra={"frequent": False, "shown_if": {"power_to_db": True}},
    )
    expand_dims: bool = Field(False, description="Gives a picture (steps, bands, 1), for Conv2D.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.sequence_length is not None and self.sequence_length > self.fft_length:
            raise ValueError(f"sequence_length must be at most fft_length ({self.fft_length})")
        highest = self.sampling_rate / 2 if self.max_freq is None else self.max_freq
        if highest > self.sampling_rate / 2:
            raise ValueError(f"max_freq must be at most half of sampling_rate ({self.sampling_rate / 2:g})")
        if self.min_freq >= highest:
            raise ValueError(f"min_freq must be below {'max_freq' if self.max_freq is not None else 'half of sampling_rate'} ({highest:g})")
        return self

    def steps(self, samples: int) -> int:
        """Frames of a sound of so many samples."""
        return (samples + 2 * (self.fft_length // 2) - self.fft_length) // self.sequence_stride + 1

    def arguments(self) -> dict[str, Any]:
        given = self.model_dump()
        return {**given, "max_freq": self.max_freq or self.sampling_rate / 2}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        samples = inputs[0].shape[0]
        if samples is not None and samples <= self.fft_length // 2:
            return (
                f"MelSpectrogram: invalid fft_length. Expected: below twice the {samples} samples. Received: {self.fft_length}.",
                "Use shorter frames.",
            )
        return None

    def sizes(self, shape: Shape) -> list[Size]:
        if shape[0] is None:
            return []
        numbers = {"samples": shape[0], "fft length": self.fft_length, "stride": self.sequence_stride}
        return [Size(0, "floor((samples + 2 * floor(fft length / 2) - fft length) / stride) + 1", numbers)]
