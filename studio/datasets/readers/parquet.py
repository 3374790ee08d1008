"""Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from studio.datasets.arrow import to_numpy
from studio.datasets.errors import DatasetError
from studio.datasets.options import ImportOptions
from studio.datasets.readers.raw import RawTable, unique_names
from studio.datasets.report import Report

_BATCH_ROWS = 50_000
_PIECE_BYTES = 64_000_000


def read_parquet(path: Path, name: str, scratch: Path, options: ImportOptions, report: Report, progress: Callable[[float], None]) -> RawTable:
    """Reads a Parquet file, batch by batch. Numbers stay numbers; columns of lists, structures or bytes are left out.

    Raises:
        DatasetError: It is no Parquet file, is damaged, unpacks to far more than its size, or has fewer than two usable columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, read_dictionary=_texts_of(pq.read_schema(path))) as file:
            packed = path.stat().st_size
            _check_size(sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups)), packed, name, options)
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
            schema = pa.schema([(f"c{number}", _kept_type(field.type)) for number, field in enumerate(fields)])
            rows = written = 0
            with pa.ipc.new_file(str(scratch), schema) as out:
                for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=list(dict.fromkeys(field.name for field in fields))):
                    for piece in _pieces([column for column in batch.columns if _is_plain(column.type)], names, batch.num_rows, name, options):
                        made = pa.record_batch([_kept(column, column.type) for column in piece], schema=schema)
                        out.write_batch(made)
                        written += made.nbytes
                        _check_size(written, packed, name, options)
                    rows += batch.num_rows
                    progress(rows / max(file.metadata.num_rows, 1))
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # of the system, such as a full disk
        raise DatasetError(f"{name} is not a Parquet file or is damaged; write it again.") from error
    return RawTable(scratch, names, rows, reading={"header": True})


def _texts_of(schema: Any) -> list[str]:
    """The columns of texts, which are read as references to their different values, so that long ones that repeat take no memory."""
    return [field.name for field in schema if _is_text(field.type)]


def _check_size(total: int, packed: int, name: str, options: ImportOptions) -> None:
    limits = options.limits
    if total > limits.total_bytes or (total > limits.ratio_bytes and total > limits.ratio * packed):
        raise DatasetError(
            f"{name} would unpack to {total:,} bytes or more, {total / max(packed, 1):,.0f} times its size; that is not allowed (limits)."
        )


def _pieces(columns: list[Any], names: list[str], rows: int, name: str, options: ImportOptions) -> Iterator[list[Any]]:
    """The columns of a batch in runs of rows that take a bounded memory once every text stands for itself.

    Raises:
        DatasetError: A text is longer than allowed, or no text at all.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    sizes = np.zeros(rows, dtype=np.int64)
    for column, title in zip(columns, names, strict=True):
        coded = pa.types.is_dictionary(column.type)
        texts = column.dictionary if coded else column
        if not _is_text(texts.type):
            continue
        try:
            texts.validate(full=True)
        except pa.ArrowInvalid as error:
            raise DatasetError(f"{name}: the column {title!r} holds bytes that are no text in UTF-8; write it anew as texts.") from error
        lengths = pc.fill_null(pc.binary_length(texts), 0)
        longest = pc.max(lengths).as_py() or 0
        if longest > options.limits.cell_characters:
            raise DatasetError(
                f"{name}: the column {title!r} has a cell of {longest:,} bytes; at most {options.limits.cell_characters:,} are allowed."
            )
        sizes += to_numpy(pc.fill_null(lengths.take(column.indices) if coded else lengths, 0)).astype(np.int64)
    part = np.cumsum(sizes) // _PIECE_BYTES
    starts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), rows]
    for start, end in pairwise(starts):
        yield [column.slice(start, end - start) for column in columns]


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_plain(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_date, pa.types.is_timestamp,
             pa.types.is_null, _is_text)  # fmt: skip
    return any(test(kind) for test in tests)


def _kept_type(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _kept_type(kind.value_type)
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
