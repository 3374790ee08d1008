"""The encoding of a table's columns in layers and operations of Keras itself, for a model that loads without this program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from blocks.columns import ColumnCode

YEAR = 365.2425
WEEK = 7.0


def plain_inputs(codes: Sequence[ColumnCode], names: dict[str, str]) -> dict[str, Any]:
    """An Input for every column by its name in the signature: numbers float32, categories strings, dates float64 in days since 1970-01-01.

    Args:
        names: Name in the signature by column name.
    """
    import keras

    dtypes = {"number": "float32", "category": "string", "date": "float64"}
    kinds = {code.name: code.kind for code in codes}
    return {name: keras.Input((), dtype=dtypes[kinds.get(column, "number")], name=name) for column, name in names.items()}


def plain_encoding(codes: Sequence[ColumnCode], limit: float, columns: dict[str, Any]) -> Any:
    """What `blocks.layers.column_encoding.ColumnEncoding` computes, in the same order.

    Shapes: {column name: (batch,)} -> (batch, features).
    """
    import keras

    numbers = [code for code in codes if code.kind == "number"]
    dates = [code for code in codes if code.kind == "date"]
    parts = []
    if numbers:
        parts += _standardised(numbers, keras.ops.stack([columns[code.name] for code in numbers], axis=1), limit, "float32")
    if dates:
        parts += _dates(dates, keras.ops.stack([columns[code.name] for code in dates], axis=1), limit)
    parts += [_category(code, columns[code.name]) for code in codes if code.kind == "category"]
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
    return parts


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
    return parts


def _category(code: ColumnCode, values: Any) -> Any:
    import keras

    slots = [*code.classes, ""] if code.missing else list(code.classes)
    # A vocabulary can't be empty; a value that never occurs stands for none.
    lookup = keras.layers.StringLookup(vocabulary=slots or ["\x00"], num_oov_indices=1, mask_token=None)
    place = lookup(values) if slots else keras.ops.multiply(lookup(values), 0)
    return keras.ops.one_hot(place, len(slots) + 1, dtype="float32")
