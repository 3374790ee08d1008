"""Sounds in class folders: audio-classification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from blocks.features import Feature
from studio.datasets.kinds.base import Job
from studio.datasets.kinds.files import ClassFolders, FileWriter, Formats, read_files
from studio.datasets.kinds.folders import Sample
from studio.datasets.readers.sounds import OTHER_SUFFIXES, SUFFIXES, Sound, length_of, read_sound
from studio.datasets.report import Report, counted, listed

SOUND, RATE, SAMPLES = "sound", "sample_rate", "samples"
USUAL_RATE = 16_000
"""Samples per second to which higher rates are lowered: speech and most noises are told apart at it."""
LEAST_SAMPLES = 64
"""A network hears at least so much, so that it can tell pitches apart."""
MOST_SECONDS = 10.0
"""Longest stretch of a sound that networks hear, unless a person asks for more."""
MOST_WHOLE_SECONDS = 30.0
"""The same where sounds are heard to their ends."""
SOUNDS = Formats("sound", SUFFIXES, OTHER_SUFFIXES, "WAV, FLAC, OGG or MP3", "save as WAV or FLAC")


class SoundFolders(ClassFolders):
    """Sounds whose folders name their classes."""

    kinds: ClassVar[tuple[str, ...]] = ("audio-classification",)
    formats = SOUNDS

    def read(self, job: Job, samples: Sequence[Sample]) -> Iterator[tuple[Sample, Sound | str, bytes]]:
        limit = job.options.limits.sound_values
        return read_files(job, samples, SOUNDS.noun, lambda data: read_sound(data, limit))

    def writer(self, job: Job) -> FileWriter:
        return SoundWriter(job.scratch / "sounds.parquet")


class WholeSounds(SoundFolders):
    """Sounds of which no end may be missing, since what is said in all of each is to be written down."""

    kinds: ClassVar[tuple[str, ...]] = ()

    def writer(self, job: Job) -> FileWriter:
        return WholeSoundWriter(job.scratch / "sounds.parquet")


class SoundWriter(FileWriter):
    """Checked sounds."""

    noun = "sound"
    kind = "audio-classification"
    column = SOUND
    figures = (RATE, SAMPLES)

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._deep = 0
        self._cut: list[str] = []

    def add(self, read: Sound, path: str, label: str, split: str | None, checksum: bytes) -> None:
        self._deep += read.deep
        if read.cut:
            self._cut.append(path)
        self.append(read.data, path, label, split, checksum, sample_rate=read.rate, samples=read.samples)

    def note_changes(self, report: Report) -> None:
        if self._cut:
            verb = "announces" if len(self._cut) == 1 else "announce"
            report.note(f"{counted(len(self._cut), 'sound')} {verb} more than there is; what is there was taken: {listed(self._cut)}.")
        if self._deep:
            report.note(f"{counted(self._deep, 'sound')} with more than 16 bits per value: reduced to 16.")

    def input(self, job: Job, train: np.ndarray) -> Feature:
        rates = np.array(self.measured[RATE])
        seconds = np.array(self.measured[SAMPLES]) / rates
        rate = job.options.sample_rate or min(USUAL_RATE, commonest(rates[train]))
        length = job.options.seconds or self.length(seconds[train])
        samples = max(LEAST_SAMPLES, round(length * rate))
        self._note_fit(rates, seconds, rate, samples, job.report)
        figures = {
            RATE: rate,
            **{
                f"{name}_seconds": round(float(figure(seconds[train])), 4)
                for name, figure in (("median", np.median), ("minimum", np.min), ("maximum", np.max))
            },
        }
        return Feature(name=SOUND, role="input", kind="sound", shape=(samples,), dtype="float32", statistics=figures)

    def length(self, seconds: np.ndarray) -> float:
        """How much of each sound networks hear, in seconds."""
        return length_of(seconds, MOST_SECONDS)

    @staticmethod
    def _note_fit(rates: np.ndarray, seconds: np.ndarray, rate: int, samples: int, report: Report) -> None:
        """Says how sounds of other rates and lengths are heard."""
        found = sorted(set(rates.tolist()))
        if found != [rate]:
            report.note(f"Sounds are heard at {rate:,} samples per second; the files have {listed(f'{each:,}' for each in found)}.")
        longer = int((np.round(seconds * rate) > samples).sum())
        if longer:
            report.note(
                f"{counted(longer, 'sound')} {'is' if longer == 1 else 'are'} longer than {samples / rate:.3g} s: the loudest stretch is heard."
            )


class WholeSoundWriter(SoundWriter):
    """Sounds that are heard to their ends."""

    def length(self, seconds: np.ndarray) -> float:
        return min(float(seconds.max()), MOST_WHOLE_SECONDS)


def commonest(rates: np.ndarray) -> int:
    """The rate that most sounds have; of several the highest."""
    counts = Counter(rates.tolist())
    return int(max(counts, key=lambda rate: (counts[rate], rate)))
