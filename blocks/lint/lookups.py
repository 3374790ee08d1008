"""How many different numbers come out of a block that numbers words or values."""

from __future__ import annotations

from typing import NamedTuple

from blocks.base import Block
from blocks.encoding import HashedCrossing, Hashing
from blocks.features import Feature
from blocks.lookups import IntegerLookup, StringLookup
from blocks.text import TextVectorization

SPECIAL = 2
"""Padding and unknown words."""


class Vocabulary(NamedTuple):
    """How many numbers there are, counted from 0.

    Args:
        sure: Whether the largest one is certain to occur.
    """

    numbers: int
    sure: bool


def vocabulary_of(block: Block, feature: Feature | None) -> Vocabulary | None:
    """What comes out of a block; None where it gives no numbers of a vocabulary.

    Args:
        feature: What it reads.
    """
    if isinstance(block, Hashing | HashedCrossing) and block.output_mode == "int":
        return Vocabulary(block.num_bins, sure=False)
    if isinstance(block, IntegerLookup | StringLookup) and block.output_mode == "int":
        return Vocabulary(block.max_tokens, sure=False)
    if not isinstance(block, TextVectorization) or block.output_mode != "int":
        return None
    if block.vocabulary:
        return Vocabulary(min(block.max_tokens, len(block.vocabulary) + SPECIAL), sure=True)
    known = feature.statistics.get("vocabulary_size") if feature else None
    if known is None or block.split != "whitespace" or block.ngrams:
        return Vocabulary(block.max_tokens, sure=False)
    # the statistics count words with their punctuation, so that there may be fewer
    return Vocabulary(min(block.max_tokens, int(known) + SPECIAL), sure=block.max_tokens < int(known) // 2)
