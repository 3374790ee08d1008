"""Pictures alone, in any folders: super-resolution (and taking noise away), and autoencoding."""

from __future__ import annotations

import hashlib
import io
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from blocks.features import Feature
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.files import GROUP_BYTES, GROUP_ROWS, ahead
from studio.datasets.kinds.folders import Sample
from studio.datasets.kinds.images import PICTURES, read_pictures
from studio.datasets.options import ImportOptions
from studio.datasets.readers.pictures import FORMATS, SUFFIXES, Picture, encode_png
from studio.datasets.readers.source import File, Source
from studio.datasets.report import counted
from studio.datasets.splits import Labels, complete, counts, split_name

IMAGE, PICTURE, PATH, HEIGHT, WIDTH = "image", "picture", "path", "height", "width"
SMALLEST_SIDE = 16
"""Pixels of the smaller side of an input; smaller pictures show nothing to learn from."""


@dataclass(frozen=True)
class _Pair:
    """What is stored of a picture.

    Args:
        files: Encoded pictures by column.
        height: Of the input.
        width: Of the input.
        reason: Why it is left out; "" if it is kept.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    height: int = 0
    width: int = 0
    reason: str = ""


class _PicturesAlone(Importer):
    """Base of the importers that make both input and target of a picture."""

    @classmethod
    def share(cls, source: Source) -> float:
        return sum(file.suffix in SUFFIXES for file in source.files) / max(len(source.files), 1)

    @abstractmethod
    def made(self, picture: Picture, checksum: bytes, options: ImportOptions) -> _Pair:
        """What is stored of a picture. It runs in several threads."""

    @abstractmethod
    def features(self, image: dict[str, Any], channels: int, options: ImportOptions) -> list[Feature]:
        """Input and target.

        Args:
            image: Figures of the inputs' sizes in the training split.
        """

    def run(self, job: Job) -> Draft:
        chosen = PICTURES.choose(job.source, job.report)
        if job.target not in (None, PICTURE):
            job.report.note(f"The target {job.target!r} was passed over: the target is the picture itself.")
        samples = [Sample(file, "", split) for file, split in zip(chosen, _splits(chosen), strict=True)]
        columns = [PICTURE, IMAGE] if isinstance(self, SuperResolution) else [IMAGE]
        writer = _Writer(job.scratch / "pictures.parquet", columns)
        seen: set[bytes] = set()
        changed = Counter[str]()
        content = hashlib.sha256()
        with writer:
            for sample, picture, checksum, pair in self._pairs(job, samples):
                if pair.reason or picture is None:
                    job.report.leave_out("picture", pair.reason, sample.file.path)
                elif checksum in seen:
                    job.report.leave_out("picture", "a copy of another one", sample.file.path)
                else:
                    seen.add(checksum)
                    changed += Counter({"transparent": picture.transparent, "frames": picture.frames, "deep": picture.deep})
                    content.update(f"{sample.split or ''}".encode() + b"\0" + checksum)
                    writer.add(sample, pair, picture)
        for change, words in (
            ("transparent", "with transparent parts: shown over white"),
            ("frames", "with several frames (an animation): the first was taken"),
            ("deep", "with more than 8 bits per value: reduced to 8"),
        ):
            if changed[change]:
                job.report.note(f"{counted(changed[change], 'picture')} {words}.")
        given = writer.given if any(writer.given) else None
        splits, origin = complete(given, np.zeros(len(writer.given), np.int64), job.report, job.options.seed)
        writer.rewrite(job.folder / DATA_FILE, splits)
        train = splits == "train"
        sizes = {
            f"{name}_{side}": int(figure(np.array(values)[train]))
            for side, values in (("height", writer.heights), ("width", writer.widths))
            for name, figure in (("median", np.median), ("minimum", np.min), ("maximum", np.max))
        }
        return Draft(
            kind=self.kinds[0],
            features=self.features(sizes, 1 if writer.grey else 3, job.options),
            samples=len(splits),
            splits=counts(splits),
            split_origin=origin,
            content=content.hexdigest(),
            target=PICTURE,
        )

    def _pairs(self, job: Job, samples: list[Sample]) -> Iterator[tuple[Sample, Picture | None, bytes, _Pair]]:
        def made(read: tuple[Sample, Picture | str, bytes]) -> tuple[Sample, Picture | None, bytes, _Pair]:
            sample, picture, checksum = read
            if isinstance(picture, str):
                return sample, None, checksum, _Pair(reason=picture)
            return sample, picture, checksum, self.made(picture, checksum, job.options)

        yield from ahead(read_pictures(job, samples), made)


class SuperResolution(_PicturesAlone):
    """Pictures that are to be enlarged, or freed of noise; the small or noisy ones are made of them."""

    kinds: ClassVar[tuple[str, ...]] = ("super-resolution",)
    asked_for: ClassVar[tuple[str, ...]] = kinds

    def made(self, picture: Picture, checksum: bytes, options: ImportOptions) -> _Pair:
        scale = options.factor
        height, width = (size - size % scale for size in (picture.height, picture.width))
        if min(height, width) < SMALLEST_SIDE * scale:
            return _Pair(reason=f"smaller than {SMALLEST_SIDE * scale} pixels")
        with Image.open(io.BytesIO(picture.data), formats=FORMATS) as opened:
            whole: Image.Image = opened.crop((0, 0, width, height))
        kept = picture.data if (height, width) == (picture.height, picture.width) else _png(whole)
        if options.degradation == "noise":
            pixels = noisy(np.asarray(whole), options.noise, seed_of(checksum, options.seed))
            return _Pair({PICTURE: kept, IMAGE: encode_png(pixels)}, height, width)
        small = whole.resize((width // scale, height // scale), Image.Resampling.BICUBIC)
        return _Pair({PICTURE: kept, IMAGE: _png(small)}, height // scale, width // scale)

    def features(self, image: dict[str, Any], channels: int, options: ImportOptions) -> list[Feature]:
        made = {"scale": options.factor, "noise": options.noise if options.degradation == "noise" else 0.0}
        large = {name: size * options.factor for name, size in image.items()}
        shape = (None, None, channels)  # also where all are of one size: the network is to take any
        return [
            Feature(name=IMAGE, role="input", kind="image", shape=shape, dtype="uint8", statistics={**image, **made}),
            Feature(name=PICTURE, role="target", kind="image", shape=shape, dtype="uint8", statistics={**large, **made}),
        ]


class Autoencoding(_PicturesAlone):
    """Pictures that are to come out of a network as they went in."""

    kinds: ClassVar[tuple[str, ...]] = ("autoencoding",)
    asked_for: ClassVar[tuple[str, ...]] = kinds

    def made(self, picture: Picture, checksum: bytes, options: ImportOptions) -> _Pair:  # noqa: ARG002
        return _Pair({IMAGE: picture.data}, picture.height, picture.width)

    def features(self, image: dict[str, Any], channels: int, options: ImportOptions) -> list[Feature]:  # noqa: ARG002
        sides = [image["minimum_" + side] if image["minimum_" + side] == image["maximum_" + side] else None for side in ("height", "width")]
        shape = (*sides, channels)
        return [
            Feature(name=IMAGE, role="input", kind="image", shape=shape, dtype="uint8", statistics=image),
            Feature(name=PICTURE, role="target", kind="image", shape=shape, dtype="uint8", statistics=image, column=IMAGE),
        ]


def noisy(pixels: np.ndarray, deviation: float, seed: list[int]) -> np.ndarray:
    """Pixels with normally distributed noise, the same for the same seed.

    Args:
        deviation: Its standard deviation, in levels from 0 to 255.
    """
    noise = np.random.default_rng(seed).normal(0.0, deviation, pixels.shape)
    return np.clip(np.round(pixels + noise), 0, 255).astype(np.uint8)


def seed_of(checksum: bytes, seed: int) -> list[int]:
    """Where the noise of a picture begins: it follows from the picture, not from its place among others."""
    return [seed, int.from_bytes(checksum[:8], "little")]


def _png(picture: Image.Image) -> bytes:
    return encode_png(np.asarray(picture))


def _splits(files: list[File]) -> list[str | None]:
    """The split that a folder of each file names, if one of them names the training split."""
    found = [next((split for part in file.parts[:-1] if (split := split_name(part))), None) for file in files]
    return found if "train" in found else [None] * len(files)


class _Writer:
    """Writes pairs as they come, and at the end once more with their split, one row group in memory at a time."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self.path = path
        self.columns = columns
        self.given: list[str | None] = []
        self.heights: list[int] = []
        self.widths: list[int] = []
        self.grey = True
        self._rows: list[tuple[Any, ...]] = []
        self._size = 0

    def __enter__(self) -> _Writer:
        import pyarrow as pa
        import pyarrow.parquet as pq

        files = [(name, pa.binary()) for name in self.columns]
        self._schema = pa.schema([(PATH, pa.string()), (HEIGHT, pa.int32()), (WIDTH, pa.int32()), *files])
        self._writer = pq.ParquetWriter(self.path, self._schema, compression="none", write_statistics=False, use_dictionary=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, sample: Sample, pair: _Pair, picture: Picture) -> None:
        """Appends a pair."""
        self.given.append(sample.split)
        self.heights.append(pair.height)
        self.widths.append(pair.width)
        self.grey = self.grey and picture.grey is True
        self._rows.append((sample.file.path, pair.height, pair.width, *(pair.files[name] for name in self.columns)))
        self._size += sum(map(len, pair.files.values()))
        if self._size >= GROUP_BYTES or len(self._rows) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            columns = [pa.array(values, column.type) for values, column in zip(zip(*self._rows, strict=True), self._schema, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema), row_group_size=len(self._rows))
        self._rows, self._size = [], 0

    def rewrite(self, path: Path, splits: Labels) -> None:
        """Writes the data file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(ROW, pa.int64()), (SPLIT, pa.string()), *self._schema])
        done = 0
        with (
            pq.ParquetFile(self.path) as raw,
            pq.ParquetWriter(path, schema, compression="none", use_dictionary=[SPLIT], write_statistics=False) as writer,
        ):
            for group in range(raw.num_row_groups):
                table = raw.read_row_group(group)
                rows = np.arange(done, done + table.num_rows)
                columns = [pa.array(rows), pa.array(splits[rows].tolist(), pa.string()), *table.columns]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=table.num_rows)
                done += table.num_rows
        self.path.unlink()
