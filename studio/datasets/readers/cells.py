"""What the cells of a table mean: missing, number, date or text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.datasets.arrow import to_numpy

MISSING = (
    "",
    "na",
    "n/a",
    "#n/a",
    "#na",
    "<na>",
    "nan",
    "-nan",
    "null",
    "none",
    "nil",
    "?",
    "-",
    "--",
    "---",
    ".",
    "n.a.",
    "#null!",
    "#div/0!",
    "#value!",
    "#ref!",
)
"""Cells that mean "no value", in lower case and trimmed."""

LARGEST = float(np.finfo(np.float32).max)
"""Numbers beyond it, also infinite ones, count as missing: networks calculate in 32 bits."""

_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_POINT_GROUPS = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$"
_COMMA_GROUPS = r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$"
_ORNAMENTS = r"^([+-]?)\s*[$€£¥₹]\s*|\s*[%$€£¥₹]$|[\s\x{00a0}\x{202f}'’_](\d{3})"
_UNIT = re.compile(r"^[+-]?\s*([$€£¥₹])|([%$€£¥₹])$")

_DECIMAL_COMMA = re.compile(r"^[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{1,3}(?:\.\d{3})+,\d+)\s*[%€]?$")
_DECIMAL_POINT = re.compile(r"^[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(?:,\d{3})+\.\d+)(?:[eE][+-]?\d+)?\s*[%$€]?$")
_EITHER_COMMA = re.compile(r"^[+-]?[1-9]\d{0,2},\d{3}$")
_NUMBER = re.compile(r"^[+-]?[$€£¥₹]?\s*(?:\d[\d.,'’\s]*|[.,]\d+)(?:[eE][+-]?\d+)?\s*[%$€£¥₹]?$")


def is_number(cell: str) -> bool:
    """Whether a cell looks like a number in any spelling."""
    return bool(_NUMBER.match(cell.strip()))


def is_missing(cell: str | None) -> bool:
    """Whether a cell means "no value"."""
    return cell is None or cell.strip().casefold() in MISSING


@dataclass(frozen=True)
class DecimalSign:
    """A table's decimal sign, and whether the cells prove it."""

    sign: str
    certain: bool


def decimal_sign(cells: Iterable[str], delimiter: str) -> DecimalSign:
    """The decimal sign of a table from a sample of its cells."""
    comma = point = either = 0
    for cell in cells:
        text = cell.strip()
        comma += bool(_DECIMAL_COMMA.match(text))
        point += bool(_DECIMAL_POINT.match(text))
        either += bool(_EITHER_COMMA.match(text))
    if comma != point:
        return DecimalSign("," if comma > point else ".", True)
    if either and delimiter == ";":
        return DecimalSign(",", False)
    return DecimalSign(".", not either)


def present(values: Any) -> Any:
    """The trimmed texts of an Arrow column, null where missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(values)
    gone = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(MISSING, pa.string()))
    return pc.if_else(gone, pa.scalar(None, pa.string()), trimmed)


def plain_numbers(values: Any) -> NDArray[np.float64] | None:
    """The numbers of untrimmed texts if every one is written plainly (1.5, -2e3) or null; else None. Quick."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return _finite(pc.cast(values, pa.float64()))
    except pa.ArrowInvalid:
        return None


def beyond(values: Any) -> Any:
    """The texts of numbers that are infinite or too large (an Arrow array without nulls)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    given = values.drop_null()
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        return given.filter(pc.greater(pc.abs(given.cast(pa.float64(), safe=False)), LARGEST)).cast(pa.string())
    plain = pc.utf8_trim_whitespace(given)
    plain = plain.filter(pc.match_substring_regex(plain, r"(?i)^[+-]?(?:inf|infinity|\d+\.?\d*e\+?\d{2,}|\d{38,})$"))
    return plain.filter(pc.greater(pc.abs(pc.cast(plain, pa.float64())), LARGEST))


def numbers(values: Any, decimal: str) -> NDArray[np.float64]:
    """The numbers of trimmed texts; NaN where there is none.

    Thousands separators, a leading currency sign, a trailing percent sign and blanks between digits are passed over;
    percentages stay as written ("12 %" is 12).

    Args:
        values: An Arrow column of trimmed texts, null where missing.
        decimal: The decimal sign, "." or ",".
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        return _finite(pc.cast(values, pa.float64(), safe=False))
    plain = plain_numbers(values) if decimal == "." else None
    if plain is not None:
        return plain
    cleaned = values
    odd = pc.match_substring_regex(values, r"[^0-9.,eE+\-]")
    if pc.any(odd).as_py():
        cleaned = pc.replace_substring_regex(pc.replace_substring_regex(values, _ORNAMENTS, r"\1\2"), _ORNAMENTS, r"\1\2")
    other, groups = (",", _POINT_GROUPS) if decimal == "." else (".", _COMMA_GROUPS)
    grouped = pc.match_substring_regex(cleaned, groups)
    cleaned = pc.if_else(grouped, pc.replace_substring(cleaned, other, ""), cleaned)
    if decimal == ",":
        foreign = pc.and_(pc.match_substring(cleaned, "."), pc.invert(pc.match_substring_regex(cleaned, r"^[+-]?\d*\.\d+(?:[eE][+-]?\d+)?$")))
        cleaned = pc.if_else(foreign, pa.scalar(None, pa.string()), pc.replace_substring(cleaned, ",", "."))
    valid = pc.match_substring_regex(cleaned, _PLAIN)
    return _finite(pc.cast(pc.if_else(valid, cleaned, pa.scalar(None, pa.string())), pa.float64()))


def unit(cells: Sequence[str]) -> str | None:
    """The currency or percent sign that most cells carry."""
    signs = [found[1] or found[2] for cell in cells if (found := _UNIT.search(cell.strip()))]
    return max(set(signs), key=signs.count) if 2 * len(signs) > len(cells) else None


def _finite(values: Any) -> NDArray[np.float64]:
    read = np.array(to_numpy(values), dtype=np.float64)
    read[np.abs(read) > LARGEST] = np.nan
    return read
