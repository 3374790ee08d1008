"""Numbers cut into pieces, and dates spelled out: what `bins` adds to the encoding of columns."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from blocks import Feature
from blocks.columns import ColumnCode, code_of_feature, code_of_values
from blocks.layers.column_encoding import ColumnEncoding as Layer
from studio.datasets import statistics


def encoded(code: ColumnCode, values: Any) -> np.ndarray:
    found: np.ndarray = Layer([code.model_dump()])({code.name: tf.constant(values)}).numpy()
    return found


def test_each_piece_is_filled_from_its_low_end_to_its_high_end() -> None:
    code = ColumnCode(name="x", kind="number", missing=True, edges=(0.0, 1.0, 3.0, 4.0))
    assert code.width == 5
    found = encoded(code, [-1.0, 0.5, 2.0, 4.0, 9.0, math.nan])[:, 2:]
    assert found.tolist() == [[0, 0, 0], [0.5, 0, 0], [1, 0.5, 0], [1, 1, 1], [1, 1, 1], [0, 0, 0]]


def test_pieces_hold_about_as_many_training_values_each() -> None:
    values = np.concatenate([np.linspace(0, 1, 75), np.linspace(100, 1000, 25)])
    edges = code_of_values("x", values, None, 10, 4).edges
    assert len(edges) == 5
    assert all(24 <= int(((values > low) & (values <= high)).sum()) <= 26 for low, high in pairwise(edges))


@pytest.mark.parametrize("values", [[1.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0 + 1e-9, 1.0 + 2e-9], [math.nan]])
def test_a_range_that_can_not_be_cut_stays_whole(values: list[float]) -> None:
    code = code_of_values("x", np.array(values), "number", 10, 8)
    assert code.edges == ()
    assert code.width == 1 + code.missing


def test_statistics_give_the_same_pieces_before_the_values_are_read() -> None:
    values = np.random.default_rng(3).lognormal(size=500)
    feature = Feature(name="x", role="input", kind="number", statistics=statistics.of_numbers(values))
    for bins in (2, 4, 8, 16):
        assert code_of_feature(feature, 10, bins).edges == pytest.approx(code_of_values("x", values, "number", 10, bins).edges, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(np.float32, st.integers(1, 40), elements=st.floats(width=32)), st.integers(1, 16))
def test_no_numbers_break_the_pieces(values: np.ndarray, bins: int) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        code = code_of_values("x", values, "number", 10, bins)
    found = encoded(code, values)
    assert found.shape == (len(values), code.width)
    assert np.isfinite(found[:, 1 + code.missing :]).all()
    assert ((found[:, 1 + code.missing :] >= 0) & (found[:, 1 + code.missing :] <= 1)).all()


def test_dates_are_spelled_out() -> None:
    code = ColumnCode(name="d", kind="date", calendar=True)
    monday, sunday, gap = encoded(code, ["2024-01-01", "2023-12-31", ""])[:, 5:]
    assert code.width == 5 + 12 + 7
    months, weekdays = monday[:12], monday[12:]
    assert months[0] == pytest.approx(1.0, abs=0.05)
    assert months.sum() == pytest.approx(1.0, abs=1e-5)
    assert weekdays.sum() == sunday[12:].sum() == 1
    assert (np.argmax(weekdays) - np.argmax(sunday[12:])) % 7 == 1
    assert not gap.any()
    assert encoded(code, ["2024-07-01"])[0, 5:17].argmax() == 6


def test_times_are_spelled_out_where_they_occur() -> None:
    code = code_of_values("d", np.array(["2024-01-01T06:00:00", "2024-01-02T07:30:00", "2024-01-03T09:00:00"], object), "date", 10, 2)
    assert code.times
    assert code.calendar
    hours = encoded(code, ["2024-01-01T06:00:00", "2024-01-02T07:30:00"])[:, -8:]
    assert hours.tolist() == [[0, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0.5, 0.5, 0, 0, 0, 0]]


def test_without_bins_dates_are_as_they_were() -> None:
    code = code_of_values("d", np.array(["2024-01-01", "2024-01-02", "2024-01-03"], object), "date", 10)
    assert not code.calendar
    assert code.width == 5
