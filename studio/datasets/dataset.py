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
from studio.datasets import values
from studio.datasets.arrow import codes
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import DATA_FILE, SPLIT
from studio.datasets.manifest import SPLITS, Manifest
from studio.datasets.values.columns import of_column
from studio.datasets.values.files import Files

if TYPE_CHECKING:
    import pandas as pd

FILE_KINDS = Files.kinds
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
        self._at_hand: tuple[str | None, dict[str, NDArray[Any]]] | None = None

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
        return np.array(SPLITS, dtype="U10")[codes(self.stored([SPLIT])[SPLIT], SPLITS)]

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
        frame: pd.DataFrame = self.stored(wanted, chosen).to_pandas()
        if SPLIT in frame.columns and self._other_splits is not None:
            frame[SPLIT] = self._other_splits[chosen]
        return frame

    def input(self, split: str | None = None) -> Any:
        """What the network reads: the values of the only input, or a dict of a table's columns."""
        inputs = self.manifest.inputs
        return self.columns(split) if all(feature.is_column for feature in inputs) else self.values(inputs[0].name, split)

    def targets(self, split: str | None = None) -> NDArray[Any]:
        """The values of the (first) target: class indices (int32) or numbers (float32), shape (samples,)."""
        found: NDArray[Any] = self.values(self.target.name, split)
        return found

    def values(self, name: str, split: str | None = None) -> Any:
        """The values of a feature, as its kind wants them.

        Returns:
            image, mask, sound: a list of encoded files (bytes). text, words, date, category as an input: texts, "" where missing.
            category as a target, identity: class indices (int32). labels: 1 for each class that a sample has (float32,
            (samples, classes)). number: float32 with NaN. array, series: float32.

        Raises:
            DatasetError: There is no such feature.
        """
        return values.read(self, self.feature(name), self.rows(split))

    def columns(self, split: str | None = None) -> dict[str, NDArray[Any]]:
        """The input columns of a table: numbers float32 with NaN, categories, dates and words as texts, "" where missing.

        They stay at hand until those of another split are asked for: what is measured on a split is mostly computed on it next.
        """
        if self._at_hand is not None and self._at_hand[0] == split:
            return dict(self._at_hand[1])
        self._at_hand = None  # frees its memory first
        features = [feature for feature in self.features if feature.role == "input" and feature.is_column]
        table = self.stored([feature.name for feature in features], self.rows(split))
        self._at_hand = split, {feature.name: of_column(table[feature.name], feature) for feature in features}
        return dict(self._at_hand[1])

    def texts(self, split: str | None = None) -> NDArray[np.object_]:
        """The texts, shape (samples,).

        Raises:
            DatasetError: The dataset has no text input.
        """
        found: NDArray[np.object_] = self.values(self._input_of_kind("text", "texts").name, split)
        return found

    def images(self, split: str | None = None) -> list[bytes]:
        """The encoded pictures (PNG or JPEG, upright, grey or RGB).

        Raises:
            DatasetError: The dataset has no pictures.
        """
        found: list[bytes] = self.values(self._input_of_kind("image", "pictures").name, split)
        return found

    def image(self, row: int) -> bytes:
        """One encoded picture."""
        name = self._input_of_kind("image", "pictures").name
        return bytes(self.table([name], rows=[row])[name].iloc[0])

    def arrays(self, split: str | None = None) -> NDArray[np.float32]:
        """The arrays, float32, shape (samples, ...); memory-mapped where the split is one piece, as it is in the stored split.

        Raises:
            DatasetError: The dataset has no arrays.
        """
        found: NDArray[np.float32] = self.values(self._input_of_kind("array", "arrays").name, split)
        return found

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

    def stored(self, names: list[str] | None, rows: NDArray[np.int64] | None = None) -> Any:
        """Columns of the data file as an Arrow table, in the order of the rows (ascending)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        few = rows is not None and 8 * len(rows) < len(self)
        files = any(feature.kind in FILE_KINDS and (names is None or feature.name in names) for feature in self.features)
        if few or files:
            batches = list(self.batches(names, rows))
            return pa.Table.from_batches(batches) if batches else self._schema(names).empty_table()
        with pq.ParquetFile(self.folder / DATA_FILE) as file:
            self._check(names, file.schema_arrow.names)
            table = file.read(self._columns(names))
        table = self._named(table, names)
        return table if rows is None or len(rows) == table.num_rows else table.take(pa.array(rows))

    def _columns(self, names: list[str] | None) -> list[str] | None:
        """Where values are stored: under their feature's name, or that of another one."""
        elsewhere = {feature.name: feature.column for feature in self.features if feature.column}
        return None if names is None else [elsewhere.get(name) or name for name in names]

    def _named(self, table: Any, names: list[str] | None) -> Any:
        """Columns under the names of what they were read for."""
        return table if names is None else table.select(self._columns(names)).rename_columns(names)

    def _check(self, names: list[str] | None, known: list[str]) -> None:
        missing = [name for name, column in zip(names or [], self._columns(names) or [], strict=True) if column not in known]
        if missing:
            raise DatasetError(f"Dataset {self.name!r} has no column {missing[0]!r}. It has: {', '.join(known)}.")

    def _schema(self, names: list[str] | None) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pq.read_schema(self.folder / DATA_FILE)
        if names is None:
            return schema
        return pa.schema([schema.field(column).with_name(name) for name, column in zip(names, self._columns(names) or [], strict=True)])

    def batches(self, names: list[str] | None, rows: NDArray[np.int64] | None = None) -> Iterator[Any]:
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
                table = self._named(file.read_row_group(group, columns=self._columns(names)), names)
                if inside is not None and len(inside) < sizes[group]:
                    table = table.take(pa.array(inside))
                yield from table.to_batches(max_chunksize=max(_READ_ROWS, math.ceil(table.num_rows)))
