"""Contents of uploads made on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from studio.workspace import StudioError


def picture(seed: int = 0, size: tuple[int, int] = (8, 6), mode: str = "RGB", form: str = "PNG", **settings: object) -> bytes:
    """An encoded picture of random pixels; `size` is width, height."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], bands), dtype=np.uint8)
    image = Image.fromarray(pixels[..., 0] if bands == 1 else pixels, mode if mode != "P" else "L")
    out = io.BytesIO()
    (image.convert("P") if mode == "P" else image).save(out, form, **settings)
    return out.getvalue()


def class_folders(classes: Mapping[str, int], prefix: str = "", seed: int = 0, **settings: object) -> dict[str, bytes]:
    """Different pictures in class folders: {path: bytes}."""
    files: dict[str, bytes] = {}
    for name, count in classes.items():
        for number in range(count):
            seed += 1
            files[f"{prefix}{name}/{number}.png"] = picture(seed, **settings)  # type: ignore[arg-type]
    return files


def csv_text(rows: int = 60, target: str = "label") -> str:
    """A small table with two numbers, a category and two classes."""
    generator = np.random.default_rng(1)
    lines = [f"a,b,colour,{target}"]
    lines += [
        f"{generator.normal():.3f},{generator.integers(0, 99)},{('red', 'green', 'blue')[number % 3]},{('yes', 'no')[number % 2]}"
        for number in range(rows)
    ]
    return "\n".join(lines) + "\n"


def refusal(attempt: Callable[[], object]) -> str:
    """The sentence with which an attempt is refused, "" if it is not."""
    try:
        attempt()
    except StudioError as error:
        return str(error) or "an empty sentence\n"
    return ""
