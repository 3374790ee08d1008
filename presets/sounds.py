"""How sound presets listen: which spectrogram suits sounds of a rate and a length."""

from __future__ import annotations

from blocks.audio import MelSpectrogram
from blocks.features import Feature

DEFAULT_RATE = 16_000
"""Samples per second where there is no dataset."""
FRAME_SECONDS = 0.032
STEP_SECONDS = 0.02
MOST_STEPS = 128
BANDS = 40
DEPTH_DECIBELS = 50.0
"""What is softer than the loudest moment of a sound by more than this is no part of it: noise of rooms and microphones."""


def rate_of(feature: Feature | None) -> int:
    """Samples per second of a dataset's sounds."""
    return int(feature.statistics.get("sample_rate") or DEFAULT_RATE) if feature else DEFAULT_RATE


def suited_spectrogram(
    feature: Feature | None,
    samples: int,
    bands: int = BANDS,
    step_seconds: float = STEP_SECONDS,
    centered: bool = True,
    most_steps: int = MOST_STEPS,
) -> MelSpectrogram:
    """Frames of about 32 ms, every 20 ms; for long sounds at most 128 of them, and as long as they are apart.

    Args:
        samples: Length of a sound.
        bands: Bands of pitch.
        step_seconds: Distance between frames.
        centered: Whether how loud all of a sound is does not count.
        most_steps: Frames of a long sound.
    """
    rate = rate_of(feature)
    step = max(1, round(step_seconds * rate), -(-samples // most_steps))
    frame = 1 << max(4, (max(round(FRAME_SECONDS * rate), step)).bit_length() - 1)
    while frame < step:
        frame *= 2
    while frame // 2 >= samples and frame > 2:
        frame //= 2
    step = min(frame, step)
    return MelSpectrogram(
        num_mel_bins=bands,
        sampling_rate=rate,
        fft_length=frame,
        sequence_stride=step,
        top_db=DEPTH_DECIBELS,
        centered=centered,
        expand_dims=True,
    )
