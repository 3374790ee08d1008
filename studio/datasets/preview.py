"""What a page shows of a dataset: samples, classes, sizes, histograms. Plain values that become JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from blocks.words import common_words
from studio.datasets.kinds.pair_rows import IMAGE_PAIRS, PATHS
from studio.datasets.manifest import SPLITS

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

COUNTED = ("category", "identity", "labels")
"""Kinds of targets whose samples are counted by class."""
BINS = 20
HEAD_ROWS = 50
MOST_COLUMNS = 60
_HISTOGRAM_ROWS = 50_000
_SHOWN_CHARACTERS = 300
_COMMONEST = 20


def preview(dataset: Dataset, n: int = 24) -> dict[str, Any]:
    """A dataset at a glance.

    Args:
        n: How many samples of pictures, texts or arrays.

    Returns:
        `samples`: for pictures, texts and arrays, a list of {"row", "split", "label", and "height" and "width", "text", or of pairs "paths"},
        with the classes by turns (a picture's thumbnail: `dataset.thumbnail(row)`). `head`: for tables, {"columns",
        "rows"}, the first rows as texts. `classes`: per class {"name", "train", "validation", "test"}; [] for a number.
        `histograms`: per column (and a number as target) {"name", "kind", "missing" and "edges" with "counts", or "values"
        with "counts"}; of the first 50,000 rows. `splits`: samples per split.
    """
    kinds = {feature.kind for feature in dataset.features if feature.role == "input"}
    is_table = not kinds & {"image", "text", "array"}
    return {
        "kind": dataset.kind,
        "samples": [] if is_table else samples(dataset, n),
        "head": head(dataset) if is_table else None,
        "classes": class_counts(dataset),
        "histograms": histograms(dataset),
        "splits": dict(dataset.manifest.splits),
    }


def samples(dataset: Dataset, n: int) -> list[dict[str, Any]]:
    """A few samples, the classes by turns, each class from its beginning."""
    rows = np.sort(_by_turns(dataset, n))
    target = dataset.target.name
    text = next((feature.name for feature in dataset.features if feature.role == "input" and feature.kind == "text"), None)
    is_pair = dataset.kind == IMAGE_PAIRS
    has_pictures = not is_pair and any(feature.kind == "image" for feature in dataset.features)
    names = ["row", "split", target, *(["path", "height", "width"] if has_pictures else PATHS if is_pair else []), *([text] if text else [])]
    found: list[dict[str, Any]] = []
    for record in dataset.table(names, rows=rows).to_dict("records"):
        sample: dict[str, Any] = {"row": int(record["row"]), "split": record["split"], "label": _shown(record[target])}
        if has_pictures:
            sample.update(path=record["path"], height=int(record["height"]), width=int(record["width"]))
        if is_pair:
            sample["paths"] = [record[name] for name in PATHS]
        if text:
            sample["text"] = _shown(record[text])
        found.append(sample)
    return found


def head(dataset: Dataset, rows: int = HEAD_ROWS) -> dict[str, Any]:
    """The first rows of a table as texts, at most 60 columns, the target first."""
    ordered = sorted(dataset.features, key=lambda feature: ("target", "input", "unused").index(feature.role))[:MOST_COLUMNS]
    names = [feature.name for feature in ordered]
    table = dataset.table(names, rows=np.arange(min(rows, len(dataset))))
    return {"columns": names, "rows": [[_shown(value) for value in row] for row in table.itertuples(index=False, name=None)]}


def class_counts(dataset: Dataset, target: Feature | None = None) -> list[dict[str, Any]]:
    """Samples of every class of a target (the first) in every split."""
    target = target or dataset.target
    classes = target.classes
    if classes is None or target.kind not in COUNTED:
        return []
    found = {split: _counts(dataset.values(target.name, split), len(classes)) for split in SPLITS}
    return [{"name": name, **{split: int(found[split][index]) for split in SPLITS}} for index, name in enumerate(classes)]


def _counts(targets: NDArray[Any], classes: int) -> NDArray[np.int64]:
    return targets.sum(axis=0).astype(np.int64) if targets.ndim > 1 else np.bincount(targets[targets >= 0], minlength=classes)


def histograms(dataset: Dataset) -> list[dict[str, Any]]:
    """The distribution of every column, and of the target if it is a number."""
    chosen = [feature for feature in dataset.features if _has_histogram(feature)][:MOST_COLUMNS]
    if not chosen:
        return []
    table = dataset.table([feature.name for feature in chosen], rows=np.arange(min(len(dataset), _HISTOGRAM_ROWS)))
    return [_histogram(feature, table[feature.name]) for feature in chosen]


def _has_histogram(feature: Feature) -> bool:
    return feature.is_column and (feature.role == "input" or (feature.role == "target" and feature.classes is None))


def _histogram(feature: Feature, values: Any) -> dict[str, Any]:
    missing = int(values.isna().sum())
    present = values.dropna()
    found: dict[str, Any] = {"name": feature.name, "kind": feature.kind, "missing": missing}
    if feature.kind == "category":
        counts = present.value_counts().head(_COMMONEST)
        return {**found, "values": [str(value) for value in counts.index], "counts": [int(count) for count in counts]}
    if feature.kind == "words":
        held = common_words([str(value) for value in present], _COMMONEST)
        return {**found, "values": list(held), "counts": list(held.values())}
    if feature.kind == "date":
        days = np.array(present.str.slice(0, 10).to_numpy(dtype=object), dtype="datetime64[D]")
        counts, edges = _bins(days.astype(np.int64).astype(np.float64))
        return {**found, "edges": [str(np.datetime64(int(edge), "D")) for edge in edges], "counts": counts}
    counts, edges = _bins(present.to_numpy(dtype=np.float64))
    return {**found, "edges": edges, "counts": counts}


def _bins(values: NDArray[np.float64]) -> tuple[list[int], list[float]]:
    if not len(values):
        return [], []
    counts, edges = np.histogram(values, bins=BINS)
    return counts.tolist(), edges.tolist()


def _by_turns(dataset: Dataset, n: int) -> NDArray[np.int64]:
    """Rows such that every class comes up about equally often."""
    rows = dataset.rows("train")
    if dataset.target.kind not in ("category", "identity") or len(rows) <= n:
        return rows[:n]
    codes = dataset.targets("train")
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(dataset.classes or ())))
    turn = np.empty(len(rows), dtype=np.int64)
    turn[order] = np.arange(len(rows)) - starts[codes[order]]
    return rows[np.lexsort((codes, turn))[:n]]


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
