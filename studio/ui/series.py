"""Series that are asked about on the Predict page: a window of the dataset, or the end of a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.datasets.dataset import Dataset
from studio.datasets.values import read
from studio.evaluation import series
from studio.evaluation.errors import EvaluationError
from studio.ui.shown.base import Part
from studio.ui.shown.series import continued, stretch


@dataclass(frozen=True)
class Given:
    """What is asked about.

    Args:
        values: (steps, columns).
        steps: How many of them, the last ones, are its own; before them stands what fills a short sequence up.
        truth: What came behind it, where that is known.
    """

    feature: Feature
    values: np.ndarray
    steps: int
    truth: np.ndarray | None = None
    notes: list[str] = field(default_factory=list)

    def drawn(self, target: Feature | None, value: Any) -> list[Part]:
        """The series with what was said of it."""
        if not series.is_forecast(self.feature) or target is None:
            return [stretch(self.values[-self.steps :], self.feature)]
        figures = self.feature.statistics
        shape = (int(figures["horizon"]), int(figures["targets"]))
        truth = None if self.truth is None else np.asarray(self.truth, np.float64).reshape(shape)
        return continued(self.values, self.feature, target.unit, np.asarray(value, np.float64).reshape(shape), truth)


def of_row(dataset: Dataset, row: int) -> Given:
    """A sample of a dataset."""
    feature = next(each for each in dataset.features if each.kind == "series")
    rows = np.array([row], dtype=np.int64)
    truth = read(dataset, dataset.target, rows)[0] if dataset.target.kind == "number" else None
    values = np.asarray(read(dataset, feature, rows)[0])
    first, last = dataset.table([feature.name], rows=[row])[feature.name].iloc[0]
    return Given(feature, values, min(int(last - first), len(values)), truth)


def of_file(path: Path, features: list[Feature]) -> Given:
    """The last window of a table file, or its first sequence.

    Raises:
        StudioError: It holds no series, or too few steps.
    """
    feature = next(each for each in features if each.kind == "series")
    if feature.statistics.get("form") == "arrays":
        raise EvaluationError(f"{path.name}: this network was trained on arrays; ask about a sample of the dataset, or in Python.")
    if feature.statistics.get("form") == "wide":
        found, notes = series.wide_rows(path, feature)
        return _first([(str(number), one) for number, one in enumerate(found, start=1)], feature, path, notes)
    given = series.read_series(path, feature)
    if series.is_forecast(feature):
        window = series.last_window(given, feature, path.name)[0]
        return Given(feature, window, len(window), notes=given.notes)
    named = [(name.removeprefix(f"{path.name}:"), one) for name, one in series.sequences(given, path.name)]
    return _first(named, feature, path, given.notes)


def _first(found: list[tuple[str, np.ndarray]], feature: Feature, path: Path, notes: list[str]) -> Given:
    filled = [(name, one) for name, one in found if len(one)]
    if not filled:
        raise EvaluationError(f"{path.name}: there is no sequence with any value.")
    name, values = filled[0]
    more = [f"The file holds {len(filled):,} sequences; this is the first one, {name}."] if len(filled) > 1 else []
    shaped = series.in_shape([values], feature)[0]
    return Given(feature, shaped, min(len(values), len(shaped)), notes=[*notes, *more])
