"""Pairs of pictures drawn from class folders: of the same class, or of different ones."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import statistics
from studio.datasets.arrow import strings
from studio.datasets.kinds.base import Draft, Job
from studio.datasets.kinds.files import FileWriter
from studio.datasets.kinds.identities import Identities, IdentityWriter
from studio.datasets.kinds.pair_rows import IMAGE_PAIRS, Pairs, picture_inputs, write_pairs
from studio.datasets.splits import Labels, counts

IMAGES = ("image_a", "image_b")
SAME = "same"
ANSWERS = ("different", "same")
USUAL_PAIRS = 5_000
"""About as many pairs are drawn in all ..."""
MOST_EACH = 8
"""... if no picture comes first in more pairs of either sort."""


class DrawnPairs(Identities):
    """Pictures whose folders name who or what they show, put together in pairs."""

    kinds: ClassVar[tuple[str, ...]] = (IMAGE_PAIRS,)
    asked_for: ClassVar[tuple[str, ...]] = kinds
    told: ClassVar[str] = SAME

    def writer(self, job: Job) -> FileWriter:
        return PairWriter(job.scratch / "pictures.parquet")


class PairWriter(IdentityWriter):
    """Checked pictures, split by class, and pairs of them."""

    kind = IMAGE_PAIRS

    def finish(self, job: Job, content: str) -> Draft:
        classes, codes = self.coded(job)
        single_splits, origin = self.divided(codes, classes, job)
        each = job.options.pairs or max(1, min(MOST_EACH, round(USUAL_PAIRS / 2 / len(codes))))
        pairs, answers = drawn(codes, single_splits, each, job.options.seed)
        splits = single_splits[pairs[:, 0]]
        write_pairs(job, self.path, pairs, splits, IMAGES, {SAME: strings([ANSWERS[answer] for answer in answers])})
        figures = statistics.of_classes(answers[splits == "train"], len(ANSWERS))
        target = Feature(name=SAME, role="target", kind="category", dtype="int32", classes=ANSWERS, statistics=figures)
        return Draft(
            kind=self.kind,
            features=[*picture_inputs(self, job, pairs, splits, IMAGES), target],
            samples=len(pairs),
            splits=counts(splits),
            split_origin=origin,
            content=content,
            target=SAME,
        )


def drawn(codes: NDArray[np.int64], splits: Labels, each: int, seed: int) -> tuple[Pairs, NDArray[np.int64]]:
    """Pairs inside each split, with every picture as the first of some of its class and of as many of two classes.

    No pair comes twice; where a class has fewer other pictures than wanted, there are as many pairs of both sorts. A picture that is alone
    in its class is the first of one pair of two classes.

    Args:
        codes: The class of every picture.
        each: How many pairs of both sorts a picture is the first of.

    Returns:
        The pairs, in an order that is drawn, too, and of each whether both are of one class (1) or not (0).
    """
    chance = np.random.default_rng(seed)
    found: list[tuple[int, int, int]] = []
    for split in np.unique(splits):
        inside = np.flatnonzero(splits == split)
        inside = inside[np.argsort(codes[inside], kind="stable")]  # a class is one piece
        _, starts, sizes = np.unique(codes[inside], return_index=True, return_counts=True)
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
            count = min(each, size - 1 or 1, len(inside) - size)
            for place in range(start, start + size):
                alike = start + chance.choice(size - 1, count, replace=False) if size > 1 else np.arange(0)
                others = chance.choice(len(inside) - size, count, replace=False)
                found += [(inside[place], inside[other + (other >= place)], 1) for other in alike]
                found += [(inside[place], inside[other + size * (other >= start)], 0) for other in others]
    table = chance.permutation(np.array(found, dtype=np.int64))
    return table[:, :2], table[:, 2]
