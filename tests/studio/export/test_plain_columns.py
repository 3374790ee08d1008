"""The encoding of columns in layers of Keras alone: the same numbers as our own layer gives."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.columns import ColumnCode, code_of_values, days_of
from blocks.layers.column_encoding import ColumnEncoding
from studio.export.plain_columns import plain_encoding, plain_inputs

NUMBERS = np.array([3.0, 1e9, -4.5, np.nan, 0.1, 0.1, 7.25, -1e-12, 12.0, 5e4])
DATES = ["2023-12-31", "2024-02-29", "", "1969-07-20", "2024-01-01", "2001-09-09", "2010-06-30", "2010-07-01", "1899-12-31", "2099-01-01"]
TIMES = ["2023-12-31T23:59:59", "2024-02-29T12:00:00", "", "1969-07-20T20:17:40", *("2024-01-01T06:30:00",) * 6]
COLOURS = ["red", "blue", "", "red", "red", "green", "red", "blue", "blue", "red"]
NAMES = ["red car", "", "old  car", "Red-Car", "car", "bus", "old bus", "bus", "CAR", "bus 7"]
COLUMNS = {
    "size": NUMBERS,
    "day": np.array(DATES, object),
    "moment": np.array(TIMES, object),
    "colour": np.array(COLOURS, object),
    "name": np.array(NAMES, object),
}


@pytest.mark.parametrize("bins", [0, 1, 4, 16])
def test_it_is_that_of_our_own_layer(bins: int) -> None:
    codes = [code_of_values(name, values, "words" if name == "name" else None, 10, bins) for name, values in COLUMNS.items()]
    assert [code.kind for code in codes] == ["number", "date", "date", "category", "words"]
    assert codes[-1].words == ("car",)
    assert any(code.pieces for code in codes) == (bins > 1)
    own = ColumnEncoding([code.model_dump() for code in codes])(
        {name: tf.constant(values.astype("float32") if name == "size" else values.tolist()) for name, values in COLUMNS.items()}
    )
    inputs = plain_inputs(codes, {name: name for name in COLUMNS})
    plain = keras.Model(inputs, plain_encoding(codes, 10.0, inputs))
    found = plain({name: tf.constant(_as_plain(code, COLUMNS[name])) for name, code in zip(COLUMNS, codes, strict=True)})
    assert own.shape[1] == sum(code.width for code in codes)
    np.testing.assert_allclose(found.numpy(), own.numpy(), atol=1e-6)


def _as_plain(code: ColumnCode, values: np.ndarray) -> np.ndarray:
    if code.kind == "number":
        return values.astype("float32")
    if code.kind in ("category", "words"):
        return np.array(values.tolist())
    return np.array([np.nan if (day := days_of(text)) is None else day for text in values.tolist()])
