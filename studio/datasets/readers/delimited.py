"""Text tables: CSV, TSV and the like, in any encoding, with any delimiter."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from studio.datasets.errors import DatasetError
from studio.datasets.options import ImportOptions
from studio.datasets.readers.cells import is_missing, is_number
from studio.datasets.readers.encodings import Encoding, detect
from studio.datasets.readers.raw import RawTable, RawWriter, unique_names
from studio.datasets.readers.records import BLANKS, TOO_LONG, records
from studio.datasets.report import Report, listed

DELIMITERS = (",", ";", "\t", "|")
_NO_DELIMITERS = ("\n", "\r", "\0", '"')
SAMPLE_ROWS = 300
_SAMPLE_CHARACTERS = 200_000
_FEWEST_LINES = 3
_LINE_CHARACTERS = 50_000_000
"""Length of a line from which on the text is no table; more is never held in memory."""
_FAST_BYTES = 2_000_000
_USUAL_NAMES = {
    "id", "index", "name", "date", "time", "year", "text", "sentence", "message", "review", "comment", "title", "source", "target", "label", "class",
    "category", "y", "x", "word", "language", "question", "answer", "input", "output", "文本", "标签", "类别",
}  # fmt: skip
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_LOST = "\ufffd"
"""Stands for what can't be read."""
_SHOWN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", BLANKS: "blanks"}


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Args:
        columns: Cells of a whole row.
        preamble: Records before the table begins.
        spaced: Whether blanks stand between delimiters and quotation marks.
    """

    delimiter: str
    columns: int
    header: bool
    preamble: int = 0
    spaced: bool = False


def read_delimited(open_stream: Callable[[], BinaryIO], name: str, size: int, writer: Callable[[list[str]], RawWriter], options: ImportOptions,
                   report: Report, progress: Callable[[float], None]) -> RawTable:  # fmt: skip
    """Reads a text table row by row into a raw table.

    Rows whose number of cells differs from the others' are left out and named by their number in the file.

    Args:
        open_stream: Opens the file from its beginning.
        size: In bytes, for the progress.
        writer: Makes the raw table's writer for the column names.

    Raises:
        DatasetError: It is no text, has no rows, or one column only; or the given encoding does not fit.
    """
    with open_stream() as stream:
        encoding = Encoding(options.encoding, True) if options.encoding else detect(stream)
    try:
        with _limited_cells(options.limits.cell_characters):
            sample = _sample(open_stream, encoding, name)
            dialect = find_dialect(sample, options)
            table = _read(open_stream, encoding, dialect, size, writer, options, report, progress)
    except (UnicodeDecodeError, UnicodeError) as error:
        raise DatasetError(f"{name} can't be read as {encoding.name}; name another encoding or leave it to be detected.") from error
    except LookupError as error:
        raise DatasetError(f"There is no encoding named {options.encoding!r}. Usual ones: utf-8, gb18030, cp1252, shift_jis.") from error
    if not encoding.certain:
        report.note(f"The text was read as {encoding.name}; if letters look wrong, name another encoding.")
    table.reading.update(encoding=encoding.name, delimiter=_SHOWN.get(dialect.delimiter, dialect.delimiter), header=dialect.header)
    return table


def find_dialect(text: str, options: ImportOptions | None = None) -> Dialect:
    """Delimiter, number of columns, preamble and header of a table from its first lines.

    Raises:
        DatasetError: No delimiter makes at least two columns of it.
    """
    options = options or ImportOptions.read()
    if options.delimiter in _NO_DELIMITERS:
        raise DatasetError(f"The delimiter can't be {options.delimiter!r}; name the character between the cells, such as a comma or a semicolon.")
    candidates = [options.delimiter] if options.delimiter else list(DELIMITERS)
    first_line = text.split("\n", 1)[0].strip().strip('"')
    if not options.delimiter and first_line.casefold().startswith("sep=") and len(first_line) == 5:
        candidates = [first_line[4]]
    scored = [(score, delimiter) for delimiter in candidates if (score := _score(_records(text, delimiter), delimiter)) > 0]
    if not scored and not options.delimiter:
        scored = [(score, BLANKS) for score in [_score(_records(text, BLANKS), BLANKS)] if score > 0]
    if not scored:
        wanted = "comma, semicolon, tab or bar" if not options.delimiter else repr(options.delimiter)
        raise DatasetError(f"The table has only one column; at least an input and a target are needed. (Looked for columns separated by {wanted}.)")
    delimiter = max(scored, key=lambda pair: pair[0])[1]
    found = _records(text, delimiter)
    filled = [record for record in found if any(record)]
    columns = _usual_length(filled)
    preamble = 0
    for record in found:
        if len(record) >= max(2, min(columns - 1, columns)) and len([cell for cell in record if cell.strip()]) > 1:
            break
        preamble += 1
    if preamble > min(30, len(found) // 2):
        preamble = 0
    body = [record for record in found[preamble:] if any(record)]
    header = options.header if options.header is not None else has_header(body, columns)
    spaced = delimiter != BLANKS and any(f"{delimiter}{blank}" in text for blank in (' "', '\t"', "  "))
    return Dialect(delimiter, columns, header, preamble, spaced=spaced)


def has_header(rows: Sequence[Sequence[str]], columns: int) -> bool:
    """Whether the first record holds names: it differs in kind from what stands below it."""
    first = [cell.strip() for cell in rows[0]]
    below = [record for record in rows[1:101] if len(record) == columns]
    if not below or len(first) != columns:
        return True
    named = [cell for cell in first if cell]
    if not named:
        return False
    if columns > 2 and (first == [str(number) for number in range(columns)] or first == [str(number + 1) for number in range(columns)]):
        return True
    numeric = [_mostly_numbers([record[number] for record in below]) for number in range(columns)]
    first_numeric = [is_number(cell) and not is_missing(cell) for cell in first]
    if any(first_numeric):
        return not any(mine and theirs for mine, theirs in zip(first_numeric, numeric, strict=True)) and any(numeric)
    if any(numeric):
        return not any(is_missing(cell) and cell for cell in first)
    if len(set(named)) < len(named):
        return False
    if any(cell.casefold() in _USUAL_NAMES for cell in named):
        return True
    if any(len(cell) > 60 or cell.endswith(_SENTENCE_ENDS) for cell in named) or all(len(cell.split()) > 2 for cell in named):
        return False
    return not any(first[number] and first[number] in {record[number].strip() for record in below} for number in range(columns))


def _read(open_stream: Callable[[], BinaryIO], encoding: Encoding, dialect: Dialect, size: int, make_writer: Callable[[list[str]], RawWriter],
          options: ImportOptions, report: Report, progress: Callable[[float], None]) -> RawTable:  # fmt: skip
    with open_stream() as stream, _decoded(stream, encoding, strict=options.encoding is not None) as text:
        found = records(_lines(text), dialect.delimiter)
        header: Sequence[str] | None = None
        before = 0
        for number, lines, record in found:
            if isinstance(record, str) and number == dialect.preamble + 1:
                raise DatasetError(f"In the header (row {number}), {_why(record)}; mend that row.")
            if isinstance(record, str):
                _leave_out(number, record, dialect.columns, report)
            elif number > dialect.preamble and record and any(record):
                header = record
                break
            before += lines
        if header is None:
            raise DatasetError("The table has no rows.")
        names, first, extra = _names(header, dialect)
        if len(names) > options.limits.columns:
            raise DatasetError(f"The table has {len(names):,} columns; at most {options.limits.columns:,} are allowed (limit `columns`).")
        unique, notes = unique_names(names)
        total = max(size, 1)
        if size >= _FAST_BYTES and not dialect.spaced and is_utf8(encoding):
            writer = make_writer(unique)
            if read_regular(open_stream, dialect, len(unique), before + (lines if dialect.header else 0), writer, progress, total):
                return _finished(writer, dialect, notes, report)
        writer = make_writer(unique)
        sure, damaged = is_utf8(encoding), []
        try:
            if first is not None:
                writer.add(first)
            for number, _, record in found:
                if isinstance(record, str) or len(record) != dialect.columns:
                    if isinstance(record, str) or any(cell.strip() for cell in record):
                        _leave_out(number, record, dialect.columns, report)
                    continue
                if not sure and any(_LOST in cell for cell in record):
                    damaged.append(number)
                writer.add(record[: len(unique)] if extra else record)
                if number % 10_000 == 0:
                    progress(min(stream.tell() / total, 1.0))
        except BaseException:
            writer.close()
            raise
        if damaged:
            rows = listed(map(str, damaged), shown=8)
            report.note(f"Some characters can't be read as {encoding.name} and were replaced by {_LOST} (row {rows}).")
        return _finished(writer, dialect, notes, report)


def is_utf8(encoding: Encoding) -> bool:
    """Whether the bytes are UTF-8 throughout."""
    return encoding.certain and encoding.name in ("utf-8", "utf-8-sig")


def read_regular(open_stream: Callable[[], BinaryIO], dialect: Dialect, columns: int, skipped_lines: int, writer: RawWriter,
                 progress: Callable[[float], None], total: int) -> bool:  # fmt: skip
    """Reads a flawless table by Arrow, four times as fast as row by row.

    Args:
        skipped_lines: Lines before the first row of values.

    Returns:
        Whether the table was flawless; if not, what was written so far is to be written over.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if dialect.delimiter == BLANKS or columns != dialect.columns:
        writer.close()
        return False
    names = [f"c{position}" for position in range(columns)]
    read = arrow_csv.ReadOptions(column_names=names, skip_rows=skipped_lines, block_size=8 << 20)
    parse = arrow_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True)
    convert = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True,
    )  # fmt: skip
    try:
        with open_stream() as stream, arrow_csv.open_csv(stream, read, parse, convert) as reader:
            for batch in reader:
                if _longest(batch.columns) > csv.field_size_limit():
                    writer.close()
                    return False
                writer.add_batch(batch.columns)
                progress(min(stream.tell() / total, 1.0))
    except (pa.ArrowInvalid, UnicodeDecodeError):
        writer.close()
        return False
    return True


def _finished(writer: RawWriter, dialect: Dialect, notes: Sequence[str], report: Report) -> RawTable:
    if dialect.preamble:
        report.note(f"Passed over {dialect.preamble} {'line' if dialect.preamble == 1 else 'lines'} before the table.")
    for note in notes:
        report.note(note)
    return writer.finish(dialect.delimiter)


def _names(header: Sequence[str], dialect: Dialect) -> tuple[list[str], Sequence[str] | None, bool]:
    """The column names, the first row if the header is one, and whether each row ends with a delimiter too many."""
    if not dialect.header:
        if len(header) != dialect.columns:
            raise DatasetError(f"The first row has {len(header)} cells, but most have {dialect.columns}.")
        return [f"column_{number + 1}" for number in range(dialect.columns)], header, False
    if len(header) == dialect.columns:
        return list(header), None, False
    if len(header) == dialect.columns - 1:
        return ["", *header], None, False
    if len(header) == dialect.columns + 1 and not header[-1].strip():
        return list(header[:-1]), None, False
    raise DatasetError(f"The header names {len(header)} columns, but most rows have {dialect.columns} cells; make them agree.")


def _leave_out(number: int, record: Sequence[str] | str, columns: int, report: Report) -> None:
    differs = "fewer" if len(record) < columns else "more"
    reason = _why(record) if isinstance(record, str) else f"{differs} than {columns} cells"
    report.leave_out("row", reason, str(number))


def _why(reason: str) -> str:
    return f"a cell has more than {csv.field_size_limit():,} characters" if reason == TOO_LONG else reason


def _longest(columns: Sequence[Any]) -> int:
    """Bytes of the longest cell."""
    import pyarrow.compute as pc

    return max((pc.max(pc.binary_length(column)).as_py() or 0 for column in columns), default=0)


def _records(text: str, delimiter: str) -> list[list[str]]:
    return [record for _, _, record in islice(records(io.StringIO(text, newline=""), delimiter), SAMPLE_ROWS) if not isinstance(record, str)]


def _score(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    """How well a delimiter explains the records: the share of rows of the usual length, less for cells that hold another delimiter."""
    filled = [record for record in rows if any(cell.strip() for cell in record)]
    columns = _usual_length(filled)
    if columns < 2:
        return 0.0
    regular = [record for record in filled if len(record) == columns]
    others = [other for other in DELIMITERS if other != delimiter and other != ","]
    cells = [cell for record in regular for cell in record]
    torn = sum(any(other in cell for other in others) for cell in cells) / max(len(cells), 1)
    numbers = sum(is_number(cell) for cell in cells) / max(len(cells), 1)
    return len(regular) / len(filled) - torn + 0.05 * numbers + 0.001 * min(columns, 50)


def _usual_length(rows: Sequence[Sequence[str]]) -> int:
    lengths = Counter(len(record) for record in rows)
    return max(lengths, key=lambda length: (lengths[length], length)) if lengths else 0


def _mostly_numbers(cells: Sequence[str]) -> bool:
    present = [cell for cell in cells if not is_missing(cell)]
    return bool(present) and sum(is_number(cell) for cell in present) >= 0.9 * len(present)


def _sample(open_stream: Callable[[], BinaryIO], encoding: Encoding, name: str) -> str:
    with open_stream() as stream, _decoded(stream, encoding, strict=False) as lines:
        text = "".join(_take(_lines(lines), _SAMPLE_CHARACTERS))
    if sum(unicodedata.category(character) == "Cc" and not character.isspace() for character in text[:4096]) > 0.05 * min(len(text), 4096):
        raise DatasetError(f"{name} is no text file; expected a table in CSV, TSV, TXT, XLSX or Parquet form.")
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise DatasetError(f"{name} holds zero bytes (the first in line {row}), so it is damaged or no text; save it again as CSV in UTF-8.")
    if not text.strip():
        raise DatasetError(f"{name} holds no text.")
    head = text[:1000].lstrip("\ufeff \r\n\t").casefold()
    if head.startswith(("<!doctype", "<html", "<?xml", "{", "[{", "[[")):
        form = "JSON" if head[0] in "{[" else "a web page or XML"
        raise DatasetError(f"{name} is {form}, no table; save the data as CSV, TSV, XLSX or Parquet.")
    return text


def _take(lines: Iterator[str], characters: int) -> Iterator[str]:
    taken = 0
    for number, line in enumerate(lines, start=1):
        yield line
        taken += len(line)
        if taken >= characters and number >= _FEWEST_LINES:
            return


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a text, as iterating over it gives them, but none without end.

    Raises:
        DatasetError: A line is longer than any table has them.
    """
    number = 0
    while line := text.readline(_LINE_CHARACTERS):
        number += 1
        if len(line) >= _LINE_CHARACTERS:
            raise DatasetError(f"Line {number:,} has more than {_LINE_CHARACTERS:,} characters; this is no table of rows and columns.")
        yield line


def _decoded(stream: BinaryIO, encoding: Encoding, strict: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding=encoding.name, errors="strict" if strict else "replace", newline="")


@contextmanager
def _limited_cells(characters: int) -> Iterator[None]:
    before = csv.field_size_limit(characters)
    try:
        yield
    finally:
        csv.field_size_limit(before)
