"""Text files in class folders: text-classification."""

from __future__ import annotations

import hashlib
import io
from typing import ClassVar

from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import Draft, Importer, Job
from studio.datasets.kinds.columns import describe
from studio.datasets.kinds.folders import Sample, layout
from studio.datasets.kinds.tables import make_plan, write
from studio.datasets.options import ImportOptions
from studio.datasets.readers.encodings import detect
from studio.datasets.readers.raw import RawWriter
from studio.datasets.readers.source import Source, UnreadableError
from studio.datasets.report import Report, counted
from studio.workspace import visible

SUFFIXES = {".txt", ".text", ".md"}
TEXT, LABEL, PATH, SPLIT = "text", "label", "path", "split"
_CONTROL = 0.05
"""A file with a larger share of control characters is no text."""


class TextFolders(Importer):
    """Text files whose folders name their classes, one text per file."""

    kinds: ClassVar[tuple[str, ...]] = ("text-classification",)
    rank: ClassVar[int] = 1

    @classmethod
    def share(cls, source: Source) -> float:
        inside = [file for file in source.files if file.suffix in SUFFIXES and len(file.parts) > 1]
        several = len({file.parts[:-1] for file in inside}) > 1
        return len(inside) / max(len(source.files), 1) if several else 0.0

    def run(self, job: Job) -> Draft:
        files = [file for file in job.source.files if file.suffix in SUFFIXES]
        for file in job.source.files:
            if file.suffix not in SUFFIXES:
                job.report.leave_out("file", "not a text file", file.path)
        if job.target not in (None, LABEL):
            job.report.note(f"The target {job.target!r} was passed over: texts in folders take their class from their folder.")
        found = layout(files, job.source.folders, "text", job.report)
        split = any(sample.split for sample in found.samples)
        names = [TEXT, LABEL, PATH, *([SPLIT] if split else [])]
        writer = RawWriter(job.scratch / "table.arrow", names)
        content = hashlib.sha256()
        for number, sample in enumerate(found.samples, start=1):
            text = _read(job.source, sample, job.report)
            if text is not None:
                writer.add([text, sample.label, sample.file.path, *([sample.split or "train"] if split else [])])
                content.update(repr((sample.split, sample.label, text)).encode())
            job.progress(0.5 * number / len(found.samples), f"{number:,} of {counted(len(found.samples), 'text')} read")
        table = writer.finish()
        if not table.rows:
            raise DatasetError(f"{job.source.name} holds no text that can be read. {' '.join(job.report.warnings())}")
        columns = [column for column in describe(table, ".") if column.name != PATH]
        options = job.options.model_copy(update={"text": TEXT, "split": SPLIT if split else None})
        plan = make_plan(table, columns, _with(job, options))
        return write(table, plan, content.hexdigest(), job)


def _with(job: Job, options: ImportOptions) -> Job:
    return Job(job.source, job.folder, job.scratch, LABEL, "text-classification", options, job.report, job.progress)


def _read(source: Source, sample: Sample, report: Report) -> str | None:
    """The text of a file; None, and a line in the report, where there is none."""
    if sample.file.size > source.limits.file_bytes:
        report.leave_out("text", f"more than {source.limits.file_bytes:,} bytes", sample.file.path)
        return None
    try:
        content = source.read(sample.file)
    except UnreadableError as error:
        report.leave_out("text", str(error), sample.file.path)
        return None
    text = content.decode(detect(io.BytesIO(content)).name, errors="replace").lstrip("\ufeff").strip()
    if not text:
        report.leave_out("text", "empty", sample.file.path)
        return None
    strange = sum(ord(character) < ord(" ") and not character.isspace() for character in text[:4096])
    if strange > _CONTROL * min(len(text), 4096):
        report.leave_out("text", "not a text", sample.file.path)
        return None
    return visible(text) if "\0" in text else text
