"""What the importers of one file per sample share: files chosen and read ahead, and one data file that is written in row groups."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.arrow import single
from studio.datasets.classes import in_order
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.folders import Layout, Sample, layout, note_missing
from studio.datasets.readers.source import ARCHIVES, File, Source, UnreadableError
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import Labels, Origin, complete, counts, together

Given = TypeVar("Given")
Made = TypeVar("Made")

LABEL, PATH = "label", "path"
GROUP_BYTES = 8_000_000
"""A row group of the data file ends after this many bytes of files ..."""
GROUP_ROWS = 2_000
"""... or this many files, so that showing one reads little."""
SMALL_BYTES = 16_384
"""Mean size of files up to which one thread is quicker than several, which would wait for the interpreter's lock again and again."""
_BATCH_BYTES = 4_000_000
_BATCH_FILES = 100


@dataclass(frozen=True)
class Formats:
    """Which files are read.

    Args:
        noun: What a file is called in messages ("picture").
        suffixes: Endings of files that are read.
        others: Endings of files that could hold the same, but are not read.
        listed: The formats in words.
        advice: What to do with the others.
    """

    noun: str
    suffixes: frozenset[str]
    others: frozenset[str]
    listed: str
    advice: str

    def share(self, source: Source) -> float:
        """The share of an upload's files that are read."""
        return sum(file.suffix in self.suffixes for file in source.files) / max(len(source.files), 1)

    def choose(self, source: Source, report: Report) -> list[File]:
        """The files of an upload that are read; what else it holds is left out and said.

        Raises:
            DatasetError: There is none.
        """
        chosen: list[File] = []
        for file in source.files:
            if file.suffix in self.suffixes:
                if file.size > source.limits.file_bytes:
                    report.leave_out(self.noun, f"more than {source.limits.file_bytes:,} bytes", file.path)
                else:
                    chosen.append(file)
            elif file.suffix in ARCHIVES:
                report.leave_out("archive", "archives inside an archive are not unpacked", file.path)
            elif file.suffix in self.others:
                report.leave_out(self.noun, f"{file.suffix[1:].upper()} is not read; {self.advice}", file.path)
            else:
                report.leave_out("file", f"not a {self.noun}", file.path)
        if not chosen:
            raise DatasetError(f"{source.name} holds no {self.listed} {self.noun} that can be read.")
        return chosen


def read_files(job: Job, samples: Sequence[Sample], noun: str, read: Callable[[bytes], Made]) -> Iterator[tuple[Sample, Made | str, bytes]]:
    """Every sample with what was read of it, or the reason why nothing was, and the checksum of its bytes; in order.

    Args:
        read: Raises UnreadableError for a file that can't be used. It may run in several threads.
    """

    def work(batch: list[Sample]) -> list[tuple[Sample, Made | str, bytes]]:
        done: list[tuple[Sample, Made | str, bytes]] = []
        for sample in batch:
            try:
                data = job.source.read(sample.file)
                done.append((sample, read(data), hashlib.sha256(data).digest()))
            except UnreadableError as error:
                done.append((sample, str(error), b""))
        return done

    finished = 0
    are_small = sum(sample.file.size for sample in samples) < SMALL_BYTES * len(samples)
    for result in map(work, _batches(samples)) if are_small else ahead(_batches(samples), work):
        yield from result
        finished += len(result)
        job.progress(0.9 * finished / len(samples), f"{finished:,} of {counted(len(samples), noun)} checked")


def _batches(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    batch: list[Sample] = []
    size = 0
    for sample in samples:
        batch.append(sample)
        size += sample.file.size
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def ahead(items: Iterable[Given], work: Callable[[Given], Made]) -> Iterator[Made]:
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


class ClassFolders(Importer):
    """Base of the importers of files whose folders name their classes.

    Args:
        formats: Which files are read.
        told: The name of the target.
    """

    formats: ClassVar[Formats]
    told: ClassVar[str] = LABEL

    @classmethod
    def share(cls, source: Source) -> float:
        return cls.formats.share(source)

    @abstractmethod
    def read(self, job: Job, samples: Sequence[Sample]) -> Iterator[tuple[Sample, Any, bytes]]:
        """Every sample with what was read of it, or the reason (a text) why nothing was, and its checksum; in order."""

    @abstractmethod
    def writer(self, job: Job) -> FileWriter:
        """What takes the files that were read."""

    def classed(self, found: Layout, report: Report) -> Layout:  # noqa: ARG002 - a kind may say something
        """The samples under the classes that the kind takes from their folders."""
        return found

    def run(self, job: Job) -> Draft:
        noun = self.formats.noun
        chosen = self.formats.choose(job.source, job.report)
        if job.target not in (None, self.told):
            job.report.note(f"The target {job.target!r} was passed over: {noun}s take their class from their folder.")
        found = self.classed(layout(chosen, job.source.folders, noun, job.report), job.report)
        content = hashlib.sha256()
        with self.writer(job) as writer:
            for sample, outcome, checksum in self.read(job, found.samples):
                if isinstance(outcome, str):
                    job.report.leave_out(noun, outcome, sample.file.path)
                    continue
                content.update(f"{sample.split or ''}/{sample.label}".encode() + b"\0" + checksum)
                writer.add(outcome, sample.file.path, sample.label, sample.split, checksum)
        labels = set(writer.labels)
        gone = sorted({sample.label for sample in found.samples} - labels | set(found.empty))
        if gone:
            job.report.note(
                f"No {noun} in {counted(len(gone), 'class folder')}: {listed(gone)}; left out as {'a class' if len(gone) == 1 else 'classes'}."
            )
        if len(labels) < 2:
            some = f"Only one class ({next(iter(labels))})" if labels else "No class"
            why = " ".join(warning for warning in job.report.warnings() if warning.startswith("Left out"))
            raise DatasetError(f"{some} with usable {noun}s; at least two classes are needed. {why}")
        writer.note_changes(job.report)
        return writer.finish(job, content.hexdigest())


class FileWriter(ABC):
    """Writes checked files as they come, and at the end once more with their split, one row group in memory at a time.

    Args:
        noun: What a file is called in messages.
        kind: The kind of dataset.
        column: Where its bytes are stored.
        figures: Further columns of whole numbers.
    """

    noun: ClassVar[str]
    kind: ClassVar[str]
    column: ClassVar[str]
    figures: ClassVar[tuple[str, ...]]

    def __init__(self, path: Path) -> None:
        self.path = path
        self.labels: list[str] = []
        self.given: list[str | None] = []
        self.checksums: list[bytes] = []
        self.measured: dict[str, list[int]] = {name: [] for name in self.figures}
        self._batch: list[tuple[Any, ...]] = []
        self._size = 0
        self._writer: Any = None

    def __enter__(self) -> FileWriter:
        import pyarrow as pa
        import pyarrow.parquet as pq

        numbers = [(name, pa.int32()) for name in self.figures]
        self._schema = pa.schema([(PATH, pa.string()), (LABEL, pa.string()), *numbers, (self.column, pa.binary())])
        self._writer = pq.ParquetWriter(self.path, self._schema, compression=self._compression(), use_dictionary=[LABEL], write_statistics=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    @abstractmethod
    def add(self, read: Any, path: str, label: str, split: str | None, checksum: bytes) -> None:
        """Appends what was read of a file."""

    @abstractmethod
    def note_changes(self, report: Report) -> None:
        """Says which files were not taken as they are."""

    @abstractmethod
    def input(self, job: Job, train: np.ndarray) -> Feature:
        """The feature that a network reads, with figures of the training samples."""

    def append(self, content: bytes, path: str, label: str, split: str | None, checksum: bytes, **figures: int) -> None:
        """Appends a file; its figures by name."""
        self.labels.append(label)
        self.given.append(split)
        self.checksums.append(checksum)
        for name, values in self.measured.items():
            values.append(figures[name])
        self._batch.append((path, label, *(figures[name] for name in self.figures), content))
        self._size += len(content)
        if self._size >= GROUP_BYTES or len(self._batch) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._batch:
            columns = [pa.array(values, field.type) for values, field in zip(zip(*self._batch, strict=True), self._schema, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema), row_group_size=len(self._batch))
        self._batch, self._size = [], 0

    def finish(self, job: Job, content: str) -> Draft:
        """Splits the samples, writes the data file, and describes it."""
        classes, codes = self.coded(job)
        splits, origin = self.divided(codes, classes, job)
        self.rewrite(job, splits)
        return Draft(
            kind=self.kind,
            features=[self.input(job, splits == "train"), self.target(classes, codes, splits == "train")],
            samples=len(splits),
            splits=counts(splits),
            split_origin=origin,
            content=content,
            target=LABEL,
        )

    def coded(self, job: Job) -> tuple[tuple[str, ...], np.ndarray]:
        """The classes, and the class of every file by its place among them.

        Raises:
            DatasetError: There are too many.
        """
        classes = in_order(self.labels)
        if len(classes) > job.options.limits.classes:
            raise DatasetError(f"There are {len(classes):,} class folders; at most {job.options.limits.classes:,} are allowed (limit `classes`).")
        index = {name: number for number, name in enumerate(classes)}
        return classes, np.array([index[label] for label in self.labels], dtype=np.int64)

    def target(self, classes: tuple[str, ...], codes: np.ndarray, train: np.ndarray) -> Feature:
        """The feature that a network is to tell, with figures of the training samples."""
        figures = statistics.of_classes(codes[train], len(classes))
        return Feature(name=LABEL, role="target", kind="category", dtype="int32", classes=classes, statistics=figures)

    def divided(self, codes: np.ndarray, classes: tuple[str, ...], job: Job) -> tuple[Labels, Origin]:
        """The split of every sample, and what there is to say about it.

        Args:
            codes: The class of every sample.
        """
        splits, origin = complete(self.given if any(self.given) else None, codes, job.report, job.options.seed)
        groups = self.copies()
        joined = together(splits, groups)
        if len(groups) > groups.max() + 1 and origin == "made" and len(set(joined.tolist())) == 3:
            splits = joined
        self.note_copies(codes, splits, job.report, together=splits is joined)
        samples = [Sample(File("", 0, None), label, None) for label in self.labels]
        note_missing(samples, splits.tolist(), classes, self.noun, job.report)
        return splits, origin

    def copies(self) -> np.ndarray:
        """A number for each sample, the same for files of the same content."""
        groups: np.ndarray = np.unique(np.array(self.checksums, dtype="S32"), return_inverse=True)[1]
        return groups

    def note_copies(self, codes: np.ndarray, splits: Labels, report: Report, together: bool) -> None:
        """Says how many files are copies of others, and where they lie.

        Args:
            together: Whether the splits were made so that copies stay in one.
        """
        groups = self.copies()
        different = int(groups.max()) + 1
        torn = len({(int(group), int(code)) for group, code in zip(groups, codes, strict=True)}) - different
        if torn:
            report.note(f"{counted(torn, self.noun)} {'lies' if torn == 1 else 'lie'} with the same content in more than one class.")
        repeated = len(groups) - different
        if repeated:
            across = 0 if together else _across(groups, splits)
            where = f", {across:,} of them in more than one split: figures on validation and test will look too good" if across else ""
            where = "; copies stay in one split" if together else where
            report.note(f"{counted(repeated, self.noun)} {'is a copy' if repeated == 1 else 'are copies'} of another{where}.")

    def rewrite(self, job: Job, splits: Labels, columns: Mapping[str, Any] | None = None) -> None:
        """Writes the data file.

        Args:
            columns: What is stored of each sample in the place of its label, as Arrow arrays.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        kept = [field for field in self._schema if columns is None or field.name != LABEL]
        further = {name: single(values) for name, values in (columns or {}).items()}
        schema = pa.schema([(ROW, pa.int64()), (SPLIT, pa.string()), *((name, values.type) for name, values in further.items()), *kept])
        compression = {field.name: "none" if field.name == self.column else "zstd" for field in schema if not pa.types.is_nested(field.type)}
        few = [SPLIT, LABEL] if columns is None else [SPLIT]
        done = 0
        with (
            pq.ParquetFile(self.path) as raw,
            pq.ParquetWriter(job.folder / DATA_FILE, schema, compression=compression, use_dictionary=few, write_statistics=False) as writer,
        ):
            for group in range(raw.num_row_groups):
                table = raw.read_row_group(group)
                rows = np.arange(done, done + table.num_rows)
                parts = [values.slice(done, table.num_rows) for values in further.values()]
                files = [table.column(field.name) for field in kept]
                arrays = [pa.array(rows), pa.array(splits[rows].tolist(), pa.string()), *parts, *files]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=table.num_rows)
                done += table.num_rows
                job.progress(0.9 + 0.1 * done / len(splits), "Writing the dataset")
        self.path.unlink()

    def _compression(self) -> dict[str, str]:
        """By column: the files are packed already."""
        return {**dict.fromkeys((PATH, LABEL, *self.figures), "zstd"), self.column: "none"}


def _across(groups: np.ndarray, splits: Labels) -> int:
    """Samples whose copies lie in another split."""
    pairs = {(int(group), str(split)) for group, split in zip(groups, splits, strict=True)}
    several = {group for group, count in Counter(group for group, _ in pairs).items() if count > 1}
    return sum(int(group) in several for group in groups)
