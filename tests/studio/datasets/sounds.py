"""Sounds made on the spot."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
from numpy.typing import NDArray

RATE = 8_000


def tone(hertz: float, seconds: float = 0.25, rate: int = RATE, seed: int = 0) -> NDArray[np.float64]:
    """A tone with a little noise, between -1 and 1."""
    moments = np.arange(round(seconds * rate)) / rate
    return 0.5 * np.sin(2 * np.pi * hertz * moments) + np.random.default_rng(seed).normal(0, 0.01, len(moments))


def wav(values: NDArray[np.floating], rate: int = RATE) -> bytes:
    """A WAV file in 16-bit PCM, as Python's own module writes it; `values` are (samples,) or (samples, channels)."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if values.ndim == 1 else values.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(values * 32_767).astype("<i2").tobytes())
    return out.getvalue()


def encoded(values: NDArray[np.floating], form: str, subtype: str | None = None, rate: int = RATE) -> bytes:
    """The same in any format that libsndfile writes."""
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, values, rate, format=form, subtype=subtype)
    return out.getvalue()


def read(data: bytes) -> tuple[NDArray[np.int16], int]:
    """The values (samples, channels) and the rate of a WAV file, by Python's own module."""
    with wave.open(io.BytesIO(data)) as file:
        values = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
        return values, file.getframerate()


def with_sizes(data: bytes, riff: int, body: int) -> bytes:
    """A WAV file of Python's module whose header tells other sizes."""
    return data[:4] + struct.pack("<I", riff) + data[8:40] + struct.pack("<I", body) + data[44:]


def sound_folders(count: int = 10, prefix: str = "") -> dict[str, bytes]:
    """Low and high tones in class folders: {path: bytes}."""
    return {
        f"{prefix}{name}/{number}.wav": wav(tone(hertz + 10 * number, seed=100 * number + hertz))
        for name, hertz in (("low", 300), ("high", 1500))
        for number in range(count)
    }
