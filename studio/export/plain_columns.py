"""The encoding of a table's columns in layers and operations of Keras itself, for a model that loads without this program."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from blocks.columns import HOURS, MONTHS, WEEKDAYS, YEAR, ColumnCode

WEEK = 7.0


def plain_inputs(codes: Sequence[ColumnCode], names: dict[str, str]) -> dict[str, Any]:
    """An Input for every column by its name in the signature: numbers float32, categories and texts strings, dates float64 in days since 1970-01-01.

    Args:
        names: Name in the signature by column name.
    """
    import keras

    dtypes = {"number": "float32", "category": "string", "words": "string", "date": "float64"}
    kinds = {code.name: code.kind for code in codes}
    return {name: keras.Input((), dtype=dtypes[kinds.get(column, "number")], name=name) for column, name in names.items()}


def plain_encoding(codes: Sequence[ColumnCode], limit: float, columns: dict[str, Any]) -> Any:
    """What `blocks.layers.column_encoding.ColumnEncoding` computes, in the same order.

    Only words of a free text need a layer of our own: those of Keras delete signs between words, or leave them in.

    Shapes: {column name: (batch,)} -> (batch, features).
    """
    import keras

    from blocks.layers.word_bag import WordBag

    numbers = [code for code in codes if code.kind == "number"]
    dates = [code for code in codes if code.kind == "date"]
    parts = []
    if numbers:
        parts += _standardised(numbers, keras.ops.stack([columns[code.name] for code in numbers], axis=1), limit, "float32")
    if dates:
        parts += _dates(dates, keras.ops.stack([columns[code.name] for code in dates], axis=1), limit)
    parts += [_category(code, columns[code.name]) for code in codes if code.kind == "category"]
    parts += [WordBag(list(code.words), code.missing)(columns[code.name]) for code in codes if code.kind == "words"]
    return keras.ops.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]


def _standardised(codes: Sequence[ColumnCode], values: Any, limit: float, dtype: str) -> list[Any]:
    from keras import ops

    def constant(numbers: list[float]) -> np.ndarray:
        return np.array([numbers], dtype=dtype)

    present = ops.isfinite(values)
    filled = ops.where(present, values, constant([code.median for code in codes]))
    centred = ops.subtract(filled, constant([code.mean for code in codes]))
    scaled = ops.divide(centred, constant([code.standard_deviation for code in codes]))
    parts = [ops.clip(ops.cast(scaled, "float32"), -limit, limit)]
    gaps = [place for place, code in enumerate(codes) if code.missing]
    if gaps:
        parts.append(ops.subtract(1.0, ops.cast(ops.take(present, np.array(gaps, "int32"), axis=1), "float32")))
    if any(code.pieces for code in codes):
        parts.append(_filled_pieces(codes, ops.cast(filled, "float32"), present))
    return parts


def _filled_pieces(codes: Sequence[ColumnCode], values: Any, present: Any) -> Any:
    from keras import ops

    column = np.array([place for place, code in enumerate(codes) for _ in range(code.pieces)], "int32")
    low = np.array([[edge for code in codes for edge in code.edges[:-1]]], "float32")
    size = np.array([[high - edge for code in codes for edge, high in pairwise(code.edges)]], "float32")
    filled = ops.clip(ops.divide(ops.subtract(ops.take(values, column, axis=1), low), size), 0.0, 1.0)
    return ops.multiply(filled, ops.cast(ops.take(present, column, axis=1), "float32"))


def _dates(codes: Sequence[ColumnCode], days: Any, limit: float) -> list[Any]:
    from keras import ops

    parts = _standardised(codes, days, limit, "float64")
    present = ops.isfinite(days)
    safe = ops.where(present, days, np.zeros((1, len(codes)), "float64"))
    timed = [place for place, code in enumerate(codes) if code.times]
    cycles = [(safe, present, YEAR), (safe, present, WEEK)]
    if timed:
        chosen = np.array(timed, "int32")
        cycles.append((ops.take(safe, chosen, axis=1), ops.take(present, chosen, axis=1), 1.0))
    for position, known, period in cycles:
        turned = ops.mod(position, np.array([[period]], "float64"))
        angle = ops.cast(ops.multiply(turned, np.array([[2 * np.pi / period]], "float64")), "float32")
        there = ops.cast(known, "float32")
        parts += [ops.multiply(ops.sin(angle), there), ops.multiply(ops.cos(angle), there)]
    spelled = [place for place, code in enumerate(codes) if code.calendar]
    hours = [place for place in spelled if codes[place].times]
    for places, period, count, sharp in ((spelled, YEAR, MONTHS, False), (spelled, WEEK, WEEKDAYS, True), (hours, 1.0, HOURS, False)):
        if places:
            chosen = np.array(places, "int32")
            parts.append(_near(ops.take(safe, chosen, axis=1), ops.take(present, chosen, axis=1), period, count, sharp=sharp))
    return parts


def _near(days: Any, present: Any, period: float, count: int, *, sharp: bool) -> Any:
    from keras import ops

    turned = ops.multiply(ops.mod(days, np.array([[period]], "float64")), np.array([[count / period]], "float64"))
    position = ops.expand_dims(ops.cast(ops.floor(turned) if sharp else turned, "float32"), -1)
    places = np.arange(count, dtype="float32")[None, None]
    shifted = ops.mod(ops.add(ops.subtract(position, places), count / 2), np.array([[[count]]], "float32"))
    near = ops.maximum(ops.subtract(1.0, ops.abs(ops.subtract(shifted, count / 2))), 0.0)
    return ops.reshape(ops.multiply(near, ops.expand_dims(ops.cast(present, "float32"), -1)), (-1, days.shape[1] * count))


def _category(code: ColumnCode, values: Any) -> Any:
    import keras

    slots = [*code.classes, ""] if code.missing else list(code.classes)
    # A vocabulary can't be empty; a value that never occurs stands for none.
    lookup = keras.layers.StringLookup(vocabulary=slots or ["\x00"], num_oov_indices=1, mask_token=None)
    place = lookup(values) if slots else keras.ops.multiply(lookup(values), 0)
    return keras.ops.one_hot(place, len(slots) + 1, dtype="float32")
