"""Makes the built-in set "signs": `python -m studio.datasets.synthetic_signs FILE.zip`. The same call makes the same pictures."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SEED = 11
SIGNS, DRAWINGS = 36, 15
SIDE = 28
_FINER = 4
"""Lines are drawn so many times larger, and then made smaller, so that their edges are smooth."""
_GRID = 3
_LEVELS = 16
"""Grey levels, which keep the files small."""

Points = NDArray[np.float64]


def samples() -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """The name of each sign with a drawing of it: two or three bent strokes between places of a grid, each time by another hand."""
    for number in range(SIGNS):
        chance = np.random.default_rng([SEED, number])
        strokes = _strokes(chance)
        for drawing in range(DRAWINGS):
            yield f"sign {number + 1:02d}", _drawn(strokes, np.random.default_rng([SEED, number, drawing]))


def _strokes(chance: np.random.Generator) -> list[Points]:
    """Begin, bend and end of each stroke, from -1 to 1."""
    found: list[Points] = []
    last: Points | None = None
    for _ in range(int(chance.integers(2, 4))):
        places = chance.choice(_GRID * _GRID, 2, replace=False)
        ends = np.stack([places % _GRID, places // _GRID], axis=1) / (_GRID - 1) * 2 - 1
        if last is not None and chance.random() < 0.6:
            ends[0] = last
        bend = ends.mean(axis=0) + chance.normal(0, 0.5, 2) * (chance.random() < 0.6)
        found.append(np.stack([ends[0], bend, ends[1]]))
        last = ends[1]
    return found


def _drawn(strokes: list[Points], chance: np.random.Generator) -> NDArray[np.uint8]:
    """A drawing in dark on light: strokes a little off their places, the whole moved, turned, slanted and stretched."""
    angle, slant = chance.normal(0, 0.12), chance.normal(0, 0.12)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array([[1, slant], [0, 1]])
    size = SIDE * _FINER
    scale = chance.uniform(0.24, 0.32, 2) * size
    middle = size / 2 + chance.normal(0, 0.03, 2) * size
    picture = Image.new("L", (size, size), 255)
    pen = ImageDraw.Draw(picture)
    width = round(chance.uniform(1.4, 2.8) * _FINER)
    share = np.linspace(0, 1, 17)[:, None]
    for stroke in strokes:
        begin, bend, end = stroke + chance.normal(0, 0.09, stroke.shape)
        line = ((1 - share) ** 2 * begin + 2 * share * (1 - share) * bend + share**2 * end) @ turn.T * scale + middle
        pen.line([tuple(point) for point in line.tolist()], fill=0, width=width, joint="curve")
        for x, y in (line[0], line[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=0)
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), np.float64)
    return (np.round(small / 255 * (_LEVELS - 1)) * (255 // (_LEVELS - 1))).astype(np.uint8)


def write(path: Path) -> None:
    """Writes the set as a zip of a folder per sign."""
    counts: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, pixels in samples():
            counts[name] = counts.get(name, 0) + 1
            content = io.BytesIO()
            Image.fromarray(pixels).save(content, "PNG", optimize=True)
            archive.writestr(zipfile.ZipInfo(f"{name}/{counts[name]:02d}.png", date_time=(2026, 1, 1, 0, 0, 0)), content.getvalue())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
