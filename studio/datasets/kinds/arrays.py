"""Arrays in an .npz file, or as .npy files side by side: pictures with classes become image-classification, all else the kind `arrays`."""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.arrow import codes, strings
from studio.datasets.classes import in_order
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.images import PictureWriter
from studio.datasets.readers.npz import Npz
from studio.datasets.readers.pictures import Picture, encode_png
from studio.datasets.readers.source import File, SingleFile, Source
from studio.datasets.report import counted
from studio.datasets.splits import SPLIT_NAMES, Labels, bins, complete, counts, split_name
from studio.datasets.values.arrays import ARRAYS_FILE
from studio.workspace import visible

_INPUTS = ("x", "image", "images", "data", "feature", "features", "input", "inputs", "arr_0")
_TARGETS = ("y", "label", "labels", "target", "targets", "class", "output", "outputs", "arr_1")
_SPLIT_WORDS = "|".join(SPLIT_NAMES)
_AFFIX = re.compile(rf"^(?:(?P<before>{_SPLIT_WORDS})_?(?P<stem>[a-z].*)|(?P<stem2>.+?)_?(?P<after>{_SPLIT_WORDS}))$")
_EXPECTED = "Expected: x_train, y_train, x_test, y_test, or x and y."
_MOST_CLASSES = 1_000
_BLOCK_BYTES = 8_000_000


@dataclass(frozen=True)
class Part:
    """The arrays of one split: names in the file."""

    inputs: str
    targets: str
    split: str | None


@dataclass(frozen=True)
class Target:
    """The target of every sample: class texts or numbers, one of the two."""

    texts: NDArray[np.object_] | None = None
    numbers: NDArray[np.float64] | None = None

    @property
    def values(self) -> NDArray[Any]:
        """The texts or the numbers."""
        return self.texts if self.texts is not None else np.asarray(self.numbers)

    @cached_property
    def classes(self) -> tuple[str, ...] | None:
        """The classes in order, None for numbers."""
        return None if self.texts is None else in_order(self.texts.tolist())

    @property
    def codes(self) -> NDArray[np.int64]:
        """The position of every text among the classes."""
        return codes(strings(self.values.tolist()), self.classes or ())


class Arrays(Importer):
    """Inputs and targets in one .npz file, or each in an .npy file."""

    kinds: ClassVar[tuple[str, ...]] = ("arrays", "image-classification")

    @classmethod
    def share(cls, source: Source) -> float:
        found = [file.suffix for file in source.files]
        return 1.0 if found == [".npz"] or (len(found) > 1 and set(found) == {".npy"}) else 0.0

    def run(self, job: Job) -> Draft:
        npz = _opened(job)
        try:
            parts = find_parts(npz, job)
            shape, dtype = _common_shape(npz, parts)
            target = read_target(npz, parts, job)
            given = [part.split for part in parts for _ in range(npz.headers[part.inputs].shape[0])]
            pictures = dtype == np.uint8 and (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))) and min(shape[:2]) > 1
            if job.kind == "image-classification" and not (pictures and target.classes):
                raise DatasetError(
                    f"{npz.name}: image-classification needs uint8 inputs of shape (samples, height, width) or (samples, height, width, 1 or 3) "
                    f"and classes as targets; received {dtype} of shape (samples, {', '.join(map(str, shape))})."
                )
            if pictures and target.texts is not None and job.kind != "arrays":
                return _write_pictures(npz, parts, target.texts, given, job)
            return _write_arrays(npz, parts, shape, target, given, job)
        finally:
            npz.close()


def _opened(job: Job) -> Npz:
    """The .npz file of an upload; several .npy files are put into one, which is what an .npz file is.

    Raises:
        DatasetError: Two .npy files have the same name, or the file is damaged.
    """
    if len(job.source.files) == 1:
        file = job.source.files[0]
        return Npz(local_path(job, file), file.path, job.options.limits)
    path = job.scratch / "arrays.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in job.source.files:
            name = PurePosixPath(file.path).name
            if name in archive.namelist():
                raise DatasetError(f"{job.source.name} holds several files named {name}; give every array a name of its own.")
            with job.source.open(file) as stream, archive.open(name, "w", force_zip64=True) as out:
                shutil.copyfileobj(stream, out, _BLOCK_BYTES)
    return Npz(path, job.source.name, job.options.limits)


def local_path(job: Job, file: File) -> Path:
    """A file of the upload as a path of its own: itself, or a copy beside the import."""
    if isinstance(job.source, SingleFile):
        return job.source.path
    copy = job.scratch / f"upload{file.suffix}"
    with job.source.open(file) as stream, copy.open("wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)
    return copy


def find_parts(npz: Npz, job: Job) -> list[Part]:
    """Pairs inputs with targets by name: x_train with y_train, images with labels, arr_0 with arr_1.

    Raises:
        DatasetError: No pair is found, or one lacks its partner.
    """
    inputs: dict[str | None, str] = {}
    targets: dict[str | None, str] = {}
    for name, reason in npz.unusable.items():
        if name == job.target or _stem(name)[0] in (*_INPUTS, *_TARGETS):
            raise DatasetError(f"{npz.name}: the array {name!r} {reason}.")
        job.report.leave_out("array", reason, name)
    for name in npz.headers:
        stem, split = _stem(name)
        if name == job.target or stem in _TARGETS:
            targets.setdefault(split, name)
        elif stem in _INPUTS:
            inputs.setdefault(split, name)
        else:
            job.report.leave_out("array", "neither inputs nor targets by its name", name)
    if job.target is not None and job.target not in targets.values():
        raise DatasetError(f"{npz.name} has no array {job.target!r}. It has: {', '.join(npz.headers) or 'none'}.")
    if len(inputs) > 1:
        inputs.pop(None, None)
    parts = [Part(name, targets[split], split) for split, name in inputs.items() if split in targets]
    lonely = [name for split, name in inputs.items() if split not in targets]
    if not parts or lonely:
        without = f" {lonely[0]!r} has no targets." if lonely else ""
        raise DatasetError(f"{npz.name} has the arrays {', '.join(npz.headers) or 'none'}.{without} {_EXPECTED}")
    for part in parts:
        samples, labels = npz.headers[part.inputs].shape[0], npz.headers[part.targets].shape[0]
        if samples != labels:
            raise DatasetError(f"{npz.name}: {part.inputs!r} has {counted(samples, 'sample')}, but {part.targets!r} has {labels:,}.")
    filled = [part for part in parts if npz.headers[part.inputs].shape[0]]
    if not filled:
        raise DatasetError(f"{npz.name}: {parts[0].inputs!r} holds no samples.")
    return filled


def _stem(name: str) -> tuple[str, str | None]:
    plain = name.casefold()
    found = _AFFIX.match(plain)
    if not found or plain in _INPUTS or plain in _TARGETS:
        return plain, None
    return (found["stem"] or found["stem2"]).strip("_"), split_name(found["before"] or found["after"])


def _common_shape(npz: Npz, parts: list[Part]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    headers = [npz.headers[part.inputs] for part in parts]
    shapes = {header.shape[1:] for header in headers}
    if len(shapes) > 1:
        raise DatasetError(
            f"{npz.name}: the inputs differ in shape ({' and '.join(str(header.shape) for header in headers)}); all but the first axis must agree."
        )
    if any(header.dtype.kind in "US" for header in headers):
        raise DatasetError(f"{npz.name}: the inputs {headers[0].name!r} are texts; numbers are expected. Texts can be imported as a table.")
    dtype = headers[0].dtype if len({header.dtype for header in headers}) == 1 else np.dtype(np.float32)
    return shapes.pop(), dtype


def read_target(npz: Npz, parts: list[Part], job: Job) -> Target:
    """The targets of all parts: texts, whole numbers that stand for classes, one-hot rows, or numbers.

    Raises:
        DatasetError: There are several targets per sample, only one class, or no finite number.
    """
    blocks = [npz.whole(part.targets) for part in parts]
    if any(block.ndim > 1 for block in blocks):
        blocks = [_flat(block, npz.name, part.targets) for block, part in zip(blocks, parts, strict=True)]
    values = np.concatenate(blocks)
    if values.dtype.kind == "S":
        values = np.array([text.decode("utf-8", "replace") for text in values.tolist()], dtype=np.str_)
    if values.dtype.kind in "Ub":
        return _classes([str(value) for value in values.tolist()], npz, job)
    distinct = np.unique(values)
    whole = bool(np.isfinite(distinct).all() and (distinct == np.round(distinct)).all())
    few = len(distinct) <= 20 or (values.dtype.kind in "iu" and distinct.min() >= 0 and distinct.max() < 2 * len(distinct))
    if whole and few and len(distinct) <= _MOST_CLASSES and 2 * len(distinct) <= max(len(values), 4):
        return _classes([str(int(value)) for value in values.tolist()], npz, job)
    if job.kind == "image-classification":
        raise DatasetError(f"{npz.name}: the targets have {len(distinct):,} different values in {len(values):,} samples; these are no classes.")
    return Target(numbers=values.astype(np.float64))


def _classes(texts: list[str], npz: Npz, job: Job) -> Target:
    texts = [" ".join(visible(text).split()) for text in texts]
    if "" in texts:
        raise DatasetError(f"{npz.name}: sample {texts.index('')} (counted from 0) has an empty text as its class; give every sample a class.")
    found = set(texts)
    if len(found) < 2:
        raise DatasetError(f"{npz.name}: every sample has the same class ({texts[0] if texts else 'none'}); at least two are needed.")
    if len(found) > job.options.limits.classes:
        raise DatasetError(
            f"{npz.name}: the targets have {len(found):,} different texts; at most {job.options.limits.classes:,} classes are allowed."
        )
    return Target(np.array(texts, dtype=object))


def _flat(block: np.ndarray, name: str, array: str) -> np.ndarray:
    if block.ndim == 2 and block.shape[1] == 1:
        return block[:, 0]
    if block.ndim == 2 and block.dtype.kind in "biuf" and np.isin(block, (0, 1)).all() and (block.sum(axis=1) == 1).all():
        return np.asarray(block.argmax(axis=1))
    raise DatasetError(f"{name}: {array!r} has the shape {block.shape}; one class or one number per sample is expected.")


def _blocks(npz: Npz, parts: list[Part]) -> Iterator[tuple[Part, np.ndarray]]:
    for part in parts:
        for block in npz.rows(part.inputs):
            yield part, block


def _write_pictures(npz: Npz, parts: list[Part], texts: NDArray[np.object_], given: list[str | None], job: Job) -> Draft:
    content = hashlib.sha256()
    done = 0
    with PictureWriter(job.scratch / "pictures.parquet") as writer:
        for part, block in _blocks(npz, parts):
            for pixels in block:
                label = str(texts[done])
                checksum = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()
                content.update(f"{given[done] or ''}/{label}".encode() + b"\0" + checksum)
                grey = pixels.ndim == 2 or pixels.shape[-1] == 1 or bool((pixels == pixels[..., :1]).all())
                picture = Picture(encode_png(pixels), pixels.shape[0], pixels.shape[1], grey)
                writer.add(picture, f"{part.inputs}[{done}]", label, part.split, checksum)
                done += 1
            job.progress(0.9 * done / len(given), f"{done:,} of {counted(len(given), 'picture')} encoded")
    return writer.finish(job, content.hexdigest())


def _write_arrays(npz: Npz, parts: list[Part], shape: tuple[int, ...], target: Target, given: list[str | None], job: Job) -> Draft:
    content = hashlib.sha256(repr((shape, [(part.split, npz.headers[part.inputs].shape[0]) for part in parts])).encode())
    usable = _finite(npz, parts, target, content, job)
    classes = target.classes
    kept = np.flatnonzero(usable)
    content.update(repr(target.values.tolist()).encode())
    strata = target.codes[kept] if classes else bins(target.values[kept]) if len(kept) else kept
    splits, origin = complete([given[row] for row in kept] if any(given) else None, strata, job.report, job.options.seed)
    order = np.argsort([("train", "validation", "test").index(name) for name in splits.tolist()], kind="stable")
    position = np.full(len(usable), -1, dtype=np.int64)
    position[kept[order]] = np.arange(len(kept))
    splits = splits[order]
    out = _mapped(job.folder / ARRAYS_FILE, (len(kept), *(shape or (1,))))
    done = 0
    for _, block in _blocks(npz, parts):
        places = position[done : done + len(block)]
        out[places[places >= 0]] = block[places >= 0].astype(np.float32).reshape((-1, *out.shape[1:]))
        done += len(block)
        job.progress(0.5 + 0.5 * done / len(given), f"{done:,} of {counted(len(given), 'sample')} written")
    out.flush()
    target_feature = _write_rows(job, splits, target, kept[order], classes)
    features = [
        Feature(
            name="x", role="input", kind="array", shape=out.shape[1:], dtype="float32", statistics=_figures(out[: int((splits == "train").sum())])
        ),
        target_feature,
    ]
    del out
    return Draft("arrays", features, len(kept), counts(splits), origin, content.hexdigest(), "y", {"arrays": [part.inputs for part in parts]})


def _mapped(path: Path, shape: tuple[int, ...]) -> np.memmap[Any, np.dtype[np.float32]]:
    """A new array in a file, mapped into memory. Its room is taken first: a full disk is an error here, but ends the process later."""
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for start in range(0, size := 4 * math.prod(shape), _BLOCK_BYTES):
            file.write(bytes(min(_BLOCK_BYTES, size - start)))
    return np.load(path, mmap_mode="r+")  # type: ignore[no-any-return]


def _finite(npz: Npz, parts: list[Part], target: Target, content: Any, job: Job) -> NDArray[np.bool_]:
    """Which samples hold only finite numbers; the content's checksum is taken on the way."""
    found: list[NDArray[np.bool_]] = []
    total = sum(npz.headers[part.inputs].shape[0] for part in parts)
    done = 0
    for _, block in _blocks(npz, parts):
        content.update(np.ascontiguousarray(block).tobytes())
        if block.dtype.kind == "f":
            with np.errstate(over="ignore"):
                found.append(np.asarray(np.isfinite(block.astype(np.float32).reshape(len(block), -1)).all(axis=1), dtype=np.bool_))
        else:
            found.append(np.ones(len(block), dtype=np.bool_))
        done += len(block)
        job.progress(0.5 * done / total, f"{done:,} of {counted(total, 'sample')} checked")
    usable = np.concatenate(found)
    if target.numbers is not None:
        usable &= np.isfinite(target.numbers)
    for row in np.flatnonzero(~usable):
        job.report.leave_out("sample", "a value is missing or not finite", str(row))
    return usable


def _write_rows(job: Job, splits: Labels, target: Target, rows: NDArray[np.int64], classes: tuple[str, ...] | None) -> Feature:
    import pyarrow as pa
    import pyarrow.parquet as pq

    train = splits == "train"
    chosen = target.values[rows]
    values = pa.array(chosen.tolist(), pa.float64() if classes is None else pa.string())
    if classes is not None:
        figures = statistics.of_classes(target.codes[rows][train], len(classes))
        feature = Feature(name="y", role="target", kind="category", dtype="int32", classes=classes, statistics=figures)
    else:
        feature = Feature(name="y", role="target", kind="number", dtype="float32", statistics=statistics.of_numbers(chosen[train]))
    table = pa.table({ROW: pa.array(np.arange(len(rows))), SPLIT: pa.array(splits.tolist(), pa.string()), "y": values})
    pq.write_table(table, job.folder / DATA_FILE, compression="zstd")
    return feature


def _figures(values: NDArray[np.float32]) -> statistics.Figures:
    """Mean, standard deviation, minimum and maximum over all values, block by block."""
    per_block = max(1, 4_000_000 // max(int(np.prod(values.shape[1:])), 1))
    total = squares = 0.0
    lowest, highest = np.inf, -np.inf
    for start in range(0, len(values), per_block):
        block = np.asarray(values[start : start + per_block], dtype=np.float64)
        total += float(block.sum())
        squares += float(np.square(block).sum())
        lowest, highest = min(lowest, float(block.min())), max(highest, float(block.max()))
    mean = total / max(values.size, 1)
    return {"mean": mean, "standard_deviation": max(squares / max(values.size, 1) - mean**2, 0.0) ** 0.5, "minimum": lowest, "maximum": highest}
