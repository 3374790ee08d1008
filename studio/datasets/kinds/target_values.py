"""The targets of an import: classes, numbers, or any number of labels for each row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.arrow import codes, mask, strings, valid
from studio.datasets.classes import in_order
from studio.datasets.errors import DatasetError
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import Labels, bins

Mask = NDArray[np.bool_]


class TargetValues(ABC):
    """What is to be predicted of every row.

    Args:
        name: As the data spell it.
    """

    name: str

    @property
    @abstractmethod
    def present(self) -> Mask:
        """Which rows have a value."""

    @abstractmethod
    def kept(self, rows: Mask) -> Self:
        """The same of some rows."""

    @abstractmethod
    def check(self, most_classes: int) -> None:
        """Refuses what can't be learned.

        Raises:
            DatasetError: There is only one class, or one number; or there are too many classes.
        """

    @property
    @abstractmethod
    def strata(self) -> NDArray[np.int64]:
        """What a split keeps in about equal shares; -1 where there is no value."""

    @abstractmethod
    def feature(self, name: str, train: Mask) -> Feature:
        """The target as networks see it, with figures of the training rows."""

    @abstractmethod
    def stored(self) -> Any:
        """The values as an Arrow array."""

    @abstractmethod
    def note_rare(self, splits: Labels, noun: str, report: Report) -> None:
        """Says which classes have too few samples."""


@dataclass(frozen=True)
class ClassValues(TargetValues):
    """One of several classes for each row.

    Args:
        texts: The classes' names, an Arrow array, null where there is none.
    """

    name: str
    texts: Any

    @property
    def present(self) -> Mask:
        return valid(self.texts)

    def kept(self, rows: Mask) -> Self:
        return type(self)(self.name, self.texts.filter(mask(rows)))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes in their order."""
        return in_order(text for text in self.texts.unique().to_pylist() if text is not None)

    @cached_property
    def strata(self) -> NDArray[np.int64]:
        return codes(self.texts, self.classes)

    def check(self, most_classes: int) -> None:
        if len(self.classes) < 2:
            found = listed(self.classes) or "none"
            raise DatasetError(f"The target column {self.name!r} has one class only ({found}); at least two are needed.")
        if len(self.classes) > most_classes:
            raise DatasetError(f"The target column {self.name!r} has {len(self.classes):,} classes; at most {most_classes:,} are allowed.")

    def feature(self, name: str, train: Mask) -> Feature:
        figures = statistics.of_classes(self.strata[train], len(self.classes))
        return Feature(name=name, role="target", kind="category", dtype="int32", classes=self.classes, statistics=figures)

    def stored(self) -> Any:
        return self.texts

    def note_rare(self, splits: Labels, noun: str, report: Report) -> None:
        total, train = (np.bincount(found[found >= 0], minlength=len(self.classes)) for found in (self.strata, self.strata[splits == "train"]))
        _note_few(self.classes, total, train, noun, "class", report)


@dataclass(frozen=True)
class NumberValues(TargetValues):
    """A number for each row, NaN where there is none."""

    name: str
    numbers: NDArray[np.float64]
    unit: str | None = None

    @property
    def present(self) -> Mask:
        return ~np.isnan(self.numbers)

    def kept(self, rows: Mask) -> Self:
        return type(self)(self.name, self.numbers[rows], self.unit)

    @cached_property
    def strata(self) -> NDArray[np.int64]:
        found = np.full(len(self.numbers), -1, dtype=np.int64)
        there = self.numbers[self.present]
        found[self.present] = bins(there) if len(there) else 0
        return found

    def check(self, most_classes: int) -> None:  # noqa: ARG002
        there = self.numbers[self.present]
        if len(there) and there.min() == there.max():
            raise DatasetError(f"The target column {self.name!r} has the same number in every row; there is nothing to predict.")

    def feature(self, name: str, train: Mask) -> Feature:
        return Feature(name=name, role="target", kind="number", unit=self.unit, statistics=statistics.of_numbers(self.numbers[train]))

    def stored(self) -> Any:
        import pyarrow as pa

        return pa.array(self.numbers, pa.float64(), from_pandas=True)

    def note_rare(self, splits: Labels, noun: str, report: Report) -> None:
        """Numbers have no classes."""


@dataclass(frozen=True)
class LabelValues(TargetValues):
    """Any number of labels for each row, also none."""

    name: str
    labels: list[tuple[str, ...]]

    @property
    def present(self) -> Mask:
        return np.ones(len(self.labels), dtype=np.bool_)

    def kept(self, rows: Mask) -> Self:
        return type(self)(self.name, [labels for labels, used in zip(self.labels, rows, strict=True) if used])

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The labels in their order."""
        return in_order(label for labels in self.labels for label in labels)

    @cached_property
    def matrix(self) -> NDArray[np.bool_]:
        """Which row has which label."""
        found = np.zeros((len(self.labels), len(self.classes)), dtype=np.bool_)
        rows = np.repeat(np.arange(len(self.labels)), [len(labels) for labels in self.labels])
        found[rows, codes(strings([label for labels in self.labels for label in labels]), self.classes)] = True
        return found

    @cached_property
    def strata(self) -> NDArray[np.int64]:
        """The rarest label of each row, so that each split gets some of it."""
        total = self.matrix.sum(axis=0)
        ranked = np.where(self.matrix, total, len(self.labels) + 1)
        return np.where(self.matrix.any(axis=1), ranked.argmin(axis=1), len(self.classes)).astype(np.int64) if len(self.classes) else total

    def check(self, most_classes: int) -> None:
        if len(self.classes) < 2:
            raise DatasetError(f"The target {self.name!r} has {counted(len(self.classes), 'label')} only; at least two are needed.")
        if len(self.classes) > most_classes:
            raise DatasetError(f"The target {self.name!r} has {len(self.classes):,} labels; at most {most_classes:,} are allowed.")

    def feature(self, name: str, train: Mask) -> Feature:
        figures = {"counts": self.matrix[train].sum(axis=0).tolist(), "missing": 0}
        return Feature(name=name, role="target", kind="labels", dtype="float32", classes=self.classes, statistics=figures)

    def stored(self) -> Any:
        import pyarrow as pa

        return pa.array([list(labels) for labels in self.labels], pa.list_(pa.string()))

    def note_rare(self, splits: Labels, noun: str, report: Report) -> None:
        _note_few(self.classes, self.matrix.sum(axis=0), self.matrix[splits == "train"].sum(axis=0), noun, "label", report)


def _note_few(names: Sequence[str], total: NDArray[Any], train: NDArray[Any], noun: str, what: str, report: Report) -> None:
    rare = [name for name, count in zip(names, total, strict=True) if count < 5]
    absent = [name for name, count in zip(names, train, strict=True) if count == 0]
    if rare:
        report.note(f"Fewer than 5 {noun}s in {counted(len(rare), what)}: {listed(rare)}.")
    if absent:
        report.note(
            f"No training {noun} for {counted(len(absent), what)}: {listed(absent)}; a network can't learn {'it' if len(absent) == 1 else 'them'}."
        )


def with_any(targets: Sequence[TargetValues], noun: str, report: Report) -> Mask:
    """Rows that have a value for at least one target; what is missing is said."""
    usable = np.any([target.present for target in targets], axis=0)
    left_out = int((~usable).sum())
    if len(targets) == 1:
        if left_out:
            report.note(f"Left out {counted(left_out, noun)} without a value for the target {targets[0].name!r}.")
        return np.asarray(usable)
    if left_out:
        report.note(f"Left out {counted(left_out, noun)} without a value for any of the targets {listed([repr(each.name) for each in targets])}.")
    for target in targets:
        gaps = int((usable & ~target.present).sum())
        if gaps:
            missing = f"The target {target.name!r} is missing in {counted(gaps, noun)}"
            one = f"{missing}, from which the network learns the other target only."
            more = f"{missing}, from which the network learns the other targets only."
            report.note(one if len(targets) == 2 else more)
    return np.asarray(usable)
