"""Tables that list files: which of an upload's tables does, and which row names which file."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import Job
from studio.datasets.kinds.naming import Names
from studio.datasets.kinds.tables import EXCEL_SUFFIXES, PARQUET_SUFFIXES, TEXT_SUFFIXES
from studio.datasets.readers.encodings import detect
from studio.datasets.readers.raw import RawTable
from studio.datasets.readers.source import File, Source
from studio.datasets.report import counted, listed

_PEEK_BYTES = 64_000
_PEEK_LINES = 100
_PEEK_TABLES = 20
_CELLS = re.compile(r"[,;\t|]")
_SHARE = 0.5
_TRIED = 300


@dataclass(frozen=True)
class Listing:
    """Which rows of a table name which files.

    Args:
        path: Of the table in the upload.
        position: Of the column with the names.
        files: By row, in order; rows without a file are not in it.
        rows: Rows of the table.
    """

    path: str
    position: int
    name_of_column: str
    files: dict[int, File]
    rows: int

    @property
    def name(self) -> str:
        """The table's file name."""
        return self.path.rsplit("/", 1)[-1]


def listing_tables(source: Source, suffixes: Collection[str], named: int = 1) -> list[File]:
    """The tables of an upload in which about every row names one file with one of these endings, and says something of it.

    Args:
        named: How many files a row names.
    """
    files = [file for file in source.files if file.suffix in suffixes]
    tables = [file for file in source.files if file.suffix in TEXT_SUFFIXES | EXCEL_SUFFIXES | PARQUET_SUFFIXES][:_PEEK_TABLES]
    if not files or not tables:
        return []
    return [table for table in tables if _lists(source, table, Names(files, table.parts[:-1]), suffixes, named)]


def _lists(source: Source, table: File, names: Names, suffixes: Collection[str], named: int) -> bool:
    if table.suffix not in TEXT_SUFFIXES:  # not to be looked into without reading it whole; beside class folders it is taken for something else
        return len({file.parts[:-1] for file in source.files if file.suffix in suffixes}) <= 1
    cells = _first_rows(source, table)[1:]
    hits = [sum(_names_file(cell, names, suffixes) for cell in row) for row in cells]
    if named > 1:  # an answer such as 1 may be the name of a file, too
        hits = [min(count, max(named, sum(_ending(cell) in suffixes for cell in row))) for count, row in zip(hits, cells, strict=True)]
    fitting = sum(count == named and len(row) > named for count, row in zip(hits, cells, strict=True))
    return bool(cells) and fitting >= _SHARE * len(cells)


def has_header(source: Source, table: File, suffixes: Collection[str]) -> bool | None:
    """Whether the first row of a table that lists files names none; None where that is not seen without reading it whole."""
    if table.suffix not in TEXT_SUFFIXES:
        return None
    names = Names([file for file in source.files if file.suffix in suffixes], table.parts[:-1])
    return not any(_names_file(cell, names, suffixes) for cell in _first_rows(source, table)[0])


def _first_rows(source: Source, table: File) -> list[list[str]]:
    """The cells of the first rows, as far as they are seen without the table's own quotes and signs."""
    with source.open(table) as stream:
        head = stream.read(_PEEK_BYTES)
    text = head.decode(detect(io.BytesIO(head)).name, errors="replace")
    whole = text.splitlines()[: -1 if len(head) == _PEEK_BYTES else None]
    lines = [line for line in whole if line.strip()][: 1 + _PEEK_LINES]
    return [[cell.strip().strip("\"'") for cell in (_CELLS.split(line) if _CELLS.search(line) else line.split())] for line in lines]


def _names_file(cell: str, names: Names, suffixes: Collection[str]) -> bool:
    return bool(cell) and (_ending(cell) in suffixes or not isinstance(names.find(cell), str))


def _ending(cell: str) -> str:
    return "." + cell.rsplit(".", 1)[-1].casefold() if "." in cell else ""


def read_listing(table: RawTable, file: File, files: Sequence[File], job: Job) -> Listing:
    """Which rows name which files; the others are left out and said.

    Raises:
        DatasetError: No row names a file of the upload, or two columns name files.
    """
    names = Names(files, file.parts[:-1])
    return _listed_in(table, _position(table, names, file), names, file, job)


def read_pair_listing(table: RawTable, file: File, files: Sequence[File], job: Job) -> tuple[Listing, Listing]:
    """The same for the two columns that name files; rows in which only one of both is there are in one listing only.

    Raises:
        DatasetError: There are not two such columns, or one of them names no file of the upload.
    """
    names = Names(files, file.parts[:-1])
    scores = _scores(table, names)
    best = sorted(range(len(scores)), key=lambda place: scores[place], reverse=True)
    naming = [place for place in best if scores[place][0] > _SHARE * scores[best[0]][0]]
    if len(naming) > 2:
        naming = [place for place in naming if scores[place][1] > _SHARE * scores[place][0]] or naming
    if len(naming) != 2:
        found = listed([repr(table.names[place]) for place in sorted(naming)], shown=8) if naming else "none"
        raise DatasetError(f"For pairs, two columns of {file.path} must name pictures of the upload. Found: {found}.")
    first, second = (_listed_in(table, place, names, file, job) for place in sorted(naming))
    return first, second


def _listed_in(table: RawTable, position: int, names: Names, file: File, job: Job) -> Listing:
    cells: list[str | None] = table.column(position).cast("string").to_pylist()
    found = [names.find(cell) for cell in cells]
    kept = {row: each for row, each in enumerate(found) if not isinstance(each, str)}
    if not kept:
        reasons = [each for each in found if isinstance(each, str)]
        reason = max(set(reasons), key=reasons.count)
        example = next((cell for cell, each in zip(cells, found, strict=True) if each == reason and cell), "")
        raise DatasetError(
            f"{file.path} names {counted(len(cells), 'file')} in its column {table.names[position]!r}, and none can be used: {reason} "
            f"(such as {example[:80]!r}). Put the files beside the table, and name them as they are called."
        )
    for cell, each in zip(cells, found, strict=True):
        if isinstance(each, str):
            job.report.leave_out("row", each, (cell or "").strip()[:120] or "an empty cell")
    return Listing(file.path, position, table.names[position], kept, table.rows)


def _scores(table: RawTable, names: Names) -> list[tuple[int, int]]:
    """For each column how many of some cells name a file of the upload, and how many look like the name of a file."""
    scores = []
    for position in range(len(table.names)):
        present = _some(table.column(position))
        there = sum(not isinstance(names.find(cell), str) for cell in present)
        looks = sum(bool(re.search(r"\.[A-Za-z0-9]{2,5}$", cell)) and not re.fullmatch(r"[\d.,eE+-]+", cell) for cell in present)
        scores.append((there, looks))
    return scores


def _position(table: RawTable, names: Names, file: File) -> int:
    scores = _scores(table, names)
    best = max(range(len(scores)), key=lambda place: scores[place])
    if scores[best] == (0, 0):
        raise DatasetError(f"No column of {file.path} names the files of the upload. It has: {listed(table.names, shown=8)}.")
    rivals = [place for place, score in enumerate(scores) if score[0] > _SHARE * max(scores[best][0], 1) and place != best]
    if rivals and scores[best][0]:
        pair = sorted((best, rivals[0]))
        raise DatasetError(
            f"Two columns of {file.path} name files ({table.names[pair[0]]!r} and {table.names[pair[1]]!r}); one file per row is expected. "
            "For pairs of pictures choose the kind image-pairs, or take one of the columns out."
        )
    return best


def _some(values: Any) -> list[str]:
    """A few hundred of the texts of a column, from all over it."""
    rows = np.unique(np.linspace(0, len(values) - 1, min(len(values), _TRIED)).round().astype(int))
    return [cell.strip() for cell in values.take(rows).cast("string").to_pylist() if cell and cell.strip()]
