"""Makes the built-in set "shapes": `python -m studio.datasets.synthetic_shapes FILE.zip`. The same call makes the same pictures."""

from __future__ import annotations

import io
import math
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SEED = 7
COUNT = 150
SIDE = 48
CLASSES = ("background", "circle", "square", "triangle")
COLOURS = ((0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115))
_QUALITY = 88
_LEAST_CONTRAST = 90.0
"""Least distance of the colours of a shape and its ground, in levels."""

Pixels = NDArray[np.float64]


def samples() -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Pictures (side, side, 3) of one to three shapes on a ground, each with a texture of its own, and their masks (side, side)."""
    for number in range(COUNT):
        chance = np.random.default_rng([SEED, number])
        ground = chance.uniform(30, 225, 3)
        picture, mask = _textured(chance, ground), np.zeros((SIDE, SIDE), np.uint8)
        for _ in range(int(chance.integers(1, 4))):
            kind = int(chance.integers(1, len(CLASSES)))
            inside = _shape(kind, chance)
            if (inside & (mask > 0)).any():
                continue
            picture[inside] = _textured(chance, _apart(chance, ground))[inside]
            mask[inside] = kind
        light = chance.normal(0, 6, (SIDE, SIDE, 1)) + chance.uniform(-15, 15)
        yield np.clip(picture + light, 0, 255).astype(np.uint8), mask


def _apart(chance: np.random.Generator, ground: Pixels) -> Pixels:
    """A colour that can be told from the ground."""
    while True:
        colour = chance.uniform(30, 225, 3)
        if np.linalg.norm(colour - ground) > _LEAST_CONTRAST:
            return colour


def _textured(chance: np.random.Generator, first: Pixels) -> Pixels:
    """A colour that alternates with one like it in stripes, in a grid, in spots, or hardly."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    angle, period = chance.uniform(0, math.pi), chance.uniform(3, 9)
    along = (rows * math.cos(angle) + columns * math.sin(angle)) * 2 * math.pi / period
    across = (columns * math.cos(angle) - rows * math.sin(angle)) * 2 * math.pi / period
    waves = (np.sin(along), np.sin(along) * np.sin(across), np.maximum(np.sin(along), np.sin(across)), 0.3 * np.sin(along / 4))
    share = (waves[int(chance.integers(len(waves)))][..., None] + 1) / 2
    second = np.clip(first + chance.uniform(-50, 50, 3), 0, 255)
    found: Pixels = first * share + second * (1 - share)
    return found


def _shape(kind: int, chance: np.random.Generator) -> NDArray[np.bool_]:
    """The pixels of a circle, a square or a triangle of any size, place and angle, wholly inside the picture."""
    radius = chance.uniform(8, 16)
    middle = chance.uniform(radius, SIDE - radius, 2)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    down, right = rows - middle[0], columns - middle[1]
    if CLASSES[kind] == "circle":
        return np.asarray(down**2 + right**2 <= (0.9 * radius) ** 2)
    corners = 4 if CLASSES[kind] == "square" else 3
    turned = np.arctan2(down, right) + chance.uniform(0, 2 * math.pi)
    sector = 2 * math.pi / corners
    edge = radius * math.cos(sector / 2) / np.cos(np.mod(turned, sector) - sector / 2)
    return np.asarray(np.hypot(down, right) <= edge)


def write(path: Path) -> None:
    """Writes the set: images/NNN.jpg, masks/NNN.png with a palette, classes.txt."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "classes.txt", "".join(f"{name}\n" for name in CLASSES).encode())
        for number, (picture, mask) in enumerate(samples()):
            _put(archive, f"images/{number:03}.jpg", _encoded(Image.fromarray(picture), "JPEG", quality=_QUALITY))
            coloured = Image.fromarray(mask)
            coloured.putpalette([level for colour in COLOURS for level in colour])
            _put(archive, f"masks/{number:03}.png", _encoded(coloured, "PNG", optimize=True))


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def _encoded(image: Image.Image, form: str, **settings: int | bool) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **settings)
    return out.getvalue()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
