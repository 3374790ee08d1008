"""The built-in pictures with several labels: drawn by rule. `python -m studio.datasets.synthetic_objects FILE.zip` writes them."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SEED = 2026
COUNT = 480
SIDE = 32
LABELS = ("circle", "square", "cross", "bar")
SHARE = 0.4
"""How many of the pictures show each of them."""


def samples() -> Iterator[tuple[Image.Image, tuple[str, ...]]]:
    """Grey pictures with what they show: any number of outlined circles and squares, crosses and bars, one of each at the most."""
    chance = np.random.default_rng(SEED)
    for _ in range(COUNT):
        ground = 16 * chance.integers(0, 4, (SIDE // 4, SIDE // 4), dtype=np.uint8)
        picture = Image.fromarray(np.kron(ground, np.ones((4, 4), np.uint8)))
        shown = tuple(label for label in LABELS if chance.random() < SHARE)
        for label in shown:
            _draw(ImageDraw.Draw(picture), label, chance)
        yield picture, shown


def _draw(drawing: ImageDraw.ImageDraw, label: str, chance: np.random.Generator) -> None:
    size = int(chance.integers(8, 12))
    left, top = (int(place) for place in chance.integers(1, SIDE - 1 - size, 2))
    right, bottom, shade = left + size, top + size, int(chance.integers(140, 256))
    if label == "circle":
        drawing.ellipse((left, top, right, bottom), outline=shade, width=2)
    elif label == "square":
        drawing.rectangle((left, top, right, bottom), outline=shade, width=2)
    elif label == "cross":
        drawing.line((left, top, right, bottom), fill=shade, width=2)
        drawing.line((left, bottom, right, top), fill=shade, width=2)
    else:
        drawing.rectangle((left, top, right, top + 2), fill=shade)


def write(path: Path) -> None:
    """Writes the set: pictures/NNN.png and objects.csv, in which a semicolon stands between labels."""
    lines = ["file,objects"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (picture, shown) in enumerate(samples()):
            name = f"pictures/{number:03}.png"
            put(archive, name, encoded(picture))
            lines.append(f"{name},{';'.join(shown)}")
        put(archive, "objects.csv", ("\n".join(lines) + "\n").encode())


def put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Adds a file under a fixed date, so that the same content makes the same archive."""
    archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def encoded(picture: Image.Image) -> bytes:
    """A picture as PNG."""
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
