"""Splits for cross-validation."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from studio.datasets.dataset import Dataset
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.pair_rows import IMAGE_PAIRS, PATHS
from studio.datasets.splits import FEWEST_CLASSES, VALIDATION_SHARE, bins, by_class, make

SEED = 0


def folds_of(dataset: Dataset, of: int) -> list[NDArray[np.int64]]:
    """The rows of each fold: those of scikit-learn's StratifiedKFold for classes and KFold for numbers, shuffled with random state 0.

    Of identities, whole classes come to a fold; those with one sample come to none.

    Args:
        of: How many folds, at least 2.

    Raises:
        DatasetError: There are too few samples for so many folds, or they follow time.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    if dataset.manifest.split_origin == "by time":
        raise DatasetError(f"Dataset {dataset.name!r} follows time, so it can't be cut into folds by chance: training would see what comes later.")
    if dataset.kind == IMAGE_PAIRS and _share_pictures(dataset):
        raise DatasetError(
            f"Dataset {dataset.name!r} has pictures that are in several pairs, so it can't be cut into folds by chance: training would see those "
            "of the test."
        )
    targets = dataset.targets()
    if dataset.target.kind == "identity":
        return _by_class(dataset, targets, of)
    splitter = KFold if dataset.classes is None else StratifiedKFold
    try:
        with warnings.catch_warnings():
            # Classes with fewer samples than folds are spread as far as they go.
            warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
            parts = list(splitter(of, shuffle=True, random_state=SEED).split(np.zeros(len(targets)), targets))
    except ValueError as error:
        raise DatasetError(f"Dataset {dataset.name!r} can't be cut into {of} folds: {error}") from error
    return [np.asarray(test, dtype=np.int64) for _, test in parts]


def _share_pictures(dataset: Dataset) -> bool:
    paths = dataset.table(PATHS).to_numpy().ravel()
    return len(set(paths.tolist())) < len(paths)


def _by_class(dataset: Dataset, targets: NDArray[np.int32], of: int) -> list[NDArray[np.int64]]:
    pairs = np.flatnonzero(np.bincount(targets) >= 2)
    parts = np.array_split(np.random.default_rng(SEED).permutation(pairs), of)
    if len(parts[-1]) < FEWEST_CLASSES or len(pairs) - len(parts[0]) < 2 * FEWEST_CLASSES:
        raise DatasetError(
            f"Dataset {dataset.name!r} can't be cut into {of} folds: it has {len(pairs)} classes with two samples, and {FEWEST_CLASSES} are needed "
            f"in each fold and {2 * FEWEST_CLASSES} beside it."
        )
    return [np.flatnonzero(np.isin(targets, part)).astype(np.int64) for part in parts]


def with_fold(dataset: Dataset, fold: int, of: int) -> Dataset:
    """The dataset with one fold as its test split; the validation split (15 %) is taken from the other folds.

    Args:
        fold: From 1 to `of`.

    Raises:
        DatasetError: There is no such fold, or there are too few samples.
    """
    if not 1 <= fold <= of or of < 2:
        raise DatasetError(f"There is no fold {fold} of {of}; folds are counted from 1, and there are at least two.")
    names = np.full(len(dataset), "train", dtype="U10")
    names[folds_of(dataset, of)[fold - 1]] = "test"
    rest = np.flatnonzero(names == "train")
    if len(rest) < 2:
        raise DatasetError(f"Dataset {dataset.name!r} has too few samples for {of} folds.")
    targets = dataset.targets()[rest]
    if dataset.target.kind == "identity":
        names[rest] = by_class(targets, VALIDATION_SHARE, 0.0, SEED)
        return dataset.with_splits(names)
    strata = targets.astype(np.int64) if dataset.classes is not None else bins(targets)
    names[rest] = make(strata, VALIDATION_SHARE, 0.0, SEED)
    return dataset.with_splits(names)
