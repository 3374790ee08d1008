from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.datasets.errors import DatasetError
from studio.datasets.report import Report
from studio.datasets.splits import bins, complete, counts, grouped, make, split_name, together


@given(st.lists(st.integers(0, 5), min_size=3, max_size=300), st.integers(0, 3))
def test_a_made_split_keeps_the_shares_and_every_class_trains(strata: list[int], seed: int) -> None:
    classes = np.array(strata)
    names = make(classes, 0.15, 0.15, seed)
    found = counts(names)
    assert sum(found.values()) == len(strata)
    assert min(found.values()) >= 1
    for stratum in set(strata):
        train = int((names[classes == stratum] == "train").sum())
        size = int((classes == stratum).sum())
        assert train >= 1 or len(strata) < 8
        if size >= 20:
            assert 0.6 <= train / size <= 0.8
    assert (make(classes, 0.15, 0.15, seed) == names).all()


def test_another_seed_gives_another_split() -> None:
    strata = np.zeros(100, dtype=int)
    assert (make(strata, 0.15, 0.15, 0) != make(strata, 0.15, 0.15, 1)).any()


@pytest.mark.parametrize(
    ("given_names", "origin", "expected"),
    [
        (None, "made", {"train": 70, "validation": 15, "test": 15}),
        (["train"] * 100, "made", {"train": 70, "validation": 15, "test": 15}),
        (["train"] * 80 + ["test"] * 20, "partly given", {"train": 68, "validation": 12, "test": 20}),
        (["train"] * 80 + ["validation"] * 20, "partly given", {"train": 68, "validation": 20, "test": 12}),
        (["train"] * 60 + ["validation"] * 25 + ["test"] * 15, "given", {"train": 60, "validation": 25, "test": 15}),
    ],
)
def test_given_splits_are_kept_and_missing_ones_made(given_names: list[str | None] | None, origin: str, expected: dict[str, int]) -> None:
    report = Report()
    names, found = complete(given_names, np.arange(100) % 4, report)
    assert found == origin
    assert counts(names) == expected
    assert bool(report.warnings()) == (origin == "partly given")


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(DatasetError, match="at least 3"):
        complete(None, np.array([0, 1]), Report())


@given(st.lists(st.integers(0, 30), min_size=10, max_size=200).filter(lambda groups: len(set(groups)) >= 3))
def test_groups_are_never_torn(groups: list[int]) -> None:
    names = grouped(np.array(groups))
    assert all(len(set(names[np.array(groups) == group].tolist())) == 1 for group in set(groups))
    assert set(names.tolist()) == {"train", "validation", "test"}


def test_copies_follow_the_first() -> None:
    names = together(np.array(["train", "test", "validation"]), np.array([7, 7, 8]))
    assert names.tolist() == ["train", "train", "validation"]


def test_bins_are_about_equally_full() -> None:
    found = np.bincount(bins(np.random.default_rng(0).normal(size=1000)))
    assert len(found) == 10
    assert found.min() > 80


@pytest.mark.parametrize(
    ("text", "expected"), [("Train", "train"), (" VAL ", "validation"), ("valid", "validation"), ("TEST", "test"), ("cats", None)]
)
def test_names_of_splits(text: str, expected: str | None) -> None:
    assert split_name(text) == expected
