"""Samples of networks with several inputs: rows of a table that name a file and hold the other values, or records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.listing import listing_tables
from studio.datasets.kinds.naming import ABSENT, Names
from studio.datasets.limits import Limits
from studio.datasets.readers.source import ARCHIVES, File, Source, UnreadableError, open_source
from studio.datasets.report import Report, listed
from studio.evaluation.asking import tables
from studio.evaluation.asking.base import Batch, Port, of
from studio.evaluation.asking.texts import of_texts
from studio.evaluation.errors import EvaluationError
from studio.evaluation.tables import SUFFIXES, RawColumns, read_file

ENDINGS_TRIED = 200
"""Cells of a column that are looked at to see whether it names files."""


def wanted(ports: Sequence[Port]) -> str:
    """What a table must hold, in words."""
    files = [port for port in ports if of(port.kind).encoded]
    naming = [f"a column that names the {of(port.kind).noun}" + (f" {next(iter(port.names))!r}" if len(files) > 1 else "") for port in files]
    return " and ".join([*naming, *(_columns_of(port) for port in ports if port not in files)])


def _columns_of(port: Port) -> str:
    return f"the columns {listed([repr(name) for name in port.names], shown=8)}" if port.kind == "columns" else f"a column {next(iter(port.names))!r}"


def of_files(paths: Sequence[Path], ports: Sequence[Port], features: Sequence[Feature]) -> list[Batch]:
    """One batch per table; files that its rows name are looked for beside it, and nowhere else. A folder or archive holds one such table.

    Of a network that takes nothing but files, one for each input is one sample.

    Raises:
        EvaluationError: There is no such file, it is no table, or nothing in it fits the network.
    """
    for path in paths:
        if not path.exists():
            raise EvaluationError(f"There is no file or folder {str(path)!r}.")
    if paths and all(_is_file_of(path, port) for path in paths for port in ports):
        return [_of_one(paths, ports)]
    found = []
    for path in paths:
        if path.is_dir() or path.suffix.casefold() in ARCHIVES:
            found.append(_of_archive(path, ports, features))
        elif path.suffix.casefold() in SUFFIXES:
            found.append(of_table(read_file(path, features), _Beside(path.parent), ports, features, path.name))
        else:
            raise EvaluationError(f"{path.name}: the network has several inputs; expected a CSV, TSV, Excel or Parquet file with {wanted(ports)}.")
    return found


def _is_file_of(path: Path, port: Port) -> bool:
    return path.is_file() and path.suffix.casefold() in of(port.kind).suffixes


def _of_one(paths: Sequence[Path], ports: Sequence[Port]) -> Batch:
    if len(paths) != len(ports):
        names = listed([repr(next(iter(port.names))) for port in ports])
        raise EvaluationError(f"A sample is {len(ports)} files, for {names} in this order; received {len(paths)}. For many samples give a table.")
    parts = [of(port.kind).contents([(str(path), path.read_bytes())], port) for path, port in zip(paths, ports, strict=True)]
    return together([replace(part, names=[" + ".join(map(str, paths))]) for part in parts])


def _of_archive(path: Path, ports: Sequence[Port], features: Sequence[Feature]) -> Batch:
    source = open_source(path, Limits(), Report())
    try:
        suffixes = {suffix for port in ports for suffix in of(port.kind).suffixes}
        tables_there = listing_tables(source, suffixes) or [file for file in source.files if file.suffix in SUFFIXES]
        if len(tables_there) != 1:
            known = listed([file.path for file in tables_there], shown=5) if tables_there else "none"
            raise EvaluationError(f"{path.name}: one table is expected, with {wanted(ports)}. It holds: {known}.")
        (file,) = tables_there
        with tempfile.TemporaryDirectory(prefix="blockstudio-") as scratch:
            copy = Path(scratch) / file.parts[-1]
            copy.write_bytes(source.read(file))
            found = read_file(copy, features)
        return of_table(found, _Within(source, file.parts[:-1]), ports, features, file.parts[-1])
    finally:
        source.close()


class _Within:
    """Files of a folder or archive, by the names under which a table in it lists them."""

    def __init__(self, source: Source, folder: tuple[str, ...]) -> None:
        self._source, self._names = source, Names(source.files, folder)

    def read(self, cell: str | None) -> bytes | str:
        """The bytes of the file that a cell names, or why there are none."""
        found = self._names.find(cell)
        if isinstance(found, str):
            return found
        try:
            return self._source.read(found)
        except UnreadableError as error:
            return str(error)


class _Beside:
    """Files in a folder, by the names under which a table in it lists them; the folder is listed only if a name is no path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._source: Source | None = None
        self._names: Names | None = None

    def read(self, cell: str | None) -> bytes | str:
        """The bytes of the file that a cell names, or why there are none."""
        text = (cell or "").strip().replace("\\", "/")
        found: File | str = Names([File(text, 0, None)] if text else []).find(text)
        if isinstance(found, str):
            return found.replace("the upload", "the table's folder")
        path = self._folder / text
        if path.is_file() and path.resolve().is_relative_to(self._folder):
            return path.read_bytes()
        return self._listed(text)

    def _listed(self, text: str) -> bytes | str:
        if self._names is None:
            try:
                self._source = open_source(self._folder, Limits(), Report())
                self._names = Names(self._source.files)
            except DatasetError:  # a folder of far more than a dataset: names must be paths there
                self._names = Names([])
        found = self._names.find(text)
        if isinstance(found, str) or self._source is None:
            return str(found if isinstance(found, str) else ABSENT).replace("the upload", "the table's folder")
        try:
            return self._source.read(found)
        except UnreadableError as error:
            return str(error)


def of_table(found: RawColumns, beside: _Beside | _Within, ports: Sequence[Port], features: Sequence[Feature], name: str) -> Batch:
    """Every row that has all inputs."""
    names = [f"{name}:{row}" for row in range(1, found.rows + 1)]
    if not names:
        raise EvaluationError(f"{name}: the table has no rows.")
    taken = [column for port in ports if port.kind == "columns" for column in port.names]
    naming: dict[str, str] = {}
    for port in ports:
        if of(port.kind).encoded:
            naming[port.node] = _naming(found, port, [*taken, *naming.values()], name)
    rest = replace(found, columns={column: values for column, values in found.columns.items() if column not in naming.values()})
    parts = []
    for port in ports:
        if port.kind == "columns":
            parts.append(tables.of_columns(rest, port, features, name))
        elif of(port.kind).encoded:
            cells = _cells(found, naming[port.node])
            parts.append(of(port.kind).contents(_contents(names, cells, beside), port))
        else:
            parts.append(of_texts([cell or "" for cell in _cells(found, _named(found, next(iter(port.names)), name))], port, names))
    return together(parts)


def _contents(names: Sequence[str], cells: Sequence[str | None], beside: _Beside | _Within) -> Iterator[tuple[str, bytes | str]]:
    for name, cell in zip(names, cells, strict=True):
        yield name, beside.read(cell)


def of_records(records: Sequence[Mapping[str, Any]], ports: Sequence[Port], features: Sequence[Feature]) -> Batch:
    """Samples as dictionaries: files as bytes, texts, and the cells of columns, by the names of the features.

    Raises:
        EvaluationError: An input is missing.
    """
    names = [f"sample {number}" for number in range(1, len(records) + 1)]
    parts = []
    for port in ports:
        if port.kind == "columns":
            batch = tables.of_records([{name: record.get(name) for name in port.names} for record in records], port, features)
            parts.append(Batch(names, batch.values, batch.warnings))
            continue
        feature = next(iter(port.names))
        values = [record.get(feature) for record in records]
        if any(value is None for value in values):
            raise EvaluationError(f"The network also takes {of(port.kind).noun} ({feature!r}); give one for each sample.")
        if of(port.kind).encoded:
            parts.append(of(port.kind).contents([(name, bytes(value or b"")) for name, value in zip(names, values, strict=True)], port))
        else:
            parts.append(of_texts([str(value) for value in values], port, names))
    return together(parts)


def together(parts: Sequence[Batch]) -> Batch:
    """Batches of the inputs of the same samples as one, of the samples that have all of them."""
    common = set(parts[0].names).intersection(*(part.names for part in parts[1:]))
    names = [name for name in parts[0].names if name in common]
    values: dict[str, Any] = {}
    for part in parts:
        places = {name: place for place, name in enumerate(part.names)}
        order = [places[name] for name in names]
        values |= {name: np.asarray(column)[order] for name, column in part.values.items()}
    return Batch(names, values, [warning for part in parts for warning in part.warnings])


def _cells(found: RawColumns, column: str) -> list[str | None]:
    texts: list[str | None] = found.columns[column].cast("string").to_pylist()
    return texts


def _named(found: RawColumns, wanted_name: str, name: str) -> str:
    column = next((each for each in found.columns if each.strip().casefold() == wanted_name.strip().casefold()), None)
    if column is None:
        raise EvaluationError(f"{name} has no column {wanted_name!r}. It has: {listed(found.columns, shown=8)}.")
    return column


def _naming(found: RawColumns, port: Port, taken: Sequence[str], name: str) -> str:
    """The column that names the files: the one that is called as the feature, or the first whose cells mostly end as such files do, or a text.

    Args:
        taken: Columns that are something else.
    """
    feature = next(iter(port.names))
    if feature in found.columns:
        return feature
    others = [column for column in found.columns if column not in taken]
    suffixes = of(port.kind).suffixes

    def ending(column: str) -> int:
        return sum(Path(cell or "").suffix.casefold() in suffixes for cell in _cells(found, column)[:ENDINGS_TRIED])

    endings = {column: ending(column) for column in others}
    most = max(endings.values(), default=0)
    if most:
        return next(column for column, count in endings.items() if 2 * count >= most)
    likely = next(
        (column for column in others if column.casefold() in ("file", "filename", "file_name", "path", "image", "picture", "id", "name")), None
    )
    if likely is None:
        raise EvaluationError(f"{name} has no column that names the {of(port.kind).noun}. It has: {listed(found.columns, shown=8)}.")
    return likely
