"""What each column of a table is: number, category, date, free text, or of no use."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from blocks.words import common_words, words_of
from studio.datasets import statistics
from studio.datasets.arrow import codes, mask, single, to_numpy
from studio.datasets.classes import in_order
from studio.datasets.readers import cells
from studio.datasets.readers.dates import DateReader, find_reader
from studio.datasets.readers.raw import RawTable

ColumnKind = Literal["number", "category", "date", "words", "text"]
"""Free text is "words" where single words of it tell rows apart, so that it can be an input of a table, and else "text"."""
Reason = Literal["", "empty", "constant", "identifier", "many values", "free text"]

MOST_CATEGORIES = 1_000
"""Different texts up to which a column can be a category ..."""
CATEGORY_SHARE = 0.5
"""... if they are also at most this share of the rows."""
COVERED_SHARE = 0.3
"""Share of the texts of a column that must hold one of its common words for these to be an input."""
_LOOKED_AT = 20_000
_LAST_LETTER = "\u2e7f"
"""Signs beyond it are syllables or words."""
_NUMBER_SHARE = 0.95
_ID_NAME = re.compile(
    r"^(?:.*[_\s-])?(?:id|ids|uuid|guid|key|index|idx|nr|no|number|rownames?|row|编号|序号)$|^(?:id|unnamed)[_\s:].*|.*[a-z]I[dD]$|^column_1$",
    re.IGNORECASE,
)
_YEAR_NAME = re.compile(r"year|jahr|ann[eé]e|年", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column and how its cells are read.

    Args:
        position: In the raw table.
        why_unused: Why it can't serve as an input; "" if it can.
        distinct: Different present values.
        present: Rows with a value.
        odd: Present cells that are no number or date although most are; they count as missing.
        odd_example: One of them.
        whole: Whether every number is a whole one.
        characters: Mean length of the different texts.
        words: Mean words of the different texts.
        beyond: Cells that hold an infinite number or one that is too large; they count as missing.
        beyond_example: One of them.
    """

    name: str
    position: int
    kind: ColumnKind
    why_unused: Reason = ""
    distinct: int = 0
    present: int = 0
    odd: int = 0
    odd_example: str = ""
    whole: bool = False
    characters: float = 0.0
    words: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0
    unit: str | None = None
    decimal: str = "."
    dates: DateReader | None = None
    beyond: int = 0
    beyond_example: str = ""

    @property
    def usable(self) -> bool:
        """Whether it can be an input of a table."""
        return not self.why_unused

    def numbers(self, values: Any) -> NDArray[np.float64]:
        """The numbers of raw values, NaN where missing."""
        plain = cells.plain_numbers(values) if self.decimal == "." and not _is_typed(values.type) else None
        if plain is not None:
            return plain
        return cells.numbers(values if _is_typed(values.type) else cells.present(values), self.decimal)

    def texts(self, values: Any) -> Any:
        """The texts of raw values (an Arrow array), trimmed, dates in ISO form, null where missing."""
        import pyarrow as pa

        if _is_typed(values.type):
            return _number_texts(values)
        trimmed = cells.present(values)
        if self.kind == "category" and self.whole:
            return _number_texts(pa.array(cells.numbers(trimmed, self.decimal), from_pandas=True))
        if self.dates is None:
            return trimmed
        return _mapped(trimmed, {text: self.dates.read(text) for text in trimmed.unique().to_pylist() if text is not None})

    def feature(self, name: str, values: Any, usable: NDArray[np.bool_], train: NDArray[np.bool_]) -> Feature:
        """The column as an input, with figures of the training rows.

        Args:
            values: The raw values of all rows.
            usable: The rows that are used.
            train: Those of them that are for training.
        """
        if self.kind == "number":
            return Feature(name=name, role="input", kind="number", unit=self.unit, statistics=statistics.of_numbers(self.numbers(values)[train]))
        texts = self.texts(values)
        chosen = texts.filter(mask(train))
        if self.kind == "date":
            figures = statistics.of_dates(text or "" for text in chosen.to_pylist())
            return Feature(name=name, role="input", kind="date", dtype="string", statistics=figures)
        if self.kind == "words":
            return Feature(name=name, role="input", kind="words", dtype="string", statistics=statistics.of_words(chosen.to_pylist()))
        classes = in_order(text for text in texts.filter(mask(usable)).unique().to_pylist() if text is not None)
        figures = statistics.of_classes(codes(chosen, classes), len(classes))
        return Feature(name=name, role="input", kind="category", dtype="string", classes=classes, statistics=figures)

    def stored(self, values: Any) -> Any:
        """The raw values as an Arrow array of numbers or texts."""
        import pyarrow as pa

        return pa.array(self.numbers(values), from_pandas=True) if self.kind == "number" else single(self.texts(values))

    def as_classes(self) -> Column:
        """The same column read as classes; whole numbers are spelled without a fraction."""
        return Column(
            self.name,
            self.position,
            "category",
            distinct=self.distinct,
            present=self.present,
            whole=self.kind == "number" and self.whole,
            decimal=self.decimal,
        )


def describe(table: RawTable, decimal: str) -> list[Column]:
    """Every column of a table, judged by all its cells."""
    return [describe_column(name, position, table.column(position), decimal, table.delimiter) for position, name in enumerate(table.names)]


def describe_column(name: str, position: int, values: Any, decimal: str = ".", delimiter: str = ",") -> Column:
    """One column: empty or constant ones, identifiers, and texts of which too many differ are of no use as inputs."""
    import pyarrow.compute as pc

    if _is_typed(values.type):
        return _plain_column(name, position, values, np.asarray(cells.numbers(values, decimal)), decimal)
    plain = cells.plain_numbers(values) if decimal == "." else None
    if plain is not None and values.null_count < len(values) and not _coded(values):
        column = _plain_column(name, position, values, plain, decimal)
        if not (column.whole and column.lowest >= 18_000_101 and column.highest < 21_000_101):
            return column
    trimmed = cells.present(values)
    present = len(trimmed) - trimmed.null_count
    if present == 0:
        return Column(name, position, "category", "empty")
    distinct = pc.unique(trimmed.drop_null())
    if not _coded(distinct):
        read = cells.numbers(trimmed, decimal)
        good = int((~np.isnan(read)).sum())
        if good >= _NUMBER_SHARE * present and good > 0:
            first = distinct.slice(0, 100).to_pylist()
            odd_example = ""
            if good < present:
                odd_example = str(trimmed.filter(mask(np.isnan(read))).drop_null()[0].as_py())
            if len(distinct) > 1 or good == present:
                compact = find_reader(name, distinct.slice(0, 2_000).to_pylist()) if good == present and _eight_digits(first) else None
                if compact is None:
                    return _number_column(name, position, read, decimal, present - good, odd_example, cells.unit(first))
    texts = distinct.to_pylist()
    dates = find_reader(name, texts, month_first=decimal == "." and delimiter != ";")
    if dates is not None:
        unread = [text for text in texts if dates.read(text) is None]
        constant: Reason = "constant" if len(texts) - len(unread) < 2 else ""
        return Column(name, position, "date", constant, len(texts), present, len(unread), unread[0] if unread else "", dates=dates, decimal=decimal)
    return _text_column(name, position, texts, trimmed, decimal)


def _plain_column(name: str, position: int, values: Any, read: NDArray[np.float64], decimal: str) -> Column:
    column = _number_column(name, position, read, decimal, 0, "", None)
    if int(np.isnan(read).sum()) == values.null_count:
        return column
    beyond = cells.beyond(values)
    return replace(column, beyond=len(beyond), beyond_example=beyond[0].as_py() if len(beyond) else "")


def _number_column(name: str, position: int, read: NDArray[np.float64], decimal: str, odd: int, odd_example: str, unit: str | None) -> Column:
    present = read[~np.isnan(read)]
    if not len(present):
        return Column(name, position, "number", "empty", decimal=decimal)
    distinct = np.unique(present)
    whole = bool((distinct == np.round(distinct)).all() and np.abs(distinct).max() < 2**53)
    why: Reason = "constant" if len(distinct) == 1 else ""
    if whole and len(distinct) == len(present) == len(read) and len(present) > 10 and not why and not _YEAR_NAME.search(name):
        counting = distinct[0] in (0, 1) and distinct[-1] - distinct[0] == len(distinct) - 1 and bool((np.diff(present) > 0).all())
        if (counting and position == 0) or _ID_NAME.match(name):
            why = "identifier"
    return Column(
        name, position, "number", why, len(distinct), len(present), odd, odd_example, whole,
        lowest=float(distinct[0]), highest=float(distinct[-1]), unit=unit, decimal=decimal,
    )  # fmt: skip


def _text_column(name: str, position: int, texts: list[str], values: Any, decimal: str) -> Column:
    """A column of texts.

    Args:
        texts: The different ones.
        values: All of them, null where missing.
    """
    present = len(values) - values.null_count
    characters = float(np.mean([len(text) for text in texts]))
    words = float(np.mean([_words(text) for text in texts]))
    why: Reason = ""
    kind: ColumnKind = "category"
    if len(texts) == 1:
        why = "constant"
    elif len(texts) > MOST_CATEGORIES or len(texts) > max(CATEGORY_SHARE * present, 2):
        kind = "text"
        names_rows = len(texts) == present and (words == 1 or bool(_ID_NAME.match(name)))
        if not names_rows and _has_common_words(values):
            kind = "words"
        else:
            why = "free text" if words >= 4 or characters >= 40 else "identifier" if names_rows else "many values"
    return Column(name, position, kind, why, len(texts), present, characters=characters, words=words, decimal=decimal)


def _has_common_words(values: Any) -> bool:
    """Whether enough texts hold a word that others hold, too: one of at least two letters, or a sign of a script without blanks."""
    import pyarrow as pa

    places = np.arange(0, len(values), max(1, len(values) // _LOOKED_AT))
    texts = [text for text in values.take(pa.array(places)).to_pylist() if text is not None]
    common = {word for word in common_words(texts, len(texts)) if not _has_digits(word) and (len(word) > 1 or word > _LAST_LETTER)}
    return sum(not common.isdisjoint(words_of(text)) for text in texts) >= COVERED_SHARE * len(texts)


def _has_digits(word: str) -> bool:
    return any(map(str.isdigit, word))


def counts_rows(name: str) -> bool:
    """Whether a column's name says that it only numbers or names the rows."""
    return name != "column_1" and bool(_ID_NAME.match(name))


def _words(text: str) -> float:
    """Words of a text; scripts without blanks count two characters as a word."""
    blanks = len(text.split())
    if text.isascii():
        return blanks
    unspaced = sum("\u3040" <= character <= "\u9fff" or "\u0e00" <= character <= "\u0e7f" for character in text)
    return max(blanks, unspaced / 2)


def _coded(distinct: Any) -> bool:
    """Whether values are codes that only look like numbers: leading zeros as in 00123."""
    import pyarrow.compute as pc

    zeros = pc.sum(pc.match_substring_regex(distinct, r"^0\d+$")).as_py() or 0
    if zeros < max(0.05 * len(distinct), 1):
        return False
    return not pc.any(pc.match_substring_regex(distinct, r"[.,]")).as_py()


def _eight_digits(texts: list[str]) -> bool:
    return all(len(text) == 8 and text.isdigit() for text in texts)


def _is_typed(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _number_texts(values: Any) -> Any:
    """Numbers as texts, whole ones without a fraction."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(values.type):
        return pc.cast(values, pa.string())
    read = np.asarray(to_numpy(values), dtype=np.float64)
    distinct = np.unique(read[~np.isnan(read)])
    names = {number: str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number) for number in distinct.tolist()}
    return pa.array([names.get(number) for number in read.tolist()], pa.string())


def _mapped(values: Any, table: dict[str, str | None]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = pa.array(list(table), pa.string())
    return pa.array(list(table.values()), pa.string()).take(single(pc.index_in(values, value_set=keys)))
