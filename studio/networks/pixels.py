"""Decoded pictures of several sizes side by side, in one flat array that may lie in a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from studio.datasets.readers.pictures import FORMATS
from studio.networks.entering.base import Whole
from studio.networks.entering.pictures import kept
from studio.workspace import replaced


@dataclass(frozen=True)
class Pixels:
    """Pictures one behind the other.

    Args:
        values: All their pixels, row by row: uint8, flat.
        sizes: Height and width of each.
    """

    values: np.ndarray
    sizes: np.ndarray
    channels: int

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, number: int) -> np.ndarray:
        """One picture (height, width, channels), as a view."""
        height, width = self.sizes[number]
        start = self._starts[number]
        flat = self.values[start : start + height * width * self.channels]
        found: np.ndarray = flat.reshape(height, width, self.channels)
        return found

    @cached_property
    def _starts(self) -> np.ndarray:
        lengths = self.sizes.prod(axis=1, dtype=np.int64) * self.channels
        found: np.ndarray = np.cumsum(lengths) - lengths
        return found


def decoded(encoded: bytes, channels: int) -> np.ndarray:
    """One picture as uint8 (height, width, channels)."""
    with Image.open(io.BytesIO(encoded), formats=FORMATS) as picture:
        pixels = np.asarray(picture.convert("L" if channels == 1 else "RGB"))
    return pixels[..., None] if channels == 1 else pixels


def pixels_of(encoded: Sequence[bytes], channels: int, whole: Whole, name: str) -> Pixels:
    """All pictures decoded; in a workspace they are kept for the next time, and read from there where they would fill the memory.

    Args:
        whole: Where they are from.
        name: What tells these pictures of a sample from its others.
    """
    if whole.workspace is None:
        pictures = [decoded(content, channels) for content in encoded]
        sizes = np.array([picture.shape[:2] for picture in pictures], dtype=np.int64).reshape(-1, 2)
        flat = np.concatenate([picture.reshape(-1) for picture in pictures]) if pictures else np.zeros(0, np.uint8)
        return Pixels(flat, sizes, channels)
    place = whole.workspace.cache / whole.key("pixels", name, str(channels))
    values, sizes_file = place.with_suffix(".npy"), place.with_suffix(".sizes.npy")
    if not (values.exists() and sizes_file.exists()):
        sizes = _measured(encoded)
        with replaced(values) as partial:
            _write(partial, encoded, sizes, channels)
        with replaced(sizes_file) as partial, partial.open("wb") as file:
            np.save(file, sizes, allow_pickle=False)
    return Pixels(kept(values), np.load(sizes_file, allow_pickle=False), channels)


def _measured(encoded: Sequence[bytes]) -> np.ndarray:
    """Height and width of each picture, from its head."""
    found = []
    for content in encoded:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            found.append((picture.height, picture.width))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _write(path: Path, encoded: Sequence[bytes], sizes: np.ndarray, channels: int) -> None:
    total = int(sizes.prod(axis=1, dtype=np.int64).sum()) * channels
    file = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(total,))
    place = 0
    for content in encoded:
        pixels = decoded(content, channels).reshape(-1)
        file[place : place + len(pixels)] = pixels
        place += len(pixels)
    file.flush()
