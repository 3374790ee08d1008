"""What embeddings are worth: figures of distances within classes and between them, in plain NumPy.

An embedding is a row of numbers that a network gives for a sample; distances are Euclidean. Samples are compared with each other, so all
figures are of a set of samples together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MOST_COMPARED = 4000
"""Of more samples, classes are drawn until there are as many: figures grow with the square of their number."""
WAYS = 20
"""Classes of an episode of `one_shot`, where there are as many."""
EPISODES = 400
SEED = 0
_ROWS = 1000

Numbers = NDArray[np.float32]
Codes = NDArray[np.integer]


def distances(first: Numbers, second: Numbers) -> Numbers:
    """The distance of each of the first from each of the second (first, second)."""
    a, b = (np.asarray(each, np.float64) for each in (first, second))  # of what lies close together most digits cancel out
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T
    found: Numbers = np.sqrt(np.maximum(squared, 0.0)).astype(np.float32)
    return found


def nearest(gallery: Numbers, asked: Numbers, count: int, without: NDArray[np.integer] | None = None) -> tuple[NDArray[np.intp], Numbers]:
    """The nearest of a gallery to what is asked about, and how far they are.

    Args:
        without: For each that is asked about its own place in the gallery, which does not count.

    Returns:
        Places and distances (asked, count), the nearest first; of equal ones the first of the gallery.
    """
    count = min(count, len(gallery) - (without is not None))
    places = np.zeros((len(asked), max(count, 0)), np.intp)
    found = np.zeros(places.shape, np.float32)
    for start in range(0, len(asked) if count > 0 else 0, _ROWS):
        rows = slice(start, start + _ROWS)
        away = distances(gallery, asked[rows]).T
        if without is not None:
            away[np.arange(len(away)), without[rows]] = np.inf
        among = np.sort(np.argpartition(away, count - 1, axis=1)[:, :count], axis=1)
        order = np.argsort(np.take_along_axis(away, among, axis=1), axis=1, kind="stable")
        places[rows] = np.take_along_axis(among, order, axis=1)
        found[rows] = np.take_along_axis(away, places[rows], axis=1)
    return places, found


@dataclass(frozen=True)
class Likeness:
    """Samples with their classes, compared with each other.

    Args:
        codes: The class of each.
        embeddings: Shape (samples, numbers).
    """

    codes: Codes
    embeddings: Numbers

    @staticmethod
    def of(codes: Codes, embeddings: Numbers) -> Likeness:
        """At most 4,000 of the samples: those of classes drawn by chance, always the same."""
        values = np.nan_to_num(np.asarray(embeddings, dtype=np.float32), posinf=0.0, neginf=0.0)
        codes = np.asarray(codes).reshape(-1)
        if len(codes) <= MOST_COMPARED:
            return Likeness(codes, values)
        classes, counts = np.unique(codes, return_counts=True)
        order = np.random.default_rng(SEED).permutation(len(classes))
        fitting = max(1, int((np.cumsum(counts[order]) <= MOST_COMPARED).sum()))
        chosen = np.isin(codes, classes[order[:fitting]])
        return Likeness(codes[chosen], values[chosen])

    def recall(self, count: int) -> float:
        """The share of samples that have another one of their class among the nearest; those that are alone in their class don't count."""
        _, places, sizes = np.unique(self.codes, return_inverse=True, return_counts=True)
        asked = np.flatnonzero(sizes[places] > 1) if len(self.codes) else np.zeros(0, np.intp)
        if not len(asked):
            return 0.0
        found, _ = nearest(self.embeddings, self.embeddings[asked], count, asked)
        return float((self.codes[found] == self.codes[asked][:, None]).any(axis=1).mean())

    @cached_property
    def pairs(self) -> Pairs:
        """The distances of all pairs."""
        same: list[Numbers] = []
        different: list[Numbers] = []
        for start in range(0, len(self.codes), _ROWS):
            rows = np.arange(start, min(start + _ROWS, len(self.codes)))
            away = distances(self.embeddings[rows], self.embeddings)
            later = np.arange(len(self.codes))[None, :] > rows[:, None]
            alike = self.codes[rows][:, None] == self.codes[None, :]
            same.append(away[later & alike])
            different.append(away[later & ~alike])
        return Pairs(*(np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.float32) for parts in (same, different)))

    @property
    def ways(self) -> int:
        """The classes of an episode: 20, or as many as there are with two samples."""
        return min(WAYS, int((np.unique(self.codes, return_counts=True)[1] > 1).sum()))

    def one_shot(self) -> float:
        """How often a sample is nearest to the one example of its class, when one example of each of `ways` classes is known.

        Mean over 400 episodes, each with classes, examples and questions (one per class) drawn by chance, always the same.

        Source: Lake, Salakhutdinov and Tenenbaum (2015), doi:10.1126/science.aab3050; Vinyals et al. (2016), arXiv:1606.04080, section 4.1.
        """
        ways = self.ways
        if ways < 2:
            return 0.0
        order = np.argsort(self.codes, kind="stable")
        _, starts, sizes = np.unique(self.codes[order], return_index=True, return_counts=True)
        able = np.flatnonzero(sizes > 1)
        random = np.random.default_rng(SEED)
        chosen = able[np.argsort(random.random((EPISODES, len(able))), axis=1)[:, :ways]]
        example = (random.random(chosen.shape) * sizes[chosen]).astype(np.intp)
        question = (example + 1 + (random.random(chosen.shape) * (sizes[chosen] - 1)).astype(np.intp)) % sizes[chosen]
        right = 0
        for shown, asked in zip(order[starts[chosen] + example], order[starts[chosen] + question], strict=True):
            right += int((distances(self.embeddings[asked], self.embeddings[shown]).argmin(axis=1) == np.arange(ways)).sum())
        return right / (EPISODES * ways)


@dataclass(frozen=True)
class Pairs:
    """The distances of pairs of one class and of pairs of two, each in ascending order."""

    same: Numbers
    different: Numbers

    @property
    def auc(self) -> float:
        """How often a pair of one class is nearer than a pair of two, ties half; 0.5 where there is nothing to compare."""
        if not len(self.same) or not len(self.different):
            return 0.5
        below, up_to = (np.searchsorted(self.different, self.same, side).astype(np.float64) for side in ("left", "right"))
        return float(1 - (below + up_to).mean() / (2 * len(self.different)))

    @cached_property
    def equal_error(self) -> tuple[float, float]:
        """The error rate where as many equal pairs are taken for different as different ones for equal, and the distance up to which pairs
        are then taken for equal; 0.5 and 0 where there is nothing to compare."""
        if not len(self.same) or not len(self.different):
            return 0.5, 0.0
        count, others = len(self.same), len(self.different)
        accepted = np.searchsorted(self.different, self.same, "right") / others
        missed = 1 - np.arange(1, count + 1) / count
        place = int(np.argmax(accepted >= missed))
        before = 1 - place / count
        if accepted[place] >= before:
            return before, float(self.different[max(0, int(np.ceil(before * others)) - 1)])
        return float(accepted[place]), float(self.same[place])

    def curve(self, points: int) -> list[tuple[float, float]]:
        """The ROC curve: shares of different and of equal pairs that are taken for equal, at thresholds that spread over both."""
        if not len(self.same) or not len(self.different):
            return []
        shares = np.linspace(0, 1, points // 2)
        limits = np.unique(np.concatenate([np.quantile(self.same, shares), np.quantile(self.different, shares)]))
        false, true = (np.searchsorted(each, limits, "right") / len(each) for each in (self.different, self.same))
        return [(0.0, 0.0), *zip(false.tolist(), true.tolist(), strict=True)]
