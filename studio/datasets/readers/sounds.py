"""One sound from bytes: checked, and in a form that TensorFlow reads."""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.datasets.readers.source import UnreadableError

SUFFIXES = frozenset({".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3"})
OTHER_SUFFIXES = frozenset({".m4a", ".aac", ".wma", ".aif", ".aiff", ".au", ".amr", ".caf", ".ape", ".wv", ".mid", ".midi", ".ra", ".ac3"})
FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3")
LOWEST_RATE, HIGHEST_RATE = 1_000, 400_000
"""Samples per second that a sound may have."""
MOST_CHANNELS = 64
FULL_SCALE = 32_768
"""What the value 1.0 is in 16 bits."""
_BLOCK_VALUES = 1 << 20
_HEADER = "<4sI4s4sIHHIIHH4sI"
_PCM = 1


class SoundError(UnreadableError):
    """A sound that can't be used; the text completes "Left out 1 sound (...)"."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A checked sound.

    Args:
        data: A WAV file in 16-bit PCM: the given one, or one made of it.
        rate: Samples per second.
        samples: Samples of each channel.
        deep: Whether it had more than 16 bits per value.
        cut: Whether its header announces more than there is.
    """

    data: bytes
    rate: int
    samples: int
    deep: bool = False
    cut: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.samples / self.rate


def read_sound(data: bytes, maximum_values: int) -> Sound:
    """Checks a sound: WAV, FLAC, OGG (Vorbis or Opus) or MP3, whatever its name says.

    Bytes are kept where TensorFlow's `decode_wav` reads them: WAV in 16-bit PCM. Everything else becomes such a file, of one
    channel, the mean of all. Memory never depends on what a header announces.

    Args:
        maximum_values: Samples times channels, at most.

    Raises:
        SoundError: It can't be read, holds no sample, or is too large.
    """
    if not data:
        raise SoundError("empty file")
    plain = _plain(data)
    if plain is None:
        return _decoded(data, maximum_values)
    rate, channels, samples = plain
    _check(rate, channels)
    if samples * channels > maximum_values:
        raise SoundError(_too_long(maximum_values))
    if not samples:
        raise SoundError("no sound in it")
    return Sound(data, rate, samples)


def encode_wav(values: NDArray[np.floating | np.int16], rate: int) -> bytes:
    """A WAV file in 16-bit PCM, of one channel.

    Args:
        values: Between -1 and 1, or 16-bit numbers.
    """
    numbers = values if values.dtype == np.int16 else np.clip(np.round(values * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    body = np.asarray(numbers, dtype="<i2").tobytes()
    header = struct.pack(_HEADER, b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, _PCM, 1, rate, 2 * rate, 2, 16, b"data", len(body))
    return header + body


def waveform(data: bytes, most_seconds: float) -> tuple[NDArray[np.float32], int, float]:
    """What a `Sound`'s bytes hold: values (the mean of the channels, of a longer sound the beginning), their rate, and all its seconds."""
    import soundfile

    with soundfile.SoundFile(io.BytesIO(data)) as file:
        rate, seconds = int(file.samplerate), file.frames / file.samplerate
        values = file.read(min(file.frames, int(most_seconds * rate)), dtype="float32", always_2d=True)
    return np.asarray(values.mean(axis=1), dtype=np.float32), rate, seconds


def _plain(data: bytes) -> tuple[int, int, int] | None:
    """Rate, channels and samples of a file that TensorFlow reads as it is; None for any other."""
    if len(data) < 44 or data[:4] != b"RIFF" or data[8:16] != b"WAVEfmt ":
        return None
    size, form, channels, rate, per_second, block, bits = struct.unpack_from("<IHHIIHH", data, 16)
    if size not in (16, 18) or (form, bits) != (_PCM, 16) or channels < 1 or block != 2 * channels or per_second != block * rate:
        return None
    place = 20 + size
    found: int | None = None
    while place < len(data):
        if place + 8 > len(data):
            return None
        name, length = struct.unpack_from("<4sI", data, place)
        if length % 2 or place + 8 + length > len(data) or (name == b"data" and (found is not None or length % block)):
            return None
        if name == b"data":
            found = length // block
        place += 8 + length
    return None if found is None else (rate, channels, found)


def _decoded(data: bytes, maximum_values: int) -> Sound:
    import soundfile

    parts: list[NDArray[np.int16]] = []
    samples = 0
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.format not in FORMATS:
                raise SoundError(_unknown(data))
            rate, channels = file.samplerate, file.channels
            _check(rate, channels)
            deep = file.subtype in ("PCM_24", "PCM_32", "FLOAT", "DOUBLE")
            while len(block := file.read(max(1, _BLOCK_VALUES // channels), dtype="float32", always_2d=True)):
                samples += len(block)
                if samples * channels > maximum_values:
                    raise SoundError(_too_long(maximum_values))
                if not np.isfinite(block).all():
                    raise SoundError("values that are no numbers")
                mean = np.round(block.mean(axis=1) * FULL_SCALE)
                parts.append(np.clip(mean, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16))
    except (soundfile.SoundFileError, RuntimeError, OSError, ValueError, MemoryError) as error:
        raise SoundError(_unknown(data)) from error
    if not samples:
        raise SoundError("no sound in it")
    return Sound(encode_wav(np.concatenate(parts), rate), rate, samples, deep, _announces_more(data))


def _announces_more(data: bytes) -> bool:
    """Whether the samples of a WAV file go on behind its end, by its header."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return False
    place = 12
    while place + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, place)
        if name == b"data":
            return bool(place + 8 + length > len(data))
        place += 8 + length + length % 2
    return False


def _check(rate: int, channels: int) -> None:
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise SoundError(f"a sample rate of {rate:,} Hz; {LOWEST_RATE:,} to {HIGHEST_RATE:,} are read")
    if channels > MOST_CHANNELS:
        raise SoundError(f"{channels:,} channels; at most {MOST_CHANNELS} are read")


def _too_long(maximum_values: int) -> str:
    return f"more than {maximum_values:,} values"


def _unknown(data: bytes) -> str:
    known = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")
    return "damaged or cut off" if data.startswith(known) else "not a WAV, FLAC, OGG or MP3 sound"


def length_of(seconds: NDArray[np.floating], most_seconds: float) -> float:
    """How long all of these sounds are made: as the longest, if nearly all of them are about as long, else as 95 of 100 are.

    Args:
        most_seconds: The result is at most this.
    """
    longest, usual = float(seconds.max()), float(np.percentile(seconds, 95))
    return min(longest if longest <= 1.25 * usual else usual, most_seconds) if math.isfinite(longest) else most_seconds
