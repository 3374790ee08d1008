"""From what a person hands over (files, folders, sentences, rows, bytes) to what a network takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.datasets.arrow import strings
from studio.datasets.errors import DatasetError
from studio.datasets.limits import Limits
from studio.datasets.readers.encodings import detect
from studio.datasets.readers.npz import Npz
from studio.datasets.readers.pictures import SUFFIXES as PICTURES
from studio.datasets.readers.pictures import PictureError, quiet, read_picture
from studio.datasets.readers.source import ARCHIVES, Source, UnreadableError, open_source
from studio.datasets.report import Report
from studio.evaluation.opened import EvaluationError
from studio.evaluation.raw import Port
from studio.evaluation.tables import SUFFIXES as TABLES
from studio.evaluation.tables import RawColumns, read_file, read_rows

TEXT_FILES = {".txt", ".md", ".text"}
ARRAY_FILES = {".npy", ".npz"}
_INPUT_NAMES = ("x", "x_test", "images", "data", "inputs", "input", "features", "arr_0")


@dataclass
class Batch:
    """Samples to predict: a name for each, and their values by signature name.

    Args:
        warnings: What was left out or passed over, in sentences.
    """

    names: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.names)


def of_files(paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:
    """One batch per file that holds many samples, one for all files that hold one each.

    Raises:
        StudioError: A path does not exist, or nothing in it fits the network.
    """
    for path in paths:
        if not path.exists():
            raise EvaluationError(f"There is no file or folder {str(path)!r}.")
    if port.kind == "image":
        return [of_pictures(_pictures(paths), port)]
    if port.kind == "columns":
        return [of_table(path, port, features) for path in paths]
    if port.kind == "text":
        texts = [path for path in paths if path.is_dir() or path.suffix.casefold() in TEXT_FILES]
        tables = [path for path in paths if path not in texts]
        return [*([_of_text_files(texts, port)] if texts else []), *(of_table(path, port, features) for path in tables)]
    return [_of_array_file(path, port) for path in paths]


def of_texts(texts: Sequence[str], port: Port, names: Sequence[str] | None = None) -> Batch:
    """Sentences.

    Raises:
        EvaluationError: The network takes no text.
    """
    if port.kind != "text":
        raise EvaluationError(f"The network takes {_noun(port)}, not texts.")
    return Batch(list(names or texts), {_name(port): np.array([str(text) for text in texts], dtype=object)})


def of_pictures(contents: Iterator[tuple[str, bytes | str]] | Sequence[tuple[str, bytes | str]], port: Port) -> Batch:
    """Encoded pictures with their names; a text in the place of bytes says why there are none. Read as the import reads them.

    Raises:
        EvaluationError: The network takes no pictures, or none of these is one.
    """
    if port.kind != "image":
        raise EvaluationError(f"The network takes {_noun(port)}, not pictures.")
    report, kept, names = Report(), [], []
    limits = Limits()
    with quiet():
        for name, content in contents:
            try:
                if isinstance(content, str):
                    raise PictureError(content)
                kept.append(read_picture(content, limits.picture_pixels, look_for_colour=False).data)
                names.append(name)
            except PictureError as error:
                report.leave_out("picture", str(error), name)
    warnings = report.warnings()
    if not kept:
        raise EvaluationError(warnings[0] if warnings else "There is no PNG, JPEG, GIF, BMP or WebP picture.")
    return Batch(names, {_name(port): np.array(kept, dtype=object)}, warnings)


def of_table(path: Path, port: Port, features: Sequence[Feature]) -> Batch:
    """Every row of a table file.

    Raises:
        StudioError: It is no table, or has none of the columns.
    """
    if not path.is_file() or path.suffix.casefold() not in TABLES:
        raise EvaluationError(f"{path.name}: the network takes {_noun(port)}; expected a CSV, TSV, Excel or Parquet file.")
    return of_columns(read_file(path, features), port, features, path.name)


def of_records(rows: Sequence[Mapping[str, Any]], port: Port, features: Sequence[Feature]) -> Batch:
    """Rows given as dictionaries: numbers or texts, None or "" for a gap."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: strings([_cell(row.get(name)) for row in rows]) for name in names}
    return of_columns(RawColumns(columns, len(rows)), port, features, "row")


def of_columns(found: RawColumns, port: Port, features: Sequence[Feature], name: str) -> Batch:
    """Rows of a table that has been read."""
    rows = read_rows(found, features, list(port.names))
    if rows.count == 0:
        raise EvaluationError(f"{name}: the table has no rows.")
    warnings = [f"{name}: {note}" if name != "row" else note for note in rows.notes]
    return Batch(
        [f"{name}:{number}" for number in range(1, rows.count + 1)], {port.names[column]: values for column, values in rows.columns.items()}, warnings
    )


def of_array(values: np.ndarray, port: Port, name: str = "sample") -> Batch:
    """An array of samples, or one sample without the first axis.

    Raises:
        EvaluationError: The shape does not fit, or a value is no finite number.
    """
    if port.kind not in ("array", "number"):
        raise EvaluationError(f"The network takes {_noun(port)}, not arrays.")
    read = np.asarray(values)
    if read.dtype.kind not in "biuf":
        raise EvaluationError(f"{name}: numbers are expected, not {read.dtype}.")
    if read.ndim == len(port.shape) and _fits(read.shape, port.shape):
        read = read[None]
    if read.ndim == len(port.shape) and port.shape == (1,):
        read = read[:, None]
    if read.ndim != len(port.shape) + 1 or not _fits(read.shape[1:], port.shape):
        wanted = ", ".join(["samples", *(str(size or "any") for size in port.shape)])
        raise EvaluationError(f"{name}: invalid shape. Expected: ({wanted}). Received: {read.shape}.")
    read = read.astype(np.float32)
    if not np.isfinite(read).all():
        raise EvaluationError(f"{name}: some values are missing or not finite.")
    return Batch([f"{name}:{number}" for number in range(1, len(read) + 1)], {_name(port): read})


def _pictures(paths: Sequence[Path]) -> Iterator[tuple[str, bytes | str]]:
    limits, report = Limits(), Report()
    for path in paths:
        if path.is_file() and path.suffix.casefold() not in ARCHIVES:
            yield str(path), path.read_bytes()
            continue
        source = open_source(path, limits, report)
        try:
            for file in source.files:
                if file.suffix in PICTURES:
                    yield str(path / file.path), content_of(source, file)
        finally:
            source.close()


def content_of(source: Source, file: Any) -> bytes | str:
    """The bytes of a file, or why there are none."""
    try:
        return source.read(file)
    except UnreadableError as error:
        return str(error)


def _of_text_files(paths: Sequence[Path], port: Port) -> Batch:
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path]) if file.suffix.casefold() in TEXT_FILES]
    if not files:
        raise EvaluationError(f"There is no text file (.txt) in {paths[0]}.")
    return of_texts([_text(file) for file in files], port, [str(file) for file in files])


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        encoding = detect(stream).name
    return path.read_bytes().decode(encoding, errors="replace").lstrip("\ufeff").strip()


def _of_array_file(path: Path, port: Port) -> Batch:
    if path.suffix.casefold() not in ARRAY_FILES or not path.is_file():
        raise EvaluationError(f"{path.name}: the network takes {_noun(port)}; expected an .npy or .npz file.")
    if path.suffix.casefold() == ".npy":
        try:
            return of_array(np.load(path, mmap_mode="r", allow_pickle=False), port, path.name)
        except (ValueError, OSError, EOFError) as error:
            raise EvaluationError(f"{path.name} is not an .npy file of numbers, or is damaged.") from error
    npz = Npz(path, path.name, Limits())
    try:
        named = {name.casefold(): name for name in npz.headers}
        chosen = next((named[name] for name in _INPUT_NAMES if name in named), None) or (next(iter(npz.headers)) if len(npz.headers) == 1 else None)
        if chosen is None:
            raise EvaluationError(f"{path.name} has the arrays {', '.join(npz.headers)}; expected one named x.")
        return of_array(npz.whole(chosen), port, path.name)
    except DatasetError as error:
        raise EvaluationError(str(error)) from error
    finally:
        npz.close()


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(size in (None, given) for size, given in zip(wanted, shape, strict=True))


def _cell(value: Any) -> str | None:
    return None if value is None or value == "" or (isinstance(value, float) and np.isnan(value)) else str(value)


def _name(port: Port) -> str:
    return next(iter(port.names.values()))


def _noun(port: Port) -> str:
    return {"image": "pictures", "text": "texts", "columns": "the rows of a table"}.get(port.kind, "arrays of numbers")
