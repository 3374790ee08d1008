"""The built-in sounds with a transcript: melodies made by rule. `python -m studio.datasets.synthetic_melodies FILE.zip` writes them."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.datasets.synthetic_objects import put

SEED = 2026
COUNT = 240
RATE = 4_000
PITCHES = {"c": 261.6, "d": 293.7, "e": 329.6, "f": 349.2, "g": 392.0, "a": 440.0, "b": 493.9}
"""Notes with their frequencies in hertz."""
MOST_NOTES = 5


def samples() -> Iterator[tuple[NDArray[np.float32], str]]:
    """Melodies of one to five notes with what is played: each note fades, is shorter or longer, softer or louder, and a pause follows."""
    chance = np.random.default_rng(SEED)
    for _ in range(COUNT):
        text = "".join(chance.choice(list(PITCHES), chance.integers(1, MOST_NOTES + 1)))
        parts = [np.zeros(round(RATE * chance.uniform(0.0, 0.05)))]
        for note in text:
            seconds = np.arange(round(RATE * chance.uniform(0.1, 0.16))) / RATE
            tone = np.sin(2 * np.pi * PITCHES[note] * seconds) + 0.3 * np.sin(4 * np.pi * PITCHES[note] * seconds)
            parts += [chance.uniform(0.3, 0.7) * np.exp(-12 * seconds) * tone, np.zeros(round(RATE * chance.uniform(0.02, 0.05)))]
        yield np.concatenate(parts).astype(np.float32), text


def write(path: Path) -> None:
    """Writes the set: melodies/NNN.flac and melodies.csv."""
    import soundfile

    lines = ["file,notes"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (values, text) in enumerate(samples()):
            name, out = f"melodies/{number:03}.flac", io.BytesIO()
            soundfile.write(out, values, RATE, format="FLAC", subtype="PCM_16")
            put(archive, name, out.getvalue())
            lines.append(f"{name},{text}")
        put(archive, "melodies.csv", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
