"""Numbers, categories, dates, labels and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from blocks.features import Feature, FeatureKind
from studio.datasets.dataset import Dataset
from studio.ui.shown.base import Part, Showing

TEXT_CHARACTERS = 400
"""Characters of a text that are shown; the whole length is said beside it."""


class Texts(Showing):
    """Texts, shortened."""

    kinds = ("text", "words")

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        return [text_part("" if value is None else str(value)) for value in _column(dataset, feature, rows)]


class Categories(Showing):
    """Classes and dates, by their names."""

    kinds: ClassVar[tuple[FeatureKind, ...]] = ("category", "date")

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        return [{"kind": "label", "label": None if value is None or value != value else str(value)} for value in _column(dataset, feature, rows)]

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:  # noqa: ARG002
        return {"kind": "label", "label": answer.get("label")}


class Labels(Showing):
    """Several labels of one sample."""

    kinds = ("labels",)

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        return [{"kind": "labels", "labels": [str(each) for each in value]} for value in _column(dataset, feature, rows)]

    def said(self, feature: Feature, arrays: Mapping[str, np.ndarray], place: int, beside: Part | None) -> Part | None:  # noqa: ARG002
        said, true = arrays["predicted"][place], arrays["truth"][place]
        names = feature.classes or ()
        found = {"labels": said, "wrong": said & ~true, "missed": true & ~said}
        return {"kind": "labels", **{key: [names[index] for index in np.flatnonzero(which)] for key, which in found.items()}}

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:  # noqa: ARG002
        return {"kind": "labels", "labels": list(answer.get("labels", ()))}


class Numbers(Showing):
    """Numbers with their unit."""

    kinds = ("number",)

    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        return [_value(value, feature) for value in _column(dataset, feature, rows)]

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:  # noqa: ARG002
        return _value(answer.get("value"), feature)


def text_part(text: str) -> Part:
    """A text, shortened, with its whole length."""
    return {"kind": "text", "text": text[:TEXT_CHARACTERS], "characters": len(text), "words": len(text.split())}


def _column(dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Any]:
    found: list[Any] = dataset.table([feature.name], rows=rows)[feature.name].tolist()
    return found


def _value(value: Any, feature: Feature) -> Part:
    """A number, or several of one sample."""
    if feature.shape and value is not None:
        rows = np.asarray(np.asarray(value).tolist(), dtype=np.float64).reshape(feature.shape[0] or 1, -1)
        names = feature.name.split(", ") if rows.shape[1] > 1 else [feature.name]
        return {"kind": "values", "rows": rows.tolist(), "names": names, "unit": feature.unit}
    return {"kind": "value", "value": _number(value), "unit": feature.unit}


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
