"""Series that a trained network is asked about, read from table files as the import reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.datasets.arrow import groups
from studio.datasets.kinds.series import filled
from studio.datasets.report import counted, listed
from studio.datasets.values.series import stretches
from studio.evaluation.errors import EvaluationError
from studio.evaluation.tables import SUFFIXES, RawColumns, read_column, read_file


@dataclass
class Read:
    """The columns of a series that the network takes, in the order of time.

    Args:
        values: (steps, columns), NaN where there is none.
        moments: Texts of the time of each step; None where no column says so.
        members: A number per sequence to which a step belongs; None where there is one series.
        names: Of the sequences.
        order: The rows of the file in the order of the steps.
    """

    values: np.ndarray
    moments: np.ndarray | None = None
    members: np.ndarray | None = None
    names: list[str] = field(default_factory=list)
    order: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    notes: list[str] = field(default_factory=list)


def is_forecast(feature: Feature) -> bool:
    """Whether windows of one series are asked about, and not whole sequences."""
    return "horizon" in feature.statistics


def read_series(path: Path, feature: Feature) -> Read:
    """The steps of a table file.

    Raises:
        StudioError: It is no table, or lacks a column.
    """
    if not path.is_file() or path.suffix.casefold() not in SUFFIXES:
        raise EvaluationError(f"{path.name}: the network takes series; expected a CSV, TSV, Excel or Parquet file with a row per step.")
    figures = feature.statistics
    wanted = list(figures["columns"])
    found = read_file(path, [Feature(name=name, role="input", kind="number") for name in wanted])
    notes: list[str] = []
    values = np.stack([read_column(column(found, name, path), _number(name), found, notes) for name in wanted], axis=1)
    moments = _moments(found, figures, notes)
    read = Read(values, moments, notes=[f"{path.name}: {note}" for note in notes])
    named = _column(found, figures.get("sequence") or "")
    if named is not None:
        texts = named.cast("string")
        read.members = groups(texts)
        distinct = {int(number): str(text) for number, text in zip(read.members.tolist(), texts.to_pylist(), strict=True) if number >= 0}
        read.names = [distinct[number] for number in range(len(distinct))]
    read.order = np.arange(len(values))
    if moments is not None and len(moments):
        order = read.order = np.argsort(moments, kind="stable")
        read.values, read.moments = values[order], moments[order]
        read.members = read.members[order] if read.members is not None else None
    return read


def last_window(read: Read, feature: Feature, name: str) -> np.ndarray:
    """The last window, (1, steps, columns), gaps filled along straight lines.

    Raises:
        EvaluationError: There are too few steps.
    """
    steps = int(feature.shape[0] or 1)
    targets = int(feature.statistics.get("targets", 1))
    there = np.flatnonzero(~np.isnan(read.values[:, :targets]).any(axis=1))
    values = read.values[: int(there[-1]) + 1] if len(there) else read.values[:0]
    if len(values) < steps:
        raise EvaluationError(
            f"{name}: the network looks back {counted(steps, 'step')}; the file has {counted(len(values), 'row')} with a value of the target."
        )
    window = values[-steps:].astype(np.float64)
    gaps = int(np.isnan(window).sum())
    if gaps:
        read.notes.append(f"{name}: {counted(gaps, 'gap')} filled along straight lines.")
        window = np.stack([filled(one) for one in window.T], axis=1)
    return window[None].astype(np.float32)


def all_windows(read: Read, feature: Feature, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Every window of a series with what follows it: (windows, steps, columns), (windows, horizon, targets).

    Raises:
        EvaluationError: There are too few steps.
    """
    steps, horizon, targets = int(feature.shape[0] or 1), int(feature.statistics["horizon"]), int(feature.statistics["targets"])
    true = read.values[:, :targets].astype(np.float32)
    count = len(true) - steps - horizon + 1
    if count < 1:
        wanted = f"a window of {steps} and {counted(horizon, 'step')} behind it"
        raise EvaluationError(f"{name}: {counted(len(true), 'row')} are too few; {wanted} are needed.")
    plain = np.stack([filled(one) for one in read.values.astype(np.float64).T], axis=1).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(plain, steps, axis=0).swapaxes(1, 2)[:count]
    ahead = np.lib.stride_tricks.sliding_window_view(true[steps:], horizon, axis=0).swapaxes(1, 2)[:count]
    known = ~np.isnan(ahead.reshape(count, -1)).any(axis=1)
    return windows[known], ahead[known]


def texts_of(path: Path, target: Feature) -> list[str | None]:
    """The classes in the rows of a table file.

    Raises:
        StudioError: It has no column of the target.
    """
    found = read_file(path, [target])
    values = column(found, target.name, path)
    return [text or None for text in read_column(values, target, found, []).tolist()]


def sequences(read: Read, name: str) -> Iterator[tuple[str, np.ndarray]]:
    """Each sequence with its name, without gaps."""
    if read.members is None:
        yield name, whole(read.values)
        return
    for number, own in enumerate(read.names):
        yield f"{name}:{own}", whole(read.values[read.members == number])


def whole(values: np.ndarray) -> np.ndarray:
    """The steps of a sequence that hold anything, gaps filled along straight lines."""
    there = np.flatnonzero(~np.isnan(values).all(axis=1))
    kept = values[there[0] : there[-1] + 1].astype(np.float64) if len(there) else values[:0]
    return np.stack([filled(one) for one in kept.T], axis=1).astype(np.float32) if np.isnan(kept).any() else kept.astype(np.float32)


def in_shape(found: Sequence[np.ndarray], feature: Feature) -> np.ndarray:
    """Sequences of any length as the network takes them."""
    ends = np.cumsum([len(one) for one in found])
    places = np.stack([ends - [len(one) for one in found], ends], axis=1)
    return np.asarray(stretches(np.concatenate(found), places, feature))


def wide_rows(path: Path, feature: Feature) -> tuple[list[np.ndarray], list[str]]:
    """The sequences of a table that has one in each row.

    Raises:
        StudioError: It is no table, or lacks a column.
    """
    if not path.is_file() or path.suffix.casefold() not in SUFFIXES:
        raise EvaluationError(f"{path.name}: the network takes series; expected a CSV, TSV, Excel or Parquet file with a row per sequence.")
    cells: list[list[str]] = feature.statistics["cells"]
    found = read_file(path, [_number(name) for names in cells for name in names])
    notes: list[str] = []
    values = np.stack(
        [np.stack([read_column(column(found, name, path), _number(name), found, notes) for name in names], axis=1) for names in cells], axis=2
    )
    return [whole(one) for one in values], notes


def column(found: RawColumns, name: str, path: Path) -> Any:
    """A column, whatever the case of its name.

    Raises:
        EvaluationError: There is none.
    """
    values = _column(found, name)
    if values is None:
        raise EvaluationError(f"{path.name} has no column {name!r}, which the network takes. It has: {listed(found.columns, shown=8)}.")
    return values


def _column(found: RawColumns, name: str) -> Any:
    plain = " ".join(name.split()).casefold()
    chosen = next((each for each in found.columns if each == name), None) or next(
        (each for each in found.columns if plain and " ".join(each.split()).casefold() == plain), None
    )
    return None if chosen is None else found.columns[chosen]


def _moments(found: RawColumns, figures: dict[str, Any], notes: list[str]) -> np.ndarray | None:
    values = _column(found, figures.get("time") or "")
    if values is None:
        return None
    feature = Feature(name=str(figures["time"]), role="input", kind="date" if figures.get("time_kind") == "date" else "number")
    return read_column(values, feature, found, notes)


def _number(name: str) -> Feature:
    return Feature(name=name, role="input", kind="number")
