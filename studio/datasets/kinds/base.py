"""What every importer is given and what it hands back."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from blocks.features import Feature
from blocks.registry import Registry
from studio.datasets.options import ImportOptions
from studio.datasets.readers.source import Source
from studio.datasets.report import Progress, Report
from studio.datasets.splits import Origin

DATA_FILE = "data.parquet"
ROW = "row"
SPLIT = "split"


@dataclass
class Job:
    """One import under way.

    Args:
        source: The upload.
        folder: Where the dataset's files are written; it becomes the dataset when the import has ended well.
        scratch: A folder for intermediate files, removed afterwards.
        target: The column to predict, if the person named one.
        kind: The kind that the person asked for, if any.
    """

    source: Source
    folder: Path
    scratch: Path
    target: str | None
    kind: str | None
    options: ImportOptions
    report: Report
    progress: Progress


@dataclass
class Draft:
    """What an importer found; the store makes a manifest of it.

    Args:
        content: SHA-256 of the content in hexadecimal, the same however it was packed.
        target: The name of the target as the data spell it.
        guessed: Whether the kind was found out.
        other_kinds: What the upload could have become instead.
    """

    kind: str
    features: list[Feature]
    samples: int
    splits: dict[str, int]
    split_origin: Origin
    content: str
    target: str
    reading: dict[str, Any] = field(default_factory=dict)
    guessed: bool = False
    other_kinds: list[str] = field(default_factory=list)


class Importer(ABC):
    """Base of the kinds' importers; a subclass that names its `kinds` is found by being there.

    Args:
        kinds: The kinds that it can make, in the fixed spelling.
        asked_for: Those of them that are made only when a person names them, because other kinds have the same files.
        rank: Which of two importers that read the same share of an upload is taken; the one that looks closer has the higher.
    """

    kinds: ClassVar[tuple[str, ...]] = ()
    asked_for: ClassVar[tuple[str, ...]] = ()
    rank: ClassVar[int] = 0

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if cls.kinds:
            importers.add(cls.__name__, cls)

    @classmethod
    @abstractmethod
    def share(cls, source: Source) -> float:
        """The share of the upload's files that this importer reads, 0 to 1; 0 where they are not laid out as it wants them."""

    @abstractmethod
    def run(self, job: Job) -> Draft:
        """Reads the upload and writes the dataset's files.

        Raises:
            DatasetError: The upload can't become a dataset, in one sentence.
        """


importers: Registry[type[Importer]] = Registry("dataset importer", "studio.datasets.kinds")


def digest(*parts: bytes | str) -> str:
    """SHA-256 over parts, each preceded by its length so that no two lists of parts look alike."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8") if isinstance(part, str) else part
        total.update(len(content).to_bytes(8, "little"))
        total.update(content)
    return total.hexdigest()
