"""Folders of labels: a picture that lies in several of them has several labels."""

from __future__ import annotations

import hashlib
import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import Draft, Importer, Job
from studio.datasets.kinds.folders import Sample, layout
from studio.datasets.kinds.images import PICTURES, PictureWriter, read_pictures
from studio.datasets.kinds.target_values import LabelValues
from studio.datasets.readers.pictures import Picture
from studio.datasets.readers.source import Source
from studio.datasets.report import counted
from studio.datasets.splits import complete, counts

LABELS = "labels"
_LOOK = 16
_ALIKE = 4.0
"""Pictures of the same name and size count as one if their pixels differ by less on average, in levels of 0 to 255."""


@dataclass
class _Shown:
    """A picture with the folders that it lies in.

    Args:
        look: It in a few grey pixels, where others have its name; None where none has.
    """

    checksum: bytes
    split: str | None
    size: tuple[int, int]
    look: NDArray[np.float64] | None
    labels: list[str] = field(default_factory=list)

    def is_like(self, other: _Shown) -> bool:
        """Whether another picture of the same name shows the same."""
        if self.look is None or other.look is None or self.size != other.size:
            return False
        return float(np.abs(self.look - other.look).mean()) < _ALIKE


class LabelFolders(Importer):
    """Pictures in folders of labels, of which the same picture may lie in several."""

    kinds: ClassVar[tuple[str, ...]] = ("image-multilabel",)
    asked_for: ClassVar[tuple[str, ...]] = ("image-multilabel",)

    @classmethod
    def share(cls, source: Source) -> float:
        return PICTURES.share(source)

    def run(self, job: Job) -> Draft:
        chosen = PICTURES.choose(job.source, job.report)
        found = layout(chosen, job.source.folders, PICTURES.noun, job.report)
        writer = PictureWriter(job.scratch / "pictures.parquet")
        with writer:
            shown = self._shown(job, found.samples, writer)
        if not shown:
            raise DatasetError(f"No picture can be used. {' '.join(job.report.warnings())}")
        writer.note_changes(job.report)
        target = LabelValues(LABELS, [tuple(each.labels) for each in shown])
        target.check(job.options.limits.classes)
        several = sum(len(each.labels) > 1 for each in shown)
        if several:
            job.report.note(f"{counted(several, 'picture')} {'lies' if several == 1 else 'lie'} in several folders; each of them is a label.")
        else:
            job.report.note("No picture lies in more than one folder, so each has one label; image-classification says it more simply.")
        splits, origin = complete(writer.given if any(writer.given) else None, target.strata, job.report, job.options.seed)
        target.note_rare(splits, PICTURES.noun, job.report)
        writer.rewrite(job, splits, {LABELS: target.stored()})
        content = hashlib.sha256()
        for each in shown:
            content.update(each.checksum + repr((each.split, each.labels)).encode())
        train = np.asarray(splits == "train")
        features = [writer.input(job, train), target.feature(LABELS, train)]
        return Draft("image-multilabel", features, len(shown), counts(splits), origin, content.hexdigest(), LABELS)

    @staticmethod
    def _shown(job: Job, samples: list[Sample], writer: PictureWriter) -> list[_Shown]:
        """Every picture once, written down, with all its labels. The same are those of equal content, or of equal name, size and look."""
        named = Counter(sample.file.parts[-1].casefold() for sample in samples)
        by_content: dict[bytes, _Shown] = {}
        by_name: defaultdict[str, list[_Shown]] = defaultdict(list)
        for sample, picture, checksum in read_pictures(job, samples):
            if isinstance(picture, str):
                job.report.leave_out(PICTURES.noun, picture, sample.file.path)
                continue
            name = sample.file.parts[-1].casefold()
            found = _Shown(checksum, sample.split, (picture.height, picture.width), _look(picture) if named[name] > 1 else None)
            same = by_content.get(checksum) or next((each for each in by_name[name] if each.is_like(found)), None)
            if same is None:
                same = found
                by_name[name].append(same)
                writer.add(picture, sample.file.path, "", sample.split, checksum)
            by_content[checksum] = same
            if sample.label not in same.labels:
                same.labels.append(sample.label)
        return list({id(each): each for each in by_content.values()}.values())


def _look(picture: Picture) -> NDArray[np.float64]:
    small = Image.open(io.BytesIO(picture.data)).convert("L").resize((_LOOK, _LOOK))
    return np.asarray(small, dtype=np.float64)
