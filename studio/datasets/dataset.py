"""Reading an imported dataset."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.arrow import codes, to_numpy
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import ARRAYS_FILE, DATA_FILE, SPLIT
from studio.datasets.manifest import SPLITS, Manifest

if TYPE_CHECKING:
    import pandas as pd

_READ_ROWS = 4_096


class Dataset:
    """An imported, checked, immutable set of samples.

    Every reader takes a split ("train", "validation", "test") or None for all samples, and keeps their order: ascending
    by `row`, the stable index of a sample.

    Args:
        folder: The dataset's folder in the workspace.
        splits: Per row another split than the stored one; see `with_splits`.
    """

    def __init__(self, folder: Path, splits: NDArray[np.str_] | None = None) -> None:
        self.folder = folder
        self.manifest = Manifest.read(folder)
        self._other_splits = splits

    def __repr__(self) -> str:
        return f"Dataset({self.manifest.name!r}, {self.manifest.kind}, {self.manifest.samples} samples)"

    def __len__(self) -> int:
        return self.manifest.samples

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def kind(self) -> str:
        return self.manifest.kind

    @property
    def features(self) -> list[Feature]:
        """What a network sees of the data."""
        return self.manifest.features

    @property
    def target(self) -> Feature:
        """The feature that a network is to predict."""
        return self.manifest.target

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes of the target, None for a number."""
        return self.manifest.classes

    def feature(self, name: str) -> Feature:
        """The feature of that name.

        Raises:
            DatasetError: There is none.
        """
        for feature in self.features:
            if feature.name == name:
                return feature
        raise DatasetError(f"Dataset {self.name!r} has no feature {name!r}. It has: {', '.join(feature.name for feature in self.features)}.")

    @cached_property
    def splits(self) -> NDArray[np.str_]:
        """The split of every row."""
        if self._other_splits is not None:
            return self._other_splits
        return np.array(SPLITS, dtype="U10")[codes(self._columns([SPLIT])[SPLIT], SPLITS)]

    def rows(self, split: str | None = None) -> NDArray[np.int64]:
        """The rows of a split.

        Raises:
            DatasetError: There is no such split.
        """
        if split is None:
            return np.arange(len(self), dtype=np.int64)
        if split not in SPLITS:
            raise DatasetError(f"There is no split {split!r}. Expected: {', '.join(SPLITS)}.")
        return np.flatnonzero(self.splits == split).astype(np.int64)

    def with_splits(self, splits: Sequence[str] | NDArray[np.str_]) -> Dataset:
        """The same data under another split (for cross-validation).

        Args:
            splits: Per row "train", "validation" or "test"; "" leaves the row out.

        Raises:
            DatasetError: There is not one split per row.
        """
        names = np.asarray(splits, dtype="U10")
        if names.shape != (len(self),):
            raise DatasetError(f"with_splits: {len(self)} splits are needed, one per row; received an array of shape {names.shape}.")
        return Dataset(self.folder, names)

    def table(
        self, columns: Sequence[str] | None = None, split: str | None = None, rows: Sequence[int] | NDArray[np.int64] | None = None
    ) -> pd.DataFrame:
        """Samples as stored: `row`, `split`, the target under its name, and `image` (bytes) and `path`, or a table's columns.

        Args:
            columns: The columns to read; all by default.
            rows: The rows to read, ascending, instead of a split.
        """
        chosen = self.rows(split) if rows is None else np.asarray(rows, dtype=np.int64)
        wanted = list(columns) if columns is not None else None
        frame: pd.DataFrame = self._columns(wanted, chosen).to_pandas()
        if SPLIT in frame.columns and self._other_splits is not None:
            frame[SPLIT] = self._other_splits[chosen]
        return frame

    def input(self, split: str | None = None) -> Any:
        """What the network reads: a list of encoded pictures, texts, an array, or a dict of columns, by the kind of data."""
        kinds = {feature.kind for feature in self.features if feature.role == "input"}
        if "image" in kinds:
            return self.images(split)
        if "text" in kinds:
            return self.texts(split)
        return self.arrays(split) if "array" in kinds else self.columns(split)

    def targets(self, split: str | None = None) -> NDArray[Any]:
        """The target: class indices (int32) or numbers (float32), shape (samples,)."""
        values = self._columns([self.target.name], self.rows(split))[self.target.name]
        if self.target.classes is None:
            return np.asarray(to_numpy(values), dtype=np.float32)
        return codes(values, self.target.classes).astype(np.int32)

    def columns(self, split: str | None = None) -> dict[str, NDArray[Any]]:
        """The input columns of a table: numbers float32 with NaN, categories and dates as texts, "" where missing."""
        features = [feature for feature in self.features if feature.role == "input" and feature.is_column]
        table = self._columns([feature.name for feature in features], self.rows(split))
        read: dict[str, NDArray[Any]] = {}
        for feature in features:
            values = table[feature.name]
            if feature.kind == "number":
                read[feature.name] = np.asarray(to_numpy(values), dtype=np.float32)
            else:
                read[feature.name] = _texts(values)
        return read

    def texts(self, split: str | None = None) -> NDArray[np.object_]:
        """The texts, shape (samples,).

        Raises:
            DatasetError: The dataset has no text input.
        """
        name = self._input_of_kind("text", "texts").name
        return _texts(self._columns([name], self.rows(split))[name])

    def images(self, split: str | None = None) -> list[bytes]:
        """The encoded pictures (PNG or JPEG, upright, grey or RGB). `stream_images` does not hold them all.

        Raises:
            DatasetError: The dataset has no pictures.
        """
        return list(self.stream_images(split))

    def stream_images(self, split: str | None = None) -> Iterator[bytes]:
        """The encoded pictures one after the other.

        Raises:
            DatasetError: The dataset has no pictures.
        """
        name = self._input_of_kind("image", "pictures").name
        for batch in self._batches([name], self.rows(split)):
            for value in batch.column(0):
                yield value.as_py()

    def image(self, row: int) -> bytes:
        """One encoded picture."""
        name = self._input_of_kind("image", "pictures").name
        return bytes(self.table([name], rows=[row])[name].iloc[0])

    def arrays(self, split: str | None = None) -> NDArray[np.float32]:
        """The arrays, float32, shape (samples, ...); memory-mapped where the split is one piece, as it is in the stored split.

        Raises:
            DatasetError: The dataset has no arrays.
        """
        self._input_of_kind("array", "arrays")
        values: NDArray[np.float32] = np.load(self.folder / ARRAYS_FILE, mmap_mode="r", allow_pickle=False)
        rows = self.rows(split)
        if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
            return values[rows[0] : rows[-1] + 1]
        return values[rows]

    def thumbnail(self, row: int, size: int = 96) -> bytes:
        """A PNG of the picture of a row, its longer side at most `size` pixels."""
        from studio.datasets.readers.pictures import thumbnail

        return thumbnail(self.image(row), size)

    def preview(self, n: int = 24) -> dict[str, Any]:
        """What a page shows of the data; see `studio.datasets.preview.preview`."""
        from studio.datasets.preview import preview

        return preview(self, n)

    def _input_of_kind(self, kind: str, noun: str) -> Feature:
        for feature in self.features:
            if feature.role == "input" and feature.kind == kind:
                return feature
        raise DatasetError(f"Dataset {self.name!r} ({self.kind}) has no {noun}.")

    def _columns(self, names: list[str] | None, rows: NDArray[np.int64] | None = None) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        few = rows is not None and 8 * len(rows) < len(self)
        pictures = any(feature.kind == "image" and (names is None or feature.name in names) for feature in self.features)
        if few or pictures:
            batches = list(self._batches(names, rows))
            return pa.Table.from_batches(batches) if batches else self._schema(names).empty_table()
        with pq.ParquetFile(self.folder / DATA_FILE) as file:
            self._check(names, file.schema_arrow.names)
            table = file.read(names)
        table = table if names is None else table.select(names)
        return table if rows is None or len(rows) == table.num_rows else table.take(pa.array(rows))

    def _check(self, names: list[str] | None, known: list[str]) -> None:
        missing = [name for name in names or [] if name not in known]
        if missing:
            raise DatasetError(f"Dataset {self.name!r} has no column {missing[0]!r}. It has: {', '.join(known)}.")

    def _schema(self, names: list[str] | None) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pq.read_schema(self.folder / DATA_FILE)
        return schema if names is None else pa.schema([schema.field(name) for name in names])

    def _batches(self, names: list[str] | None, rows: NDArray[np.int64] | None = None) -> Iterator[Any]:
        """Record batches of the rows (ascending); row groups that hold none of them are not read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.folder / DATA_FILE) as file:
            self._check(names, file.schema_arrow.names)
            sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
            ends = np.cumsum(sizes)
            for group, end in enumerate(ends):
                start = end - sizes[group]
                inside = None if rows is None else rows[np.searchsorted(rows, start) : np.searchsorted(rows, end)] - start
                if inside is not None and len(inside) == 0:
                    continue
                table = file.read_row_group(group, columns=names)
                if names is not None:
                    table = table.select(names)
                if inside is not None and len(inside) < sizes[group]:
                    table = table.take(pa.array(inside))
                yield from table.to_batches(max_chunksize=max(_READ_ROWS, math.ceil(table.num_rows)))


def _texts(values: Any) -> NDArray[np.object_]:
    import pyarrow.compute as pc

    return np.asarray(to_numpy(pc.fill_null(values.cast("string"), "")), dtype=object)
