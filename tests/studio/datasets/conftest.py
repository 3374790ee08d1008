"""Uploads made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from studio.workspace import Workspace

settings.register_profile("unhurried", deadline=None)  # the first example also pays for imports
settings.load_profile("unhurried")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def picture(seed: int = 0, size: tuple[int, int] = (8, 6), mode: str = "RGB", form: str = "PNG", **settings: object) -> bytes:
    """An encoded picture of random pixels; `size` is width, height."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], bands), dtype=np.uint8)
    image = Image.fromarray(pixels[..., 0] if bands == 1 else pixels, mode if mode != "P" else "L")
    out = io.BytesIO()
    (image.convert("P") if mode == "P" else image).save(out, form, **settings)
    return out.getvalue()


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """Makes a zip of {path: content}; None makes an empty folder."""

    def make(files: Mapping[str, bytes | str | None], name: str = "upload.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner, content in files.items():
                archive.writestr(inner + "/" if content is None else inner, content or b"")
        return path

    return make


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes one file."""

    def make(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return make


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
