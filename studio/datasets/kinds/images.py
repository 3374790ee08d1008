"""Pictures in class folders: image-classification."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, TypeVar

import numpy as np

from blocks.features import Feature
from studio.datasets.classes import in_order
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.folders import Sample, layout, note_missing
from studio.datasets.readers.pictures import OTHER_SUFFIXES, SUFFIXES, Picture, PictureError, quiet, read_picture
from studio.datasets.readers.source import ARCHIVES, File, Source, UnreadableError
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import Labels, Origin, complete, counts, together

Given = TypeVar("Given")
Made = TypeVar("Made")

IMAGE, LABEL, PATH, HEIGHT, WIDTH = "image", "label", "path", "height", "width"
GROUP_BYTES = 8_000_000
"""A row group of the data file ends after this many bytes of pictures ..."""
GROUP_ROWS = 2_000
"""... or this many pictures, so that showing one picture reads little."""
_BATCH_BYTES = 4_000_000
_BATCH_FILES = 100


class ImageFolders(Importer):
    """Pictures whose folders name their classes."""

    kinds: ClassVar[tuple[str, ...]] = ("image-classification",)

    @classmethod
    def share(cls, source: Source) -> float:
        return sum(file.suffix in SUFFIXES for file in source.files) / max(len(source.files), 1)

    def run(self, job: Job) -> Draft:
        chosen = self._choose(job.source, job.report)
        if job.target not in (None, LABEL):
            job.report.note(f"The target {job.target!r} was passed over: pictures take their class from their folder.")
        found = layout(chosen, job.source.folders, "picture", job.report)
        writer = PictureWriter(job.scratch / "pictures.parquet")
        content = hashlib.sha256()
        with writer:
            for sample, outcome, checksum in self._pictures(job, found.samples):
                if isinstance(outcome, str):
                    job.report.leave_out("picture", outcome, sample.file.path)
                    continue
                content.update(f"{sample.split or ''}/{sample.label}".encode() + b"\0" + checksum)
                writer.add(outcome, sample.file.path, sample.label, sample.split, checksum)
        labels = set(writer.labels)
        gone = sorted({sample.label for sample in found.samples} - labels | set(found.empty))
        if gone:
            job.report.note(
                f"No picture in {counted(len(gone), 'class folder')}: {listed(gone)}; left out as {'a class' if len(gone) == 1 else 'classes'}."
            )
        if len(labels) < 2:
            some = f"Only one class ({next(iter(labels))})" if labels else "No class"
            raise DatasetError(f"{some} with usable pictures; at least two classes are needed. {_why(job.report)}")
        writer.note_changes(job.report)
        return writer.finish(job, content.hexdigest())

    @staticmethod
    def _choose(source: Source, report: Report) -> list[File]:
        chosen: list[File] = []
        for file in source.files:
            if file.suffix in SUFFIXES:
                if file.size > source.limits.file_bytes:
                    report.leave_out("picture", f"more than {source.limits.file_bytes:,} bytes", file.path)
                else:
                    chosen.append(file)
            elif file.suffix in ARCHIVES:
                report.leave_out("archive", "archives inside an archive are not unpacked", file.path)
            elif file.suffix in OTHER_SUFFIXES:
                report.leave_out("picture", f"{file.suffix[1:].upper()} is not read; save as PNG or JPEG", file.path)
            else:
                report.leave_out("file", "not a picture", file.path)
        if not chosen:
            raise DatasetError(f"{source.name} holds no PNG, JPEG, GIF, BMP or WebP picture that can be read.")
        return chosen

    @staticmethod
    def _pictures(job: Job, samples: Sequence[Sample]) -> Iterator[tuple[Sample, Picture | str, bytes]]:
        """Every sample with its decoded picture or the reason why there is none, in order."""
        coloured = False
        large = Lock()

        def decode(batch: list[tuple[Sample, bytes | str]]) -> list[tuple[Sample, Picture | str, bytes]]:
            nonlocal coloured
            done: list[tuple[Sample, Picture | str, bytes]] = []
            for sample, data in batch:
                if isinstance(data, str):
                    done.append((sample, data, b""))
                    continue
                try:
                    picture = read_picture(data, job.options.limits.picture_pixels, look_for_colour=not coloured, one_at_a_time=large)
                except PictureError as error:
                    done.append((sample, str(error), b""))
                    continue
                if picture.grey is False:
                    coloured = True
                done.append((sample, picture, hashlib.sha256(data).digest()))
            return done

        total = len(samples)
        finished = 0
        with quiet():
            for result in _ahead(_read(job.source, samples), decode):
                yield from result
                finished += len(result)
                job.progress(0.9 * finished / total, f"{finished:,} of {counted(total, 'picture')} checked")


def _read(source: Source, samples: Sequence[Sample]) -> Iterator[list[tuple[Sample, bytes | str]]]:
    batch: list[tuple[Sample, bytes | str]] = []
    size = 0
    for sample in samples:
        data: bytes | str
        try:
            data = source.read(sample.file)
        except UnreadableError as error:
            data = str(error)
        batch.append((sample, data))
        size += len(data)
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _ahead(items: Iterable[Given], work: Callable[[Given], Made]) -> Iterator[Made]:
    """The work's results in order, computed by a few threads that stay only a few items ahead."""
    threads = min(4, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Made]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _why(report: Report) -> str:
    left_out = [warning for warning in report.warnings() if warning.startswith("Left out")]
    return " ".join(left_out)


@dataclass
class PictureWriter:
    """Writes checked pictures as they come, and at the end once more with their split, one row group in memory at a time."""

    path: Path

    def __post_init__(self) -> None:
        self.labels: list[str] = []
        self.given: list[str | None] = []
        self.heights: list[int] = []
        self.widths: list[int] = []
        self.checksums: list[bytes] = []
        self.grey = True
        self._changed = Counter[str]()
        self._batch: list[tuple[str, str, int, int, bytes]] = []
        self._size = 0
        self._writer: Any = None

    def __enter__(self) -> PictureWriter:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema(
            [(PATH, pa.string()), (LABEL, pa.string()), (HEIGHT, pa.int32()), (WIDTH, pa.int32()), (IMAGE, pa.binary())],
        )
        self._writer = pq.ParquetWriter(self.path, self._schema, compression=_compression(), use_dictionary=[LABEL], write_statistics=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, picture: Picture, path: str, label: str, split: str | None, checksum: bytes) -> None:
        """Appends a picture."""
        self.labels.append(label)
        self.given.append(split)
        self.heights.append(picture.height)
        self.widths.append(picture.width)
        self.checksums.append(checksum)
        self.grey = self.grey and picture.grey is True
        self._changed += Counter({"transparent": picture.transparent, "frames": picture.frames, "deep": picture.deep})
        self._batch.append((path, label, picture.height, picture.width, picture.data))
        self._size += len(picture.data)
        if self._size >= GROUP_BYTES or len(self._batch) >= GROUP_ROWS:
            self._flush()

    def note_changes(self, report: Report) -> None:
        """Says which pictures were not taken as they are."""
        for change, words in (
            ("transparent", "with transparent parts: shown over white"),
            ("frames", "with several frames (an animation): the first was taken"),
            ("deep", "with more than 8 bits per value: reduced to 8"),
        ):
            if self._changed[change]:
                report.note(f"{counted(self._changed[change], 'picture')} {words}.")

    def _flush(self) -> None:
        import pyarrow as pa

        if self._batch:
            columns = [pa.array(values, field.type) for values, field in zip(zip(*self._batch, strict=True), self._schema, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema), row_group_size=len(self._batch))
        self._batch, self._size = [], 0

    def finish(self, job: Job, content: str) -> Draft:
        """Splits the samples, writes the data file, and describes it."""
        classes = in_order(self.labels)
        if len(classes) > job.options.limits.classes:
            raise DatasetError(f"There are {len(classes):,} class folders; at most {job.options.limits.classes:,} are allowed (limit `classes`).")
        index = {name: number for number, name in enumerate(classes)}
        codes = np.array([index[label] for label in self.labels], dtype=np.int64)
        splits, origin = self._split(codes, job)
        samples = [Sample(File("", 0, None), label, None) for label in self.labels]
        note_missing(samples, splits.tolist(), classes, "picture", job.report)
        self._rewrite(job, splits)
        return Draft(
            kind="image-classification",
            features=self._features(classes, codes, splits),
            samples=len(splits),
            splits=counts(splits),
            split_origin=origin,
            content=content,
            target=LABEL,
        )

    def _split(self, codes: np.ndarray, job: Job) -> tuple[Labels, Origin]:
        splits, origin = complete(self.given if any(self.given) else None, codes, job.report, job.options.seed)
        _, groups, sizes = np.unique(np.array(self.checksums, dtype="S32"), return_inverse=True, return_counts=True)
        repeated = int((sizes - 1).sum())
        pairs = {(int(group), int(code)) for group, code in zip(groups, codes, strict=True)}
        if len(pairs) > len(sizes):
            torn = len(pairs) - len(sizes)
            job.report.note(f"{counted(torn, 'picture')} {'lies' if torn == 1 else 'lie'} with the same content in more than one class.")
        if repeated and origin == "made" and len(set((joined := together(splits, groups)).tolist())) == 3:
            splits = joined
            job.report.note(f"{counted(repeated, 'picture')} {'is a copy' if repeated == 1 else 'are copies'} of another; copies stay in one split.")
        elif repeated:
            across = _across(groups, splits)
            where = f", {across:,} of them in more than one split: figures on validation and test will look too good" if across else ""
            job.report.note(f"{counted(repeated, 'picture')} {'is a copy' if repeated == 1 else 'are copies'} of another{where}.")
        return splits, origin

    def _features(self, classes: tuple[str, ...], codes: np.ndarray, splits: Labels) -> list[Feature]:
        train = splits == "train"
        heights, widths = np.array(self.heights), np.array(self.widths)
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
        per_class = np.bincount(codes[train], minlength=len(classes))
        return [
            Feature(name=IMAGE, role="input", kind="image", shape=shape, dtype="uint8", statistics=sizes),
            Feature(
                name=LABEL, role="target", kind="category", dtype="int32", classes=classes, statistics={"counts": per_class.tolist(), "missing": 0}
            ),
        ]

    def _rewrite(self, job: Job, splits: Labels) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(ROW, pa.int64()), (SPLIT, pa.string()), *self._schema])
        done = 0
        with (
            pq.ParquetFile(self.path) as raw,
            pq.ParquetWriter(
                job.folder / DATA_FILE, schema, compression=_compression(), use_dictionary=[SPLIT, LABEL], write_statistics=False
            ) as writer,
        ):
            for group in range(raw.num_row_groups):
                table = raw.read_row_group(group)
                rows = np.arange(done, done + table.num_rows)
                columns = [pa.array(rows), pa.array(splits[rows].tolist(), pa.string()), *table.columns]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=table.num_rows)
                done += table.num_rows
                job.progress(0.9 + 0.1 * done / len(splits), "Writing the dataset")
        self.path.unlink()


def _compression() -> dict[str, str]:
    return {ROW: "zstd", SPLIT: "zstd", PATH: "zstd", LABEL: "zstd", HEIGHT: "zstd", WIDTH: "zstd", IMAGE: "none"}


def _across(groups: np.ndarray, splits: Labels) -> int:
    """Samples whose copies lie in another split."""
    pairs = {(int(group), str(split)) for group, split in zip(groups, splits, strict=True)}
    several = {group for group, count in Counter(group for group, _ in pairs).items() if count > 1}
    return sum(int(group) in several for group in groups)
