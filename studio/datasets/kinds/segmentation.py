"""Pictures with masks: segmentation."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.errors import DatasetError
from studio.datasets.kinds import mask_classes
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Importer, Job
from studio.datasets.kinds.files import GROUP_BYTES, GROUP_ROWS, ahead
from studio.datasets.kinds.mask_classes import Seen, Table
from studio.datasets.kinds.mask_names import Names, is_names, read_names
from studio.datasets.kinds.pairs import Found, Pair, find_pairs, has_both_folders
from studio.datasets.readers.masks import read_mask
from studio.datasets.readers.pictures import OTHER_SUFFIXES, SUFFIXES, Picture, PictureError, encode_png, quiet, read_picture
from studio.datasets.readers.source import ARCHIVES, File, Source, UnreadableError
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import Labels, Origin, bins, complete, counts, together

IMAGE, MASK, PATH, HEIGHT, WIDTH = "image", "mask", "path", "height", "width"
_LOOKED_AT = 4
"""Masks that are looked at to tell them from pictures."""
_MOST_COMMON = 8
_BATCH_BYTES = 4_000_000
_BATCH_PAIRS = 50


class PicturesWithMasks(Importer):
    """Pairs of a picture and a mask that gives a class to each pixel."""

    kinds: ClassVar[tuple[str, ...]] = ("segmentation",)
    rank: ClassVar[int] = 1

    @classmethod
    def share(cls, source: Source) -> float:
        files = [file for file in source.files if file.suffix in SUFFIXES]
        found = find_pairs(files)
        if not found.masks or not (has_both_folders(files) or (2 * len(found.pairs) >= found.masks and _look_like_masks(source, found.pairs))):
            return 0.0
        return (len(files) + sum(map(is_names, source.files))) / len(source.files)

    def run(self, job: Job) -> Draft:
        if job.target not in (None, MASK):
            job.report.note(f"The target {job.target!r} was passed over: the masks are the target.")
        names = read_names(job.source)
        found = find_pairs(_usable(job.source, names, job.report))
        _note_alone(found, job.report)
        if not found.pairs:
            raise DatasetError(_no_pairs(found))
        with _Writer(job.scratch / "pairs.parquet") as writer:
            for pair, checked in _checked(job, found.pairs):
                if isinstance(checked, str):
                    job.report.leave_out("pair", checked, pair.picture.path)
                else:
                    writer.add(pair, checked)
        if not writer.seen:
            raise DatasetError(f"No picture with a usable mask is left. {' '.join(job.report.warnings())}"[:1000])
        return writer.finish(job, mask_classes.find(writer.seen, names, job.report), names)


@dataclass(frozen=True)
class _Checked:
    """A pair that fits together."""

    picture: Picture
    seen: Seen
    mask: bytes
    checksums: tuple[bytes, bytes]


def _look_like_masks(source: Source, pairs: Sequence[Pair]) -> bool:
    """Whether masks have few values, as photographs have not."""
    for pair in pairs[:: max(1, len(pairs) // _LOOKED_AT)][:_LOOKED_AT]:
        try:
            with quiet():
                mask = read_mask(source.read(pair.mask), source.limits.picture_pixels)
        except (PictureError, UnreadableError):
            continue
        _, amounts = mask.counted
        if np.sort(amounts)[-_MOST_COMMON:].sum() < 0.5 * amounts.sum():
            return False
    return True


def _usable(source: Source, names: Names, report: Report) -> list[File]:
    kept: list[File] = []
    for file in source.files:
        if file.suffix in SUFFIXES:
            if file.size > source.limits.file_bytes:
                report.leave_out("picture", f"more than {source.limits.file_bytes:,} bytes", file.path)
            else:
                kept.append(file)
        elif file.suffix in ARCHIVES:
            report.leave_out("archive", "archives inside an archive are not unpacked", file.path)
        elif file.suffix in OTHER_SUFFIXES:
            report.leave_out("picture", f"{file.suffix[1:].upper()} is not read; save as PNG or JPEG", file.path)
        elif file.path != names.file:
            report.leave_out("file", "not a picture", file.path)
    return kept


def _note_alone(found: Found, report: Report) -> None:
    for files, noun, reason in (
        (found.without_mask, "picture", "without a mask of the same name"),
        (found.without_picture, "mask", "without a picture of the same name"),
        (found.twice, "mask", "the picture has another one"),
    ):
        for file in files:
            report.leave_out(noun, reason, file.path)


def _no_pairs(found: Found) -> str:
    pictures, masks = ([file.path for file in files] for files in (found.without_mask, found.without_picture))
    if not masks:
        return (
            "There are no masks. Expected: pictures in a folder images and masks of the same names in a folder masks, "
            "or masks beside the pictures with names that end in _mask."
        )
    return (
        f"No mask has the name of a picture (pictures: {listed(pictures, shown=2)}; masks: {listed(masks, shown=2)}). "
        "Expected: the same names, such as images/1.jpg and masks/1.png."
    )


def _checked(job: Job, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, _Checked | str]]:
    """Every pair as it was read, or the reason why it can't be used, in order."""
    large = Lock()
    limit = job.options.limits.picture_pixels

    def check(batch: list[tuple[Pair, bytes, bytes] | tuple[Pair, str, None]]) -> list[tuple[Pair, _Checked | str]]:
        return [(pair, str(picture) if isinstance(picture, str) else _fitting(picture, mask or b"", limit, large)) for pair, picture, mask in batch]

    done = 0
    with quiet():
        for batch in ahead(_read(job.source, pairs), check):
            yield from batch
            done += len(batch)
            job.progress(0.8 * done / len(pairs), f"{done:,} of {counted(len(pairs), 'picture')} checked")


def _read(source: Source, pairs: Sequence[Pair]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for pair in pairs:
        try:
            picture, mask = source.read(pair.picture), source.read(pair.mask)
            batch.append((pair, picture, mask))
            size += len(picture) + len(mask)
        except UnreadableError as error:
            batch.append((pair, str(error), None))
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_PAIRS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fitting(picture: bytes, mask: bytes, limit: int, large: Any) -> _Checked | str:
    try:
        seen = read_picture(picture, limit, one_at_a_time=large)
    except PictureError as error:
        return f"the picture: {error}"
    try:
        labelled = read_mask(mask, limit, large)
    except PictureError as error:
        return f"the mask: {error}"
    if labelled.pixels.shape != (seen.height, seen.width):
        return "the mask is of another size than the picture"
    return _Checked(seen, Seen.of(labelled), mask, (hashlib.sha256(picture).digest(), hashlib.sha256(mask).digest()))


@dataclass
class _Writer:
    """Writes pairs as they come, and at the end once more with their split and the masks as class indices."""

    path: Path
    seen: list[Seen] = field(default_factory=list)
    given: list[str | None] = field(default_factory=list)
    heights: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    checksums: list[tuple[bytes, bytes]] = field(default_factory=list)
    grey: bool = True

    def __enter__(self) -> _Writer:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._changed = Counter[str]()
        self._rows: list[tuple[Any, ...]] = []
        self._size = 0
        self._schema = pa.schema([(PATH, pa.string()), (HEIGHT, pa.int32()), (WIDTH, pa.int32()), (IMAGE, pa.binary()), (MASK, pa.binary())])
        self._writer = pq.ParquetWriter(self.path, self._schema, compression="none", use_dictionary=False, write_statistics=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, pair: Pair, checked: _Checked) -> None:
        """Appends a pair."""
        picture = checked.picture
        self.seen.append(checked.seen)
        self.given.append(pair.split)
        self.heights.append(picture.height)
        self.widths.append(picture.width)
        self.checksums.append(checked.checksums)
        self.grey = self.grey and picture.grey is True
        self._changed += Counter({"transparent": picture.transparent, "frames": picture.frames, "deep": picture.deep})
        self._rows.append((pair.picture.path, picture.height, picture.width, picture.data, checked.mask))
        self._size += len(picture.data) + len(checked.mask)
        if self._size >= GROUP_BYTES or len(self._rows) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            columns = [pa.array(values, column.type) for values, column in zip(zip(*self._rows, strict=True), self._schema, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema), row_group_size=len(self._rows))
        self._rows, self._size = [], 0

    def finish(self, job: Job, table: Table, names: Names) -> Draft:
        """Splits the samples, writes the data file, and describes it."""
        for change, words in (
            ("transparent", "with transparent parts: shown over white"),
            ("frames", "with several frames (an animation): the first was taken"),
            ("deep", "with more than 8 bits per value: reduced to 8"),
        ):
            if self._changed[change]:
                job.report.note(f"{counted(self._changed[change], 'picture')} {words}.")
        pixels = np.stack([table.counts(seen) for seen in self.seen])
        splits, origin = self._split(strata(pixels), job)
        self._rewrite(job, table, splits)
        content = hashlib.sha256("\n".join(table.names).encode())
        for given, (picture, mask) in zip(self.given, self.checksums, strict=True):
            content.update(f"{given or ''}".encode() + b"\0" + picture + mask)
        return Draft(
            kind=PicturesWithMasks.kinds[0],
            features=self._features(table, pixels, splits, job.report),
            samples=len(splits),
            splits=counts(splits),
            split_origin=origin,
            content=content.hexdigest(),
            target=MASK,
            reading={"masks": _forms(self.seen), **({"class_names": names.file} if names.file else {})},
        )

    def _split(self, strata: NDArray[np.int64], job: Job) -> tuple[Labels, Origin]:
        splits, origin = complete(self.given if any(self.given) else None, strata, job.report, job.options.seed)
        _, groups, sizes = np.unique(np.array([picture for picture, _ in self.checksums], dtype="S32"), return_inverse=True, return_counts=True)
        repeated = int((sizes - 1).sum())
        if repeated:
            joined = together(splits, groups)
            kept = origin == "made" and len(set(joined.tolist())) == 3
            splits = joined if kept else splits
            where = "copies stay in one split" if kept else "figures on validation and test may look too good"
            job.report.note(f"{counted(repeated, 'picture')} {'is a copy' if repeated == 1 else 'are copies'} of another; {where}.")
        return splits, origin

    def _features(self, table: Table, pixels: NDArray[np.int64], splits: Labels, report: Report) -> list[Feature]:
        train = splits == "train"
        absent = [name for name, count in zip(table.names, pixels[train].sum(axis=0), strict=True) if not count]
        if absent:
            those = "it" if len(absent) == 1 else "them"
            report.note(f"No training mask has {counted(len(absent), 'class')}: {listed(absent)}; a network can't learn {those}.")
        sides = {HEIGHT: np.array(self.heights), WIDTH: np.array(self.widths)}
        shape = tuple(int(values[0]) if (values == values[0]).all() else None for values in sides.values())
        sizes = {
            f"{name}_{side}": int(figure(values[train]))
            for side, values in sides.items()
            for name, figure in (("median", np.median), ("minimum", np.min), ("maximum", np.max))
        }
        counted_pixels = {"counts": pixels[train].sum(axis=0).tolist(), "colours": [list(colour) for colour in table.colours]}
        return [
            Feature(name=IMAGE, role="input", kind="image", shape=(*shape, 1 if self.grey else 3), dtype="uint8", statistics=sizes),
            Feature(name=MASK, role="target", kind="mask", shape=shape, dtype="int32", classes=table.names, statistics=counted_pixels),
        ]

    def _rewrite(self, job: Job, table: Table, splits: Labels) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        def normal(data: bytes) -> bytes:
            return encode_png(table.classes(read_mask(data, job.options.limits.picture_pixels)))

        schema = pa.schema([(ROW, pa.int64()), (SPLIT, pa.string()), *self._schema])
        done = 0
        with (
            quiet(),
            pq.ParquetFile(self.path) as raw,
            pq.ParquetWriter(job.folder / DATA_FILE, schema, compression="none", use_dictionary=[SPLIT], write_statistics=False) as writer,
        ):
            for group in range(raw.num_row_groups):
                part = raw.read_row_group(group)
                rows = np.arange(done, done + part.num_rows)
                masks = pa.array(list(ahead((value.as_py() for value in part[MASK]), normal)), pa.binary())
                numbered = [pa.array(rows), pa.array(splits[rows].tolist(), pa.string())]
                kept = [part[name] for name in (PATH, HEIGHT, WIDTH, IMAGE)]
                writer.write_table(pa.Table.from_arrays([*numbered, *kept, masks], schema=schema), row_group_size=part.num_rows)
                done += part.num_rows
                job.progress(0.8 + 0.2 * done / len(splits), "Writing the dataset")
        self.path.unlink()


def strata(pixels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Samples alike by the rarest class that they show, and by how much of it.

    Args:
        pixels: Pixels of each class (samples, classes).
    """
    shows = pixels > 0
    rarity = shows.sum(axis=0) * (pixels.sum() + 1) + pixels.sum(axis=0)
    rarest = np.where(shows, rarity[None], np.iinfo(np.int64).max).argmin(axis=1)
    share = pixels[np.arange(len(pixels)), rarest] / np.maximum(pixels.sum(axis=1), 1)
    found = np.zeros(len(pixels), np.int64)
    for name in np.unique(rarest):
        inside = np.flatnonzero(rarest == name)
        found[inside] = name * 16 + bins(share[inside])
    return found


def _forms(seen: Sequence[Seen]) -> str:
    words = {"number": "in grey values", "palette": "with a palette", "colour": "in colours"}
    found = Counter(words[each.form] for each in seen)
    return ", ".join(f"{count:,} {form}" for form, count in found.most_common())


__all__ = ["PicturesWithMasks", "strata"]
