"""Figures of numbers against numpy's, odd numbers included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.inspection import statistics

NUMBERS = arrays.arrays(
    np.float32, st.integers(0, 40), elements=st.one_of(st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, np.nan, np.inf, -np.inf]))
)


@given(NUMBERS)
def test_figures_are_those_of_the_finite_numbers(values: np.ndarray) -> None:
    found = statistics.of(values)
    finite = values[np.isfinite(values)].astype(np.float64)
    assert found.count == len(values)
    if len(values):
        assert found.zeros == pytest.approx(np.mean(values == 0))
        assert found.not_finite == pytest.approx(1 - len(finite) / len(values))
    if not len(finite):
        assert (found.minimum, found.mean, found.maximum, found.standard_deviation) == (None, None, None, None)
        return
    assert (found.minimum, found.maximum) == (finite.min(), finite.max())
    assert found.mean == pytest.approx(finite.mean(), abs=1e-6 * max(1, np.abs(finite).max()))
    assert found.standard_deviation == pytest.approx(finite.std(), abs=1e-5 * max(1, np.abs(finite).max()))


@given(st.lists(NUMBERS, max_size=4))
def test_sets_together_are_as_one(parts: list[np.ndarray]) -> None:
    whole = statistics.of(np.concatenate([*parts, np.zeros(0, np.float32)]))
    found = statistics.together(map(statistics.of, parts))
    scale = max([1.0, *(abs(value) for value in (whole.minimum, whole.maximum) if value is not None)])
    for name, value in whole.to_json().items():
        assert found.to_json()[name] == (value if value is None else pytest.approx(value, abs=1e-5 * scale)), name


def test_whole_numbers_and_truths_count_too() -> None:
    assert statistics.of(np.array([0, 3, 255], np.uint8)).mean == 86
    assert statistics.of(np.array([True, False])).zeros == 0.5


def test_very_many_numbers_are_counted_in_parts() -> None:
    values = np.random.default_rng(0).normal(3, 2, 9_000_001).astype("float32")
    values[:1000] = np.nan
    found = statistics.of(values.reshape(-1, 1))
    assert found.count == 9_000_001
    assert found.mean == pytest.approx(np.nanmean(values, dtype=np.float64))
    assert found.standard_deviation == pytest.approx(np.nanstd(values.astype(np.float64)))
    assert found.not_finite == pytest.approx(1000 / 9_000_001)
