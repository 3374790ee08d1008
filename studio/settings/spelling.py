"""How far written texts are from the true ones: plain Python."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from studio.settings.collected import Collected

LONGEST_RUN = 4
"""Words of the longest runs that BLEU compares."""


class Spelled(Collected):
    """A figure of texts that a network has written itself, token by token: it is given true and written texts."""

    def __init__(self, name: str, figure: Callable[[Sequence[str], Sequence[str]], float]) -> None:
        super().__init__(name, lambda truth, said: figure(truth.tolist(), said.tolist()))


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Least number of parts to put in, take out or exchange to make one of the other (Levenshtein, 1966)."""
    if len(one) < len(other):
        one, other = other, one
    row = np.arange(len(other) + 1)
    letters = np.array(list(other), dtype=object)
    for number, part in enumerate(one, start=1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (letters != part))
        # Taking in from the left is a running minimum, once each place is counted from its own position.
        shifted = np.concatenate([[number], changed]) - np.arange(len(other) + 1)
        row = np.minimum.accumulate(shifted) + np.arange(len(other) + 1)
    return int(row[-1])


def exact_match(truth: Sequence[str], said: Sequence[str]) -> float:
    """Share of the texts that are right in every character."""
    return sum(one == other for one, other in zip(truth, said, strict=True)) / max(1, len(truth))


def character_error_rate(truth: Sequence[str], said: Sequence[str]) -> float:
    """Characters to be changed, put in or taken out, for each character of the true texts."""
    wrong = sum(distance(one, other) for one, other in zip(truth, said, strict=True))
    return wrong / max(1, sum(map(len, truth)))


def bleu(truth: Sequence[str], said: Sequence[str]) -> float:
    """BLEU of all texts together, from 0 to 1, over runs of up to four words; of texts without blanks, of characters.

    Runs that are longer than every true text are left out, so that short answers can have a figure.
    """
    by_character = not any(" " in text for text in truth)
    pairs = [(list(one), list(other)) if by_character else (one.split(), other.split()) for one, other in zip(truth, said, strict=True)]
    true_length, length = sum(len(one) for one, _ in pairs), sum(len(other) for _, other in pairs)
    if not true_length or not length:
        return 0.0
    shares = []
    for size in range(1, LONGEST_RUN + 1):
        runs = [(_runs(one, size), _runs(other, size)) for one, other in pairs]
        if not any(one for one, _ in runs):
            break
        hits = sum(sum((one & other).values()) for one, other in runs)
        given = sum(sum(other.values()) for _, other in runs)
        shares.append(hits / given if given else 0.0)
    if not all(shares):
        return 0.0
    brevity = min(1.0, math.exp(1 - true_length / length))
    return brevity * math.exp(sum(map(math.log, shares)) / len(shares))


def _runs(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + size]) for start in range(len(words) - size + 1))
