"""Which column of a table is to be predicted, and whether it names classes or measures a number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from blocks.errors import closest
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.columns import Column
from studio.datasets.kinds.notes import unfit
from studio.datasets.report import Report

USUAL_NAMES = (
    "target", "label", "labels", "class", "classes", "y", "outcome", "category", "species", "diagnosis", "survived", "churn", "churned", "is_fraud",
    "fraud", "response", "quality", "sentiment", "language", "topic", "spam", "ground_truth", "result", "output",
    "目标", "标签", "类别", "种类", "分类", "标注", "结果", "ziel", "klasse", "cible", "classe", "objetivo", "clase",
)  # fmt: skip
"""Column names that usually mean the target, the likeliest first."""
LIKELY_NAMES = (
    "exited", "attrition", "default", "loan_status", "status", "approved", "purchase", "purchased", "subscribed", "deposit", "clicked", "stroke",
    "heart_disease", "potability", "rain_tomorrow", "sale_price", "selling_price", "house_price", "median_house_value", "medv", "sales",
    "salary", "wage", "charges", "mpg", "miles_per_gallon", "fuel_consumption", "arr_delay", "ozone", "cnt", "tip",
    "price", "preis", "prix", "precio", "房价", "价格", "销量", "等级",
)  # fmt: skip
"""Names that are the target of many tables and an input of some; the last column comes before them if it bears one of them, too."""
MOST_WHOLE_CLASSES = 20
"""Whole numbers with at most this many different values are taken for classes."""
_CLASS_NAMES = ("target", "label", "labels", "class", "classes", "category", "species", "标签", "类别", "分类", "种类")
_LIKELY_PAIRS = 0.5
_FULL = 0.7
"""A column with fewer values than this share of the fullest one is not guessed, unless there is no other."""
_PLACE_OR_TIME = re.compile(
    r"^(?:lat|latitude|lon|lng|long|longitude|zip|zip_?code|year|month|day|hour|minute|weekday|jahr|monat|tag|年|月|日)$", re.IGNORECASE
)


def find_targets(columns: Sequence[Column], names: str | None, report: Report) -> list[Column]:
    """The columns that the person named, separated by commas, or the likeliest one.

    Raises:
        DatasetError: There is no such column, or none that could be a target.
    """
    parts = [part.strip() for part in (names or "").split(",") if part.strip()]
    if names is None or len(parts) < 2 or any(column.name == names for column in columns):
        return [find_target(columns, names, report)]
    found = [_named(columns, part) for part in dict.fromkeys(parts)]
    return [column for place, column in enumerate(found) if column not in found[:place]]


def usual_target(columns: Sequence[Column]) -> Column | None:
    """The first column that bears a name which usually means the target."""
    by_name = {_plain(column.name): column for column in reversed(columns)}
    return next((by_name[usual] for usual in map(_plain, USUAL_NAMES) if usual in by_name), None)


def find_target(columns: Sequence[Column], name: str | None, report: Report) -> Column:
    """The column that the person named, or the likeliest one, which is said.

    Raises:
        DatasetError: There is no such column, or none that could be a target.
    """
    if name is not None:
        return _named(columns, name)
    able = [column for column in columns if _could_be_target(column)]
    by_name = {_plain(column.name): column for column in reversed(columns)}
    for usual in map(_plain, USUAL_NAMES):
        if usual in by_name and (by_name[usual] in able or by_name[usual].why_unused != "identifier"):
            return _guessed_by_name(by_name[usual], able, report)
    if not able and all(column.kind in ("text", "words") for column in columns):
        raise DatasetError(
            "Every column holds texts that differ from row to row. For pairs of texts (such as translations) name the column that is to be "
            "written as the target, and choose the kind seq2seq; for what is seen or heard in listed files choose transcription."
        )
    if not able:
        raise DatasetError(f"No column could be the target.{unfit(columns)} Name one, or check the table.")
    likely = [_plain(name) for name in LIKELY_NAMES]
    named = sorted((likely.index(_plain(column.name)), column.position) for column in able if _plain(column.name) in likely)
    if named:
        last = able[-1] if _plain(able[-1].name) in likely else None
        return _guessed_by_name(last or next(column for column in able if column.position == named[0][1]), able, report)
    present = max(column.present for column in able)
    plain = [column for column in able if not _PLACE_OR_TIME.match(column.name) and column.present >= _FULL * present and not column.why_unused]
    found = (plain or able)[-1]
    report.note(
        f"The target was guessed: {found.name!r}, the last column that can be predicted. Name another column if it is not the one."
        + _others(found, plain or able)
    )
    return found


def _guessed_by_name(found: Column, able: Sequence[Column], report: Report) -> Column:
    report.note(f"The target was guessed by its name: {found.name!r}. Name another column if it is not the one to predict.{_others(found, able)}")
    return found


def _others(found: Column, able: Sequence[Column]) -> str:
    """A sentence for the note with the likeliest other columns: the last two and the first."""
    names = [column.name for column in able if column is not found]
    shown = dict.fromkeys([*names[-2:][::-1], *names[:1]])
    return f" It could also be {' or '.join(repr(name) for name in shown)}." if shown else ""


def _plain(name: str) -> str:
    """A name without case, blanks, signs and a unit in brackets: "Sale Price (EUR)" and "sale_price" are the same."""
    return re.sub(r"[\W_]+", "", re.sub(r"[(\[].*?[)\]]", "", name)).casefold() or name.casefold()


def reads_as_classes(column: Column, kind: str | None) -> bool:
    """Whether a target column names classes (else it measures a number).

    Args:
        kind: The kind that the person asked for, which decides where both make sense.

    Raises:
        DatasetError: The column can be neither, or not what was asked for.
    """
    name = repr(column.name)
    wants_number, wants_classes = bool(kind and kind.endswith("-regression")), bool(kind and kind.endswith("-classification"))
    if column.present == 0:
        raise DatasetError(f"The target column {name} is empty.")
    if column.kind == "date":
        raise DatasetError(f"The target column {name} holds dates; a number or classes can be predicted.")
    if column.distinct < 2:
        raise DatasetError(f"The target column {name} has the same value in every row; at least two classes or different numbers are needed.")
    if column.kind == "number":
        if wants_number:
            return False
        classes = (
            column.whole and (column.distinct <= MOST_WHOLE_CLASSES or _counts_classes(column)) and 2 * column.distinct <= max(column.present, 4)
        )
        if wants_classes and not classes:
            if column.whole and column.distinct <= max(column.present * _LIKELY_PAIRS, 2):
                return True
            figures = f"{column.distinct:,} different numbers in {column.present:,} rows"
            raise DatasetError(f"The target column {name} has {figures}; that is for regression, not for classes.")
        return classes
    if wants_number:
        raise DatasetError(f"The target column {name} holds texts, not numbers; leave the kind out or choose a classification.")
    if column.distinct > max(_LIKELY_PAIRS * column.present, 2):
        hint = " For texts that are to be written choose the kind seq2seq, for what is seen or heard in files transcription."
        raise DatasetError(
            f"The target column {name} has {column.distinct:,} different texts in {column.present:,} rows; these are no classes.{hint}"
        )
    return True


def _counts_classes(column: Column) -> bool:
    """Whether whole numbers under a name for classes run from 0 or 1 without large gaps."""
    return (
        column.name.casefold() in _CLASS_NAMES and column.lowest in (0, 1) and column.highest < 1.2 * column.distinct + 1 and column.distinct <= 1_000
    )


def _named(columns: Sequence[Column], name: str) -> Column:
    exact = [column for column in columns if column.name == name]
    loose = [column for column in columns if column.name.casefold() == name.strip().casefold()]
    if exact or len(loose) == 1:
        return (exact or loose)[0]
    near = closest(name, [column.name for column in columns])
    advice = f"Did you mean {near!r}?" if near else f"It has: {', '.join(column.name for column in columns[:20])}."
    raise DatasetError(f"The table has no column {name!r}. {advice}")


def _could_be_target(column: Column) -> bool:
    if column.kind == "number":
        return column.why_unused in ("", "constant")
    return column.kind == "category" and column.why_unused in ("", "constant")
