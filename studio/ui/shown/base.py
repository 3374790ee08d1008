"""What shows the values of some kinds of features."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from blocks.features import Feature, FeatureKind
from blocks.registry import Registry
from studio.datasets.dataset import Dataset

Part = dict[str, Any]
registry: Registry[type[Showing]] = Registry("way to show values", "studio.ui.shown")


class Showing(ABC):
    """Base of all of them; a subclass that names its `kinds` is found by being there.

    Args:
        compares: Whether two samples can be compared, where this kind is a target.
    """

    kinds: ClassVar[tuple[FeatureKind, ...]] = ()
    compares: ClassVar[bool] = False

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for kind in cls.kinds:
            registry.add(kind, cls)

    @abstractmethod
    def stored(self, dataset: Dataset, feature: Feature, rows: Sequence[int]) -> list[Part]:
        """The values of a feature in some rows (ascending)."""

    def said(self, feature: Feature, arrays: Mapping[str, np.ndarray], place: int, beside: Part | None) -> Part | None:  # noqa: ARG002
        """The prediction for a sample, from what its evaluation kept; None where this kind is no target.

        A part in which the given and the true value are seen too says so by `with_given` and `with_truth`.

        Args:
            beside: What the sample's input looks like, where the answer is drawn over it.
        """
        return None

    def told(self, feature: Feature, answer: Mapping[str, Any], beside: Part | None) -> Part | None:  # noqa: ARG002
        """A fresh prediction; None where this kind is no target.

        Args:
            answer: A `studio.evaluation.prediction.Prediction` as a dictionary; with `row` where it is about a sample of the dataset.
            beside: What the sample's input looks like, where the answer is drawn over it.
        """
        return None

    def overview(self, dataset: Dataset, feature: Feature) -> list[Part]:  # noqa: ARG002 - most kinds have nothing but samples
        """The whole of the data at a glance, where there is more to see than single samples."""
        return []

    def measured(self, dataset: Dataset, feature: Feature, arrays: Mapping[str, np.ndarray]) -> list[Part]:  # noqa: ARG002
        """The predictions over the whole of this input, from what their evaluation kept, where there is more to see than single samples."""
        return []


def of(kind: str) -> Showing:
    """The way to show features of a kind."""
    return registry.all()[kind]()


def samples(dataset: Dataset, features: Sequence[Feature], rows: Sequence[int]) -> list[list[Part]]:
    """Rows (ascending) as lists of parts, one for each feature, with its `name` and `role`."""
    features = [feature for feature in features if feature.is_given]
    columns = [of(feature.kind).stored(dataset, feature, rows) for feature in features]
    return [
        [{**column[place], "name": feature.name, "role": feature.role} for feature, column in zip(features, columns, strict=True)]
        for place in range(len(rows))
    ]


def address(content: bytes, kind: str = "image/png") -> str:
    """A file as a data address."""
    return f"data:{kind};base64," + base64.b64encode(content).decode("ascii")
