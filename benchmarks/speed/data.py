"""Data of the speed comparison: made once from fixed seeds, so that nothing is downloaded, and large enough for stable times.

Each workload's folder holds what a person would import (`upload`) and, where a script starts from arrays, the same samples
as `arrays.npz` with x_train, y_train, x_validation and y_validation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

SPLITS = ("train", "validation", "test")
Picture = tuple[str, int, np.ndarray]


def make(workload: str, place: Path) -> Path:
    """Makes the data of a workload below `place`, unless they are there, and returns their folder."""
    folder = place / workload
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        MAKERS[workload](folder)
        (folder / "complete").touch()
    return folder


def _lenet(folder: Path) -> None:
    """Handwritten digits, enlarged and shifted at random: 28 x 28, grey, 10 classes."""
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    random = np.random.default_rng(0)

    def pictures() -> Iterator[Picture]:
        for split, count in zip(SPLITS, (10_000, 1_000, 500), strict=True):
            for index in random.integers(0, len(digits.images), count):
                small = Image.fromarray((digits.images[index] * 15.9).astype(np.uint8))
                canvas = np.zeros((28, 28, 1), np.uint8)
                top, left = random.integers(0, 9, 2)
                canvas[top : top + 20, left : left + 20, 0] = np.asarray(small.resize((20, 20), Image.Resampling.BILINEAR))
                yield split, int(digits.target[index]), canvas

    _pictures(folder, pictures(), "png")


def _gratings(counts: tuple[int, ...], sides: tuple[int, int], classes: int = 10) -> Iterator[Picture]:
    """Coloured stripes whose direction is the class, two or three across the picture, with noise; the sides vary at random between two bounds."""
    random = np.random.default_rng(1)
    for split, count in zip(SPLITS, counts, strict=True):
        for label in random.integers(0, classes, count):
            height, width = random.integers(sides[0], sides[1] + 1, 2)
            y, x = np.mgrid[:height, :width]
            angle = np.pi * (label + random.normal(0, 0.15)) / classes
            wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * random.uniform(10, 20) / height + random.uniform(0, 6))
            colours = random.uniform(40, 100, 3)
            pixels = 128 + wave[..., None] * colours + random.normal(0, 25 if height < 100 else 4, (height, width, 3))
            yield split, int(label), np.clip(pixels, 0, 255).astype(np.uint8)


def _resnet(folder: Path) -> None:
    """Stripes of 32 x 32 in colour, 10 classes."""
    _pictures(folder, _gratings((2_000, 300, 100), (32, 32)), "png")


def _folder(folder: Path) -> None:
    """Stand-ins for photographs: JPEG files of 400 to 600 pixels a side, 10 classes."""
    _pictures(folder, _gratings((1_500, 200, 100), (400, 600)), "jpeg", arrays=False)


def _pictures(folder: Path, pictures: Iterable[Picture], suffix: str, arrays: bool = True) -> None:
    from PIL import Image

    kept: dict[str, list[Any]] = {f"{axis}_{split}": [] for axis in "xy" for split in SPLITS}
    for number, (split, label, pixels) in enumerate(pictures):
        path = folder / "upload" / split / f"class_{label}" / f"{number:06d}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.squeeze()).save(path, quality=90)
        if arrays:
            kept[f"x_{split}"].append(pixels)
            kept[f"y_{split}"].append(np.int32(label))
    if arrays:
        np.savez(folder / "arrays.npz", allow_pickle=False, **{name: np.stack(values) for name, values in kept.items()})


def _text(folder: Path) -> None:
    """Two kinds of texts of 80 words each from a vocabulary of 5,000, told apart by how often some words occur."""
    random = np.random.default_rng(2)
    words = np.array([f"w{number:04d}" for number in range(5_000)])
    common = 1 / (np.arange(5_000) + 50)
    rows, kept = [], {}
    for split, count in zip(SPLITS, (4_000, 500, 200), strict=True):
        labels = random.integers(0, 2, count)
        chances = [np.where(np.arange(5_000) % 2 == label, 1.5, 1.0) * common for label in (0, 1)]
        texts = [" ".join(random.choice(words, 80, p=chances[label] / chances[label].sum())) for label in labels]
        rows += [(text, f"kind_{label}", split) for text, label in zip(texts, labels, strict=True)]
        kept[f"x_{split}"], kept[f"y_{split}"] = np.array(texts), labels.astype(np.int32)
    _table_file(folder, ["text", "label", "split"], rows)
    np.savez(folder / "arrays.npz", allow_pickle=False, **kept)


def _table(folder: Path) -> None:
    """60,000 rows of 40 numbers and a class of two that depends on products of them."""
    random = np.random.default_rng(3)
    counts = (50_000, 5_000, 5_000)
    numbers = random.normal(0, 1, (sum(counts), 40)).astype(np.float32)
    score = numbers[:, 0] * numbers[:, 1] + numbers[:, 2] - 0.5 * numbers[:, 3] * numbers[:, 4] + random.normal(0, 0.3, len(numbers))
    labels = (score > 0).astype(np.int32)
    splits = np.repeat(SPLITS, counts)
    rows = ([*(f"{value:.5f}" for value in line), f"class_{label}", split] for line, label, split in zip(numbers, labels, splits, strict=True))
    _table_file(folder, [*(f"x{number}" for number in range(40)), "label", "split"], rows)
    parts = {f"{axis}_{split}": values[splits == split] for axis, values in (("x", numbers), ("y", labels)) for split in SPLITS}
    np.savez(folder / "arrays.npz", **parts)


def _table_file(folder: Path, names: list[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(rows)
    (folder / "upload.csv").write_text(text.getvalue(), "utf-8")


MAKERS: dict[str, Callable[[Path], None]] = {"lenet": _lenet, "resnet": _resnet, "text": _text, "folder": _folder, "table": _table}
