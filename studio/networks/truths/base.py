"""How the targets of a dataset become arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from blocks.features import Feature, FeatureKind
from blocks.registry import Registry
from blocks.spec import Shape
from studio.networks.entering.base import Whole

registry: Registry[type[Truths]] = Registry("reader of targets", "studio.networks.truths")


class Truths(ABC):
    """Base of all readers of targets; a subclass that names its `kinds` (of features) is found by being there."""

    kinds: ClassVar[tuple[FeatureKind, ...]] = ()

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for kind in cls.kinds:
            registry.add(kind, cls)

    @abstractmethod
    def read(self, feature: Feature, shape: Shape, whole: Whole) -> np.ndarray:
        """The targets of a split.

        Args:
            shape: What the network gives for one sample, which masks and pictures are brought to.
        """


class AsTheyAre(Truths):
    """Targets that are as the dataset gives them: class indices, numbers, one number per label, the tokens or characters of a text."""

    kinds = ("category", "number", "labels", "identity", "tokens", "transcript")

    def read(self, feature: Feature, shape: Shape, whole: Whole) -> np.ndarray:  # noqa: ARG002
        found: np.ndarray = whole.dataset.values(feature.name, whole.part)
        return found


def of(kind: str) -> Truths:
    """The reader of targets of a kind."""
    return registry.all()[kind]()
