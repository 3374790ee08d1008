"""The built-in set of sounds, made by rule: `python -m studio.datasets.synthetic_sounds FILE.zip`."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
PER_CLASS = 25
STEP = 256
"""Values are multiples of this, of 32,768: a packed file is then half as large, and the ear hears a little hiss."""
SEED = 20_261
_DATE = (2026, 1, 1, 0, 0, 0)

Waves = NDArray[np.float64]


def bell(chance: np.random.Generator, moments: Waves) -> Waves:
    """Partials that are no multiples of each other and die away, the high ones first."""
    pitch = chance.uniform(300, 700)
    partials = np.array([1.0, 2.0, 2.76, 5.4]) * pitch
    waves = [np.sin(2 * np.pi * hertz * moments) * np.exp(-moments * (3 + 2 * place)) for place, hertz in enumerate(partials)]
    return np.asarray(np.sum(waves, axis=0) / 2.0)


def chirp(chance: np.random.Generator, moments: Waves) -> Waves:
    """A tone that rises or falls by one to two octaves, with soft ends."""
    low = chance.uniform(400, 900)
    high = low * chance.uniform(2, 4)
    first, last = (low, high) if chance.random() < 0.5 else (high, low)
    length = moments[-1]
    phase = first * moments + (last - first) * np.square(moments) / (2 * length)
    return np.asarray(np.sin(2 * np.pi * phase) * np.sqrt(np.maximum(np.sin(np.pi * moments / length), 0)))


def hiss(chance: np.random.Generator, moments: Waves) -> Waves:
    """Noise that swells and fades."""
    noise = np.diff(chance.normal(0, 0.35, len(moments) + 1))
    swell = np.maximum(np.sin(np.pi * moments / moments[-1]), 0) ** chance.uniform(0.3, 1.0)
    return np.asarray(noise * swell)


def hum(chance: np.random.Generator, moments: Waves) -> Waves:
    """A steady low tone with overtones, that trembles a little."""
    pitch = chance.uniform(80, 200)
    tremble = 1 + 0.15 * np.sin(2 * np.pi * chance.uniform(3, 8) * moments)
    return np.asarray(sum(np.sin(2 * np.pi * pitch * number * moments) / number for number in (1, 2, 3, 4, 6)) * tremble / 2.0)


def knock(chance: np.random.Generator, moments: Waves) -> Waves:
    """One to three short, dull blows."""
    found = np.zeros_like(moments)
    pitch, apart = chance.uniform(120, 320), chance.uniform(0.09, 0.14)
    for number in range(int(chance.integers(1, 4))):
        since = moments - number * apart
        found += np.where(since >= 0, np.sin(2 * np.pi * pitch * since) * np.exp(-np.maximum(since, 0) * 45), 0.0)
    return found


def pluck(chance: np.random.Generator, moments: Waves) -> Waves:
    """A string: noise that goes round in a loop and is smoothed in each round (Karplus and Strong, 1983, doi:10.2307/3680062)."""
    period = int(RATE / chance.uniform(150, 500))
    found = np.zeros(len(moments))
    found[:period] = chance.uniform(-1, 1, period)[: len(found)]
    for place in range(period + 1, len(found)):
        found[place] += 0.497 * (found[place - period] + found[place - period - 1])
    return found


KINDS: dict[str, Callable[[np.random.Generator, Waves], Waves]] = {
    "bell": bell,
    "chirp": chirp,
    "hiss": hiss,
    "hum": hum,
    "knock": knock,
    "pluck": pluck,
}


def sounds() -> Iterator[tuple[str, NDArray[np.int16]]]:
    """Every sound with its path: of 0.3 to 0.5 seconds, of any loudness, beginning a little late, with a faint noise behind it."""
    chance = np.random.default_rng(SEED)
    for name, make in KINDS.items():
        for number in range(PER_CLASS):
            moments = np.arange(int(chance.uniform(0.3, 0.5) * RATE)) / RATE
            waves = make(chance, moments)
            late = int(chance.uniform(0, 0.04) * RATE)
            whole = np.concatenate([np.zeros(late), waves / np.abs(waves).max()])
            loud = whole * chance.uniform(0.15, 0.9) + chance.normal(0, 0.002, len(whole))
            steps = np.round(np.clip(loud, -0.99, 0.99) * 32_768 / STEP)
            yield f"{name}/{number:02}.flac", (steps * STEP).astype(np.int16)


def write(path: Path) -> None:
    """Writes all of them into a zip."""
    import soundfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, values in sounds():
            out = io.BytesIO()
            soundfile.write(out, values, RATE, format="FLAC", subtype="PCM_16", compression_level=1.0)
            archive.writestr(zipfile.ZipInfo(name, _DATE), out.getvalue())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
