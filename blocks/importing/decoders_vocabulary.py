"""Layers that hold a vocabulary. Their blocks have it as a parameter, without the places that stand for nothing and for unknown values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blocks.importing.errors import UnsaidError
from blocks.importing.reading import Reading
from blocks.lookups import IntegerLookup, StringLookup
from blocks.text import NO_WORD

LEAST_TOKENS = 3
STAND_INS = (NO_WORD, StringLookup.stand_in, IntegerLookup.stand_in)
"""What stands in a vocabulary that isn't known yet, because Keras wants something."""


def without_special(vocabulary: list[Any], special: list[Any]) -> list[Any]:
    """The values of a vocabulary that stand for themselves."""
    kept = vocabulary[len(special) :] if vocabulary[: len(special)] == special else vocabulary
    return [] if len(kept) == 1 and kept[0] in STAND_INS else kept


def _text_vectorization(reading: Reading) -> None:
    mode = reading.rest.get("output_mode")
    words = _vocabulary(reading, ["", "[UNK]"] if mode == "int" else ["[UNK]"])
    special = 2 if mode == "int" else 1
    _size(reading, words, special, mode != "int")
    ngrams = reading.take("ngrams")
    if isinstance(ngrams, list):
        if ngrams != list(range(1, len(ngrams) + 1)):
            raise UnsaidError(f"ngrams: it takes runs of {ngrams} words; the block takes all up to a length")
        ngrams = len(ngrams)
    reading.params["ngrams"] = None if ngrams == 1 else ngrams
    if mode != "int":
        reading.rest.pop("output_sequence_length", None)
    if mode == "tf_idf" and words:
        reading.params["idf_weights"] = reading.take("idf_weights")
    reading.rest.pop("idf_weights", None)


def _lookup(unknown: Any) -> Callable[[Reading], None]:
    def decode(reading: Reading) -> None:
        _refuse_inverted(reading)
        mode, mask, places = reading.rest.get("output_mode"), reading.rest.get("mask_token"), reading.rest.get("num_oov_indices", 1)
        special = [mask] * (mask is not None and mode == "int") + [unknown] * (places if isinstance(places, int) and 0 <= places < 1001 else 0)
        marker = reading.take("oov_token", unknown)
        spelled = [marker if each == unknown else each for each in special]
        words = _vocabulary(reading, spelled)
        _size(reading, words, len(special), mode != "int")
        weights = reading.take("idf_weights")
        if mode == "tf_idf" and words and isinstance(weights, list):
            reading.params["idf_weights"] = weights[len(weights) - len(words) :]

    return decode


def _refuse_inverted(reading: Reading) -> None:
    if reading.take("invert"):
        raise UnsaidError("invert: no network takes the values that it gives")


def _vocabulary(reading: Reading, special: list[Any]) -> list[Any]:
    found = reading.take("vocabulary")
    if found is None:
        return []
    if not isinstance(found, list):
        raise UnsaidError("vocabulary: it names a file of the computer that the model was made on")
    kept = without_special(found, special)
    if kept:
        reading.params["vocabulary"] = kept
    return kept


def _size(reading: Reading, words: list[Any], special: int, sized_by_words: bool) -> None:
    """How many places there are: the block always has `max_tokens` of them, a layer of Keras only as many as it needs unless it pads."""
    most, padded = reading.take("max_tokens"), reading.take("pad_to_max_tokens")
    known = reading.rest.get("vocabulary_size")
    if sized_by_words and not padded:
        most = len(words) + special if words else known or most
    elif most is None:
        most = max(len(words) + special, known if isinstance(known, int) else 0)
    reading.params["max_tokens"] = max(most, LEAST_TOKENS) if isinstance(most, int) else most


VOCABULARY_DECODERS: dict[str, Callable[[Reading], None]] = {
    "TextVectorization": _text_vectorization,
    "StringLookup": _lookup(StringLookup.unknown),
    "IntegerLookup": _lookup(IntegerLookup.unknown),
}
