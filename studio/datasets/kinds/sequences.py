"""Sequences of steps, each of a class: a table with a row per step or per sequence, or an array."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.arrow import codes, groups, strings
from studio.datasets.classes import in_order
from studio.datasets.errors import DatasetError
from studio.datasets.kinds import timing
from studio.datasets.kinds.arrays import find_parts, local_path, read_target
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.columns import Column
from studio.datasets.kinds.notes import note_reading, note_unused
from studio.datasets.kinds.series import SERIES, filled
from studio.datasets.kinds.tables import Tables, named_column, read_upload, split_column
from studio.datasets.kinds.targets import find_target, reads_as_classes
from studio.datasets.kinds.timing import Times
from studio.datasets.readers.npz import Npz
from studio.datasets.readers.raw import RawTable
from studio.datasets.readers.source import Source
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import Labels, Origin, complete, counts, grouped, split_name
from studio.datasets.values.series import SERIES_FILE, TIMES_FILE

KIND = "sequence-classification"
NAME = "sequence"
"""Column of the data file with what a sequence is called."""
_SEQUENCE_NAME = re.compile(
    r"^(?:.*[_\s-])?(?:sequence|seq|series|sample|id|ids|uid|uuid|trial|recording|record|case|track|session|segment|window|example|instance|file"
    r"|unit|subject|user|patient|device|name|序列|样本|编号)(?:[_\s-]?(?:id|nr|no|number|key))?$|.*[a-z]I[dD]$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(?P<stem>.*?)[_\s.\-\[(]*(?P<number>\d+)[\])]?$")
_LONGEST = 2_000
"""Steps of a sequence that are kept, unless a person wants more."""
_OUTLIER = 2.0
"""Where the longest sequence is so many times as long as 95 % of them, it is cut to that length."""


@dataclass
class Found:
    """The sequences of an upload, without gaps.

    Args:
        steps: Of each, (its length, columns).
        labels: The class of each.
        names: What each is called.
        given: The split of each, where the data bring it.
        members: A number per group that must stay in one split.
        figures: What the feature tells besides its columns' figures.
        content: Checksum of the upload.
        target: The name of the target.
    """

    steps: list[NDArray[np.float32]]
    labels: list[str]
    names: list[str]
    columns: list[str]
    target: str
    content: str
    given: list[str | None] | None = None
    members: NDArray[np.int64] | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    reading: dict[str, Any] = field(default_factory=dict)

    def without(self, report: Report) -> Found:
        """Those that have a step and a label; the others are told."""
        for place, (steps, label) in enumerate(zip(self.steps, self.labels, strict=True)):
            if not len(steps):
                report.leave_out("sequence", "it holds no value", self.names[place])
            elif not label:
                report.leave_out("sequence", "it has no label", self.names[place])
        kept = [place for place, (steps, label) in enumerate(zip(self.steps, self.labels, strict=True)) if len(steps) and label]
        if len(kept) == len(self.steps):
            return self
        return Found(
            [self.steps[place] for place in kept], [self.labels[place] for place in kept], [self.names[place] for place in kept], self.columns,
            self.target, self.content, None if self.given is None else [self.given[place] for place in kept],
            None if self.members is None else self.members[kept], self.figures, self.reading,
        )  # fmt: skip


class Sequences(Importer):
    """Sequences of numbers that belong to classes."""

    kinds: ClassVar[tuple[str, ...]] = (KIND,)
    asked_for: ClassVar[tuple[str, ...]] = (KIND,)

    @classmethod
    def share(cls, source: Source) -> float:
        arrays = sum(file.suffix == ".npz" for file in source.files)
        return 1.0 if arrays == len(source.files) == 1 else Tables.share(source)

    def run(self, job: Job) -> Draft:
        found = _of_arrays(job) if job.source.files[0].suffix == ".npz" else _of_table(job)
        job.progress(0.8, "Writing the sequences")
        return _write(found.without(job.report), job)


def _of_table(job: Job) -> Found:
    table, columns, content = read_upload(job)
    split = split_column(table, columns, job)
    rest = [column for column in columns if column is not split]
    own = _sequence_column(rest, job)
    found = _wide(table, rest, job) if own is None else _long(table, rest, own, job)
    found.content, found.reading = content, {**table.reading}
    if split is not None:
        texts = table.column(split.position).cast("string").to_pylist()
        found.given = [split_name(texts[place] or "") for place in found.figures["first_rows"]]
    group = named_column(columns, job.options.group, "group")
    if group is not None:
        members = groups(group.texts(table.column(group.position)))
        found.members = members[found.figures["first_rows"]]
    del found.figures["first_rows"]
    return found


def _sequence_column(columns: Sequence[Column], job: Job) -> Column | None:
    """The column whose equal values belong together; None where every row is a sequence of its own.

    Raises:
        DatasetError: The named one does not exist.
    """
    named = named_column(columns, job.options.sequence, "sequence")
    if named is not None:
        return named
    able = [
        column
        for column in columns
        if _SEQUENCE_NAME.match(column.name) and column.name != job.target and 2 <= column.distinct < column.present and column.kind != "date"
    ]
    return max(able, key=lambda column: column.distinct, default=None)


def _long(table: RawTable, columns: Sequence[Column], own: Column, job: Job) -> Found:
    """A row per step."""
    report = job.report
    others = [column for column in columns if column is not own]
    texts = own.texts(table.column(own.position))
    members = groups(texts)
    steady = [column for column in others if _is_steady(table, column, members)]
    if job.target is None and not steady:
        raise DatasetError(f"No column has one value for all rows of the same {own.name!r}, so there is no class to learn. Name the target.")
    target, classes = _target(others if job.target is not None else steady, job)
    rest = [column for column in others if column.position != target.position and column.name != job.options.group]
    times = timing.find_times(table, rest, job.options.time, report, unique=False)
    values = _numbers([column for column in rest if column is not times.column], report)
    note_reading([*values, *([times.column] if times.column else [])], report)
    if (members < 0).any():
        report.leave_out("row", f"the column {own.name!r} is empty", f"{int((members < 0).sum()):,}")
    spelled = texts.to_pylist()
    moments = np.where(np.isnan(times.values), np.inf, times.values)
    order = np.lexsort((np.arange(len(members)), moments, members))
    order = order[members[order] >= 0]
    borders = np.flatnonzero(np.diff(members[order])) + 1
    parts = np.split(order, borders)
    numbers = np.stack([column.numbers(table.column(column.position)) for column in values], axis=1)
    names = [str(spelled[part[0]]) for part in parts]
    return Found(
        [whole(numbers[part]) for part in parts],
        _labels(parts, classes.texts(table.column(classes.position)).to_pylist(), names, target),
        names,
        [column.name for column in values],
        target.name,
        "",
        figures={"form": "long", "sequence": own.name, "first_rows": [int(part.min()) for part in parts], **_told(times)},
    )


def _is_steady(table: RawTable, column: Column, members: NDArray[np.int64]) -> bool:
    """Whether a column could be the class: few values, and one for all steps of a sequence."""
    count = int(members.max(initial=-1)) + 1
    if column.kind not in ("category", "number") or not 2 <= column.distinct <= max(2, count):
        return False
    values = groups(column.as_classes().texts(table.column(column.position)))
    there = (values >= 0) & (members >= 0)
    pairs = np.unique(np.stack([members[there], values[there]]), axis=1)
    return len(np.unique(pairs[0])) == len(pairs[0])


def _told(times: Times) -> dict[str, Any]:
    return {"time": times.name, "time_kind": times.kind}


def _labels(parts: Sequence[NDArray[np.int64]], texts: Sequence[str | None], names: Sequence[str], target: Column) -> list[str]:
    """The one class of each sequence.

    Raises:
        DatasetError: It changes within a sequence.
    """
    found: list[str] = []
    changing: list[str] = []
    for part, name in zip(parts, names, strict=True):
        distinct = {texts[row] for row in part.tolist()} - {None}
        found.append(str(next(iter(distinct))) if distinct else "")
        if len(distinct) > 1:
            changing.append(name)
    if changing:
        found_in = f"{counted(len(changing), 'sequence')} ({listed(changing, shown=3)})"
        raise DatasetError(
            f"The column {target.name!r} changes within {found_in}; a sequence has one class. "
            "Name another target, or another column for the sequence."
        )
    return found


def _wide(table: RawTable, columns: Sequence[Column], job: Job) -> Found:
    """A row per sequence."""
    target, classes = _target(columns, job)
    values = _numbers([column for column in columns if column.position != target.position and column.name != job.options.group], job.report)
    if len(values) < 2:
        raise DatasetError(
            f"{job.source.name}: no column says to which sequence a row belongs, and a row with {counted(len(values), 'number')} is no sequence. "
            "Name the column with the option sequence."
        )
    channels = _channels(values)
    cells = list(channels.values())
    numbers = np.stack([np.stack([column.numbers(table.column(column.position)) for column in each], axis=1) for each in cells], axis=2)
    texts = classes.texts(table.column(classes.position)).to_pylist()
    job.report.note(
        f"Each row was taken as a sequence of {counted(len(cells[0]), 'step')}"
        + (f" in {len(cells)} columns: {listed(channels)}." if len(cells) > 1 else ".")
    )
    return Found(
        [whole(one) for one in numbers], [text or "" for text in texts], [str(row) for row in range(1, table.rows + 1)],
        list(channels), target.name, "",
        figures={
            "form": "wide", "cells": [[column.name for column in each] for each in cells], "sequence": None, "time": None, "time_kind": "row",
            "first_rows": list(range(table.rows)),
        },
    )  # fmt: skip


def _channels(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """Columns such as x_1, x_2, y_1, y_2 by what stands before their numbers, each in the order of these; else all are one."""
    found: dict[str, list[tuple[int, Column]]] = {}
    for column in columns:
        match = _NUMBERED.match(column.name)
        if match is None:
            return {"value": list(columns)}
        found.setdefault(match["stem"], []).append((int(match["number"]), column))
    numbers = [[number for number, _ in each] for each in found.values()]
    if any(sorted(each) != sorted(numbers[0]) or len(set(each)) < len(each) for each in numbers) or len(numbers[0]) < 2:
        return {"value": list(columns)}
    return {stem or "value": [column for _, column in sorted(each, key=lambda pair: pair[0])] for stem, each in found.items()}


def _target(columns: Sequence[Column], job: Job) -> tuple[Column, Column]:
    """The column of classes, as it was found and as it is read."""
    able = columns if job.target is not None else [column for column in columns if column.kind in ("category", "number")]
    target = find_target(able, job.target, job.report)
    reads_as_classes(target, KIND)
    return target, target.as_classes()


def _numbers(columns: Sequence[Column], report: Report) -> list[Column]:
    """The columns that are measured at each step.

    Raises:
        DatasetError: There are none.
    """
    found = [column for column in columns if column.kind == "number" and column.usable]
    texts = [column.name for column in columns if column.usable and column.kind != "number"]
    if texts:
        report.note(f"Left out, because a sequence is of numbers: {listed(texts)}.")
    note_unused([column for column in columns if not column.usable], False, report)
    if not found:
        raise DatasetError("The table has no column of numbers that change; a sequence needs one.")
    return found


def whole(values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The steps of a sequence from the first to the last that holds anything, gaps filled along straight lines."""
    with np.errstate(over="ignore"):
        plain = values.astype(np.float32).astype(np.float64)
    plain[~np.isfinite(plain)] = np.nan
    there = np.flatnonzero(~np.isnan(plain).all(axis=1))
    kept = plain[there[0] : there[-1] + 1] if len(there) else plain[:0]
    return np.stack([filled(column) for column in kept.T], axis=1).astype(np.float32) if np.isnan(kept).any() else kept.astype(np.float32)


def _of_arrays(job: Job) -> Found:
    npz = Npz(local_path(job, job.source.files[0]), job.source.files[0].path, job.options.limits)
    try:
        parts = find_parts(npz, job)
        target = read_target(npz, parts, job)
        if target.texts is None:
            raise DatasetError(f"{npz.name}: the targets are numbers, not classes; {KIND} needs a class per sequence.")
        blocks = [npz.whole(part.inputs) for part in parts]
        shapes = {block.shape[1:] for block in blocks}
        if len(shapes) > 1 or not 2 <= blocks[0].ndim <= 3 or blocks[0].dtype.kind not in "biuf":
            received = " and ".join(str(block.shape) for block in blocks)
            raise DatasetError(f"{npz.name}: {KIND} needs numbers of shape (sequences, steps) or (sequences, steps, columns). Received: {received}.")
        content = hashlib.sha256(b"".join(np.ascontiguousarray(block).tobytes() for block in blocks))
        content.update(repr((sorted(shapes), target.values.tolist(), [part.split for part in parts])).encode())
    finally:
        npz.close()
    values = np.concatenate(blocks).astype(np.float64)
    values = values[:, :, None] if values.ndim == 2 else values
    given = [part.split for part, block in zip(parts, blocks, strict=True) for _ in range(len(block))]
    columns = ["value"] if values.shape[2] == 1 else [f"column {number}" for number in range(1, values.shape[2] + 1)]
    return Found(
        [whole(one) for one in values], [str(text) for text in target.texts.tolist()], [str(row) for row in range(len(values))], columns, "y",
        content.hexdigest(), given if any(given) else None, figures={"form": "arrays", "sequence": None, "time": None, "time_kind": "row"},
        reading={"arrays": [part.inputs for part in parts]},
    )  # fmt: skip


def _length(found: Found, job: Job) -> int:
    """The steps of a sample: those of the longest sequence, or fewer where only few are so long."""
    lengths = np.array([len(one) for one in found.steps])
    longest, usual = int(lengths.max()), int(np.ceil(np.percentile(lengths, 95)))
    wanted = job.options.window or min(_LONGEST, usual if longest > _OUTLIER * usual else longest)
    cut, short = int((lengths > wanted).sum()), int((lengths < wanted).sum())
    if cut:
        verb = "is" if cut == 1 else "are"
        job.report.note(f"{counted(cut, 'sequence')} longer than {wanted:,} steps {verb} cut off there; the option window changes that.")
    if short:
        job.report.note(f"{counted(short, 'sequence')} of fewer than {wanted:,} steps: the means of the columns stand before the first.")
    return wanted


def _write(found: Found, job: Job) -> Draft:
    import pyarrow as pa
    import pyarrow.parquet as pq

    classes = in_order(found.labels)
    if len(classes) < 2:
        raise DatasetError(f"{job.source.name}: every sequence has the same class ({next(iter(classes), 'none')}); at least two are needed.")
    if len(classes) > job.options.limits.classes:
        raise DatasetError(f"{job.source.name} has {len(classes):,} classes; at most {job.options.limits.classes:,} are allowed.")
    labels = codes(strings(found.labels), classes)
    splits, origin = _splits(found, labels, job)
    steps = _length(found, job)
    ends = np.cumsum([len(one) for one in found.steps])
    places = np.stack([ends - [len(one) for one in found.steps], ends], axis=1)
    series = np.concatenate(found.steps)
    np.save(job.folder / SERIES_FILE, series, allow_pickle=False)
    np.save(job.folder / TIMES_FILE, np.arange(len(series), dtype=np.float64), allow_pickle=False)
    train = splits == "train"
    seen = np.concatenate([one[:steps] for one, mine in zip(found.steps, train, strict=True) if mine]).astype(np.float64)
    lengths = np.diff(places, axis=1)[:, 0]
    figures = {
        "columns": found.columns, **found.figures, "minimum_steps": int(lengths.min()), "median_steps": float(np.median(lengths)),
        "maximum_steps": int(lengths.max()), **statistics.of_steps(seen),
    }  # fmt: skip
    target_name = f"{found.target}_2" if found.target in (ROW, SPLIT, NAME, SERIES) else found.target
    features = [
        Feature(name=SERIES, role="input", kind="series", shape=(steps, len(found.columns)), statistics=figures),
        Feature(
            name=target_name, role="target", kind="category", dtype="int32", classes=classes,
            statistics=statistics.of_classes(labels[train], len(classes)),
        ),
    ]  # fmt: skip
    columns = {
        ROW: pa.array(np.arange(len(labels))), SPLIT: pa.array(splits.tolist(), pa.string()), NAME: pa.array(found.names, pa.string()),
        SERIES: pa.array(places.tolist(), pa.list_(pa.int64())), target_name: pa.array(found.labels, pa.string()),
    }  # fmt: skip
    pq.write_table(pa.table(columns), job.folder / DATA_FILE, compression="zstd")
    return Draft(KIND, features, len(labels), counts(splits), origin, found.content, found.target, {**found.reading, "steps": len(series)})


def _splits(found: Found, labels: NDArray[np.int64], job: Job) -> tuple[Labels, Origin]:
    if found.members is not None and found.given is None:
        job.report.note(f"Sequences of the same {job.options.group!r} stay in one split.")
        return grouped(found.members, seed=job.options.seed), "made"
    return complete(found.given, labels, job.report, job.options.seed)
