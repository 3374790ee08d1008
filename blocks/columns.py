"""How each column of a table becomes numbers: what is measured, without any framework."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from blocks.features import Feature
from blocks.words import common_words

ColumnKind = Literal["number", "category", "date", "words"]
DAY = 86_400.0
YEAR = 365.2425
MONTHS, WEEKDAYS, HOURS = 12, 7, 8
"""Numbers for the place in the year, in the week and in the day where the calendar is spelled out."""
MOST_WORDS = 100
"""Words of a free text that get a number each, unless told otherwise."""
_LARGEST, _SMALLEST = 1e37, 1e-30


class ColumnCode(BaseModel):
    """The encoding of one column.

    Args:
        mean: Of numbers; of dates in days since 1970-01-01.
        standard_deviation: In the same unit, never 0.
        median: What stands in for a missing number or date.
        missing: Whether the training data have gaps; they then get a number of their own.
        classes: The values of a category that have a number each.
        times: Whether dates have times of day.
        edges: Ascending ends of the pieces into which the range of numbers or dates is cut; none for one piece.
        calendar: Whether dates get a number for each weekday and month, and for eight parts of the day.
        words: The words of a free text that have a number each, in lower case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: ColumnKind
    mean: float = 0.0
    standard_deviation: float = 1.0
    median: float = 0.0
    missing: bool = False
    classes: tuple[str, ...] = ()
    times: bool = False
    edges: tuple[float, ...] = ()
    calendar: bool = False
    words: tuple[str, ...] = ()

    @property
    def pieces(self) -> int:
        """Numbers that say how far each piece of the range is filled."""
        return max(len(self.edges) - 1, 0)

    @property
    def width(self) -> int:
        """Numbers that the column becomes."""
        if self.kind == "category":
            return 1 + len(self.classes) + self.missing
        if self.kind == "words":
            return max(len(self.words), 1) + self.missing
        parts = 1 + self.missing + self.pieces
        if self.kind == "date":
            parts += 6 if self.times else 4
            parts += (MONTHS + WEEKDAYS + (HOURS if self.times else 0)) * self.calendar
        return parts


def code_of_feature(feature: Feature, maximum_categories: int, bins: int = 0, maximum_words: int = MOST_WORDS) -> ColumnCode:
    """The encoding that a feature's statistics (of the training split) give.

    Args:
        bins: Most pieces into which the range of a number or date is cut; 0 leaves it whole.
        maximum_words: Most words of a free text that get a number.
    """
    known = feature.statistics
    missing = bool(known.get("missing", 0))
    if feature.kind == "words":
        return ColumnCode(name=feature.name, kind="words", missing=missing, words=tuple(known.get("words") or ())[:maximum_words])
    if feature.kind == "category":
        counts = known.get("counts") or [1] * len(feature.classes or ())
        return ColumnCode(
            name=feature.name, kind="category", missing=missing, classes=_frequent(list(feature.classes or ()), list(counts), maximum_categories)
        )
    if feature.kind == "date":
        ends = [str(known[end]) for end in ("minimum", "maximum") if known.get(end)]
        days = [day for day in map(days_of, ends) if day is not None]
        middle = sum(days) / len(days) if days else 0.0
        spread = (max(days) - min(days)) / 12**0.5 if days else 0.0
        return ColumnCode(
            name=feature.name,
            kind="date",
            mean=middle,
            standard_deviation=spread or 1.0,
            median=middle,
            missing=missing,
            times=any(len(end) > 10 for end in ends),
            edges=_edges(np.array(days), bins),
            calendar=bins > 0,
        )
    mean = float(known.get("mean") or 0.0)
    return ColumnCode(
        name=feature.name,
        kind="number",
        mean=mean,
        standard_deviation=float(known.get("standard_deviation") or 1.0),
        median=float(known["median"]) if known.get("median") is not None else mean,
        missing=missing,
        edges=_edges(np.array(known.get("quantiles") or []), bins),
    )


def code_of_values(
    name: str, values: np.ndarray[Any, Any], kind: ColumnKind | None, maximum_categories: int, bins: int = 0, maximum_words: int = MOST_WORDS
) -> ColumnCode:
    """The encoding measured on training values.

    Args:
        values: Numbers with NaN for gaps, or texts with "" for gaps.
        kind: What the column holds; None: numbers or texts by dtype, texts being dates when every one of them is.
        bins: Most pieces into which the range of a number or date is cut; 0 leaves it whole.
        maximum_words: Most words of a free text that get a number.
    """
    if values.dtype.kind in "fiub" and kind in (None, "number"):
        return _numbers(name, "number", values.astype(np.float64), bins)
    if kind == "words":
        texts = [_text(value).strip() for value in values.tolist()]
        return ColumnCode(name=name, kind="words", missing="" in texts, words=tuple(common_words(texts, maximum_words)))
    found: Counter[str] = Counter()
    for value, count in Counter(values.tolist()).items():
        found[_text(value)] += count
    counts = dict(sorted(found.items()))
    if kind in (None, "date"):
        days = {text: days_of(text) for text in counts}
        if kind == "date" or (any(days) and all(day is not None for text, day in days.items() if text)):
            each = np.array([np.nan if day is None else day for day in days.values()], dtype=np.float64)
            measured = _numbers(name, "date", np.repeat(each, list(counts.values())), bins)
            return measured.model_copy(update={"times": any(day is not None and day % 1 for day in days.values()), "calendar": bins > 0})
    missing = counts.pop("", 0) > 0
    return ColumnCode(name=name, kind="category", missing=missing, classes=_frequent(list(counts), list(counts.values()), maximum_categories))


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def days_of(text: str) -> float | None:
    """Days since 1970-01-01 of an ISO date, with the time of day as a fraction; None when it is none."""
    try:
        moment = datetime.datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.replace(tzinfo=None)
    return (moment - datetime.datetime(1970, 1, 1)).total_seconds() / DAY


def _numbers(name: str, kind: ColumnKind, values: np.ndarray[Any, Any], bins: int) -> ColumnCode:
    present = np.sort(values[np.isfinite(values)])  # once, since median and quantiles are found quicker then
    missing = present.size < values.size
    if not present.size:
        return ColumnCode(name=name, kind=kind, missing=missing)
    deviation = float(present.std())
    return ColumnCode(
        name=name,
        kind=kind,
        mean=float(present.mean()),
        standard_deviation=deviation if deviation > 0 else 1.0,
        median=float(np.median(present)),
        missing=missing,
        edges=_edges(present, bins),
    )


def _edges(values: np.ndarray[Any, Any], bins: int) -> tuple[float, ...]:
    """Quantiles that cut a range into at most `bins` pieces with about as many values each; none where one piece is left."""
    if not bins or not values.size:
        return ()
    # In numbers that float32 can tell apart, since the pieces are measured in it.
    found = np.unique(np.clip(np.quantile(values, np.linspace(0, 1, bins + 1), method="nearest"), -_LARGEST, _LARGEST).astype(np.float32)).astype(
        np.float64
    )
    apart = np.concatenate([[True], np.diff(found) > _SMALLEST])
    return tuple(found[apart].tolist()) if apart.sum() > 2 else ()


def _frequent(classes: list[str], counts: list[int], most: int) -> tuple[str, ...]:
    """The most frequent classes, in their given order."""
    ranked = sorted(range(len(classes)), key=lambda index: (-counts[index], index)) if len(counts) == len(classes) else list(range(len(classes)))
    kept = set(ranked[:most])
    return tuple(value for index, value in enumerate(classes) if index in kept and value)
