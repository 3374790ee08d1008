"""Pairs of pictures that a table lists: two of its columns name the pictures, another says what is to be predicted of both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.arrow import groups, mask
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.aims import Aim, choose_aims
from studio.datasets.kinds.base import ROW, SPLIT, Draft, Importer, Job, digest
from studio.datasets.kinds.columns import Column, describe
from studio.datasets.kinds.files import PATH
from studio.datasets.kinds.folders import Sample
from studio.datasets.kinds.images import HEIGHT, IMAGE, PICTURES, WIDTH, PictureWriter, read_pictures
from studio.datasets.kinds.listed import only_table, read_rows, without
from studio.datasets.kinds.listing import Listing, has_header, listing_tables, read_pair_listing
from studio.datasets.kinds.pair_rows import IMAGE_PAIRS, PATHS, Pairs, picture_inputs, write_pairs
from studio.datasets.kinds.tables import kept_names, named_column, split_column
from studio.datasets.kinds.target_values import TargetValues, with_any
from studio.datasets.readers.cells import decimal_sign
from studio.datasets.readers.raw import RawTable
from studio.datasets.readers.source import Source
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import FEWEST_SAMPLES, Labels, Origin, complete, counts, grouped, linked, split_name, together

LEAST_TRAINING = 0.5
"""Share of the pairs that training keeps at the least where pairs that share a picture are brought into one split."""


class ListedPairs(Importer):
    """Pictures in pairs, row by row of a table."""

    kinds: ClassVar[tuple[str, ...]] = (IMAGE_PAIRS,)
    asked_for: ClassVar[tuple[str, ...]] = kinds
    rank: ClassVar[int] = 1

    @classmethod
    def share(cls, source: Source) -> float:
        count = sum(file.suffix in PICTURES.suffixes for file in source.files)
        return (count + 1) / len(source.files) if count and listing_tables(source, PICTURES.suffixes, 2) else 0.0

    def run(self, job: Job) -> Draft:
        file = only_table(listing_tables(job.source, PICTURES.suffixes, 2), PICTURES, job)
        files = PICTURES.choose(without(job.source, file), job.report)
        header = has_header(job.source, file, PICTURES.suffixes) if job.options.header is None else job.options.header
        table = read_rows(file, replace(job, options=job.options.model_copy(update={"header": header})))
        sign = decimal_sign((cell for column in table.sample() for cell in column), table.delimiter)
        columns = describe(table, job.options.decimal or sign.sign)
        sides = read_pair_listing(table, file, files, job)
        others = [column for column in columns if column.position not in {side.position for side in sides}]
        split, group = split_column(table, others, job), named_column(others, job.options.group, "group")
        rest = [column for column in others if column is not split and column is not group]
        if not rest:
            raise DatasetError(f"{file.parts[-1]} names two pictures in each row, but says nothing of them; add a column with a class or number.")
        aims = choose_aims(table, rest, job)
        targets = [aim.values(table) for aim in aims]
        rows = _paired(sides, job.report)
        kept = np.zeros(table.rows, dtype=np.bool_)
        kept[rows] = True
        targets = [target.kept(kept) for target in targets]
        usable = with_any(targets, "row", job.report)
        targets, rows = [target.kept(usable) for target in targets], rows[usable]
        _enough(len(rows), job.report)
        writer = PictureWriter(job.scratch / "pictures.parquet")
        with writer:
            places = _read(sides, rows, writer, job)
        good: NDArray[np.bool_] = np.all(places >= 0, axis=1)
        targets, rows, pairs = [target.kept(good) for target in targets], rows[good], places[good]
        _enough(len(rows), job.report)
        writer.note_changes(job.report)
        for target in targets:
            target.check(job.options.limits.classes)
        splits, origin = _split(table, split, group, pairs, rows, targets[0], job)
        for target in targets:
            target.note_rare(splits, "pair", job.report)
        return _written(table, sides, others, aims, targets, rows, pairs, splits, origin, writer, job)


class LoosePairs(ListedPairs):
    """The same where the pictures lie in one folder, so that nothing else could be meant."""

    asked_for: ClassVar[tuple[str, ...]] = ()
    rank: ClassVar[int] = 0

    @classmethod
    def share(cls, source: Source) -> float:
        folders = {file.parts[:-1] for file in source.files if file.suffix in PICTURES.suffixes}
        return super().share(source) if len(folders) == 1 else 0.0


def _paired(sides: tuple[Listing, Listing], report: Report) -> NDArray[np.int64]:
    """Rows that name two different pictures which no row before them names together."""
    first, second = sides
    met: set[tuple[str, str]] = set()
    rows = []
    for row in sorted(first.files.keys() & second.files.keys()):
        pair = (first.files[row].path, second.files[row].path)
        if pair[0] == pair[1]:
            report.leave_out("row", "both columns name the same file", pair[0])
        elif pair in met:
            report.leave_out("row", "its pair is named in a row before it", " + ".join(pair))
        else:
            met.add(pair)
            rows.append(row)
    return np.array(rows, dtype=np.int64)


def _enough(rows: int, report: Report) -> None:
    if rows < FEWEST_SAMPLES:
        why = " ".join(warning for warning in report.warnings() if warning.startswith("Left out"))
        raise DatasetError(
            f"There {'is' if rows == 1 else 'are'} {counted(rows, 'usable pair')}; at least {FEWEST_SAMPLES} are needed. {why}".strip()
        )


def _read(sides: tuple[Listing, Listing], rows: NDArray[np.int64], writer: PictureWriter, job: Job) -> Pairs:
    """Checks every picture once; returns for each row where its two are in the writer, -1 for those that can't be used."""
    files = {side.files[row].path: side.files[row] for row in rows.tolist() for side in sides}
    found: dict[str, int] = {}
    for sample, outcome, checksum in read_pictures(job, [Sample(file, "", None) for file in files.values()]):
        path = sample.file.path
        if isinstance(outcome, str):
            job.report.leave_out("picture", outcome, path)
            continue
        found[path] = len(writer.labels)
        writer.add(outcome, path, "", None, checksum)
    return np.array([[found.get(side.files[row].path, -1) for side in sides] for row in rows.tolist()], dtype=np.int64).reshape(-1, 2)


def _split(
    table: RawTable, split: Column | None, group: Column | None, pairs: Pairs, rows: NDArray[np.int64], target: TargetValues, job: Job
) -> tuple[Labels, Origin]:
    """The split of every pair; where it is made, pairs that share a picture stay in one, as far as enough are left for training."""
    report, seed = job.report, job.options.seed
    if group is not None:
        report.note(f"Rows of the same {group.name!r} stay in one split.")
        return grouped(groups(group.texts(table.column(group.position)))[rows], seed=seed), "made"
    cells = table.column(split.position).cast("string").to_pylist() if split is not None else None
    given = [split_name(cells[row] or "") for row in rows] if cells is not None else None
    splits, origin = complete(given, target.strata, report, seed)
    families = linked(pairs)
    joined = together(splits, families)
    fits = len(set(joined.tolist())) == 3 and (joined == "train").mean() >= LEAST_TRAINING
    if origin == "made" and fits:
        splits = joined
    torn = np.unique(np.stack([pairs.ravel(), np.repeat(np.unique(splits, return_inverse=True)[1], 2)], axis=1), axis=0)
    shared = int((np.bincount(torn[:, 0]) > 1).sum())
    if shared:
        report.note(
            f"{counted(shared, 'picture')} {'is' if shared == 1 else 'are'} in pairs of more than one split: figures on validation and test tell "
            "how the network does on pictures that it knows. Name a column that keeps rows together as the group to change that."
        )
    return splits, origin


def _written(
    table: RawTable,
    sides: tuple[Listing, Listing],
    others: list[Column],
    aims: list[Aim],
    targets: list[TargetValues],
    rows: NDArray[np.int64],
    pairs: Pairs,
    splits: Labels,
    origin: Origin,
    writer: PictureWriter,
    job: Job,
) -> Draft:
    pictures = [Column(side.name_of_column, side.position, "text") for side in sides]
    names = kept_names([*pictures, *others], job.report, (ROW, SPLIT, PATH, *PATHS, IMAGE, HEIGHT, WIDTH))
    taken = {column.position for aim in aims for column in aim.columns}
    unused = [column for column in others if column.position not in taken]
    if unused:
        job.report.note(f"The network reads both pictures; other columns are kept, but not used: {listed([column.name for column in unused])}.")
    used = np.zeros(table.rows, dtype=np.bool_)
    used[rows] = True
    columns: dict[str, Any] = {names[aim.columns[0].position]: target.stored() for aim, target in zip(aims, targets, strict=True)}
    columns |= {names[column.position]: table.column(column.position).filter(mask(used)).cast("string") for column in unused}
    both = (names[sides[0].position], names[sides[1].position])
    content = digest(
        *(writer.checksums[place] for pair in pairs.tolist() for place in pair),
        *(part for name, values in columns.items() for part in (name, repr(values.to_pylist()))),
    )
    write_pairs(job, writer.path, pairs, splits, both, columns)
    train = splits == "train"
    features = [
        *picture_inputs(writer, job, pairs, splits, both),
        *(target.feature(names[aim.columns[0].position], train) for aim, target in zip(aims, targets, strict=True)),
        *(Feature(name=names[column.position], role="unused", kind="text", dtype="string") for column in unused),
    ]
    reading = {**table.reading, "table": sides[0].path, "files": ",".join(side.name_of_column for side in sides)}
    wanted = ",".join(names[aim.columns[0].position] for aim in aims)
    return Draft(IMAGE_PAIRS, features, len(pairs), counts(splits), origin, content, wanted, reading)
