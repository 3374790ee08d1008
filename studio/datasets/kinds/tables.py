"""Tables: one row per sample, one column per feature. A table of texts with a target becomes a text kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.arrow import groups, mask, single, valid
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.arrays import local_path
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.columns import Column, describe
from studio.datasets.kinds.notes import note_reading, note_unused, note_words, unfit
from studio.datasets.kinds.target_values import ClassValues, NumberValues, TargetValues, with_any
from studio.datasets.kinds.targets import find_targets, reads_as_classes
from studio.datasets.readers.cells import decimal_sign
from studio.datasets.readers.delimited import read_delimited
from studio.datasets.readers.parquet import read_parquet
from studio.datasets.readers.raw import RawTable, RawWriter
from studio.datasets.readers.source import Source
from studio.datasets.readers.spreadsheet import read_excel
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import FEWEST_SAMPLES, Labels, Origin, complete, counts, grouped, split_name, together

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
        tables = [file for file in source.files if file.suffix in SUFFIXES]
        if len({file.parts[:-1] for file in tables}) > 1 and all(file.suffix == ".txt" for file in tables):
            return 0.0  # texts in folders
        return len(tables) / max(len(source.files), 1)

    def run(self, job: Job) -> Draft:
        return draft_of(*read_upload(job), job)


def draft_of(table: RawTable, columns: list[Column], content: str, job: Job) -> Draft:
    """The dataset of a table that was read."""
    return write(table, make_plan(table, columns, job), content, job)


def read_upload(job: Job, prepared: Callable[[Path, Job], Path] | None = None) -> tuple[RawTable, list[Column], str]:
    """The only table of an upload, what its columns are, and the content's checksum.

    Args:
        prepared: Makes another file of the table's, to be read in its place.

    Raises:
        DatasetError: There are several tables, or hardly any rows.
    """
    path = _only_table(job)
    with path.open("rb") as stream:
        content = hashlib.file_digest(stream, "sha256").hexdigest()
    table = read_table(prepared(path, job) if prepared else path, job)
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
    return table, describe(table, decimal), content


def _only_table(job: Job) -> Path:
    tables = [file for file in job.source.files if file.suffix in SUFFIXES]
    data = [file for file in tables if file.suffix != ".txt"] or tables
    if len(data) > 1 and all(file.suffix == ".txt" for file in data):
        found = counted(len(data), "text file")
        raise DatasetError(f"{job.source.name} holds {found}; put the texts into one table with a column of texts and a column of labels.")
    if len(data) > 1:
        raise DatasetError(f"{job.source.name} holds several tables ({listed([file.path for file in data], shown=5)}); add the one that is meant.")
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
        targets: What is to be predicted, the most important first; columns of classes are read as such.
        text: The column whose texts are the input, for the text kinds.
        names: Per position, the name under which the column is kept.
        split: The column that gives the split.
    """

    kind: str
    columns: list[Column]
    targets: list[Column]
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
    split = split_column(table, columns, job)
    others = [column for column in columns if column is not split]
    targets = read_as_meant(find_targets(others, job.target, report), job.kind)
    taken = {target.position for target in targets}
    group = named_column(columns, job.options.group, "group")
    rest = [column for column in others if column.position not in taken and column is not group]
    usable = [column for column in rest if column.usable]
    text = _text_column(rest, usable, job)
    if text is None and not usable:
        usable = [replace(column, why_unused="") for column in rest if column.kind == "number" and column.why_unused == "identifier"]
        kept = {column.position: column for column in usable}
        rest, columns = ([kept.get(column.position, column) for column in given] for given in (rest, columns))
    if text is None and not usable:
        raise DatasetError(f"No column is left as an input for the target {targets[0].name!r}.{unfit(rest)}")
    family = "text" if text is not None else "table"
    inputs = [text] if text is not None else usable
    taken = {column.position for column in inputs}
    note_unused([column for column in rest if column.position not in taken], text is not None, report)
    note_words(usable if text is None else [], report)
    note_reading([*inputs, *(target for target in targets if target.kind == "number")], report)
    end = "regression" if targets[0].kind == "number" else "classification"
    return Plan(f"{family}-{end}", columns, targets, inputs, text, kept_names(columns, report), split, group)


def read_as_meant(targets: Sequence[Column], kind: str | None) -> list[Column]:
    """Target columns as classes or numbers; the kind that a person asked for decides about the first one.

    Raises:
        DatasetError: A column can be neither.
    """
    kinds = [kind, *[None] * (len(targets) - 1)]
    return [target.as_classes() if reads_as_classes(target, each) else target for target, each in zip(targets, kinds, strict=True)]


def split_column(table: RawTable, columns: Sequence[Column], job: Job) -> Column | None:
    """The column that gives the split: the one that the person named, or one that is called so and holds nothing else.

    Raises:
        DatasetError: The named one does not hold splits.
    """
    named = named_column(columns, job.options.split, "split")
    for column in [named] if named else [column for column in columns if column.name.casefold() in ("split", "subset", "fold", "partition", "set")]:
        values = {text for text in table.column(column.position).cast("string").unique().to_pylist() if text}
        means = {split_name(value) for value in values}
        if None not in means and "train" in means and len(means) > 1:
            job.report.note(f"The split was taken from the column {column.name!r}.")
            return column
        if named:
            raise DatasetError(f"The column {column.name!r} can't give the split; it must hold train, validation and test only.")
    return None


def named_column(columns: Sequence[Column], name: str | None, what: str) -> Column | None:
    """The column that an option names.

    Raises:
        DatasetError: There is none of that name.
    """
    if name is None:
        return None
    for column in columns:
        if column.name == name:
            return column
    raise DatasetError(f"The table has no column {name!r} for the {what}. It has: {', '.join(column.name for column in columns[:20])}.")


def _text_column(rest: Sequence[Column], usable: Sequence[Column], job: Job) -> Column | None:
    """The column of texts, if this is a dataset of texts: a long text with few other inputs, or the only column there is."""
    named = named_column(rest, job.options.text, "text")
    if named is not None:
        return named
    wanted = bool(job.kind and job.kind.startswith("text-"))
    texts = [column for column in rest if column.kind in ("text", "words")]
    others = [column for column in usable if column.kind != "words"]
    if wanted and not texts:
        texts = [column for column in rest if column.kind == "category"]
    if not texts or (job.kind and not wanted):
        if wanted:
            raise DatasetError("The table has no column of texts.")
        return None
    longest = max(texts, key=lambda column: column.characters)
    if wanted or not others or (longest.characters >= _LONG_TEXT and longest.words >= 3 and len(others) <= _MOST_OTHERS):
        return longest
    return None


def kept_names(columns: Sequence[Column], report: Report, reserved: Sequence[str] = _RESERVED) -> dict[int, str]:
    """The columns' names in the data file, where `row`, `split` and other names are taken."""
    given = {*reserved, *(column.name for column in columns)}
    names = {column.position: column.name for column in columns}
    for column in columns:
        if column.name in reserved:
            number = 2
            while f"{column.name}_{number}" in given:
                number += 1
            names[column.position] = f"{column.name}_{number}"
            report.note(f"The column {column.name!r} is kept as {names[column.position]!r}, because that name is the program's own.")
    return names


@dataclass
class _Samples:
    """The rows that are used, with their targets (by position) and split."""

    usable: NDArray[np.bool_]
    targets: dict[int, TargetValues]
    splits: Labels
    origin: Origin


def write(table: RawTable, plan: Plan, content: str, job: Job) -> Draft:
    """Splits the rows, writes the data file batch by batch, and describes every column by its training rows."""
    samples = _samples(table, plan, job)
    train = np.zeros(table.rows, dtype=np.bool_)
    train[np.flatnonzero(samples.usable)[samples.splits == "train"]] = True
    inputs = {column.position for column in plan.inputs}
    found = {column.position: _feature(table, column, plan, samples, train, column.position in inputs) for column in plan.columns}
    order = iter(plan.targets)  # among themselves, targets stand as they were named
    features = [found[next(order).position if column.position in samples.targets else column.position] for column in plan.columns]
    _write_rows(table, plan, samples, job)
    return Draft(
        plan.kind, features, len(samples.splits), counts(samples.splits), samples.origin, content,
        ",".join(plan.names[target.position] for target in plan.targets), table.reading,
    )  # fmt: skip


def _samples(table: RawTable, plan: Plan, job: Job) -> _Samples:
    found = [target_values(target, table.column(target.position)) for target in plan.targets]
    usable = with_any(found, "row", job.report)
    if plan.text is not None:
        filled = valid(plan.text.texts(table.column(plan.text.position)))
        empty = int((usable & ~filled).sum())
        if empty:
            job.report.note(f"Left out {counted(empty, 'row')} without a text in {plan.text.name!r}.")
        usable &= filled
    targets = [target.kept(usable) for target in found]
    for target in targets:
        target.check(job.options.limits.classes)
    splits, origin = _split(table, plan, usable, targets[0].strata, job)
    for target in targets:
        target.note_rare(splits, "row", job.report)
    return _Samples(usable, {column.position: target for column, target in zip(plan.targets, targets, strict=True)}, splits, origin)


def target_values(target: Column, values: Any) -> TargetValues:
    """A target column as numbers or classes, as it is meant."""
    if target.kind == "number":
        return NumberValues(target.name, target.numbers(values), target.unit)
    return ClassValues(target.name, target.texts(values))


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


def _feature(table: RawTable, column: Column, plan: Plan, samples: _Samples, train: NDArray[np.bool_], is_input: bool) -> Feature:
    name = plan.names[column.position]
    if column.position in samples.targets:
        return samples.targets[column.position].feature(name, samples.splits == "train")
    if not is_input:
        return Feature(name=name, role="unused", kind="text", dtype="string")
    values = table.column(column.position)
    if plan.text is not None:
        figures = statistics.of_texts(column.texts(values).filter(mask(train)).to_pylist())
        return Feature(name=name, role="input", kind="text", dtype="string", statistics=figures)
    return column.feature(name, values, samples.usable, train)


def _write_rows(table: RawTable, plan: Plan, samples: _Samples, job: Job) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    numeric = {column.position for column in plan.inputs if column.kind == "number" and plan.text is None}
    numeric |= {target.position for target in plan.targets if target.kind == "number"}
    targets = {target.position: target for target in plan.targets}
    columns = [targets.get(column.position, column) for column in plan.columns]
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
