"""Small pictures of sounds: the outline of their waves, and what is heard at each moment and pitch."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.datasets.readers.sounds import Sound, waveform
from studio.ui.shown.base import Part, address

COLUMNS, BANDS = 128, 64
OUTLINE = 96
"""Places at which the outline of the waves is given."""
DRAWN_SECONDS = 120.0
"""Of longer sounds the beginning is drawn."""
PLAYED_BYTES = 20_000_000
"""A larger file is not sent to be played."""
DEPTH_DECIBELS = 70.0
"""What is softer than the loudest moment by more than this is drawn in black."""
_FRAME_SECONDS = 0.032
_COLOURS = ((0, 0, 4), (40, 11, 84), (101, 21, 110), (159, 42, 99), (212, 72, 66), (245, 125, 21), (250, 193, 39), (252, 255, 164))


def part_of(data: bytes, source: str | None) -> Part:
    """A sound as a part of a page.

    Args:
        data: The bytes of a `Sound`.
        source: The address under which it is played; None for one that is too large.

    Returns:
        `picture` (its spectrogram as a data address), `wave` (pairs of lowest and highest value, one after the other), `seconds`,
        `rate`, and `sound`.
    """
    values, rate, seconds = waveform(data, DRAWN_SECONDS)
    return {
        "kind": "sound",
        "picture": address(spectrogram(values, rate)),
        "wave": outline(values),
        "seconds": round(seconds, 3),
        "rate": rate,
        "sound": source,
    }


def given_part(sound: Sound) -> Part:
    """A sound that somebody handed over, with the sound itself."""
    return part_of(sound.data, address(sound.data, "audio/wav") if len(sound.data) <= PLAYED_BYTES else None)


def outline(values: NDArray[np.float32]) -> list[float]:
    """The lowest and the highest value in each of 96 stretches."""
    edges = np.linspace(0, len(values), OUTLINE + 1).astype(int)
    found: list[float] = []
    for start, end in pairwise(edges):
        stretch = values[start : max(end, start + 1)]
        found += [round(float(stretch.min()), 3), round(float(stretch.max()), 3)] if len(stretch) else [0.0, 0.0]
    return found


def spectrogram(values: NDArray[np.float32], rate: int) -> bytes:
    """A PNG of time (to the right) and pitch (up, as the ear tells it apart), from soft (dark) to loud (bright)."""
    from PIL import Image

    frame = 1 << max(4, int(_FRAME_SECONDS * rate).bit_length())
    padded = np.pad(values, (frame // 2, frame // 2 + 1))
    starts = np.linspace(0, max(len(values) - 1, 0), COLUMNS).astype(int)
    cut = padded[starts[:, None] + np.arange(frame)] * np.hanning(frame)
    power = np.square(np.abs(np.fft.rfft(cut, axis=1)))
    hertz = _as_hertz(np.linspace(_as_pitch(20.0), _as_pitch(rate / 2), BANDS))
    bins = np.arange(power.shape[1]) * rate / frame
    banded = np.stack([np.interp(hertz, bins, row) for row in power])
    loudness = 10 * np.log10(np.maximum(banded, 1e-12))
    scaled = np.clip((loudness - loudness.max()) / DEPTH_DECIBELS + 1, 0, 1) if banded.max() > 1e-10 else np.zeros_like(loudness)
    image = Image.fromarray(np.round(scaled.T[::-1] * 255).astype(np.uint8))
    image.putpalette(_palette())
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _palette() -> list[int]:
    places = np.linspace(0, 255, len(_COLOURS))
    channels = [np.interp(np.arange(256), places, [colour[channel] for colour in _COLOURS]) for channel in range(3)]
    return [int(value) for value in np.stack(channels, axis=1).round().reshape(-1)]


def _as_pitch(hertz: Any) -> Any:
    return 1127 * np.log1p(np.asarray(hertz) / 700)


def _as_hertz(pitch: Any) -> Any:
    return 700 * np.expm1(np.asarray(pitch) / 1127)
