"""Pictures in class folders: image-classification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import ClassVar

import numpy as np

from blocks.features import Feature
from studio.datasets.kinds.base import Job
from studio.datasets.kinds.files import ClassFolders, FileWriter, Formats, read_files
from studio.datasets.kinds.folders import Sample
from studio.datasets.readers.pictures import OTHER_SUFFIXES, SUFFIXES, Picture, quiet, read_picture
from studio.datasets.report import Report, counted

IMAGE, HEIGHT, WIDTH = "image", "height", "width"
PICTURES = Formats("picture", frozenset(SUFFIXES), frozenset(OTHER_SUFFIXES), "PNG, JPEG, GIF, BMP or WebP", "save as PNG or JPEG")


class ImageFolders(ClassFolders):
    """Pictures whose folders name their classes."""

    kinds: ClassVar[tuple[str, ...]] = ("image-classification",)
    formats = PICTURES

    def read(self, job: Job, samples: Sequence[Sample]) -> Iterator[tuple[Sample, Picture | str, bytes]]:
        return read_pictures(job, samples)

    def writer(self, job: Job) -> FileWriter:
        return PictureWriter(job.scratch / "pictures.parquet")


def read_pictures(job: Job, samples: Sequence[Sample]) -> Iterator[tuple[Sample, Picture | str, bytes]]:
    """Every sample with its decoded picture or the reason why there is none, in order."""
    coloured = False
    large = Lock()

    def decode(data: bytes) -> Picture:
        nonlocal coloured
        picture = read_picture(data, job.options.limits.picture_pixels, look_for_colour=not coloured, one_at_a_time=large)
        if picture.grey is False:
            coloured = True
        return picture

    with quiet():
        yield from read_files(job, samples, PICTURES.noun, decode)


class PictureWriter(FileWriter):
    """Checked pictures."""

    noun = "picture"
    kind = "image-classification"
    column = IMAGE
    figures = (HEIGHT, WIDTH)

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.grey = True
        self._changed = Counter[str]()

    def add(self, read: Picture, path: str, label: str, split: str | None, checksum: bytes) -> None:
        self.grey = self.grey and read.grey is True
        self._changed.update(change for change in ("transparent", "frames", "deep") if getattr(read, change))
        self.append(read.data, path, label, split, checksum, height=read.height, width=read.width)

    def note_changes(self, report: Report) -> None:
        for change, words in (
            ("transparent", "with transparent parts: shown over white"),
            ("frames", "with several frames (an animation): the first was taken"),
            ("deep", "with more than 8 bits per value: reduced to 8"),
        ):
            if self._changed[change]:
                report.note(f"{counted(self._changed[change], 'picture')} {words}.")

    def input(self, job: Job, train: np.ndarray) -> Feature:  # noqa: ARG002
        heights, widths = np.array(self.measured[HEIGHT]), np.array(self.measured[WIDTH])
        shape = (
            int(heights[0]) if (heights == heights[0]).all() else None,
            int(widths[0]) if (widths == widths[0]).all() else None,
            1 if self.grey else 3,
        )
        sizes = {
            f"{name}_{side}": int(figure(values[train]))
            for side, values in (("height", heights), ("width", widths))
            for name, figure in (("median", np.median), ("minimum", np.min), ("maximum", np.max))
        }
        return Feature(name=IMAGE, role="input", kind="image", shape=shape, dtype="uint8", statistics=sizes)
