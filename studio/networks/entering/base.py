"""How raw values come through the front of a network."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from blocks.build import build
from blocks.features import Feature
from blocks.graph import Graph
from blocks.registry import Registry
from blocks.spec import Shape
from studio.networks import front as fronts
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

registry: Registry[type[Entering]] = Registry("way into a network", "studio.networks.entering")


@dataclass(frozen=True)
class Whole:
    """Where values are from, so that what was made of them can be kept for the next time.

    Args:
        workspace: None keeps nothing.
        part: The split.
        seen: The shape in which each feature reaches the network.
    """

    workspace: Workspace | None
    dataset: Dataset
    part: str
    seen: Mapping[str, Shape] = field(default_factory=dict)

    def key(self, *others: str) -> str:
        """A name for what is made of these samples: another one for other samples, or other ways to make it."""
        rows = hashlib.sha256(self.dataset.rows(self.part).tobytes()).hexdigest()  # a split holds others in each fold of a cross-validation
        return hashlib.sha256(" ".join([self.dataset.manifest.hash, rows, *others]).encode()).hexdigest()[:32]


class Entering(ABC):
    """Base of all ways in; a subclass that names its `kinds` (of features) is found by being there."""

    kinds: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for kind in cls.kinds:
            registry.add(kind, cls)

    @abstractmethod
    def measured(self, part: Graph, feature: Feature, values: Any) -> np.ndarray:
        """Values behind a part of the front, to be measured by a block that adapts to them; a few thousand are enough.

        Raises:
            StudioError: They have several sizes, so that they can't be put side by side.
        """

    @abstractmethod
    def behind(self, graph: Graph, feature: Feature, values: Any, whole: Whole) -> np.ndarray:
        """All values behind a branch of the front, with the samples along the first axis."""


class AsTheyAre(Entering):
    """Values that the front takes as they are: numbers, texts, arrays, and the columns of a table."""

    kinds: ClassVar[tuple[str, ...]] = ("text", "array", "number", "category", "date", "words", "tokens", "columns")

    def measured(self, part: Graph, feature: Feature, values: Any) -> np.ndarray:  # noqa: ARG002
        found: np.ndarray = fronts.values_behind(part, values)
        return found

    def behind(self, graph: Graph, feature: Feature, values: Any, whole: Whole) -> np.ndarray:  # noqa: ARG002
        return fronts.run(built(graph), values) if len(graph.nodes) > 1 else np.asarray(values)


def built(graph: Graph) -> Any:
    """The model of a branch of the front."""
    with fronts.plain_numbers():
        return build(graph)


def of(kind: str) -> Entering:
    """The way in for features of a kind; "columns" for the columns of a table together."""
    return registry.all()[kind]()
