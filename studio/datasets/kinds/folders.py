"""Class folders: which class and split a path means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from studio.datasets.errors import DatasetError
from studio.datasets.readers.source import File
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import split_name


@dataclass(frozen=True, slots=True)
class Sample:
    """A file with the class and the split that its folders name, and the folders inside that of the class in which it lies."""

    file: File
    label: str
    split: str | None
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The samples of an upload, sorted by path, and the class folders in which there is none."""

    samples: list[Sample]
    empty: list[str]


def layout(files: Sequence[File], folders: Sequence[str], noun: str, report: Report) -> Layout:
    """Reads class and split from folders: `cat/1.png`, `train/cat/1.png` or `cat/train/1.png`, below any wrapping folders.

    The outermost folder below the wrapping and split folders is the class; deeper ones don't matter. Folder names count
    as splits only if one of them means training.

    Args:
        files: The files to use.
        folders: Every folder of the upload, also empty ones.
        noun: What a file is called in messages ("picture").

    Raises:
        DatasetError: The folders name fewer than two classes.
    """
    paths = [file.parts[:-1] for file in files]
    depth = _wrapping(paths)
    inner = [path[depth:] for path in paths]
    wrapping = paths[0][:depth] if paths else ()
    outer_names = {path[0] for path in inner if path}
    first = _are_splits(outer_names)
    second = not first and _are_splits({path[1] for path in inner if len(path) > 1}) and all(len(path) > 1 for path in inner if path)
    samples: list[Sample] = []
    for file, path in zip(files, inner, strict=True):
        split = split_name(path[0]) if first and path else split_name(path[1]) if second and len(path) > 1 else None
        rest = path[1:] if first else path
        if not rest:
            report.leave_out(noun, "in no class folder", file.path)
            continue
        samples.append(Sample(file, rest[0], split, rest[2:] if second else rest[1:]))
    found = sorted({sample.label for sample in samples})
    if len(found) < 2:
        raise DatasetError(_too_few(found, len(files), noun, wrapping))
    return Layout(samples, _empty_classes(folders, wrapping, found, first))


def _wrapping(paths: Sequence[tuple[str, ...]]) -> int:
    """How many leading folders all files share."""
    filled = [path for path in paths if path]
    if not filled:
        return 0
    depth = 0
    shortest = min(len(path) for path in filled)
    while depth < shortest and len({path[depth] for path in filled}) == 1:
        depth += 1
    return depth


def _are_splits(names: set[str]) -> bool:
    means = {split_name(name) for name in names}
    return len(names) > 1 and None not in means and "train" in means


def _too_few(found: list[str], count: int, noun: str, wrapping: tuple[str, ...]) -> str:
    want = f"Put {noun}s into one folder per class (cat/1.png, dog/2.png), at least two classes, and add the folder that holds them."
    if found or wrapping:
        name = found[0] if found else wrapping[-1]
        return f"All {counted(count, noun)} lie in one class folder ({name}). {want}"
    return f"The {counted(count, noun)} {'lies' if count == 1 else 'lie'} in no class folder. {want}"


def _empty_classes(folders: Sequence[str], wrapping: tuple[str, ...], found: list[str], split_first: bool) -> list[str]:
    prefix = "/".join(wrapping)
    depth = len(wrapping) + (1 if split_first else 0)
    seen = set()
    for folder in folders:
        parts = folder.split("/")
        if len(parts) == depth + 1 and folder.startswith(prefix) and parts[depth] not in found and split_name(parts[depth]) is None:
            seen.add(parts[depth])
    return sorted(seen)


def note_missing(samples: Sequence[Sample], splits: Sequence[str], classes: Sequence[str], noun: str, report: Report) -> None:
    """Warns about classes without training samples and classes with very few."""
    total: Counter[str] = Counter(sample.label for sample in samples)
    train: Counter[str] = Counter(sample.label for sample, split in zip(samples, splits, strict=True) if split == "train")
    absent = [name for name in classes if total[name] and not train[name]]
    if absent:
        report.note(
            f"No training {noun} for {counted(len(absent), 'class')}: {listed(absent)}; a network can't learn {'it' if len(absent) == 1 else 'them'}."
        )
    rare = [name for name in classes if 0 < total[name] < 5]
    if rare:
        report.note(f"Fewer than 5 {noun}s in {counted(len(rare), 'class')}: {listed(rare)}.")
