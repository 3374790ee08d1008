"""Words of free text: how a text is cut, and which words of a column are worth a number each."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e"
"""Signs that belong to a letter beside them, which no class of letters holds; a range for regular expressions, as the next one."""
IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Signs of scripts without blanks; each counts as a word."""
FEWEST_ROWS = 5
"""Rows in which a word must occur to get a number ..."""
LARGEST_SHARE = 0.95
"""... and the share of rows up to which it tells them apart."""
MOST_TEXTS = 50_000
"""Texts that are counted; of more of them, some by chance."""
MOST_KEPT = 500
"""Words of a column that a dataset lists."""
_BETWEEN = re.compile(rf"(?:[^\w{MARKS}]|_)+")
_IDEOGRAPH = re.compile(rf"([{IDEOGRAPHS}])")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case: runs of letters and digits."""
    spaced = _BETWEEN.sub(" ", text.lower())
    return (spaced if spaced.isascii() else _IDEOGRAPH.sub(r" \1 ", spaced)).split()


def common_words(texts: Sequence[str], most: int) -> dict[str, int]:
    """Words that occur in several texts, but not in nearly all, with how many texts hold them; the commonest first.

    Args:
        texts: "" where there is none.
    """
    chosen = texts if len(texts) <= MOST_TEXTS else random.Random(0).sample(texts, MOST_TEXTS)  # noqa: S311 - the same ones each time
    counts = Counter(word for text in chosen for word in set(words_of(text)))
    kept = [(word, count) for word, count in counts.items() if FEWEST_ROWS <= count <= LARGEST_SHARE * len(chosen)]
    return dict(sorted(kept, key=lambda each: (-each[1], each[0]))[:most])
