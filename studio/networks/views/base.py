"""What makes samples of datasets of some kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from blocks.registry import Registry
from studio.networks.front import Split
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset
    from studio.networks.arrays import Samples

registry: Registry[type[View]] = Registry("view", "studio.networks.views")


class View(ABC):
    """Base of all views; a subclass that names its `kinds` (of datasets) is found by being there."""

    kinds: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **settings: object) -> None:
        super().__init_subclass__(**settings)
        for kind in cls.kinds:
            registry.add(kind, cls)

    @abstractmethod
    def samples(self, workspace: Workspace | None, dataset: Dataset, split: Split, part: str) -> Samples:
        """One split as `studio.networks.arrays.samples` gives it."""


def of(kind: str) -> View | None:
    """The view of datasets of a kind; None where their samples are taken one after the other."""
    found = registry.all().get(kind)
    return found() if found else None
