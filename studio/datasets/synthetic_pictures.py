"""Makes the built-in sets "scenes" and "cloth": `python -m studio.datasets.synthetic_pictures NAME FILE.zip`.

The same call makes the same pictures.
"""

from __future__ import annotations

import io
import math
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SCENES, SCENE_SIDE = 12, 128
CLOTHS, TESTED, FAULTY, CLOTH_SIDE = 288, 48, 12, 32
"""Pictures of whole cloth, how many of them are kept for the test, and pictures of cloth with a fault, which are all kept for it."""
FINER = 4
"""Everything is drawn so many times larger and then made smaller, so that edges are smooth."""
_SEED = 11
_QUALITY = 90
_MOST = 2 * math.pi

Pixels = NDArray[np.float64]
Colour = tuple[int, int, int]


def scenes() -> Iterator[tuple[str, bytes]]:
    """Names and files of pictures full of edges, stripes and rings: something to enlarge."""
    for number in range(SCENES):
        chance = np.random.default_rng([_SEED, number])
        picture = Image.fromarray(_ground(chance))
        draw = ImageDraw.Draw(picture)
        for _ in range(int(chance.integers(9, 16))):
            _thing(draw, chance)
        small = np.asarray(picture.resize((SCENE_SIDE, SCENE_SIDE), Image.Resampling.LANCZOS))
        yield f"scene_{number + 1:02}.png", _file(small + chance.normal(0, 1, (SCENE_SIDE, SCENE_SIDE, 1)), "PNG")


def _ground(chance: np.random.Generator) -> NDArray[np.uint8]:
    """Two colours that run into each other, under waves."""
    down, right = np.mgrid[0 : SCENE_SIDE * FINER, 0 : SCENE_SIDE * FINER] / (SCENE_SIDE * FINER)
    angle = chance.uniform(0, _MOST)
    along = math.cos(angle) * right + math.sin(angle) * down
    share = ((along - along.min()) / (along.max() - along.min()))[..., None]
    waves = np.zeros_like(down)
    for octave in range(1, 6):
        turn, rate = chance.uniform(0, math.pi), chance.uniform(3, 26)
        bent = 1.5 * np.sin(_MOST * chance.uniform(1, 4) * down)
        waves += np.sin(_MOST * rate * (math.cos(turn) * right + math.sin(turn) * down) + chance.uniform(0, _MOST) + bent) / octave
    first, second = (np.array(_colour(chance)) for _ in range(2))
    found: Pixels = first * (1 - share) + second * share + 14 * waves[..., None]
    return np.clip(found, 0, 255).astype(np.uint8)


def _thing(draw: ImageDraw.ImageDraw, chance: np.random.Generator) -> None:
    """A disc, a polygon, stripes, a chessboard, a star, or rings."""
    side = SCENE_SIDE * FINER
    x, y = (int(value) for value in chance.integers(0, side, 2))
    size, colour = int(chance.integers(side // 14, side // 4)), _colour(chance)
    match int(chance.integers(6)):
        case 0:
            draw.ellipse((x - size, y - size, x + size, y + size), fill=colour, outline=_colour(chance), width=int(chance.integers(2, 14)))
        case 1:
            turns = np.sort(chance.uniform(0, _MOST, int(chance.integers(3, 8))))
            away = size * chance.uniform(0.5, 1, len(turns))
            draw.polygon([(x + r * math.cos(turn), y + r * math.sin(turn)) for turn, r in zip(turns, away, strict=True)], fill=colour)
        case 2:
            width = int(chance.integers(6, 22))
            for place in range(x - size, x + size, 2 * width):
                draw.line((place, y - size, place + 0.6 * size, y + size), fill=colour, width=width)
        case 3:
            field, other = int(chance.integers(10, 28)), _colour(chance)
            for row in range(0, size, field):
                for column in range(0, size, field):
                    fill = colour if (row + column) // field % 2 else other
                    draw.rectangle((x + column, y + row, x + column + field - 1, y + row + field - 1), fill=fill)
        case 4:
            for turn in np.linspace(0, _MOST, int(chance.integers(12, 30))):
                draw.line((x, y, x + size * math.cos(turn), y + size * math.sin(turn)), fill=colour, width=int(chance.integers(2, 9)))
        case _:
            for radius in range(size, 4, -int(chance.integers(10, 22))):
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=5)


def cloths() -> Iterator[tuple[str, bytes]]:
    """Names and files of pictures of woven cloth, some of it with a spot, a loose thread or a hole: something to find."""
    for number in range(CLOTHS):
        split = "train" if number < CLOTHS - TESTED else "test"
        yield f"{split}/cloth_{number:03}.jpg", _cloth(number, None)
    for number in range(CLOTHS, CLOTHS + FAULTY):
        yield f"test/fault_{number:03}.jpg", _cloth(number, number % 3)


def _cloth(number: int, fault: int | None) -> bytes:
    chance = np.random.default_rng([_SEED, 1000 + number])
    down, right = np.mgrid[0 : CLOTH_SIDE * FINER, 0 : CLOTH_SIDE * FINER] / FINER
    tilt, shift = chance.uniform(-0.08, 0.08), chance.uniform(0, 8, 2)
    across, along = right + tilt * down + shift[0], down - tilt * right + shift[1]
    first, second = (np.abs(place % 8 - 4) / 2.4 for place in (across, along))
    above = (across // 8 + along // 8) % 2 == 0
    warp = (first < 1) & (above | (second >= 1))
    height = np.where(warp, 1 - 0.55 * first**2, np.where(second < 1, 0.92 - 0.55 * second**2, 0.0))[..., None]
    tint = chance.uniform(-14, 14, 3)
    light, dark = np.array([196, 180, 150]) + tint, np.array([96, 72, 58]) + tint / 2
    picture: Pixels = dark * (1 - height) + light * height
    if fault is not None:
        x, y = chance.uniform(8, 24, 2)
        marks = (
            ((right - x) ** 2 + (down - y) ** 2 < chance.uniform(9, 20), np.array([40, 44, 70])),
            (np.abs((right - x) * math.cos(0.7) + (down - y) * math.sin(0.7)) < 1.1, np.array([240, 236, 228])),
            ((np.abs(right - x) < 5) & (np.abs(down - y) < 5), dark),
        )
        inside, colour = marks[fault]
        picture[inside] = colour
    small = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).resize((CLOTH_SIDE, CLOTH_SIDE), Image.Resampling.LANCZOS)
    return _file(np.asarray(small) + chance.normal(0, 2, (CLOTH_SIDE, CLOTH_SIDE, 1)), "JPEG")


def _colour(chance: np.random.Generator) -> Colour:
    red, green, blue = (int(level) for level in chance.integers(20, 236, 3))
    return red, green, blue


def _file(pixels: Pixels, form: str) -> bytes:
    out = io.BytesIO()
    settings = {"optimize": True} if form == "PNG" else {"quality": _QUALITY}
    Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8)).save(out, form, **settings)
    return out.getvalue()


def write(name: str, path: Path) -> None:
    """Writes a set."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file, content in {"scenes": scenes, "cloth": cloths}[name]():
            archive.writestr(zipfile.ZipInfo(file, (2026, 1, 1, 0, 0, 0)), content)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
