"""Values that are files: encoded pictures, masks and sounds."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.values.base import Stored, Values


class Files(Values):
    """The bytes of one file per sample."""

    kinds = ("image", "mask", "sound")

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> list[bytes]:
        return [value.as_py() for batch in stored.batches([feature.name], rows) for value in batch.column(0)]
