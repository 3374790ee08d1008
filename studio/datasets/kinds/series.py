"""Series in time: a table with a row per step, to be continued. Samples are windows of it with the steps that follow them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.errors import DatasetError
from studio.datasets.kinds import timing
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.columns import Column
from studio.datasets.kinds.notes import note_reading, note_unused
from studio.datasets.kinds.tables import TEXT_SUFFIXES, Tables, read_upload
from studio.datasets.kinds.targets import find_target, find_targets
from studio.datasets.kinds.timing import Times
from studio.datasets.options import ImportOptions
from studio.datasets.readers.encodings import detect
from studio.datasets.readers.raw import RawTable
from studio.datasets.readers.source import Source
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import FEWEST_SAMPLES, TEST_SHARE, VALIDATION_SHARE, Labels, counts
from studio.datasets.values.series import SERIES_FILE, TIMES_FILE

TIME = "time"
"""Column of the data file with the moment of the first step that is to be predicted."""
SERIES = "series"
_WINDOW = 24
"""Steps that a forecast looks back, unless there is a longer period ..."""
_PERIODS = 2
"""... of which it sees so many ..."""
_WINDOW_SHARE = 8
"""... and never more than this part of the series."""
_MOST_VALUES = 60_000_000
"""Numbers in all windows together; of more, not every step begins a window."""
_FEWEST_STEPS = 12
_LEAST_PRESENT = 0.5
_NUMBER = "blockstudio_row"
"""Column of row numbers beside a single column of numbers."""
_LOOKED_AT = 200
_NUMERAL = re.compile(r"^[-+]?[\d.]+(?:[eE][-+]?\d+)?$")


class Series(Importer):
    """A table with a row per step of time and a column per number that was measured."""

    kinds: ClassVar[tuple[str, ...]] = ("forecast",)
    asked_for: ClassVar[tuple[str, ...]] = ("forecast",)

    @classmethod
    def share(cls, source: Source) -> float:
        return Tables.share(source)

    def run(self, job: Job) -> Draft:
        table, columns, content = read_upload(job, with_numbers)
        columns = [column for column in columns if column.name != _NUMBER]
        named = find_targets(columns, job.target, Report()) if job.target is not None else []
        times = timing.find_times(table, [column for column in columns if column not in named], job.options.time, job.report)
        targets, others = choose(columns, times, job)
        job.progress(0.7, "Reading the series")
        series = read_series(table, times, [*targets, *others], len(targets), job.report)
        cut = cut_windows(series, job)
        job.progress(0.9, "Writing")
        return _write(series, cut, targets, others, times, {**table.reading}, content, job)


@dataclass(frozen=True)
class Steps:
    """A series step by step.

    Args:
        values: (steps, columns), the targets first, without gaps.
        filled: Where a value of a target was put in.
        moments: When each step was.
    """

    values: NDArray[np.float32]
    filled: NDArray[np.bool_]
    moments: NDArray[np.float64]


@dataclass(frozen=True)
class Windows:
    """How a series is cut into samples.

    Args:
        starts: The first step of each window.
        splits: The split of each.
        period: Steps after which the first target repeats itself; None where it does not.
    """

    window: int
    horizon: int
    stride: int
    starts: NDArray[np.int64]
    splits: Labels
    period: int | None

    def places(self, split: str | None = None) -> NDArray[np.int64]:
        """The steps that are to be predicted, (windows, horizon)."""
        starts = self.starts if split is None else self.starts[self.splits == split]
        found: NDArray[np.int64] = starts[:, None] + self.window + np.arange(self.horizon)
        return found


def with_numbers(path: Path, job: Job) -> Path:
    """A text file with nothing but one number per line as a table of two columns; any other file as it is."""
    if path.suffix.casefold() not in TEXT_SUFFIXES or job.options.delimiter:
        return path
    with path.open("rb") as stream:
        encoding = job.options.encoding or detect(stream).name
    try:
        with path.open(encoding=encoding, errors="replace", newline=None) as text:
            first = [line.strip() for _, line in zip(range(_LOOKED_AT), text, strict=False)]
            if any(re.search(r"[,;\t|]|\S\s+\S", line) for line in first) or not any(map(_NUMERAL.match, first)):
                return path
            text.seek(0)
            made = job.scratch / "numbered.csv"
            lines = (line.strip().replace('"', "") for line in text)
            with made.open("w", encoding="utf-8") as out:
                if any(map(_NUMERAL.match, first[:1])):
                    out.write(f"{_NUMBER};value\n")
                for number, line in enumerate(line for line in lines if line):
                    out.write(f"{number};{line}\n" if number or _NUMERAL.match(line) else f"{_NUMBER};{line}\n")
    except LookupError:
        return path  # an encoding that does not exist: told where the table is read
    return made


def choose(columns: Sequence[Column], times: Times, job: Job) -> tuple[list[Column], list[Column]]:
    """The columns to predict, and those that are looked at besides.

    Raises:
        DatasetError: A named target is no column of numbers, or there is none.
    """
    report = job.report
    rest = [column for column in columns if column is not times.column]
    numbers = [column for column in rest if column.kind == "number" and column.usable]
    if job.target is not None:
        targets = _named(rest, job.target)
    elif len(numbers) == 1:
        targets = numbers
    elif not numbers:
        raise DatasetError(f"{job.source.name} has no column of numbers that change; a forecast needs one.")
    else:
        targets = [find_target(numbers, None, report)]
    others = [column for column in numbers if column not in targets]
    texts = [column.name for column in rest if column.usable and column.kind != "number"]
    if texts:
        report.note(f"Left out, because a series is of numbers: {listed(texts)}.")
    note_unused([column for column in rest if not column.usable and column not in targets], False, report)
    note_reading([*targets, *others, *([times.column] if times.column else [])], report)
    return targets, others


def _named(columns: Sequence[Column], name: str) -> list[Column]:
    """The columns of a list such as "high, low"."""
    found = find_targets(columns, name, Report())
    for column in found:
        if column.kind != "number":
            raise DatasetError(f"The target column {column.name!r} holds no numbers; a forecast is of numbers.")
        if column.why_unused in ("empty", "constant"):
            raise DatasetError(f"The target column {column.name!r} has the same value in every row; there is nothing to predict.")
    return found


def read_series(table: RawTable, times: Times, columns: Sequence[Column], targets: int, report: Report) -> Steps:
    """The rows in the order of time, from the first to the last with a target, gaps filled along straight lines.

    Raises:
        DatasetError: More than half of a target is missing.
    """
    values = np.stack([column.numbers(table.column(column.position)) for column in columns], axis=1)
    with np.errstate(over="ignore"):
        values[~np.isfinite(values.astype(np.float32))] = np.nan
    dated = ~np.isnan(times.values)
    if not dated.all():
        report.leave_out("row", "it does not say when", f"{int((~dated).sum()):,} in the column {times.name!r}")
    order = np.flatnonzero(dated)[np.argsort(times.values[dated], kind="stable")]
    values, moments = values[order], times.values[order]
    there = np.flatnonzero(~np.isnan(values[:, :targets]).any(axis=1))
    if len(there) < max(1, _LEAST_PRESENT * len(values)):
        raise DatasetError(f"{columns[0].name!r}: only {len(there):,} of {counted(len(values), 'row')} have a value; a forecast needs at least half.")
    first, last = int(there[0]), int(there[-1]) + 1
    if last - first < len(values):
        ends = counted(len(values) - (last - first), "row")
        report.note(f"{ends} at the beginning or end without a value of the target {'was' if ends.startswith('1 ') else 'were'} left out.")
    values, moments = values[first:last], moments[first:last]
    gaps = np.isnan(values)
    for place, column in enumerate(columns):
        missing = int(gaps[:, place].sum())
        if missing:
            values[:, place] = filled(values[:, place])
            report.note(f"Column {column.name!r}: {counted(missing, 'gap')} filled along straight lines.")
    longer = timing.uneven(moments)
    if longer and times.kind != "row":
        report.note(f"{counted(longer, 'step')} in time {'is' if longer == 1 else 'are'} longer than the others; rows are taken as equal steps.")
    return Steps(values.astype(np.float32), np.any(gaps[:, :targets], axis=1, keepdims=True)[:, 0], moments)


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers with gaps filled along straight lines; before the first and behind the last they stay the same."""
    there = ~np.isnan(values)
    if not there.any():
        return np.zeros_like(values)
    places = np.arange(len(values))
    return np.interp(places, places[there], values[there])


def cut_windows(series: Steps, job: Job) -> Windows:
    """Windows with the splits in which their targets lie: the first 70 % of the time, 15 %, and the last 15 %.

    Windows whose target would reach from one split into the next are left out, and those whose target was missing.

    Raises:
        DatasetError: The series is too short.
    """
    options, report = job.options, job.report
    count = len(series.values)
    if count < _FEWEST_STEPS:
        raise DatasetError(f"{job.source.name}: the series has {counted(count, 'step')}; at least {_FEWEST_STEPS} are needed.")
    past = series.values[: math.ceil((1 - VALIDATION_SHARE - TEST_SHARE) * count), 0].astype(np.float64)
    period = timing.period_of(past)
    window = options.window or default_window(count, period)
    horizon = options.horizon
    room = count - window - horizon + 1
    stride = options.stride or max(1, math.ceil(room * window * series.values.shape[1] / _MOST_VALUES))
    if options.window is None or options.stride is None:
        _note_choice(window, horizon, stride, period, options, report)
    starts = np.arange(0, max(room, 0), stride, dtype=np.int64)
    first = starts + window
    steps = count - window
    border = [window + round((1 - VALIDATION_SHARE - TEST_SHARE) * steps), window + round((1 - TEST_SHARE) * steps)]
    splits = np.where(first + horizon <= border[0], "train", np.where(first >= border[1], "test", "validation")).astype("U10")
    torn = ((first < border[0]) & (first + horizon > border[0])) | ((first < border[1]) & (first + horizon > border[1]))
    invented = series.filled[np.minimum(first[:, None] + np.arange(horizon), count - 1)].any(axis=1) if len(starts) else torn
    if invented.any():
        report.note(f"{counted(int((invented & ~torn).sum()), 'window')} left out, because a value that was to be predicted is missing.")
    kept = ~torn & ~invented
    found = counts(splits[kept])
    if min(found.values()) < 1 or int(kept.sum()) < FEWEST_SAMPLES:
        raise DatasetError(
            f"{job.source.name}: {counted(count, 'step')} are too few for a window of {window} and a horizon of {horizon}; training, validation and "
            f"test need a window each. Choose a shorter window or horizon."
        )
    return Windows(window, horizon, stride, starts[kept], splits[kept], period)


def default_window(count: int, period: int | None) -> int:
    """How many steps a forecast looks back: 24 or two periods, but at most an eighth of the series."""
    most = max(2, count // _WINDOW_SHARE)
    wanted = _PERIODS * period if period and _PERIODS * period <= most else _WINDOW
    return min(most, max(_WINDOW, wanted))


def _note_choice(window: int, horizon: int, stride: int, period: int | None, options: ImportOptions, report: Report) -> None:
    repeats = f"; the values repeat after about {counted(period, 'step')}" if period and options.window is None else ""
    strides = f", every {stride} steps" if stride > 1 else ""
    report.note(
        f"Each sample looks back {counted(window, 'step')} and ahead {horizon}{strides}{repeats}. The options window, horizon and stride change that."
    )


def _write(
    series: Steps, cut: Windows, targets: Sequence[Column], others: Sequence[Column], times: Times, reading: dict[str, Any], content: str, job: Job
) -> Draft:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [column.name for column in [*targets, *others]]
    target = target_feature(series, cut, targets)
    inputs = input_feature(series, cut, names, len(targets), times)
    np.save(job.folder / SERIES_FILE, series.values, allow_pickle=False)
    np.save(job.folder / TIMES_FILE, series.moments, allow_pickle=False)
    ahead = series.values[cut.places()][:, :, : len(targets)]
    places = pa.array(np.stack([cut.starts, cut.starts + cut.window], axis=1).tolist(), pa.list_(pa.int64()))
    values = pa.array(ahead.reshape(len(ahead), -1).tolist(), pa.list_(pa.float32())) if target.shape else pa.array(ahead[:, 0, 0].astype(np.float64))
    columns = {
        ROW: pa.array(np.arange(len(cut.starts))),
        SPLIT: pa.array(cut.splits.tolist(), pa.string()),
        TIME: pa.array(times.texts(series.moments[cut.starts + cut.window]), pa.string()),
        inputs.name: places,
        target.name: values,
    }
    pq.write_table(pa.table(columns), job.folder / DATA_FILE, compression="zstd")
    reading |= {"time": times.name or "order of the rows", "interval": timing.interval(series.moments, times.kind), "steps": len(series.values)}
    reading |= {"window": cut.window, "horizon": cut.horizon, "stride": cut.stride}
    target_names = ", ".join(column.name for column in targets)
    return Draft("forecast", [inputs, target], len(cut.starts), counts(cut.splits), "by time", content, target_names, reading)


def input_feature(series: Steps, cut: Windows, names: Sequence[str], targets: int, times: Times) -> Feature:
    """The windows as an input. Mean and deviation are those of the steps that training predicts, as they are of the target."""
    seen = series.values[cut.places("train")].reshape(-1, len(names)).astype(np.float64)
    figures = {
        "columns": list(names), "targets": targets, "horizon": cut.horizon, "stride": cut.stride, "period": cut.period,
        "time": times.name, "time_kind": times.kind,
        **statistics.of_steps(seen),
    }  # fmt: skip
    name = SERIES if SERIES not in (names[0], ROW, SPLIT, TIME) else "window"
    return Feature(name=name, role="input", kind="series", shape=(cut.window, len(names)), statistics=figures)


def target_feature(series: Steps, cut: Windows, targets: Sequence[Column]) -> Feature:
    """What follows a window: one number, one per step, or one per step and column."""
    count = len(targets)
    shape: tuple[int, ...] = () if cut.horizon == count == 1 else (cut.horizon,) if count == 1 else (cut.horizon, count)
    places = cut.places("train")
    values = series.values[places][:, :, :count].astype(np.float64)
    steps = np.unique(places)
    change = np.abs(series.values[steps, :count].astype(np.float64) - series.values[steps - 1, :count]).mean(axis=0)
    figures = {**statistics.of_numbers(values.reshape(-1)), "naive_mae": float(change[0]) if count == 1 else change.tolist()}
    name = ", ".join(column.name for column in targets)
    taken = (ROW, SPLIT, TIME)
    units = {column.unit for column in targets}
    return Feature(
        name=f"{name}_2" if name in taken else name, role="target", kind="number", shape=shape, unit=units.pop() if len(units) == 1 else None,
        statistics=figures,
    )  # fmt: skip
