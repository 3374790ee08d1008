"""Tables: one row per sample, one column per feature. A table of texts with a target becomes a text kind."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.arrow import codes, groups, mask, single, valid
from studio.datasets.classes import in_order
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.arrays import local_path
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.columns import Column, describe
from studio.datasets.kinds.notes import note_reading, note_unused
from studio.datasets.kinds.targets import find_target, reads_as_classes
from studio.datasets.readers.cells import decimal_sign
from studio.datasets.readers.delimited import read_delimited
from studio.datasets.readers.parquet import read_parquet
from studio.datasets.readers.raw import RawTable, RawWriter
from studio.datasets.readers.source import Source
from studio.datasets.readers.spreadsheet import read_excel
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import FEWEST_SAMPLES, Labels, Origin, bins, complete, counts, grouped, split_name, together

TEXT_SUFFIXES = {".csv", ".tsv", ".txt", ".tab", ".dat", ".data"}
EXCEL_SUFFIXES = {".xlsx", ".xlsm"}
PARQUET_SUFFIXES = {".parquet", ".pq"}
SUFFIXES = TEXT_SUFFIXES | EXCEL_SUFFIXES | PARQUET_SUFFIXES
_RESERVED = (ROW, SPLIT)
_LONG_TEXT = 40.0
_MOST_OTHERS = 2
_DICTIONARY = 10_000


class Tables(Importer):
    """One table in a file of its own, or alone in an archive."""

    kinds: ClassVar[tuple[str, ...]] = ("table-classification", "table-regression", "text-classification", "text-regression")

    @classmethod
    def share(cls, source: Source) -> float:
        if len(source.files) == 1 and source.files[0].suffix in {".xls", ".ods"}:
            raise DatasetError(f"{source.name} is a spreadsheet of a form that is not read; save it as .xlsx or CSV.")
        return sum(file.suffix in SUFFIXES for file in source.files) / max(len(source.files), 1)

    def run(self, job: Job) -> Draft:
        path = self._only_table(job)
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        table = read_table(path, job)
        if table.rows < FEWEST_SAMPLES:
            found = f"only {counted(table.rows, 'row')}" if table.rows else "no rows below its header"
            raise DatasetError(f"{job.source.name} has {found}; at least {FEWEST_SAMPLES} are needed.")
        sign = decimal_sign((cell for column in table.sample() for cell in column), table.delimiter)
        decimal = job.options.decimal or sign.sign
        table.reading["decimal"] = decimal
        if not sign.certain and not job.options.decimal:
            taken = "the decimal sign" if decimal == "," else "a thousands separator"
            job.report.note(f"Numbers such as 1,234 could be read in two ways; the comma was taken for {taken}.")
        job.progress(0.55, "Looking at the columns")
        plan = make_plan(table, describe(table, decimal), job)
        return write(table, plan, content, job)

    @staticmethod
    def _only_table(job: Job) -> Path:
        tables = [file for file in job.source.files if file.suffix in SUFFIXES]
        data = [file for file in tables if file.suffix != ".txt"] or tables
        if len(data) > 1 and all(file.suffix == ".txt" for file in data):
            found = counted(len(data), "text file")
            raise DatasetError(f"{job.source.name} holds {found}; put the texts into one table with a column of texts and a column of labels.")
        if len(data) > 1:
            raise DatasetError(
                f"{job.source.name} holds several tables ({listed([file.path for file in data], shown=5)}); add the one that is meant."
            )
        for file in job.source.files:
            if file is not data[0]:
                job.report.leave_out("file", "not a table", file.path)
        return local_path(job, data[0])


def read_table(path: Path, job: Job) -> RawTable:
    """The raw table of a file of any of the known forms."""
    raw = job.scratch / "table.arrow"
    name = job.source.name

    def writer(names: list[str]) -> RawWriter:
        return RawWriter(raw, names)

    def progress(fraction: float) -> None:
        job.progress(0.5 * fraction, "Reading the table")

    suffix = path.suffix.casefold()
    if suffix in EXCEL_SUFFIXES:
        return read_excel(path, name, writer, job.options, job.report, progress)
    if suffix in PARQUET_SUFFIXES:
        return read_parquet(path, name, raw, job.options, job.report, progress)
    return read_delimited(lambda: path.open("rb"), name, path.stat().st_size, writer, job.options, job.report, progress)


@dataclass(frozen=True)
class Plan:
    """What becomes of each column.

    Args:
        text: The column whose texts are the input, for the text kinds.
        names: Per position, the name under which the column is kept.
        split: The column that gives the split.
    """

    kind: str
    columns: list[Column]
    target: Column
    inputs: list[Column]
    text: Column | None
    names: dict[int, str]
    split: Column | None
    group: Column | None


def make_plan(table: RawTable, columns: list[Column], job: Job) -> Plan:
    """Chooses target, inputs and kind, and says what was guessed or is of no use.

    Raises:
        DatasetError: There is no target or no input.
    """
    report = job.report
    split = _split_column(table, columns, job)
    others = [column for column in columns if column is not split]
    target = find_target(others, job.target, report)
    classes = reads_as_classes(target, job.kind)
    if classes:
        target = target.as_classes()
    group = _named_column(columns, job.options.group, "group")
    rest = [column for column in others if column.position != target.position and column is not group]
    usable = [column for column in rest if column.usable]
    text = _text_column(rest, usable, job)
    if text is None and not usable:
        usable = [replace(column, why_unused="") for column in rest if column.kind == "number" and column.why_unused == "identifier"]
        kept = {column.position: column for column in usable}
        rest, columns = ([kept.get(column.position, column) for column in given] for given in (rest, columns))
    if text is None and not usable:
        reasons = ", ".join(f"{column.name!r} ({column.why_unused})" for column in rest[:8])
        raise DatasetError(f"No column is left as an input for the target {target.name!r}" + (f": {reasons} can't be used." if reasons else "."))
    family = "text" if text is not None else "table"
    inputs = [text] if text is not None else usable
    taken = {column.position for column in inputs}
    note_unused([column for column in rest if column.position not in taken], text is not None, report)
    note_reading([*inputs, *([target] if not classes else [])], report)
    return Plan(
        f"{family}-{'classification' if classes else 'regression'}", columns, target, inputs, text, _kept_names(columns, report), split, group
    )


def _split_column(table: RawTable, columns: Sequence[Column], job: Job) -> Column | None:
    named = _named_column(columns, job.options.split, "split")
    for column in [named] if named else [column for column in columns if column.name.casefold() in ("split", "subset", "fold", "partition", "set")]:
        values = {text for text in table.column(column.position).cast("string").unique().to_pylist() if text}
        means = {split_name(value) for value in values}
        if None not in means and "train" in means and len(means) > 1:
            job.report.note(f"The split was taken from the column {column.name!r}.")
            return column
        if named:
            raise DatasetError(f"The column {column.name!r} can't give the split; it must hold train, validation and test only.")
    return None


def _named_column(columns: Sequence[Column], name: str | None, what: str) -> Column | None:
    if name is None:
        return None
    for column in columns:
        if column.name == name:
            return column
    raise DatasetError(f"The table has no column {name!r} for the {what}. It has: {', '.join(column.name for column in columns[:20])}.")


def _text_column(rest: Sequence[Column], usable: Sequence[Column], job: Job) -> Column | None:
    """The column of texts, if this is a dataset of texts: a long text with few other inputs, or the only column there is."""
    named = _named_column(rest, job.options.text, "text")
    if named is not None:
        return named
    wanted = bool(job.kind and job.kind.startswith("text-"))
    texts = [column for column in rest if column.kind == "text"]
    if wanted and not texts:
        texts = [column for column in rest if column.kind == "category"]
    if not texts or (job.kind and not wanted):
        if wanted:
            raise DatasetError("The table has no column of texts.")
        return None
    longest = max(texts, key=lambda column: column.characters)
    if wanted or not usable or (longest.characters >= _LONG_TEXT and longest.words >= 3 and len(usable) <= _MOST_OTHERS):
        return longest
    return None


def _kept_names(columns: Sequence[Column], report: Report) -> dict[int, str]:
    """The columns' names in the data file, where `row` and `split` are taken."""
    given = {column.name for column in columns}
    names = {column.position: column.name for column in columns}
    for column in columns:
        if column.name in _RESERVED:
            number = 2
            while f"{column.name}_{number}" in given:
                number += 1
            names[column.position] = f"{column.name}_{number}"
            report.note(f"The column {column.name!r} is kept as {names[column.position]!r}, because that name is the program's own.")
    return names


@dataclass
class _Samples:
    """The rows that are used, with their target and split."""

    usable: NDArray[np.bool_]
    codes: NDArray[np.int64]
    numbers: NDArray[np.float64] | None
    classes: tuple[str, ...] | None
    splits: Labels
    origin: Origin


def write(table: RawTable, plan: Plan, content: str, job: Job) -> Draft:
    """Splits the rows, writes the data file batch by batch, and describes every column by its training rows."""
    samples = _samples(table, plan, job)
    train = np.zeros(table.rows, dtype=np.bool_)
    train[np.flatnonzero(samples.usable)[samples.splits == "train"]] = True
    inputs = {column.position for column in plan.inputs}
    features = [_feature(table, column, plan, samples, train, column.position in inputs) for column in plan.columns]
    _write_rows(table, plan, samples, job)
    return Draft(
        plan.kind, features, len(samples.splits), counts(samples.splits), samples.origin, content, plan.names[plan.target.position], table.reading,
    )  # fmt: skip


def _samples(table: RawTable, plan: Plan, job: Job) -> _Samples:
    values = table.column(plan.target.position)
    numbers: NDArray[np.float64] | None = None
    classes: tuple[str, ...] | None = None
    if plan.kind.endswith("-classification"):
        texts = plan.target.texts(values)
        usable = valid(texts)
    else:
        numbers = plan.target.numbers(values)
        usable = ~np.isnan(numbers)
    missing = int((~usable).sum())
    if missing:
        job.report.note(f"Left out {counted(missing, 'row')} without a value for the target {plan.target.name!r}.")
    if plan.text is not None:
        filled = valid(plan.text.texts(table.column(plan.text.position)))
        empty = int((usable & ~filled).sum())
        if empty:
            job.report.note(f"Left out {counted(empty, 'row')} without a text in {plan.text.name!r}.")
        usable &= filled
    if numbers is None:
        kept = texts.filter(mask(usable))
        classes = in_order(kept.unique().to_pylist())
        if len(classes) < 2:
            raise DatasetError(f"The target column {plan.target.name!r} has one class only ({listed(classes) or 'none'}); at least two are needed.")
        if len(classes) > job.options.limits.classes:
            raise DatasetError(
                f"The target column {plan.target.name!r} has {len(classes):,} classes; at most {job.options.limits.classes:,} are allowed."
            )
        strata = codes(kept, classes)
    else:
        numbers = numbers[usable]
        if len(numbers) and numbers.min() == numbers.max():
            raise DatasetError(f"The target column {plan.target.name!r} has the same number in every row; there is nothing to predict.")
        strata = bins(numbers) if len(numbers) else np.zeros(0, dtype=np.int64)
    splits, origin = _split(table, plan, usable, strata, job)
    if classes is not None:
        _note_rare(strata, splits, classes, job.report)
    return _Samples(usable, strata, numbers, classes, splits, origin)


def _split(table: RawTable, plan: Plan, usable: NDArray[np.bool_], strata: NDArray[np.int64], job: Job) -> tuple[Labels, Origin]:
    report, seed = job.report, job.options.seed
    if plan.split is not None:
        given = [split_name(text or "") for text in table.column(plan.split.position).cast("string").to_pylist()]
        return complete([split for split, used in zip(given, usable, strict=True) if used], strata, report, seed)
    if plan.group is not None:
        values = plan.group.texts(table.column(plan.group.position)).filter(mask(usable))
        members = groups(values)
        report.note(f"Rows of the same {plan.group.name!r} stay in one split.")
        return grouped(members, seed=seed), "made"
    splits, origin = complete(None, strata, report, seed)
    if plan.text is not None:
        texts = plan.text.texts(table.column(plan.text.position)).filter(mask(usable))
        members = groups(texts)
        repeated = len(members) - len(np.unique(members))
        joined = together(splits, members)
        if repeated and len(set(joined.tolist())) == 3:
            report.note(f"{counted(repeated, 'text')} {'is a copy' if repeated == 1 else 'are copies'} of another; copies stay in one split.")
            splits = joined
    return splits, origin


def _note_rare(strata: NDArray[np.int64], splits: Labels, classes: Sequence[str], report: Report) -> None:
    total = np.bincount(strata, minlength=len(classes))
    train = np.bincount(strata[splits == "train"], minlength=len(classes))
    rare = [name for name, count in zip(classes, total, strict=True) if count < 5]
    absent = [name for name, count in zip(classes, train, strict=True) if count == 0]
    if rare:
        report.note(f"Fewer than 5 rows in {counted(len(rare), 'class')}: {listed(rare)}.")
    if absent:
        report.note(
            f"No training row for {counted(len(absent), 'class')}: {listed(absent)}; a network can't learn {'it' if len(absent) == 1 else 'them'}."
        )


def _feature(table: RawTable, column: Column, plan: Plan, samples: _Samples, train: NDArray[np.bool_], is_input: bool) -> Feature:
    name = plan.names[column.position]
    if column.position == plan.target.position:
        mine = samples.splits == "train"
        if samples.classes is not None:
            figures = statistics.of_classes(samples.codes[mine], len(samples.classes))
            return Feature(name=name, role="target", kind="category", dtype="int32", classes=samples.classes, statistics=figures)
        numbers = np.asarray(samples.numbers)[mine]
        return Feature(name=name, role="target", kind="number", unit=plan.target.unit, statistics=statistics.of_numbers(numbers))
    if not is_input:
        return Feature(name=name, role="unused", kind="text", dtype="string")
    values = table.column(column.position)
    if column.kind == "number" and plan.text is None:
        return Feature(name=name, role="input", kind="number", unit=column.unit, statistics=statistics.of_numbers(column.numbers(values)[train]))
    texts = column.texts(values)
    chosen = texts.filter(mask(train))
    if plan.text is not None:
        return Feature(name=name, role="input", kind="text", dtype="string", statistics=statistics.of_texts(chosen.to_pylist()))
    if column.kind == "date":
        return Feature(
            name=name, role="input", kind="date", dtype="string", statistics=statistics.of_dates(text or "" for text in chosen.to_pylist())
        )
    classes = in_order(text for text in texts.filter(mask(samples.usable)).unique().to_pylist() if text is not None)
    found = codes(chosen, classes)
    return Feature(name=name, role="input", kind="category", dtype="string", classes=classes, statistics=statistics.of_classes(found, len(classes)))


def _write_rows(table: RawTable, plan: Plan, samples: _Samples, job: Job) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    numeric = {column.position for column in plan.inputs if column.kind == "number" and plan.text is None}
    if samples.numbers is not None:
        numeric.add(plan.target.position)
    columns = [plan.target if column.position == plan.target.position else column for column in plan.columns]
    fields = [(plan.names[column.position], pa.float64() if column.position in numeric else pa.string()) for column in columns]
    schema = pa.schema([(ROW, pa.int64()), (SPLIT, pa.string()), *fields])
    start = written = 0
    few = [SPLIT, *(plan.names[column.position] for column in columns if column.distinct < _DICTIONARY)]
    with pq.ParquetWriter(job.folder / DATA_FILE, schema, compression="lz4", use_dictionary=few) as writer:
        for batch in table.batches():
            kept = samples.usable[start : start + batch.num_rows]
            start += batch.num_rows
            count = int(kept.sum())
            if not count:
                continue
            chosen = batch.filter(mask(kept))
            values = [
                pa.array(column.numbers(chosen.column(column.position)), from_pandas=True)
                if column.position in numeric
                else single(column.texts(chosen.column(column.position)))
                for column in columns
            ]
            rows = np.arange(written, written + count)
            arrays = [pa.array(rows), pa.array(samples.splits[rows].tolist(), pa.string()), *values]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            written += count
            job.progress(0.8 + 0.2 * start / table.rows, f"{written:,} of {counted(len(samples.splits), 'row')} written")
