"""What is written in pictures or said in sounds: texts of which nobody tells where each character stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from blocks.features import BLANK, Feature
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.columns import Column
from studio.datasets.kinds.target_values import Mask, TargetValues
from studio.datasets.kinds.targets import find_target
from studio.datasets.report import Report, counted, listed
from studio.datasets.splits import Labels, bins

TRANSCRIPTION = "transcription"
USUAL_NAMES = ("transcript", "transcription", "text", "sentence", "label", "words", "string", "target", "文本", "文字", "转写", "标注")
"""Column names that usually mean the transcript, the likeliest first."""


@dataclass(frozen=True)
class TranscriptValues(TargetValues):
    """A text for each row, all blanks in it single ones; "" where there is none."""

    name: str
    texts: tuple[str, ...]

    @property
    def present(self) -> Mask:
        return np.array([bool(text) for text in self.texts], dtype=np.bool_)

    def kept(self, rows: Mask) -> Self:
        return type(self)(self.name, tuple(text for text, used in zip(self.texts, rows, strict=True) if used))

    @cached_property
    def characters(self) -> Counter[str]:
        """How often each character occurs."""
        return Counter(character for text in self.texts for character in text)

    @property
    def strata(self) -> NDArray[np.int64]:
        """By length, so that each split gets short and long ones."""
        return bins(np.array([len(text) for text in self.texts], dtype=np.float64))

    def check(self, most_classes: int) -> None:
        if len(set(self.texts)) < 2:
            raise DatasetError(f"The target column {self.name!r} has the same text in every row; there is nothing to read.")
        if len(self.characters) > most_classes:
            raise DatasetError(
                f"The target column {self.name!r} has {len(self.characters):,} different characters; at most {most_classes:,} are allowed."
            )

    def feature(self, name: str, train: Mask) -> Feature:
        learned = self.kept(train).texts
        lengths = [len(text) for text in learned]
        figures: dict[str, Any] = {
            "level": "character",
            "distinct_tokens": len(self.characters),
            "maximum_tokens": max(lengths),
            "mean_tokens": float(np.mean(lengths)),
            "needed_steps": max(map(needed_steps, learned)),
        }
        vocabulary = (BLANK, *sorted(self.characters))
        longest = max(len(text) for text in self.texts)
        return Feature(name=name, role="target", kind="transcript", shape=(longest,), dtype="int32", classes=vocabulary, statistics=figures)

    def stored(self) -> Any:
        import pyarrow as pa

        return pa.array(self.texts, pa.string())

    def note_rare(self, splits: Labels, noun: str, report: Report) -> None:
        absent = sorted(set(self.characters) - set(self.kept(splits == "train").characters))
        if absent:
            report.note(
                f"No training {noun} for {counted(len(absent), 'character')}: {listed(absent)}; a network can't learn "
                f"{'it' if len(absent) == 1 else 'them'}."
            )


def needed_steps(text: str) -> int:
    """Answers that a network must give to write a text: one for each character, and a blank between two equal ones."""
    return len(text) + sum(one == other for one, other in pairwise(text))


def find_transcript(columns: Sequence[Column], name: str | None, report: Report) -> Column:
    """The column of transcripts that the person named, or the likeliest one, which is said.

    Raises:
        DatasetError: There is no such column.
    """
    if name is not None:
        return find_target(columns, name, report)
    by_name = {column.name.casefold(): column for column in reversed(columns)}
    found = next((by_name[usual] for usual in USUAL_NAMES if usual in by_name), None) or max(columns, key=lambda column: column.distinct)
    if len(columns) > 1:
        report.note(f"The target was guessed: {found.name!r}. Name another column if it is not the one to read.")
    return found
