"""Excel files."""

from __future__ import annotations

import datetime as dt
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from studio.datasets.errors import DatasetError
from studio.datasets.options import ImportOptions
from studio.datasets.readers.delimited import SAMPLE_ROWS, has_header
from studio.datasets.readers.raw import RawTable, RawWriter, unique_names
from studio.datasets.report import Report, listed

_MOST_ROWS = 1_048_576
_MOST_CELLS = 16_384
_LARGE_SHEET_BYTES = 10_000_000
_ROW, _CELL = re.compile(rb"<(?:\w+:)?row[\s/>]"), re.compile(rb"<(?:\w+:)?c[\s/>]")
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError,
    RuntimeError,
)  # fmt: skip
"""What the reader of workbooks raises for damaged ones (a wrong XML is a SyntaxError)."""


def read_excel(
    path: Path, name: str, writer: Callable[[list[str]], RawWriter], options: ImportOptions, report: Report, progress: Callable[[float], None]
) -> RawTable:
    """Reads a sheet of an .xlsx file: the values that its formulas had when it was saved.

    Raises:
        DatasetError: It is no .xlsx file, has no such sheet, is protected, or the sheet is empty.
    """
    import openpyxl

    _check_archive(path, name, options)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters is said in our own words
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            return _book(book, name, writer, options, report, progress)
    except DatasetError:
        raise
    except _DAMAGE as error:
        raise DatasetError(f"{name} can't be read as an Excel file; open it in a spreadsheet program and save it as .xlsx or CSV.") from error


def _book(
    book: Any, name: str, writer: Callable[[list[str]], RawWriter], options: ImportOptions, report: Report, progress: Callable[[float], None]
) -> RawTable:
    try:
        titles = [sheet.title for sheet in book.worksheets]
        if options.sheet is not None and options.sheet not in titles:
            raise DatasetError(f"{name} has no sheet {options.sheet!r}. It has: {listed(titles)}.")
        if not titles:
            raise DatasetError(f"{name} holds no sheet with cells; add a file that holds a table.")
        sheet = book[options.sheet] if options.sheet else book.worksheets[0]
        if options.sheet is None and len(titles) > 1:
            report.note(f"Read the first sheet, {sheet.title!r}; the file also has {listed(titles[1:])}.")
        total = min(max(sheet.max_row or 1, 1), _MOST_ROWS)
        sheet.reset_dimensions()  # or each row is filled up to the size that the file claims
        rows = ([_text(cell) for cell in row] for row in _limited(sheet.iter_rows(values_only=True), name))
        others = (
            f" The file also has the sheets {listed(titles[1:])}; name one with the option sheet." if len(titles) > 1 and not options.sheet else ""
        )
        table = _sheet(rows, f"{name}, sheet {sheet.title!r}", others, writer, options, report, lambda row: progress(min(row / total, 1.0)))
    finally:
        book.close()
    table.reading["sheet"] = sheet.title
    return table


def _sheet(
    rows: Any,
    name: str,
    others: str,
    make_writer: Callable[[list[str]], RawWriter],
    options: ImportOptions,
    report: Report,
    progress: Callable[[int], None],
) -> RawTable:
    first: list[list[str | None]] = []
    for row in rows:
        if any(cell for cell in row):
            first.append(row)
        if len(first) >= SAMPLE_ROWS:
            break
    width = _width(first)
    if len(first) < 2 or width < 2:
        raise DatasetError(f"{name}: there is no table; at least two columns and two rows are needed.{others}")
    texts = [[cell or "" for cell in row[:width]] + [""] * (width - len(row)) for row in first]
    top = next((number for number, row in enumerate(texts) if sum(bool(cell.strip()) for cell in row) >= max(2, width // 2)), 0)
    header = options.header if options.header is not None else has_header(texts[top:], width)
    names, notes = unique_names(texts[top] if header else [""] * width)
    for note in notes:
        report.note(note)
    if top:
        report.note(f"Passed over {top} {'row' if top == 1 else 'rows'} before the table.")
    writer = make_writer(names)
    try:
        for row in texts[top + 1 if header else top :]:
            writer.add(row)
        right = any(any(row[width:]) for row in first)
        for number, row in enumerate(rows, start=len(first)):
            kept = [*row[:width], *[None] * (width - len(row))]
            if any(kept):
                writer.add(kept)
            right = right or any(row[width:])
            if number % 5_000 == 0:
                progress(number)
    except BaseException:
        writer.close()
        raise
    if right:
        report.note(f"Some rows have more than {width} cells; what stands to the right of the table was passed over.")
    return writer.finish(reading={"header": header})


def _width(rows: list[list[str | None]]) -> int:
    """Columns of a table: as many as its first row names, or more if more than one row in fifty fills them."""
    ends = [max((number + 1 for number, cell in enumerate(row) if cell), default=0) for row in rows]
    header = next((end for row, end in zip(rows, ends, strict=True) if sum(bool(cell) for cell in row) > 1), 0)
    usual = sorted(ends, reverse=True)[max(1, len(ends) // 50) if len(ends) > 10 else 0] if ends else 0
    return max(header, usual)


def _limited(rows: Any, name: str) -> Iterator[Any]:
    """The rows of a sheet, no more than a spreadsheet program can hold."""
    for number, row in enumerate(rows):
        if number >= _MOST_ROWS:
            raise DatasetError(f"{name} has more than {_MOST_ROWS:,} rows in a sheet, the most that the format allows; save it as CSV.")
        yield row


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def _check_archive(path: Path, name: str, options: ImportOptions) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DatasetError(f"{name} is not an .xlsx file (older .xls files are not read); save it as .xlsx or CSV.") from error
    packed = max(path.stat().st_size, 1)
    if total > options.limits.total_bytes or (total > options.limits.ratio_bytes and total / packed > options.limits.ratio):
        raise DatasetError(f"{name} would unpack to {total:,} bytes, {total / packed:,.0f} times its size; that is not allowed (limits).")
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.startswith("xl/worksheets/") and entry.file_size > _LARGE_SHEET_BYTES:
                    with archive.open(entry) as stream:
                        _count(stream, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise DatasetError(f"{name} is damaged; open it in a spreadsheet program and save it anew.") from error


def _count(stream: IO[bytes], name: str) -> None:
    """Refuses a sheet of more rows or wider rows than the format allows, before the slow reader of workbooks sees it."""
    rows = cells = 0
    while block := stream.read(1 << 20):
        starts = len(_ROW.findall(block))
        rows += starts
        cells = (0 if starts else cells) + len(_CELL.findall(block))
        if rows > _MOST_ROWS or cells > _MOST_CELLS + len(block) // 4:
            raise DatasetError(f"{name} has more rows or columns in a sheet than the format allows; save it as CSV.")
