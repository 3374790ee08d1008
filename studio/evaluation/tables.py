"""Rows of a table that a trained network is asked about: matched by column name, read as the import reads them."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from blocks.errors import closest
from blocks.features import Feature
from studio.datasets.arrow import strings, to_numpy
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import Job
from studio.datasets.kinds.columns import Column
from studio.datasets.kinds.tables import SUFFIXES, read_table
from studio.datasets.options import ImportOptions
from studio.datasets.readers.cells import decimal_sign
from studio.datasets.readers.dates import find_reader
from studio.datasets.readers.encodings import detect
from studio.datasets.readers.source import SingleFile
from studio.datasets.report import Report, listed
from studio.evaluation.errors import EvaluationError

__all__ = ["SUFFIXES", "RawColumns", "Rows", "read_file", "read_rows"]


_NAMELESS = re.compile(r"column_\d+")
"""How an import calls the columns of a table without a header; others like it have none either."""


@dataclass(frozen=True)
class RawColumns:
    """A table as it was found: Arrow columns by name.

    Args:
        decimal: The decimal sign of its texts.
        delimiter: What stood between its cells.
    """

    columns: dict[str, Any]
    rows: int
    decimal: str = "."
    delimiter: str = ","


@dataclass
class Rows:
    """The columns that a network takes: float32 with NaN, or texts with "" for a gap, shape (rows,)."""

    columns: dict[str, np.ndarray]
    count: int
    notes: list[str] = field(default_factory=list)


def read_file(path: Path, known: Sequence[Feature]) -> RawColumns:
    """A table file (CSV in any spelling, Excel, Parquet) with its column names in the first row.

    Raises:
        DatasetError: It can't be read as a table.
    """
    alone = _single_column(path, known)
    if alone is not None:
        return alone
    nameless = all(_NAMELESS.match(feature.name) for feature in known if feature.role == "input" and feature.is_given)
    options = ImportOptions.read({} if nameless else {"header": True})
    report = Report()
    with tempfile.TemporaryDirectory(prefix="blockstudio-") as scratch:
        job = Job(SingleFile(path, options.limits), Path(scratch), Path(scratch), None, None, options, report, _silent)
        table = read_table(path, job)
        sign = decimal_sign((cell for column in table.sample() for cell in column), table.delimiter)
        columns = {name: _in_memory(table.column(position)) for position, name in enumerate(table.names)}
        return RawColumns(columns, table.rows, sign.sign, table.delimiter)


def read_rows(found: RawColumns, features: Sequence[Feature], wanted: Sequence[str]) -> Rows:
    """The wanted columns of a table; missing ones count as gaps and are named, unknown ones are passed over and named.

    Args:
        features: All that the dataset of the run had.
        wanted: Names of the columns that the network takes.

    Raises:
        EvaluationError: None of the columns is there.
    """
    names = _matched(found, wanted)
    if not names:
        shown = listed([repr(name) for name in found.columns], shown=8)
        raise EvaluationError(f"The table has none of the columns that the network takes ({listed(wanted, shown=8)}). It has: {shown}.")
    rows = Rows({}, found.rows)
    missing = [name for name in wanted if name not in names]
    if missing:
        rows.notes.append(f"Missing in the table, so counted as gaps: {listed([_with_hint(name, found, names) for name in missing])}.")
    known = {feature.name.strip().casefold() for feature in features}
    unknown = [name for name in found.columns if name not in names.values() and name.strip().casefold() not in known]
    if unknown:
        rows.notes.append(f"Not known to the network, so passed over: {listed(unknown)}.")
    kinds = {feature.name: feature for feature in features}
    for name in wanted:
        feature = kinds[name]
        values = found.columns[names[name]] if name in names else strings([None] * found.rows)
        rows.columns[name] = read_column(values, feature, found, rows.notes)
    return rows


def read_column(values: Any, feature: Feature, found: RawColumns, notes: list[str]) -> np.ndarray:
    """One column as the network takes it."""
    if feature.kind == "number":
        column = Column(feature.name, 0, "number", decimal=found.decimal)
        numbers = column.numbers(values).astype(np.float32)
        _note_odd(values, np.isnan(numbers), feature.name, "number", notes)
        return numbers
    column = Column(feature.name, 0, "date" if feature.kind == "date" else "category", decimal=found.decimal)
    if feature.kind == "date":
        from studio.datasets.readers import cells

        distinct = [text for text in cells.present(values.cast("string")).unique().to_pylist() if text is not None]
        reader = find_reader(feature.name, distinct, month_first=found.decimal == "." and found.delimiter != ";")
        if reader is None:
            empty = np.full(found.rows, "", dtype=object)
            _note_odd(values, np.ones(found.rows, dtype=np.bool_), feature.name, "date", notes)
            return empty
        column = Column(feature.name, 0, "date", decimal=found.decimal, dates=reader)
    texts = column.texts(values).to_pylist()
    read = np.array([text or "" for text in texts], dtype=object)
    if feature.kind == "date":
        _note_odd(values, read == "", feature.name, "date", notes)
    return _as_classes(read, feature, found.decimal) if feature.kind == "category" else read


def _as_classes(texts: np.ndarray, feature: Feature, decimal: str) -> np.ndarray:
    """Texts in the classes' spelling where only the way of writing a whole number differs ("1.0" for "1")."""
    from studio.datasets.readers.cells import numbers

    classes = set(feature.classes or ())
    other = [text for text in dict.fromkeys(texts.tolist()) if text and text not in classes]
    if not other or not all(text.lstrip("-").isdigit() for text in classes):
        return texts
    read = {text: str(int(value)) for text, value in zip(other, numbers(strings(other), decimal).tolist(), strict=True) if float(value).is_integer()}
    return np.array([read.get(text, text) for text in texts.tolist()], dtype=object)


def _matched(found: RawColumns, wanted: Sequence[str]) -> dict[str, str]:
    loose: dict[str, str] = {}
    for name in found.columns:
        loose.setdefault(_plain(name), name)
    matched = {name: name if name in found.columns else loose.get(_plain(name), "") for name in wanted}
    return {name: column for name, column in matched.items() if column}


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _with_hint(name: str, found: RawColumns, names: dict[str, str]) -> str:
    near = closest(name, [column for column in found.columns if column not in names.values()])
    return f"{name} (is it {near!r}?)" if near else name


def _note_odd(values: Any, empty: np.ndarray, name: str, noun: str, notes: list[str]) -> None:
    from studio.datasets.readers import cells

    given = to_numpy(values.is_valid()) if str(values.type) not in ("string", "large_string") else to_numpy(cells.present(values).is_valid())
    odd = np.flatnonzero(empty & np.asarray(given, dtype=np.bool_))
    if len(odd):
        example = str(values[int(odd[0])].as_py())[:40]
        notes.append(
            f"Column {name!r}: {len(odd):,} {'cell is' if len(odd) == 1 else 'cells are'} no {noun} (such as {example!r}) and count as gaps."
        )


def _single_column(path: Path, known: Sequence[Feature]) -> RawColumns | None:
    """A text file whose only column has a known name; the importer wants at least two columns."""
    if path.suffix.casefold() not in (".csv", ".tsv", ".txt"):
        return None
    with path.open("rb") as stream:
        encoding = detect(stream).name
    try:
        with path.open(encoding=encoding, newline="") as text:
            records = csv.reader(text)
            first = next(records, [])
            if len(first) != 1 or _plain(first[0].lstrip("\ufeff")) not in {_plain(feature.name) for feature in known}:
                return None
            cells = [record for record in records if record]
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name} can't be read as {encoding}.") from error
    if any(len(record) != 1 for record in cells):
        return None
    return RawColumns({first[0].lstrip("\ufeff"): strings([record[0] for record in cells])}, len(cells))


def _in_memory(column: Any) -> Any:
    import pyarrow as pa

    return pa.concat_arrays([pa.array(chunk.to_pylist(), chunk.type) for chunk in column.chunks]) if column.num_chunks else pa.array([], column.type)


def _silent(fraction: float, text: str) -> None:
    """The progress of reading that nobody watches."""
