"""Excel and Parquet files."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.datasets.errors import DatasetError
from studio.datasets.options import ImportOptions
from studio.datasets.readers.delimited import SAMPLE_ROWS, has_header
from studio.datasets.readers.raw import RawTable, RawWriter, unique_names
from studio.datasets.report import Report, listed


def read_excel(
    path: Path, name: str, writer: Callable[[list[str]], RawWriter], options: ImportOptions, report: Report, progress: Callable[[float], None]
) -> RawTable:
    """Reads a sheet of an .xlsx file: the values that its formulas had when it was saved.

    Raises:
        DatasetError: It is no .xlsx file, has no such sheet, is protected, or the sheet is empty.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_archive(path, name, options)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError) as error:
        raise DatasetError(f"{name} can't be read as an Excel file; open it in a spreadsheet program and save it as .xlsx or CSV.") from error
    try:
        titles = [sheet.title for sheet in book.worksheets]
        if options.sheet is not None and options.sheet not in titles:
            raise DatasetError(f"{name} has no sheet {options.sheet!r}. It has: {listed(titles)}.")
        sheet = book[options.sheet] if options.sheet else book.worksheets[0]
        if options.sheet is None and len(titles) > 1:
            report.note(f"Read the first sheet, {sheet.title!r}; the file also has {listed(titles[1:])}.")
        total = max(sheet.max_row or 1, 1)
        rows = ([_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
        table = _sheet(rows, name, writer, options, report, lambda row: progress(min(row / total, 1.0)))
    finally:
        book.close()
    table.reading["sheet"] = sheet.title
    return table


def _sheet(
    rows: Any, name: str, make_writer: Callable[[list[str]], RawWriter], options: ImportOptions, report: Report, progress: Callable[[int], None]
) -> RawTable:
    first: list[list[str | None]] = []
    for row in rows:
        if any(cell for cell in row):
            first.append(row)
        if len(first) >= SAMPLE_ROWS:
            break
    width = max((max((number + 1 for number, cell in enumerate(row) if cell), default=0) for row in first), default=0)
    if len(first) < 2 or width < 2:
        raise DatasetError(f"{name}: the sheet holds no table; at least two columns and two rows are needed.")
    texts = [[cell or "" for cell in row[:width]] + [""] * (width - len(row)) for row in first]
    top = next(number for number, row in enumerate(texts) if sum(bool(cell.strip()) for cell in row) >= max(2, width // 2))
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
        for number, row in enumerate(rows, start=len(first)):
            kept = [*row[:width], *[None] * (width - len(row))]
            if any(kept):
                writer.add(kept)
            if any(row[width:]):
                report.note(f"Some rows have more than {width} cells; what stands to the right of the table was passed over.")
            if number % 5_000 == 0:
                progress(number)
    except BaseException:
        writer.close()
        raise
    return writer.finish(reading={"header": header})


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


def read_parquet(path: Path, name: str, scratch: Path, options: ImportOptions, report: Report, progress: Callable[[float], None]) -> RawTable:
    """Reads a Parquet file, row group by row group. Numbers stay numbers; columns of lists, structures or bytes are left out.

    Raises:
        DatasetError: It is no Parquet file, is damaged, or has fewer than two usable columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            fields = [field for field in file.schema_arrow if _is_plain(field.type)]
            for field in file.schema_arrow:
                if not _is_plain(field.type):
                    report.leave_out("column", "lists, structures and bytes are not read", field.name)
            if len(fields) < 2:
                raise DatasetError(f"{name} has fewer than two columns of numbers, texts or dates; at least an input and a target are needed.")
            if len(fields) > options.limits.columns:
                raise DatasetError(f"{name} has {len(fields):,} columns; at most {options.limits.columns:,} are allowed (limit `columns`).")
            names, notes = unique_names([field.name for field in fields])
            for note in notes:
                report.note(note)
            positions = {field.name: number for number, field in enumerate(fields)}
            schema = pa.schema([(f"c{number}", _kept_type(field.type)) for number, field in enumerate(fields)])
            rows = 0
            with pa.ipc.new_file(str(scratch), schema) as out:
                for batch in file.iter_batches(batch_size=50_000, columns=list(positions)):
                    out.write_batch(pa.record_batch([_kept(batch.column(field.name), field.type) for field in fields], schema=schema))
                    rows += batch.num_rows
                    progress(rows / max(file.metadata.num_rows, 1))
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise DatasetError(f"{name} is not a Parquet file or is damaged; write it again.") from error
    return RawTable(scratch, names, rows, reading={"header": True})


def _is_plain(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_string, pa.types.is_large_string,
             pa.types.is_date, pa.types.is_timestamp, pa.types.is_null, pa.types.is_string_view)  # fmt: skip
    return any(test(kind) for test in tests)


def _kept_type(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_integer(kind):
        return pa.int64() if not pa.types.is_uint64(kind) else pa.float64()
    return pa.float64() if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else pa.string()


def _kept(values: Any, kind: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if pa.types.is_date(kind):
        return pc.strftime(values.cast(pa.timestamp("s")), format="%Y-%m-%d")
    if pa.types.is_timestamp(kind):
        utc = values.cast(pa.timestamp("s", tz=kind.tz), safe=False).cast(pa.timestamp("s"))
        return pc.strftime(utc, format="%Y-%m-%d %H:%M:%S")
    return values.cast(_kept_type(kind), safe=False)
