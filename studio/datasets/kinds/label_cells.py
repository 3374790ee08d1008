"""Cells that hold several labels: what stands between them, and whether they are labels at all."""

from __future__ import annotations

from collections.abc import Sequence

SEPARATORS = (";", "|", ",", " ")
"""What may stand between labels, the surest sign of several first."""
MOST_LABELS = 1_000
_LONGEST = 60
_SEVERAL_SHARE = 0.02
_YES, _NO = {"1", "1.0", "true", "yes", "y", "x", "t"}, {"0", "0.0", "false", "no", "n", "f", ""}


def separator_of(cells: Sequence[str | None], surely: bool = False) -> str | None:
    """The sign that stands between the labels of cells; None where each cell is one label, or no label at all.

    Signs count if the cells made of them share their parts: a few labels in many combinations. A blank counts only if the
    number of words varies, since names of classes and descriptions hold blanks, too.

    Args:
        surely: Whether a person said that there are several labels in a cell.
    """
    present = [cell for cell in cells if cell and cell.strip()]
    if not present:
        return None
    for separator in SEPARATORS:
        parts = [split(cell, separator) for cell in present]
        several = sum(len(each) > 1 for each in parts)
        if several == 0 or (not surely and several < max(1, _SEVERAL_SHARE * len(present))):
            continue
        labels = {label for each in parts for label in each}
        used = sum(len(each) for each in parts)
        shared = 2 * len(labels) <= used and len(labels) <= MOST_LABELS and all(len(label) <= _LONGEST for label in labels)
        combined = len({frozenset(each) for each in parts}) > len(labels) and len({len(each) for each in parts}) > 1
        if shared and (separator in ";|" or surely or combined):
            return separator
    return None


def split(cell: str | None, separator: str | None) -> tuple[str, ...]:
    """The labels of a cell, each once, in their order."""
    text = (cell or "").strip().strip("[](){}")
    parts = [text] if separator is None else text.split() if separator == " " else text.split(separator)
    cleaned = (" ".join(part.strip().strip("'\"").split()) for part in parts)
    return tuple(dict.fromkeys(part for part in cleaned if part))


def is_yes_or_no(values: Sequence[str | None]) -> bool:
    """Whether a column says yes or no in every row: 0 and 1, true and false ..., both of them or at least one yes."""
    found = {(value or "").strip().casefold() for value in values}
    return found <= _YES | _NO and bool(found & _YES)


def is_yes(value: str | None) -> bool:
    """Whether a cell of such a column says yes."""
    return (value or "").strip().casefold() in _YES
