"""Dates in the spellings that tables carry, as ISO text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal

Order = Literal["day first", "month first"]

_TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_DAY_NAME = r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_MONTH_NAME = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_PATTERNS = [
    re.compile(r"^(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})" + _TIME),
    re.compile(r"^(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?" + _TIME),
    re.compile(r"^(?P<first>\d{1,2})(?P<sign>[-/.])(?P<second_part>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})" + _TIME),
    re.compile(
        _DAY_NAME + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?[-\s/]*(?:of\s+)?" + _MONTH_NAME + r"[-,\s/]*(?P<year>\d{4}|\d{2})" + _TIME, re.IGNORECASE
    ),
    re.compile(_DAY_NAME + _MONTH_NAME + r"\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})" + _TIME, re.IGNORECASE),
    re.compile(r"^(?P<year>\d{4})-(?P<month>\d{1,2})$"),
]
_COMPACT = re.compile(r"^(?P<year>(?:18|19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})$")
_DATE_NAME = re.compile(r"date|day|datum|fecha|time|日期|时间", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SAMPLE = 60
_SHARE = 0.95


@dataclass(frozen=True)
class DateReader:
    """How the dates of one column are read.

    Args:
        order: What the first of two small numbers means.
        certain: Whether a value above 12 proves the order (or none is needed).
        example: A value that could be read both ways.
        with_time: Whether any value has a time of day.
    """

    pattern: int
    order: Order = "day first"
    certain: bool = True
    example: str = ""
    with_time: bool = False

    def read(self, cell: str) -> str | None:
        """The ISO text of a cell (with a time: in UTC where a zone is given), or None."""
        moment = _moment(cell, self.pattern, self.order)
        if moment is None:
            return None
        return moment.isoformat(timespec="seconds") if self.with_time else moment.date().isoformat()


def find_reader(name: str, cells: Sequence[str], month_first: bool = True) -> DateReader | None:
    """How a column's different values are to be read as dates, or None if they are no dates.

    Args:
        name: The column's name; "20240131" counts as a date only under a name that says so.
        cells: The column's different present values.
        month_first: The order to assume for 03/04/2024 where nothing proves one.
    """
    sample = [*cells[: _SAMPLE // 2], *cells[-_SAMPLE // 2 :]] if len(cells) > _SAMPLE else list(cells)
    if not sample:
        return None
    pattern = next((number for number in range(len(_PATTERNS) + 1) if _fits(number, sample, name)), None)
    if pattern is None:
        return None
    order, certain, example = _order(pattern, cells, month_first)
    moments = [_moment(cell, pattern, order) for cell in cells]
    good = [moment for moment in moments if moment is not None]
    if len(good) < _SHARE * len(cells):
        return None
    with_time = any(moment.hour or moment.minute or moment.second for moment in good)
    return DateReader(pattern, order, certain, example, with_time)


def _fits(number: int, sample: Sequence[str], name: str) -> bool:
    if number == len(_PATTERNS) and not _DATE_NAME.search(name):
        return False
    return sum(_match(cell, number) is not None for cell in sample) >= _SHARE * len(sample)


def _match(cell: str, number: int) -> re.Match[str] | None:
    return (_COMPACT if number == len(_PATTERNS) else _PATTERNS[number]).match(cell.strip())


def _order(pattern: int, cells: Iterable[str], month_first: bool) -> tuple[Order, bool, str]:
    day = month = 0
    example = ""
    sign = ""
    for cell in cells:
        found = _match(cell, pattern)
        if found is None or "first" not in found.re.groupindex:
            continue
        first, second = int(found["first"]), int(found["second_part"])
        sign = found["sign"]
        day += first > 12
        month += second > 12
        if not example and first != second:
            example = cell
    if not sign:
        return "day first", True, ""
    if day or month:
        return ("day first" if day >= month else "month first"), True, ""
    return ("month first" if sign == "/" and month_first else "day first"), not example, example


def _moment(cell: str, pattern: int, order: Order) -> datetime | None:
    found = _match(cell, pattern)
    if found is None:
        return None
    parts = found.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year < 69 else 1900
    if parts.get("first"):
        pair = int(parts["first"]), int(parts["second_part"])
        day, month = pair if order == "day first" else pair[::-1]
    else:
        month = _MONTHS.index(parts["name"].casefold()) + 1 if parts.get("name") else int(parts["month"])
        day = int(parts["day"]) if parts.get("day") else 1
    hour = int(parts.get("hour") or 0)
    if parts.get("half"):
        hour = hour % 12 + (12 if parts["half"].casefold().startswith("p") else 0)
    try:
        moment = datetime(year, month, day, hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
        return (moment.replace(tzinfo=_zone(parts["zone"])).astimezone(UTC)).replace(tzinfo=None) if parts.get("zone") else moment
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
