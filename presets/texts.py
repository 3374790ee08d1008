"""How text presets read a dataset's texts."""

from __future__ import annotations

from typing import Literal

from blocks.features import Feature
from blocks.text import TextVectorization

SHORTEST, LONGEST = 8, 400
SPECIAL_TOKENS = 2
"""Padding and unknown words."""


def suited_vectorization(
    feature: Feature | None,
    max_tokens: int,
    output_mode: Literal["int", "multi_hot", "count", "tf_idf"] = "int",
    sequence_length: int | None = None,
    split: Literal["auto", "whitespace", "character"] = "auto",
) -> TextVectorization:
    """A TextVectorization for these texts: length, vocabulary and place of the cuts follow their statistics.

    Args:
        sequence_length: Words per text; None: the 95th percentile of the training texts, between 8 and 400.
        split: "auto" cuts into characters where texts have no blanks.
    """
    known = feature.statistics if feature else {}
    if split == "auto":
        split = "character" if has_no_blanks(feature) else "whitespace"
    typical = known.get("percentile_95_characters" if split == "character" else "percentile_95_words")
    length = sequence_length or (min(LONGEST, max(SHORTEST, round(float(typical)))) if typical else 100)
    distinct = known.get("vocabulary_size")
    if distinct and split == "whitespace":
        max_tokens = max(3, min(max_tokens, int(distinct) + SPECIAL_TOKENS))
    return TextVectorization(max_tokens=max_tokens, output_sequence_length=length, output_mode=output_mode, split=split)


def has_no_blanks(feature: Feature | None) -> bool:
    """Whether the texts seem to be of a language that doesn't part its words."""
    known = feature.statistics if feature else {}
    words, characters = known.get("median_words"), known.get("median_characters")
    return bool(words and characters and float(characters) / float(words) > 14)
