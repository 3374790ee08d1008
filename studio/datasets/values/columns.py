"""Values of columns: numbers, categories, dates, texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.arrow import codes, single, to_numpy
from studio.datasets.values.base import Stored, Values


class Numbers(Values):
    """float32 with NaN where there is none; several of one sample are stored as a list and have the feature's shape."""

    kinds = ("number",)

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[np.float32]:
        values = stored.stored([feature.name], rows)[feature.name]
        if not feature.shape:
            return of_column(values, feature)
        several: NDArray[np.float32] = np.asarray(to_numpy(single(values).flatten()), dtype=np.float32)
        return several.reshape(-1, *(size or 1 for size in feature.shape))


class Texts(Values):
    """Texts, "" where there is none."""

    kinds = ("text", "date", "words")

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[np.object_]:
        return of_column(stored.stored([feature.name], rows)[feature.name], feature)


class Categories(Values):
    """Texts as an input, and class indices (int32) as a target."""

    kinds = ("category", "identity")

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[Any]:
        values = stored.stored([feature.name], rows)[feature.name]
        return of_column(values, feature) if feature.role != "target" else codes(values, feature.classes or ()).astype(np.int32)


class Labels(Values):
    """1 for each class that a sample has, float32 of shape (samples, classes); stored as lists of class names."""

    kinds = ("labels",)

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[np.float32]:
        import pyarrow.compute as pc

        values = stored.stored([feature.name], rows)[feature.name]
        found = np.zeros((len(values), len(feature.classes or ())), dtype=np.float32)
        samples = to_numpy(pc.list_parent_indices(values))
        found[samples, codes(pc.list_flatten(values), feature.classes or ())] = 1.0
        return found


def of_column(values: Any, feature: Feature) -> NDArray[Any]:
    """An Arrow column as numbers (float32 with NaN), or as texts ("" where missing)."""
    import pyarrow.compute as pc

    if feature.kind == "number":
        return np.asarray(to_numpy(values), dtype=np.float32)
    return np.asarray(to_numpy(pc.fill_null(values.cast("string"), "")), dtype=object)
