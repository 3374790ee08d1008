"""Rows of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.datasets.arrow import strings
from studio.evaluation.asking.base import Asking, Batch, Port, of
from studio.evaluation.errors import EvaluationError
from studio.evaluation.tables import SUFFIXES, RawColumns, read_file, read_rows


class Columns(Asking):
    """The columns of a table together, each an input of its own."""

    kinds = ("columns",)
    noun = "the rows of a table"

    def files(self, paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:
        return [of_table(path, port, features) for path in paths]

    def entered(self, port: Port, inputs: Mapping[str, Any], front: Any) -> Any:
        if front is None:
            raise EvaluationError("The network takes the columns of a table as they are; insert ColumnEncoding.")
        return front({feature: inputs[name] for feature, name in port.names.items()}, training=False)

    def described(self, port: Port, feature: str) -> str:
        return "float32, NaN where the value is missing" if port.dtypes[feature] == "float32" else 'string, "" where the value is missing'


def of_table(path: Path, port: Port, features: Sequence[Feature]) -> Batch:
    """Every row of a table file.

    Raises:
        StudioError: It is no table, or has none of the columns.
    """
    if not path.is_file() or path.suffix.casefold() not in SUFFIXES:
        raise EvaluationError(f"{path.name}: the network takes {of(port.kind).noun}; expected a CSV, TSV, Excel or Parquet file.")
    return of_columns(read_file(path, features), port, features, path.name)


def of_records(rows: Sequence[Mapping[str, Any]], port: Port, features: Sequence[Feature]) -> Batch:
    """Rows given as dictionaries: numbers or texts, None or "" for a gap."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: strings([_cell(row.get(name)) for row in rows]) for name in names}
    return of_columns(RawColumns(columns, len(rows)), port, features, "row")


def of_columns(found: RawColumns, port: Port, features: Sequence[Feature], name: str) -> Batch:
    """Rows of a table that has been read."""
    rows = read_rows(found, features, list(port.names))
    if rows.count == 0:
        raise EvaluationError(f"{name}: the table has no rows.")
    warnings = [f"{name}: {note}" if name != "row" else note for note in rows.notes]
    return Batch(
        [f"{name}:{number}" for number in range(1, rows.count + 1)], {port.names[column]: values for column, values in rows.columns.items()}, warnings
    )


def _cell(value: Any) -> str | None:
    return None if value is None or value == "" or (isinstance(value, float) and np.isnan(value)) else str(value)
