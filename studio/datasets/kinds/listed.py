"""Pictures and sounds that a table lists: classes, labels, numbers or transcripts stand in its columns, and inputs beside the picture, too."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.arrow import groups, mask
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.aims import Aim, choose_aims
from studio.datasets.kinds.base import ROW, SPLIT, Draft, Importer, Job, digest
from studio.datasets.kinds.columns import Column, describe
from studio.datasets.kinds.files import PATH, ClassFolders, FileWriter, Formats
from studio.datasets.kinds.folders import Sample
from studio.datasets.kinds.images import ImageFolders
from studio.datasets.kinds.listing import Listing, listing_tables, read_listing
from studio.datasets.kinds.notes import note_reading, note_unused
from studio.datasets.kinds.sounds import WholeSounds
from studio.datasets.kinds.tables import kept_names, named_column, read_table, split_column
from studio.datasets.kinds.target_values import TargetValues, with_any
from studio.datasets.readers.cells import decimal_sign
from studio.datasets.readers.raw import RawTable
from studio.datasets.readers.source import File, SingleFile, Source
from studio.datasets.report import counted, listed
from studio.datasets.splits import FEWEST_SAMPLES, Labels, Origin, complete, counts, grouped, split_name, together

LABELS = "labels"
"""The name of the target that several columns of yes and no make together."""
KINDS = {"labels": "image-multilabel", "category": "image-classification", "number": "image-regression", "transcript": "transcription"}


@dataclass
class _Plan:
    """What becomes of the table's columns.

    Args:
        inputs: Columns that a network reads beside the picture.
        names: Under which name each column is kept, by position.
    """

    kind: str
    aims: list[Aim]
    inputs: list[Column]
    unused: list[Column]
    names: dict[int, str]
    split: Column | None = None
    group: Column | None = None
    aim_names: list[str] = field(default_factory=list)


class ListedFiles(Importer):
    """Base of the importers of files with a table that names them in one of its columns.

    Args:
        folders: The importer of the same files in class folders, which reads and writes each.
    """

    folders: ClassVar[ClassFolders]
    rank = 1

    @classmethod
    def share(cls, source: Source) -> float:
        suffixes = cls.folders.formats.suffixes
        count = sum(file.suffix in suffixes for file in source.files)
        return (count + 1) / len(source.files) if count and listing_tables(source, suffixes) else 0.0

    def run(self, job: Job) -> Draft:
        formats = self.folders.formats
        file = only_table(listing_tables(job.source, formats.suffixes), formats, job)
        files = formats.choose(without(job.source, file), job.report)
        table = read_rows(file, job)
        sign = decimal_sign((cell for column in table.sample() for cell in column), table.delimiter)
        columns = describe(table, job.options.decimal or sign.sign)
        listing = read_listing(table, file, files, job)
        writer = self.folders.writer(job)
        plan = _plan(table, columns, listing, writer, job)
        targets = [aim.values(table) for aim in plan.aims]
        targets, rows = _usable(targets, plan.aims, listing, job)
        unnamed = {each.path for each in files} - {found.path for found in listing.files.values()}
        for path in sorted(unnamed):
            job.report.leave_out(formats.noun, f"not named in {file.parts[-1]}", path)
        return _write(table, plan, targets, rows, listing, self.folders, writer, job)


class ListedPictures(ListedFiles):
    """Pictures in a table."""

    kinds: ClassVar[tuple[str, ...]] = ("image-multilabel", "image-regression", "multi-input", "image-classification", "transcription")
    asked_for: ClassVar[tuple[str, ...]] = ("transcription",)
    folders: ClassVar[ClassFolders] = ImageFolders()


class ListedSounds(ListedFiles):
    """Sounds in a table that says what is spoken or played in them."""

    kinds: ClassVar[tuple[str, ...]] = ("transcription",)
    asked_for: ClassVar[tuple[str, ...]] = kinds
    folders: ClassVar[ClassFolders] = WholeSounds()


def only_table(tables: Sequence[File], formats: Formats, job: Job) -> File:
    """The one table that lists files.

    Raises:
        DatasetError: There is none, or several.
    """
    if len(tables) > 1:
        shown = listed([file.path for file in tables], shown=5)
        raise DatasetError(f"{job.source.name} holds several tables that list {formats.noun}s ({shown}); keep the one that is meant.")
    if not tables:
        raise DatasetError(
            f"{job.source.name} holds no table that lists its {formats.noun}s. Expected: a CSV with a column of file names and one to predict."
        )
    return tables[0]


def without(source: Source, file: File) -> Source:
    """The upload with one of its files left out."""
    rest = copy(source)
    rest.files = [each for each in source.files if each is not file]
    return rest


def read_rows(file: File, job: Job) -> RawTable:
    """A table of the upload.

    Raises:
        DatasetError: It has no rows, or can't be read.
    """
    folder = job.scratch / "listing"
    folder.mkdir()
    path = folder / file.parts[-1]
    with job.source.open(file) as stream, path.open("wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)
    table = read_table(path, replace(job, source=SingleFile(path, job.options.limits)))
    if not table.rows:
        raise DatasetError(f"{file.path} has no rows below its header.")
    return table


def _plan(table: RawTable, columns: list[Column], listing: Listing, writer: FileWriter, job: Job) -> _Plan:
    others = [column for column in columns if column.position != listing.position]
    split = split_column(table, others, job)
    group = named_column(others, job.options.group, "group")
    rest = [column for column in others if column is not split and column is not group]
    if not rest:
        raise DatasetError(f"{listing.name} names {writer.noun}s, but has no other column; add one with their class, labels, number or text.")
    aims = choose_aims(table, rest, job)
    taken = {column.position for aim in aims for column in aim.columns}
    spare = [column for column in rest if column.position not in taken]
    alone = KINDS[aims[0].kind]
    wanted = [column for column in spare if column.usable and not any(aim.says_the_same(table, column) for aim in aims)]
    if job.kind == "multi-input" and not wanted:
        raise DatasetError(f"{listing.name} has no column that could be an input beside the picture; leave the kind out, or choose {alone}.")
    inputs = wanted if job.kind in (None, "multi-input") else []
    if inputs:
        shown = listed([repr(column.name) for column in inputs], shown=8)
        if job.kind is None:
            read = f"Beside the picture, the network reads {shown} (multi-input). Choose {alone}"
            job.report.note(f"{read} to leave it out." if len(inputs) == 1 else f"{read} to leave them out.")
    note_unused([column for column in spare if not column.usable], texts=False, report=job.report)
    same = [column.name for column in spare if column.usable and column not in wanted]
    if same:
        job.report.note(f"Not used as inputs, because they say the same as the target: {listed(same)}.")
    read_as = {column.position: column for aim in aims for column in aim.columns}
    note_reading([*inputs, *(column for column in read_as.values() if column.kind == "number")], job.report)
    unused = [column for column in others if column not in inputs and column.position not in taken]
    names = kept_names(others, job.report, (ROW, SPLIT, PATH, *writer.figures, writer.column))
    aim_names = []
    for aim in aims:
        name = names[aim.columns[0].position] if len(aim.columns) == 1 else LABELS
        while len(aim.columns) > 1 and name in names.values():
            name += "_"
        aim_names.append(name)
    return _Plan("multi-input" if inputs else alone, aims, inputs, unused, names, split, group, aim_names)


def _usable(targets: list[TargetValues], aims: list[Aim], listing: Listing, job: Job) -> tuple[list[TargetValues], NDArray[np.int64]]:
    """Targets, and the rows that name a picture which no row before them names, and have a target."""
    first: dict[str, int] = {}
    again: dict[int, int] = {}
    for row, file in listing.files.items():
        if file.path in first:
            again[row] = first[file.path]
        else:
            first[file.path] = row
    if again and job.kind == "image-multilabel" and aims[0].kind == "labels":
        targets = [aim.joined(target, again) for aim, target in zip(aims, targets, strict=True)]
        count = len(set(again.values()))
        verb = "is" if count == 1 else "are"
        job.report.note(f"{counted(count, 'picture')} {verb} named in several rows; their labels were put together.")
    else:
        for row in again:
            job.report.leave_out("row", "its picture is named in a row before it", listing.files[row].path)
    rows = np.array(sorted(first.values()), dtype=np.int64)
    kept = np.zeros(listing.rows, dtype=np.bool_)
    kept[rows] = True
    targets = [target.kept(kept) for target in targets]
    usable = with_any(targets, "row", job.report)
    return [target.kept(usable) for target in targets], rows[usable]


def _write(
    table: RawTable,
    plan: _Plan,
    targets: list[TargetValues],
    rows: NDArray[np.int64],
    listing: Listing,
    folders: ClassFolders,
    writer: FileWriter,
    job: Job,
) -> Draft:
    noun = writer.noun
    if len(rows) < FEWEST_SAMPLES:
        why = " ".join(warning for warning in job.report.warnings() if warning.startswith("Left out"))
        raise DatasetError(
            f"There {'is' if len(rows) == 1 else 'are'} {counted(len(rows), 'usable row')}; at least {FEWEST_SAMPLES} are needed. {why}".strip()
        )
    given = _given_splits(table, plan, rows, listing)
    samples = [Sample(listing.files[int(row)], "", split) for row, split in zip(rows, given, strict=True)]
    good = np.zeros(len(rows), dtype=np.bool_)
    with writer:
        for place, (sample, outcome, checksum) in enumerate(folders.read(job, samples)):
            if isinstance(outcome, str):
                job.report.leave_out(noun, outcome, sample.file.path)
                continue
            good[place] = True
            writer.add(outcome, sample.file.path, "", sample.split, checksum)
    if int(good.sum()) < FEWEST_SAMPLES:
        why = " ".join(warning for warning in job.report.warnings() if warning.startswith("Left out"))
        raise DatasetError(f"Hardly any {noun} can be used ({counted(int(good.sum()), noun)}); at least {FEWEST_SAMPLES} are needed. {why}")
    writer.note_changes(job.report)
    rows, targets = rows[good], [target.kept(good) for target in targets]
    for target in targets:
        target.check(job.options.limits.classes)
    splits, origin = _split(table, plan, writer, targets[0], rows, job)
    train = splits == "train"
    for target in targets:
        target.note_rare(splits, noun, job.report)
    used, training = np.zeros(table.rows, dtype=np.bool_), np.zeros(table.rows, dtype=np.bool_)
    used[rows], training[rows[train]] = True, True
    values = {column.position: table.column(column.position) for column in [*plan.inputs, *plan.unused]}
    features = [
        writer.input(job, train),
        *(column.feature(plan.names[column.position], values[column.position], used, training) for column in plan.inputs),
        *(target.feature(name, train) for name, target in zip(plan.aim_names, targets, strict=True)),
        *(Feature(name=plan.names[column.position], role="unused", kind="text", dtype="string") for column in plan.unused),
    ]
    stored: dict[str, Any] = {name: target.stored() for name, target in zip(plan.aim_names, targets, strict=True)}
    stored |= {plan.names[column.position]: column.stored(values[column.position].filter(mask(used))) for column in plan.inputs}
    stored |= {plan.names[column.position]: values[column.position].filter(mask(used)).cast("string") for column in plan.unused}
    writer.rewrite(job, splits, stored)
    content = _content(writer, stored)
    reading = {**table.reading, "table": listing.path, "files": listing.name_of_column}
    return Draft(plan.kind, features, len(splits), counts(splits), origin, content, ",".join(plan.aim_names), reading)


def _given_splits(table: RawTable, plan: _Plan, rows: NDArray[np.int64], listing: Listing) -> list[str | None]:
    """The split of each row: from a column, or else from the pictures' folders."""
    if plan.split is not None:
        cells = table.column(plan.split.position).cast("string").to_pylist()
        return [split_name(cells[row] or "") for row in rows]
    found = [next(filter(None, (split_name(part) for part in listing.files[int(row)].parts[:-1])), None) for row in rows]
    return found if "train" in found and None not in found and len(set(found)) > 1 else [None] * len(rows)


def _split(table: RawTable, plan: _Plan, writer: FileWriter, target: TargetValues, rows: NDArray[np.int64], job: Job) -> tuple[Labels, Origin]:
    if plan.group is not None:
        values = plan.group.texts(table.column(plan.group.position))
        job.report.note(f"Rows of the same {plan.group.name!r} stay in one split.")
        return grouped(groups(values)[rows], seed=job.options.seed), "made"
    splits, origin = complete(writer.given if any(writer.given) else None, target.strata, job.report, job.options.seed)
    copies = writer.copies()
    joined = together(splits, copies)
    moved = origin == "made" and len(set(joined.tolist())) == 3
    writer.note_copies(copies, joined if moved else splits, job.report, together=moved)
    return (joined if moved else splits), origin


def _content(writer: FileWriter, stored: dict[str, Any]) -> str:
    total = hashlib.sha256()
    for checksum, split in zip(writer.checksums, writer.given, strict=True):
        total.update(checksum + (split or "").encode())
    return digest(total.digest(), *(part for name, values in stored.items() for part in (name, repr(values.to_pylist()))))
