"""When the rows of a table are: the column of dates or step numbers, the order, and the period after which values repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.datasets.arrow import to_numpy
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.columns import Column
from studio.datasets.readers.raw import RawTable
from studio.datasets.report import Report, counted

TimeKind = Literal["date", "number", "row"]
_TIME_NAME = re.compile(
    r"^(?:.*[_\s-])?(?:date|datetime|time|timestamp|year|month|week|day|hour|minute|second|step|t|index|idx|period|quarter|no|nr|number|row"
    r"|datum|zeit|jahr|monat|tag|schritt|ann[eé]e|mois|jour|fecha|日期|时间|年份|年|月|日|序号)$|^column_1$",
    re.IGNORECASE,
)
_UNEVEN = 1.5
"""A step that is so many times as long as the usual one is a gap."""
_EVEN_SHARE = 0.8
"""Share of the steps of a column of numbers that must be equal for it to be a count of time."""
_SIGNIFICANT = 0.2
"""Autocorrelation from which on a repetition counts."""
_LONGEST_PERIOD = 1000


@dataclass(frozen=True)
class Times:
    """When the rows are.

    Args:
        column: The column that says so; None where rows are taken in the order of the file.
        values: Seconds since 1970 for dates, else numbers, in the order of the rows; NaN where the row does not say.
    """

    kind: TimeKind
    values: NDArray[np.float64]
    column: Column | None = None

    @property
    def name(self) -> str | None:
        """The column's name."""
        return self.column.name if self.column else None

    def texts(self, values: NDArray[np.float64]) -> list[str]:
        """Moments as a person writes them: 2024-05-31, with the time of day where there is one."""
        return [text_of(value, self.kind, whole_days=bool((self.values % 86400 == 0).all())) for value in values.tolist()]


def text_of(value: float, kind: TimeKind, whole_days: bool) -> str:
    """One moment in words."""
    if kind != "date":
        return f"{value:.10g}"
    return str(np.datetime64(round(value), "s"))[: 10 if whole_days else 19].replace("T", " ")


def find_times(table: RawTable, columns: Sequence[Column], wanted: str | None, report: Report, unique: bool = True) -> Times:
    """The column that says when: the one that is named, else the first of dates, or a counting one whose name says so.

    Args:
        unique: Whether no two rows may be of the same time.

    Raises:
        DatasetError: The named column holds neither dates nor numbers, or rows of one time are more than one.
    """
    if wanted is not None:
        chosen = next((column for column in columns if column.name == wanted), None)
        if chosen is None:
            raise DatasetError(f"The table has no column {wanted!r} for the time. It has: {', '.join(column.name for column in columns[:20])}.")
        if chosen.kind not in ("date", "number"):
            raise DatasetError(f"The column {wanted!r} can't say when: it holds neither dates nor numbers.")
        found = _read(table, chosen)
    else:
        dated = [column for column in columns if column.kind == "date"]
        numbered = [column for column in columns if column.kind == "number" and (_TIME_NAME.match(column.name) or column.why_unused == "identifier")]
        read = [_read(table, column) for column in [*dated, *numbered]]
        able = [times for times in read if times.kind == "date" or _counts(times.values, unique)]
        if not able:
            return Times("row", np.arange(table.rows, dtype=np.float64))
        found = next((times for times in able if not unique or not _doubled(times.values)), able[0])
        report.note(f"The rows were put in the order of the column {found.name!r}.")
    doubled = _doubled(found.values)
    if unique and doubled:
        raise DatasetError(
            f"The column {found.name!r} has the same time in several rows ({counted(doubled, 'row')} too many); "
            "a forecast wants one row per step. Keep the rows of one series, or name another column for the time."
        )
    return found


def _read(table: RawTable, column: Column) -> Times:
    values = table.column(column.position)
    if column.kind == "number":
        return Times("number", column.numbers(values), column)
    texts = to_numpy(column.texts(values)).astype(object)
    moments = np.array([np.datetime64(text) if text else np.datetime64("NaT") for text in texts], dtype="datetime64[s]")
    return Times("date", np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64)), column)


def _doubled(values: NDArray[np.float64]) -> int:
    present = values[~np.isnan(values)]
    return len(present) - len(np.unique(present))


def _counts(values: NDArray[np.float64], unique: bool) -> bool:
    """Whether numbers go up by about the same step."""
    if np.isnan(values).any():
        return False
    steps = np.diff(np.unique(values))
    if not len(steps) or (unique and len(steps) < len(values) - 1):
        return False
    usual = float(np.median(steps))
    return bool((np.abs(steps - usual) <= 0.1 * usual).mean() >= _EVEN_SHARE)


def uneven(values: NDArray[np.float64]) -> int:
    """How many steps are much longer than the usual one."""
    steps = np.diff(values)
    return int((steps > _UNEVEN * np.median(steps)).sum()) if len(steps) else 0


def interval(values: NDArray[np.float64], kind: TimeKind) -> str:
    """The usual distance from one step to the next, in words."""
    if kind == "row" or len(values) < 2:
        return "1 row"
    step = float(np.median(np.diff(values)))
    if kind == "number":
        return f"{step:.6g}"
    for seconds, unit in ((86400 * 365.25, "year"), (86400 * 30.4, "month"), (86400 * 7, "week"), (86400, "day"), (3600, "hour"), (60, "minute")):
        if step >= 0.97 * seconds:
            return counted(max(1, round(step / seconds)), unit)
    return counted(max(1, round(step)), "second")


def period_of(values: NDArray[np.float64]) -> int | None:
    """The number of steps after which a series repeats itself most; None where it does not.

    The highest autocorrelation behind the first that is negative, of the series without its line of trend.

    Source: Box and Jenkins (1970), Time Series Analysis, chapter 2 (autocorrelation).
    """
    count = len(values)
    if count < 8:
        return None
    places = np.arange(count)
    plain = values - np.polyval(np.polyfit(places, values, 1), places)
    if not float(np.square(plain).sum()) > 0:
        return None
    spectrum = np.abs(np.fft.rfft(plain, 2 * count)) ** 2
    correlation = np.fft.irfft(spectrum)[: min(count // 3, _LONGEST_PERIOD) + 1]
    correlation = correlation / correlation[0]
    below = np.flatnonzero(correlation < 0)
    if not len(below):
        return None
    best = int(below[0] + np.argmax(correlation[below[0] :]))
    is_peak = best < len(correlation) - 1 and correlation[best] > max(2 / np.sqrt(count), _SIGNIFICANT)
    return best if is_peak else None
