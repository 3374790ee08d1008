"""The built-in pictures with columns: gauges drawn by rule. `python -m studio.datasets.synthetic_gauges FILE.zip` writes them."""

from __future__ import annotations

import math
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from studio.datasets.synthetic_objects import encoded, put

SEED = 2026
COUNT = 480
SIDE = 32
_FINE = 4
"""The dial is drawn so many times larger, and then made smaller."""
_SWEEP = (225.0, -45.0)
"""Degrees of the pointer at the beginning and at the end of the dial."""
FULL_SCALES = (10, 25, 60, 100)


class Gauge(NamedTuple):
    """A picture of a dial with what is known of it, and what it shows."""

    picture: Image.Image
    full_scale: int
    direction: str
    reading: float


def samples() -> Iterator[Gauge]:
    """Gauges without figures: what they show follows from the pointer, the full scale, and the direction in which the dial runs."""
    chance = np.random.default_rng(SEED)
    for _ in range(COUNT):
        share, full_scale = chance.uniform(), int(chance.choice(FULL_SCALES))
        direction = str(chance.choice(["clockwise", "counterclockwise"]))
        shown = share if direction == "clockwise" else 1 - share
        yield Gauge(_dial(share, chance), full_scale, direction, round(full_scale * shown, 1))


def _dial(share: float, chance: np.random.Generator) -> Image.Image:
    """A round dial with eleven marks and a pointer, a little off the middle, under light of changing strength."""
    size = SIDE * _FINE
    picture = Image.new("L", (size, size), int(chance.integers(8, 40)))
    drawing = ImageDraw.Draw(picture)
    middle = size / 2 + chance.uniform(-_FINE, _FINE, 2)
    radius, bright = size * 0.42, int(chance.integers(180, 256))
    drawing.ellipse((*(middle - radius), *(middle + radius)), outline=bright // 2, width=_FINE)
    for mark in range(11):
        drawing.line((*_at(middle, mark / 10, 0.8 * radius), *_at(middle, mark / 10, 0.95 * radius)), fill=bright * 2 // 3, width=_FINE - 1)
    drawing.line((*_at(middle, share, -0.15 * radius), *_at(middle, share, 0.75 * radius)), fill=bright, width=_FINE + 2)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX).point(lambda level: 8 * round(level / 8))


def _at(middle: np.ndarray, share: float, radius: float) -> tuple[float, float]:
    """The place on the dial at a share of its sweep, so far from the middle."""
    angle = math.radians(_SWEEP[0] + (_SWEEP[1] - _SWEEP[0]) * share)
    return float(middle[0] + radius * math.cos(angle)), float(middle[1] - radius * math.sin(angle))


def write(path: Path) -> None:
    """Writes the set: dials/NNN.png and gauges.csv."""
    lines = ["file,full_scale,direction,reading"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, gauge in enumerate(samples()):
            name = f"dials/{number:03}.png"
            put(archive, name, encoded(gauge.picture))
            lines.append(f"{name},{gauge.full_scale},{gauge.direction},{gauge.reading}")
        put(archive, "gauges.csv", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
