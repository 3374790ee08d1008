"""Training, validation and test: which sample belongs where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from studio.datasets.errors import DatasetError
from studio.datasets.report import Report, counted

VALIDATION_SHARE = 0.15
TEST_SHARE = 0.15
FEWEST_SAMPLES = 3
"""One for each split."""

Origin = Literal["made", "given", "partly given", "by time"]
Labels = NDArray[np.str_]

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "validate": "validation",
    "dev": "validation",
    "eval": "validation",
    "test": "test",
    "testing": "test",
    "tests": "test",
}


def split_name(text: str) -> str | None:
    """The split that a folder or cell means: "Train", "val", "TEST" ...; None if it means none."""
    return SPLIT_NAMES.get(text.strip().casefold())


def complete(given: Sequence[str | None] | None, strata: NDArray[np.integer[Any]], report: Report, seed: int = 0) -> tuple[Labels, Origin]:
    """Gives every sample a split: what the data bring is kept, what is missing is made.

    Nothing given: 70 % training, 15 % validation, 15 % test. Training and test given: validation is 15 % of training.
    Training and validation given: test is 15 % of training. Samples without a given split count as training.

    Args:
        given: Per sample "train", "validation", "test" or None; None if there is no split at all.
        strata: Per sample the class, or a bin of the number; each split gets about the same mixture.

    Raises:
        DatasetError: There are fewer samples than splits.
    """
    if len(strata) < FEWEST_SAMPLES:
        left_out = "".join(f" {warning}" for warning in report.warnings() if warning.startswith("Left out"))
        raise DatasetError(
            f"There {'is' if len(strata) == 1 else 'are'} {counted(len(strata), 'usable sample')}; at least {FEWEST_SAMPLES} are needed, "
            f"one each for training, validation and test.{left_out}"
        )
    if given is None:
        return make(strata, VALIDATION_SHARE, TEST_SHARE, seed), "made"
    names = np.array([name or "train" for name in given], dtype="U10")
    present = set(names.tolist())
    if "train" not in present or present == {"train"}:
        return make(strata, VALIDATION_SHARE, TEST_SHARE, seed), "made"
    train = np.flatnonzero(names == "train")
    if present == {"train", "validation", "test"}:
        return names, "given"
    share, missing = (VALIDATION_SHARE, "validation") if "test" in present else (TEST_SHARE, "test")
    made = make(strata[train], share if missing == "validation" else 0.0, share if missing == "test" else 0.0, seed)
    names[train] = made
    brought = "test" if missing == "validation" else "validation"
    report.note(f"The data bring training and {brought} samples; {share:.0%} of the training samples became the {missing} split.")
    return names, "partly given"


def make(strata: NDArray[np.integer[Any]], validation: float, test: float, seed: int = 0) -> Labels:
    """Draws a stratified split: the same seed and strata give the same split.

    The samples are shuffled, sorted by stratum, and every so-manyth is held out, so that both the whole and every
    stratum keep the shares as closely as whole numbers allow. Each stratum keeps at least one training sample.
    """
    count = len(strata)
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(count)
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    steps = np.arange(count + 1)
    held_out = np.diff(np.floor(steps * (validation + test) + 0.5).astype(np.int64)) > 0
    held = np.flatnonzero(held_out)
    ranks = np.arange(len(held) + 1)
    to_test = np.diff(np.floor(ranks * (test / max(validation + test, 1e-12)) + 0.5).astype(np.int64)) > 0
    names = np.full(count, "train", dtype="U10")
    names[order[held]] = np.where(to_test, "test", "validation")
    _, codes = np.unique(strata, return_inverse=True)
    kept = np.bincount(codes[names == "train"], minlength=int(codes.max()) + 1)
    without, first = np.unique(codes[order[held]], return_index=True)
    for stratum, position in zip(without, order[held][first], strict=True):
        if kept[stratum] == 0:
            names[position] = "train"
            kept[stratum] += 1
    for name, share in (("validation", validation), ("test", test)):
        if share > 0 and not (names == name).any():
            train = order[names[order] == "train"]
            spare = train[kept[codes[train]] > 1]
            chosen = spare[0] if len(spare) else train[0]
            names[chosen] = name
            kept[codes[chosen]] -= 1
    return names


def together(names: Labels, groups: NDArray[np.integer[Any]]) -> Labels:
    """Puts all samples of a group into the split of the group's first sample."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    return names[first][inverse]


def linked(pairs: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """A number for each pair, (pairs, 2), the same for pairs that share a member, also by way of others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    members = int(pairs.max()) + 1
    links = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(members, members))
    found: NDArray[np.int64] = connected_components(links, directed=False)[1][pairs[:, 0]].astype(np.int64)
    return found


def bins(values: NDArray[np.floating[Any]], count: int = 10) -> NDArray[np.int64]:
    """Bins of about equal size (at least ten values each), by which a split over numbers is stratified."""
    count = max(1, min(count, len(values) // 10))
    edges = np.quantile(values, np.linspace(0, 1, count + 1)[1:-1])
    return np.searchsorted(np.unique(edges), values, side="right").astype(np.int64)


def counts(names: Labels) -> dict[str, int]:
    """Samples per split."""
    return {name: int((names == name).sum()) for name in ("train", "validation", "test")}


def grouped(groups: NDArray[np.integer[Any]], validation: float = VALIDATION_SHARE, test: float = TEST_SHARE, seed: int = 0) -> Labels:
    """Draws a split in which no group is torn: whole groups, in random order, go to test and validation until these are full.

    Raises:
        DatasetError: There are fewer groups than splits.
    """
    found, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(found) < FEWEST_SAMPLES:
        raise DatasetError(f"There are {len(found)} groups; at least {FEWEST_SAMPLES} are needed, one each for training, validation and test.")
    order = np.random.default_rng(seed).permutation(len(found))
    middles = np.cumsum(sizes[order]) - sizes[order] / 2
    shares = middles / len(groups)
    names = np.where(shares < test, "test", np.where(shares < test + validation, "validation", "train")).astype("U10")
    names[0], names[1] = "test", "validation" if names[1] == "train" or not (names == "validation").any() else names[1]
    names[-1] = "train"
    by_group = np.empty(len(found), dtype="U10")
    by_group[order] = names
    return by_group[codes]


FEWEST_CLASSES = 2
"""Classes with two samples at least that validation and test need each, so that there are equal and different pairs."""


def complete_by_class(given: Sequence[str | None] | None, codes: NDArray[np.integer[Any]], report: Report, seed: int = 0) -> tuple[Labels, Origin]:
    """Gives every sample a split so that no class is in two: for networks that are to meet classes other than those they learn from.

    Shares are of the classes. Classes with a single sample are learned from, since nothing is equal to it in the others.

    Args:
        given: Per sample "train", "validation", "test" or None; None if there is no split at all.
        codes: Per sample the class.

    Raises:
        DatasetError: Too few classes have two samples.
    """
    fewest = 3 * FEWEST_CLASSES
    pairs = np.flatnonzero(np.bincount(codes) >= 2)
    if len(pairs) < fewest:
        raise DatasetError(
            f"{counted(len(pairs), 'class')} {'has' if len(pairs) == 1 else 'have'} at least two samples; {fewest} are needed, "
            f"{FEWEST_CLASSES} each for training, validation and test, because a network is measured on classes that it has not seen."
        )
    names = np.array([name or "train" for name in given or [None] * len(codes)], dtype="U10")
    present = set(names.tolist())
    if present <= {"train"} or "train" not in present:
        return by_class(codes, VALIDATION_SHARE, TEST_SHARE, seed), "made"
    if any(len(set(names[codes == code].tolist())) > 1 for code in np.unique(codes)):
        report.note("The given splits have classes in common; they were made anew, because a network is measured on classes that it has not seen.")
        return by_class(codes, VALIDATION_SHARE, TEST_SHARE, seed), "made"
    inside = {name: [code for code in pairs if names[codes == code][0] == name] for name in present}
    missing = {"validation", "test"} - present
    if any(len(inside[name]) < FEWEST_CLASSES for name in present) or (missing and len(inside["train"]) < 2 * FEWEST_CLASSES):
        report.note(
            f"The given splits were made anew: each needs at least {FEWEST_CLASSES} classes with two samples, so that there is something to compare."
        )
        return by_class(codes, VALIDATION_SHARE, TEST_SHARE, seed), "made"
    if not missing:
        return names, "given"
    (name,) = missing
    share = {"validation": VALIDATION_SHARE, "test": TEST_SHARE}[name]
    train = np.flatnonzero(names == "train")
    names[train] = by_class(codes[train], share if name == "validation" else 0.0, share if name == "test" else 0.0, seed)
    brought = "test" if name == "validation" else "validation"
    report.note(f"The data bring training and {brought} classes; {share:.0%} of the training classes became the {name} split.")
    return names, "partly given"


def by_class(codes: NDArray[np.integer[Any]], validation: float, test: float, seed: int = 0) -> Labels:
    """Draws classes for validation and test from those with two samples, at least two for each share; the others are for training."""
    pairs = np.flatnonzero(np.bincount(codes) >= 2)
    order = np.random.default_rng(seed).permutation(pairs)
    held = [max(FEWEST_CLASSES, round(share * len(pairs))) if share else 0 for share in (test, validation)]
    names = np.full(len(codes), "train", dtype="U10")
    names[np.isin(codes, order[: held[0]])] = "test"
    names[np.isin(codes, order[held[0] : sum(held)])] = "validation"
    return names
