"""Batches of several samples of each of several classes, for losses that compare the samples of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.networks.arrays import Samples, plain_samples
from studio.networks.front import Split
from studio.networks.views.base import View
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

PER_CLASS = 4
"""Samples of a class that come one after the other."""
MEASURED = 256
"""Samples that are compared with each other when the loss is measured."""
SEED = 0


@dataclass(frozen=True)
class Groups(Samples):
    """Samples in groups of four of a class; a class comes again only after all others, so that a batch holds as many as it can.

    All classes are equally frequent, whatever their samples; those with fewer than four come with the same sample several times.

    Source: Hermans, Beyer and Leibe (2017), arXiv:1703.07737, section 2.
    """

    def order(self, rng: np.random.Generator) -> np.ndarray:
        codes = next(iter(self.targets.values()))
        if not len(codes):
            return np.zeros(0, np.intp)
        by_class = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.unique(codes, return_counts=True)[1])[:-1])
        waiting: list[list[int]] = [[] for _ in by_class]
        found: list[int] = []
        while len(found) < len(codes):
            for number in rng.permutation(len(by_class)):
                while len(waiting[number]) < PER_CLASS:
                    waiting[number] += rng.permutation(by_class[number]).tolist()
                found += waiting[number][:PER_CLASS]
                del waiting[number][:PER_CLASS]
        return np.array(found[: len(codes)], dtype=np.intp)

    def batches(self, size: int) -> Iterator[np.ndarray]:  # noqa: ARG002 - a loss that compares samples hangs on their number
        mixed = np.random.default_rng(SEED).permutation(len(self))
        for start in range(0, len(self), MEASURED):
            yield mixed[start : start + MEASURED]


class Identities(View):
    """Samples in groups of a class."""

    kinds = ("verification",)

    def samples(self, workspace: Workspace | None, dataset: Dataset, split: Split, part: str) -> Samples:
        found = plain_samples(workspace, dataset, split, part)
        return Groups(found.inputs, found.targets)
