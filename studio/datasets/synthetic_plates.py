"""The built-in pictures with a transcript: plates drawn by rule. `python -m studio.datasets.synthetic_plates FILE.zip` writes them."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from studio.datasets.synthetic_objects import encoded, put

SEED = 2026
COUNT = 600
HEIGHT, WIDTH = 32, 96
CHARACTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
"""Without the letters that look like digits."""
SHORTEST, LONGEST = 3, 6
_FINE = 2
"""A plate is drawn so many times larger, and then made smaller."""


def samples() -> Iterator[tuple[Image.Image, str]]:
    """Grey plates with what stands on them: three to six letters and digits, of some size, a little turned, dark on light or light on dark."""
    chance = np.random.default_rng(SEED)
    for _ in range(COUNT):
        text = "".join(chance.choice(list(CHARACTERS), chance.integers(SHORTEST, LONGEST + 1)))
        yield _plate(text, chance), text


def _plate(text: str, chance: np.random.Generator) -> Image.Image:
    ground, ink = (int(chance.integers(low, low + 60)) for low in chance.permutation([20, 175]))
    picture = Image.new("L", (WIDTH * _FINE, HEIGHT * _FINE), ground)
    font = ImageFont.load_default(int(chance.integers(17, 23)) * _FINE)
    left, top, right, bottom = font.getbbox(text)
    room = max(1.0, WIDTH * _FINE - (right - left) - 8)
    place = 4 + chance.uniform(0, room) - left, (HEIGHT * _FINE - (bottom - top)) / 2 - top + chance.uniform(-4, 4)
    ImageDraw.Draw(picture).text(place, text, fill=ink, font=font)
    picture = picture.rotate(chance.uniform(-3, 3), Image.Resampling.BILINEAR, fillcolor=ground).resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    return picture.point(lambda level: 8 * round(level / 8))


def write(path: Path) -> None:
    """Writes the set: plates/NNN.png and plates.csv."""
    lines = ["file,text"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (picture, text) in enumerate(samples()):
            name = f"plates/{number:03}.png"
            put(archive, name, encoded(picture))
            lines.append(f"{name},{text}")
        put(archive, "plates.csv", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
