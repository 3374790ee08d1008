"""Pictures of things that are to be told from each other, also such as no network has seen: verification."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from blocks.features import Feature
from studio.datasets.kinds.base import Job
from studio.datasets.kinds.files import FileWriter
from studio.datasets.kinds.folders import Layout
from studio.datasets.kinds.images import ImageFolders, PictureWriter
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import Labels, Origin, complete_by_class


class Identities(ImageFolders):
    """Pictures whose folders name who or what they show: one folder for each person, sign, product ..."""

    kinds: ClassVar[tuple[str, ...]] = ("verification",)
    asked_for: ClassVar[tuple[str, ...]] = kinds

    def classed(self, found: Layout, report: Report) -> Layout:
        samples = [replace(sample, label="/".join([sample.label, *sample.below])) for sample in found.samples]
        inner = sorted({sample.label for sample in samples if sample.below})
        if inner:
            report.note(f"Folders inside folders are classes of their own: {listed(inner, shown=5)}.")
        return replace(found, samples=samples)

    def writer(self, job: Job) -> FileWriter:
        return IdentityWriter(job.scratch / "pictures.parquet")


class IdentityWriter(PictureWriter):
    """Checked pictures, split by class."""

    kind = "verification"

    def target(self, classes: tuple[str, ...], codes: np.ndarray, train: np.ndarray) -> Feature:
        return super().target(classes, codes, train).model_copy(update={"kind": "identity"})

    def divided(self, codes: np.ndarray, classes: tuple[str, ...], job: Job) -> tuple[Labels, Origin]:
        splits, origin = complete_by_class(self.given if any(self.given) else None, codes, job.report, job.options.seed)
        self.note_copies(codes, splits, job.report, together=False)
        single = [classes[code] for code in np.flatnonzero(np.bincount(codes) == 1)]
        if single:
            job.report.note(
                f"Only one picture in {counted(len(single), 'class')}, which can't be compared with another of its own: {listed(single, shown=8)}."
            )
        return splits, origin
