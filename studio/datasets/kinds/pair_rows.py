"""The data file of pairs of pictures: a row holds two checked pictures and what is said of them together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.arrow import single
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Job
from studio.datasets.kinds.files import GROUP_BYTES, GROUP_ROWS, PATH
from studio.datasets.kinds.images import IMAGE, PictureWriter
from studio.datasets.splits import Labels

IMAGE_PAIRS = "image-pairs"
Pairs = NDArray[np.int64]
"""Places of checked pictures, (pairs, 2)."""
PATHS = ("first_path", "second_path")
"""Columns with the names of the files."""


class _Pool:
    """Checked pictures on disk, to be taken in any order.

    Args:
        path: The file in which a `PictureWriter` has put them.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        beside = path.with_suffix(".arrow")
        with pq.ParquetFile(path) as file, pa.OSFile(str(beside), "wb") as sink:
            schema = pa.schema([file.schema_arrow.field(IMAGE)])
            with pa.ipc.new_file(sink, schema) as out:
                for batch in file.iter_batches(columns=[IMAGE]):
                    out.write_batch(batch)
            self.paths: list[str] = file.read([PATH])[PATH].to_pylist()
        self._chunks = pa.ipc.open_file(pa.memory_map(str(beside))).read_all()[IMAGE].chunks
        self._ends = np.cumsum([len(chunk) for chunk in self._chunks])

    def __getitem__(self, place: int) -> bytes:
        number = int(np.searchsorted(self._ends, place, side="right"))
        chunk = self._chunks[number]
        content: bytes = chunk[place - int(self._ends[number]) + len(chunk)].as_py()
        return content


def write_pairs(job: Job, pictures: Path, pairs: Pairs, splits: Labels, names: tuple[str, str], columns: Mapping[str, Any]) -> None:
    """Writes the data file; pictures that come more than once in a row group are stored in it once.

    Args:
        pictures: The file of the checked pictures, which is removed.
        splits: Of the pairs.
        names: Of the features that hold the pictures.
        columns: What is said of the pairs, as Arrow arrays.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    pool = _Pool(pictures)
    further = {name: single(values) for name, values in columns.items()}
    texts = [(name, pa.string()) for name in PATHS]
    files = [(name, pa.binary()) for name in names]
    schema = pa.schema([(ROW, pa.int64()), (SPLIT, pa.string()), *((name, values.type) for name, values in further.items()), *texts, *files])
    compression = {field.name: "none" if field.name in names else "zstd" for field in schema}
    settings = {"use_dictionary": [SPLIT, *PATHS, *names], "dictionary_pagesize_limit": 4 * GROUP_BYTES, "write_statistics": False}
    with pq.ParquetWriter(job.folder / DATA_FILE, schema, compression=compression, **settings) as writer:
        done = 0
        while done < len(pairs):
            sides: tuple[list[bytes], list[bytes]] = ([], [])
            size = 0
            while done + len(sides[0]) < len(pairs) and size < GROUP_BYTES and len(sides[0]) < GROUP_ROWS:
                for side, place in zip(sides, pairs[done + len(sides[0])].tolist(), strict=True):
                    side.append(pool[place])
                    size += len(side[-1])
            rows = np.arange(done, done + len(sides[0]))
            parts = [values.slice(done, len(rows)) for values in further.values()]
            paths = [pa.array([pool.paths[place] for place in pairs[rows, side]], pa.string()) for side in (0, 1)]
            arrays = [pa.array(rows), pa.array(splits[rows].tolist(), pa.string()), *parts, *paths, *(pa.array(side, pa.binary()) for side in sides)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=len(rows))
            done += len(rows)
            job.progress(0.9 + 0.1 * done / len(pairs), "Writing the dataset")
    pictures.unlink()


def picture_inputs(writer: PictureWriter, job: Job, pairs: Pairs, splits: Labels, names: tuple[str, str]) -> list[Feature]:
    """Both inputs, alike in shape, so that one encoder takes either; with figures of all pictures of the training pairs."""
    seen = np.zeros(len(writer.labels), dtype=np.bool_)
    seen[pairs[splits == "train"].ravel()] = True
    feature = writer.input(job, seen)
    return [feature.model_copy(update={"name": name}) for name in names]
