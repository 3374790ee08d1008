"""Figures of a training split, as features carry them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.words import MOST_KEPT, common_words

Figures = dict[str, Any]
_QUANTILES = 17
_EXAMPLES = 1_000
_EXAMPLE_CHARACTERS = 200


def of_numbers(values: NDArray[np.floating[Any]]) -> Figures:
    """Mean, standard deviation, minimum, maximum, median, 17 quantiles at equal distances, and the count of missing (NaN) values.

    None where there is no value.
    """
    present = values[~np.isnan(values)]
    missing = int(len(values) - len(present))
    if not len(present):
        return {"mean": None, "standard_deviation": None, "minimum": None, "maximum": None, "median": None, "quantiles": None, "missing": missing}
    return {
        "mean": float(present.mean()),
        "standard_deviation": float(present.std()),
        "minimum": float(present.min()),
        "maximum": float(present.max()),
        "median": float(np.median(present)),
        "quantiles": np.quantile(present, np.linspace(0, 1, _QUANTILES), method="nearest").tolist(),
        "missing": missing,
    }


def of_classes(codes: NDArray[np.integer[Any]], classes: int) -> Figures:
    """How often each class occurs, and how many values are missing (a code below 0)."""
    return {"counts": np.bincount(codes[codes >= 0], minlength=classes).tolist(), "missing": int((codes < 0).sum())}


def of_dates(values: Iterable[str]) -> Figures:
    """First and last date (ISO text) and the count of missing ones ("")."""
    texts = list(values)
    present = [text for text in texts if text]
    return {"minimum": min(present, default=None), "maximum": max(present, default=None), "missing": len(texts) - len(present)}


def of_words(values: Iterable[str | None]) -> Figures:
    """The commonest words with how many texts hold each, a text of middle length as an example, and the count of missing ones."""
    texts = [text or "" for text in values]
    present = [text for text in texts if text]
    some = sorted(present[:_EXAMPLES], key=lambda text: (len(text), text))
    common = common_words(texts, MOST_KEPT)
    return {
        "words": list(common),
        "counts": list(common.values()),
        "example": some[len(some) // 2][:_EXAMPLE_CHARACTERS] if some else None,
        "missing": len(texts) - len(present),
    }


def of_texts(values: Iterable[str]) -> Figures:
    """Words per text (a script without blanks counts as one word) and characters per text, and the number of different words."""
    words: list[int] = []
    characters: list[int] = []
    vocabulary: set[str] = set()
    for text in values:
        parts = text.casefold().split()
        words.append(len(parts))
        characters.append(len(text))
        vocabulary.update(parts)
    counts = np.array(words or [0])
    lengths = np.array(characters or [0])
    return {
        "median_words": float(np.median(counts)),
        "percentile_95_words": float(np.percentile(counts, 95)),
        "maximum_words": int(counts.max()),
        "median_characters": float(np.median(lengths)),
        "percentile_95_characters": float(np.percentile(lengths, 95)),
        "maximum_characters": int(lengths.max()),
        "vocabulary_size": len(vocabulary),
    }


def of_steps(values: NDArray[np.floating[Any]]) -> Figures:
    """Mean, standard deviation, minimum and maximum of each column of a series, (steps, columns)."""
    return {
        "mean": values.mean(axis=0).tolist(),
        "standard_deviation": values.std(axis=0).tolist(),
        "minimum": values.min(axis=0).tolist(),
        "maximum": values.max(axis=0).tolist(),
    }
