"""Arrays of an .npz file, block by block, and never a pickled object."""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from studio.datasets.errors import DatasetError
from studio.datasets.limits import Limits

_BLOCK_BYTES = 16_000_000
_NO_ARRAY = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError,
    SyntaxError, TypeError, MemoryError, tokenize.TokenError,  # NumPy parses the header as Python's literals
)  # fmt: skip


@dataclass(frozen=True)
class ArrayHeader:
    """What an array's header says, before any of its values is read."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    entry: zipfile.ZipInfo

    @property
    def row_bytes(self) -> int:
        return math.prod(self.shape[1:]) * self.dtype.itemsize


class Npz:
    """An .npz file. Only headers are read at first; `rows` streams the values. Arrays that can't be used (pickled objects are
    never loaded) are in `unusable`, with the reason as the end of a sentence.

    Raises:
        DatasetError: It is no .npz file, is damaged, or unpacks to far more than its size.
    """

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DatasetError(f"{name} is not an .npz file, or its end is missing; save it again with numpy.savez.") from error
        try:
            total = sum(entry.file_size for entry in self._zip.infolist())
            packed = max(path.stat().st_size, 1)
            if total > limits.total_bytes or (total > limits.ratio_bytes and total / packed > limits.ratio):
                raise DatasetError(f"{name} would unpack to {total:,} bytes, {total / packed:,.0f} times its size; that is not allowed (limits).")
            self.headers: dict[str, ArrayHeader] = {}
            self.unusable: dict[str, str] = {}
            for entry in self._zip.infolist():
                header = self._header(entry)
                if isinstance(header, ArrayHeader):
                    self.headers[header.name] = header
                else:
                    self.unusable[entry.filename.removesuffix(".npy")] = header
        except BaseException:
            self._zip.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def rows(self, name: str) -> Iterator[np.ndarray]:
        """The values of an array in blocks of rows.

        Raises:
            DatasetError: The array is damaged or cut off.
        """
        header = self.headers[name]
        try:
            if header.fortran and len(header.shape) > 1:
                with self._zip.open(header.entry) as stream:
                    yield np.lib.format.read_array(stream, allow_pickle=False)
                return
            per_block = max(1, _BLOCK_BYTES // max(header.row_bytes, 1))
            with self._zip.open(header.entry) as stream:
                _read_header(stream)
                for start in range(0, header.shape[0], per_block):
                    count = min(per_block, header.shape[0] - start)
                    content = stream.read(count * header.row_bytes)
                    if len(content) < count * header.row_bytes:
                        raise EOFError
                    yield np.frombuffer(content, header.dtype).reshape((count, *header.shape[1:]))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise DatasetError(f"{self.name}: the array {name!r} is damaged or cut off; save the file again.") from error

    def whole(self, name: str) -> np.ndarray:
        """All values of an array."""
        return np.concatenate(list(self.rows(name))) if self.headers[name].shape[0] else np.empty(self.headers[name].shape)

    def _header(self, entry: zipfile.ZipInfo) -> ArrayHeader | str:
        """What an entry of the archive says about itself, or why it can't be read, as the end of a sentence."""
        name = entry.filename.removesuffix(".npy")
        try:
            with self._zip.open(entry) as stream:
                shape, fortran, dtype = _read_header(stream)
        except _NO_ARRAY:
            return "is not a plain NumPy array; save it again with numpy.savez"
        if dtype.hasobject:
            return "holds pickled Python objects, which are never loaded; save it as numbers or fixed-length text"
        if dtype.fields is not None or dtype.kind not in "biufUS":
            return f"is of type {dtype}; whole numbers, floats, booleans or texts are expected"
        if not shape:
            return "is a single value; an array with one entry per sample is expected"
        if min(shape) < 0 or dtype.itemsize == 0 or math.prod(shape) * dtype.itemsize > entry.file_size:
            return f"claims the shape {shape}, but is damaged or cut off; save it again with numpy.savez"
        if math.prod(shape[1:]) == 0:
            return f"has the shape {shape}, which holds no values"
        return ArrayHeader(name, shape, dtype, fortran, entry)


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return read(stream)
