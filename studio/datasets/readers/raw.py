"""A table as it was found: named columns of texts (or typed values), on disk, read column by column or batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.workspace import visible

BATCH_CELLS = 2_000_000
MOST_BATCH_ROWS = 100_000


@dataclass
class RawTable:
    """A table in an Arrow file of the import's scratch folder, mapped into memory rather than loaded.

    Args:
        reading: How it was read (encoding, delimiter, sheet ...), for the manifest.
    """

    path: Path
    names: list[str]
    rows: int
    delimiter: str = ","
    reading: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def _table(self) -> Any:
        import pyarrow as pa

        with pa.ipc.open_file(pa.memory_map(str(self.path))) as file:
            return file.read_all()

    def column(self, position: int) -> Any:
        """A whole column, an Arrow chunked array."""
        return self._table.column(position)

    def batches(self) -> Iterator[Any]:
        """Record batches in order."""
        yield from self._table.to_batches()

    def sample(self, rows: int = 2_000) -> list[list[str]]:
        """The first rows' texts, column by column; typed columns give nothing."""
        import pyarrow as pa

        first = self._table.slice(0, rows)
        return [[text for text in column.to_pylist() if text] if pa.types.is_string(column.type) else [] for column in first.columns]


def batch_rows(columns: int) -> int:
    """Rows of one batch: about two million cells."""
    return max(100, min(MOST_BATCH_ROWS, BATCH_CELLS // max(columns, 1)))


class RawWriter:
    """Writes a `RawTable` of texts batch by batch."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        import pyarrow as pa

        self.path = path
        self.names = list(names)
        self.rows = 0
        self._schema = pa.schema([(f"c{number}", pa.string()) for number in range(len(self.names))])
        self._writer = pa.ipc.new_file(str(path), self._schema)
        self._waiting: list[Sequence[str | None]] = []
        self._batch_rows = batch_rows(len(self.names))

    def add(self, row: Sequence[str | None]) -> None:
        """Appends a row."""
        self._waiting.append(row)
        if len(self._waiting) >= self._batch_rows:
            self._flush()

    def add_batch(self, columns: Sequence[Any]) -> None:
        """Appends rows as Arrow arrays of texts, one per column."""
        import pyarrow as pa

        self._flush()
        self._writer.write_batch(pa.record_batch(list(columns), schema=self._schema))
        self.rows += len(columns[0])

    def finish(self, delimiter: str = ",", reading: dict[str, Any] | None = None) -> RawTable:
        """Ends the file and opens it as a table."""
        self._flush()
        self._writer.close()
        return RawTable(self.path, self.names, self.rows, delimiter, reading or {})

    def close(self) -> None:
        """Ends the file early."""
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            columns = [pa.array(values, pa.string()) for values in zip(*self._waiting, strict=True)]
            self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
            self.rows += len(self._waiting)
            self._waiting = []


def unique_names(header: Sequence[str | None]) -> tuple[list[str], list[str]]:
    """Column names made unique and never empty, and sentences about what was changed."""
    names: list[str] = []
    taken: set[str] = set()
    unnamed = 0
    doubled: list[str] = []
    given = {(name or "").strip() for name in header}
    for number, name in enumerate(header, start=1):
        plain = visible(" ".join((name or "").split()))
        unnamed += not plain
        wanted = plain or f"column_{number}"
        chosen, copy = wanted, 2
        while chosen in taken or (chosen != wanted and chosen in given):
            chosen, copy = f"{wanted}_{copy}", copy + 1
        if chosen != wanted:
            doubled.append(f"{wanted!r} to {chosen!r}")
        taken.add(chosen)
        names.append(chosen)
    notes = []
    if doubled:
        notes.append(f"Columns of the same name were renamed: {', '.join(doubled[:20])}{' ...' if len(doubled) > 20 else ''}.")
    if unnamed and unnamed < len(names):
        notes.append(f"Columns without a name ({unnamed}) were named by their position (column_1 ...).")
    return names, notes
