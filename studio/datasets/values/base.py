"""What reads the values of some kinds of features."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Protocol

from numpy.typing import NDArray

from blocks.features import Feature, FeatureKind
from blocks.registry import Registry

registry: Registry[type[Values]] = Registry("kind of values", "studio.datasets.values")


class Stored(Protocol):
    """The files of a dataset."""

    folder: Path

    def stored(self, names: list[str] | None, rows: NDArray[Any] | None = None) -> Any:
        """Columns of the data file, as an Arrow table."""

    def batches(self, names: list[str] | None, rows: NDArray[Any] | None = None) -> Iterator[Any]:
        """The same in record batches, one row group in memory at a time."""


class Values(ABC):
    """Base of all readers of values; a subclass that names its `kinds` is found by being there."""

    kinds: ClassVar[tuple[FeatureKind, ...]] = ()

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for kind in cls.kinds:
            registry.add(kind, cls)

    @abstractmethod
    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> Any:
        """The values in these rows (ascending); see `Dataset.values`."""
