"""Series of numbers: the end of one that is to be continued, or whole sequences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blocks.features import Feature
from studio.evaluation import series
from studio.evaluation.asking.arrays import SUFFIXES as ARRAY_SUFFIXES
from studio.evaluation.asking.arrays import Arrays
from studio.evaluation.asking.base import Asking, Batch, Port, Usage
from studio.evaluation.errors import EvaluationError


class Series(Asking):
    """Windows and sequences, float32 (steps, columns)."""

    kinds = ("series",)
    noun = "series of numbers"
    step = 256

    def files(self, paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:
        return [of_file(path, port, features) for path in paths]

    def usage(self, port: Port) -> Usage | None:
        feature = port.feature
        if feature is None or feature.statistics.get("form", "long") != "long":
            return None
        forecast = series.is_forecast(feature)
        return Usage(
            "client.py SERIES.csv ...     (comma-separated, UTF-8, a row per step in the order of time, without gaps)",
            (_LAST if forecast else _ALL).format(columns=list(feature.statistics["columns"]), steps=port.shape[0], fill=_fill(feature)),
            f'{{"{port.name}": tf.constant([read(file) for file in files], "float32")}}',
            "files",
        )

    def described(self, port: Port, feature: str) -> str:  # noqa: ARG002
        known = port.feature
        steps, names = port.shape[0], ", ".join((known.statistics.get("columns") if known else None) or [])
        if known is not None and not series.is_forecast(known):
            return f"float32 (batch, {steps}, {port.shape[1]}): the steps of a sequence, in columns {names}; before a shorter one {_fill(known)}"
        return f"float32 (batch, {steps}, {port.shape[1]}): the last {steps} steps, the newest at the end, in columns {names}"


def of_file(path: Path, port: Port, features: Sequence[Feature]) -> Batch:
    """The last window of a file, or its sequences.

    Raises:
        StudioError: It holds no series, or too few steps.
    """
    feature = port.feature
    assert feature is not None  # noqa: S101 - a series is a feature of its own
    if path.suffix.casefold() in ARRAY_SUFFIXES or "columns" not in feature.statistics:
        return Arrays().files([path], port, features)[0]
    if feature.statistics.get("form") == "wide":
        found, notes = series.wide_rows(path, feature)
        return _batch([(f"{path.name}:{number}", one) for number, one in enumerate(found, start=1)], port, feature, path, notes)
    read = series.read_series(path, feature)
    if series.is_forecast(feature):
        window = series.last_window(read, feature, path.name)
        return Batch([str(path)], {port.name: window}, read.notes)
    return _batch(list(series.sequences(read, path.name)), port, feature, path, read.notes)


def _batch(found: list[tuple[str, np.ndarray]], port: Port, feature: Feature, path: Path, notes: list[str]) -> Batch:
    filled = [(name, one) for name, one in found if len(one)]
    if not filled:
        raise EvaluationError(f"{path.name}: there is no sequence with any value.")
    empty = len(found) - len(filled)
    said = [*notes, *([f"{path.name}: {empty} without any value left out."] if empty else [])]
    return Batch([name for name, _ in filled], {port.name: series.in_shape([one for _, one in filled], feature)}, said)


def _fill(feature: Feature) -> list[float]:
    return [float(f"{value:.7g}") for value in feature.statistics.get("mean", [])]


_READ = """import csv

columns = {columns}
files = sys.argv[1:]


def read(file):
    rows = list(csv.DictReader(open(file, encoding="utf-8-sig", newline="")))
    steps = [[float(row[name]) for name in columns] for row in rows]
"""
_LAST = _READ + "    return steps[-{steps}:]  # the network looks back so many steps\n\n"
_ALL = _READ + "    return ([{fill}] * {steps} + steps[:{steps}])[-{steps}:]  # before a short sequence stand the means of the columns\n\n"
