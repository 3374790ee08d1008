"""Texts as tokens: cut into characters or words, numbered by a vocabulary, and put together again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blocks.features import END, PADDING, SPECIAL_TOKENS, START, UNKNOWN

Level = Literal["character", "word"]

LONGEST = 256
"""Tokens of a text that are read or written; the rest of longer texts is cut off."""
MOST_TOKENS = 10_000
"""Size of a vocabulary; rarer words count as unknown."""
LOST = "\ufffd"
"""Stands for a token that the vocabulary lacks."""
_SINGLE_SHARE = 0.1
_NUMBER_SHARE = 0.1
_WORDS = 2.0
_PARTS = re.compile(r"\s?\w+|\s?[^\w\s]|\s")
_NUMBER = re.compile(r"[\d\W]*\d[\d\W]*")
"""A word without letters and with a digit."""


def cut(text: str, level: Level) -> list[str]:
    """The tokens of a text that is to be written: characters; or words and signs, each with the blank before it, the first one too."""
    return list(text) if level == "character" else _PARTS.findall(f" {text}")


def joined(tokens: Iterable[str], level: Level) -> str:
    """The text of tokens: what `cut` took apart."""
    text = "".join(tokens)
    return text.removeprefix(" ") if level == "word" else text


def read_apart(text: str, level: Level) -> list[str]:
    """The tokens of a text that is to be read, as TextVectorization cuts them: characters, or what stands between blanks."""
    return list(text) if level == "character" else text.split()


def level_of(texts: Sequence[str]) -> Level:
    """Words where texts have several of them and nearly each occurs again; characters else.

    How many words of other texts will be new is told by the share of words that occur once (Good, 1953, doi:10.1093/biomet/40.3-4.237).
    Numbers in digits are read by characters, since they are made of them.
    """
    words = Counter(word for text in texts for word in text.split())
    total = sum(words.values())
    if total < _WORDS * max(len(texts), 1):
        return "character"
    single = sum(count == 1 for count in words.values())
    numbers = sum(count for word, count in words.items() if _NUMBER.fullmatch(word))
    return "word" if single <= _SINGLE_SHARE * total and numbers <= _NUMBER_SHARE * total else "character"


def vocabulary(tokens: Iterable[Sequence[str]], most: int = MOST_TOKENS) -> tuple[str, ...]:
    """The special tokens, then all others by how often they occur; of equal ones the earlier in the alphabet first."""
    counts = Counter(token for each in tokens for token in each)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return (*SPECIAL_TOKENS, *(token for token, _ in ordered[: most - len(SPECIAL_TOKENS)]))


def encoded(texts: Sequence[str], known: Sequence[str], level: Level, length: int) -> NDArray[np.int32]:
    """Numbers of the tokens of texts, the end behind them, and padding behind that; shape (texts, length)."""
    numbers = {token: number for number, token in enumerate(known) if number >= len(SPECIAL_TOKENS)}
    found = np.full((len(texts), length), PADDING, dtype=np.int32)
    for place, text in enumerate(texts):
        row = [numbers.get(token, UNKNOWN) for token in cut(text, level)][:length]
        found[place, : len(row)] = row
        if len(row) < length:
            found[place, len(row)] = END
    return found


def before(numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """What is already written when each token is due: the same one step later, behind the start."""
    return np.concatenate([np.full((len(numbers), 1), START, dtype=np.int32), np.where(numbers == END, PADDING, numbers)[:, :-1]], axis=1)


def decoded(numbers: NDArray[np.integer], known: Sequence[str], level: Level) -> list[str]:
    """The texts of rows of tokens, each up to its end."""
    return [joined(tokens_of(row, known), level) for row in numbers]


def tokens_of(row: NDArray[np.integer], known: Sequence[str]) -> list[str]:
    """The tokens of one text up to its end."""
    found: list[str] = []
    for number in row.tolist():
        if number in (PADDING, END):
            break
        found.append(LOST if number == UNKNOWN else known[number])
    return found
