"""Figures of a dataset per split: how often each class occurs, how numbers are spread, what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature, columns_of
from studio.datasets.dataset import Dataset
from studio.datasets.manifest import SPLITS
from studio.datasets.preview import class_counts, histograms
from studio.workspace import StudioError, Workspace, read_json, write_json

FORMAT = 3
"""Counts up when the figures change, so that kept ones are made anew."""
BINS = 24
SHOWN_COLUMNS = 300


def figures(workspace: Workspace, dataset: Dataset) -> dict[str, Any]:
    """The figures, kept in the workspace's cache from the first time on.

    Returns:
        `classes`: per class its name and its samples per split; `target`: for a number as target, the samples per split in each range
        between `edges`; `further`: the name of each further target with its `classes` and `target`; `columns`: one entry per table
        column; `column_count`: of all, shown or not; `inputs`: pictures, texts, arrays.
    """
    path = workspace.cache / "figures" / f"{dataset.manifest.hash}-{FORMAT}.json"
    try:
        kept: dict[str, Any] = read_json(path)
    except (FileNotFoundError, StudioError):
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = computed(dataset)
        write_json(path, kept)
    return kept


def computed(dataset: Dataset) -> dict[str, Any]:
    """The figures, computed now."""
    has_target = any(feature.role == "target" for feature in dataset.features)
    inputs = [feature for feature in dataset.manifest.inputs if feature.is_given and not feature.is_column]
    columns = _columns(dataset) if not inputs or columns_of(dataset.features) else []
    others = [feature for feature in dataset.features if feature.role == "target"][1:]
    return {
        "classes": class_counts(dataset) if has_target else [],
        "target": _target(dataset, dataset.target) if has_target else None,
        "further": [{"name": other.name, "classes": class_counts(dataset, other), "target": _target(dataset, other)} for other in others],
        "columns": columns[:SHOWN_COLUMNS],
        "column_count": len(columns),
        "inputs": [{"name": each.name, "kind": each.kind, "shape": list(each.shape), "statistics": each.statistics} for each in inputs],
    }


def _columns(dataset: Dataset) -> list[dict[str, Any]]:
    drawn = {each["name"]: each for each in histograms(dataset)}
    found: list[dict[str, Any]] = []
    for feature in dataset.features:
        statistics = {key: value for key, value in feature.statistics.items() if not isinstance(value, list)}
        described: dict[str, Any] = {"name": feature.name, "role": feature.role, "kind": feature.kind, "unit": feature.unit, "statistics": statistics}
        if feature.classes is not None:
            described["categories"] = len(feature.classes)
        if feature.kind == "words":
            described["words"] = len(feature.statistics["words"])
        histogram = drawn.get(feature.name, {})
        described.update({key: histogram[key] for key in ("values", "counts") if key in histogram})
        found.append(described)
    return found


def _target(dataset: Dataset, target: Feature) -> dict[str, Any] | None:
    """The spread of a number as target, the same ranges in every split."""
    if target.kind != "number":
        return None
    values, splits = dataset.values(target.name), dataset.splits
    edges = bin_edges(values[np.isfinite(values)], BINS)
    return {"edges": edges.tolist(), **{split: _counts(values[splits == split], edges) for split in SPLITS}}


def bin_edges(values: NDArray[np.floating[Any]], bins: int) -> NDArray[np.float64]:
    """Edges of equal ranges from the smallest to the largest value; whole numbers of few values get a range each."""
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.array([low - 0.5, high + 0.5])
    if high - low < bins and bool((values == np.round(values)).all()):
        return np.arange(low - 0.5, high + 1.0)
    return np.linspace(low, high, bins + 1)


def _counts(values: NDArray[np.floating[Any]], edges: NDArray[np.float64]) -> list[int]:
    return [int(count) for count in np.histogram(values[np.isfinite(values)], edges)[0]]
