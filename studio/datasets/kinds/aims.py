"""What is to be predicted of listed files: classes, numbers or labels, and in which columns they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studio.datasets.errors import DatasetError
from studio.datasets.kinds import label_cells
from studio.datasets.kinds.base import Job
from studio.datasets.kinds.columns import Column
from studio.datasets.kinds.tables import target_values
from studio.datasets.kinds.target_values import LabelValues, TargetValues
from studio.datasets.kinds.targets import find_targets, reads_as_classes, usual_target
from studio.datasets.kinds.transcripts import TRANSCRIPTION, TranscriptValues, find_transcript
from studio.datasets.readers.raw import RawTable
from studio.datasets.report import listed

_MULTILABEL = "image-multilabel"


@dataclass(frozen=True)
class Aim:
    """One target.

    Args:
        columns: One, or for labels one per label.
        separator: What stands between labels of a cell; None where a cell is one label.
    """

    kind: Literal["labels", "category", "number", "transcript"]
    columns: list[Column]
    separator: str | None = None

    def values(self, table: RawTable) -> TargetValues:
        """The target of every row."""
        if self.kind == "transcript":
            return TranscriptValues(self.columns[0].name, tuple(" ".join((cell or "").split()) for cell in _cells(table, self.columns[0])))
        if self.kind != "labels":
            return target_values(self.columns[0], table.column(self.columns[0].position))
        cells = [_cells(table, column) for column in self.columns]
        if len(self.columns) == 1:
            return LabelValues(self.columns[0].name, [label_cells.split(cell, self.separator) for cell in cells[0]])
        names = [column.name for column in self.columns]
        said = zip(*([label_cells.is_yes(cell) for cell in column] for column in cells), strict=True)
        return LabelValues("labels", [tuple(name for name, yes in zip(names, row, strict=True) if yes) for row in said])

    def joined(self, values: TargetValues, again: Mapping[int, int]) -> TargetValues:
        """The target with the labels of rows that name a file once more put to those of the row that names it first.

        Args:
            again: Rows with the row before them that names the same file.
        """
        if not isinstance(values, LabelValues):
            return values
        labels = list(values.labels)
        for row, first in again.items():
            labels[first] = tuple(dict.fromkeys([*labels[first], *labels[row]]))
        return LabelValues(values.name, labels)

    def says_the_same(self, table: RawTable, column: Column) -> bool:
        """Whether a column is only another spelling of this target, such as the number of a class beside its name."""
        if self.kind != "category" or column.distinct != self.columns[0].distinct:
            return False
        pairs = set(zip(_cells(table, self.columns[0]), _cells(table, column), strict=True))
        pairs = {pair for pair in pairs if pair[0] is not None and pair[1] is not None}
        return len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def choose_aims(table: RawTable, columns: Sequence[Column], job: Job) -> list[Aim]:
    """The targets that the person named, or the likeliest.

    Raises:
        DatasetError: There is no such column, or none that could be a target of the kind that was asked for.
    """
    if job.kind == TRANSCRIPTION:
        return [Aim("transcript", [find_transcript(columns, job.target, job.report)])]
    if job.target is not None:
        return _named(table, columns, job)
    asked = job.kind
    if asked in (None, "multi-input", _MULTILABEL):
        usual = usual_target(columns)
        found = _labels(table, columns, surely=asked == _MULTILABEL) if usual is None or label_cells.is_yes_or_no(_cells(table, usual)) else None
        if found is not None:
            names = listed([repr(column.name) for column in found.columns], shown=6)
            where = f"the column {names} holds several labels" if len(found.columns) == 1 else f"the columns {names} say yes or no"
            job.report.note(f"The target was guessed: {where}. Name another column if it is not the one to predict.")
            return [found]
    able = [column for column in columns if column.kind == "number"] if asked == "image-regression" else list(columns)
    if not able:
        raise DatasetError(f"No column holds numbers to predict. The table has: {listed([column.name for column in columns], shown=8)}.")
    return [_plain(table, column, asked) for column in find_targets(able, None, job.report)]


def _named(table: RawTable, columns: Sequence[Column], job: Job) -> list[Aim]:
    found = find_targets(columns, job.target, job.report)
    answers = all(label_cells.is_yes_or_no(_cells(table, column)) for column in found)
    if len(found) > 1 and answers and job.kind in (None, "multi-input", _MULTILABEL):
        return [Aim("labels", found)]
    if len(found) > 1 and job.kind == _MULTILABEL:
        raise DatasetError("Several columns make labels if each says yes or no (1 and 0) in every row; or name one column that holds all labels.")
    kinds = [job.kind, *[None if job.kind != "multi-input" else job.kind] * (len(found) - 1)]
    return [_plain(table, column, kind) for column, kind in zip(found, kinds, strict=True)]


def _labels(table: RawTable, columns: Sequence[Column], surely: bool) -> Aim | None:
    """The column that holds several labels in a cell, or the columns that say yes or no."""
    answers = [column for column in columns if column.distinct <= 3 and label_cells.is_yes_or_no(_cells(table, column))]
    if len(answers) > 1 and (surely or 2 * len(answers) >= sum(column.usable for column in columns)):
        return Aim("labels", answers)
    for column in columns:
        if column.kind not in ("number", "date"):
            separator = label_cells.separator_of(_cells(table, column), surely)
            if separator is not None:
                return Aim("labels", [column], separator)
    return None


def _plain(table: RawTable, column: Column, kind: str | None) -> Aim:
    """One column: several labels in a cell, or a class, or a number."""
    if kind == _MULTILABEL or (kind in (None, "multi-input") and column.kind not in ("number", "date")):
        separator = label_cells.separator_of(_cells(table, column), surely=kind == _MULTILABEL)
        if separator is not None or kind == _MULTILABEL:
            return Aim("labels", [column], separator)
    if reads_as_classes(column, kind):
        return Aim("category", [column.as_classes()])
    return Aim("number", [column])


def _cells(table: RawTable, column: Column) -> list[str | None]:
    values: Any = table.column(column.position)
    found: list[str | None] = values.cast("string").to_pylist()
    return found


__all__ = ["Aim", "choose_aims"]
