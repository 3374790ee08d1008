"""Values that are arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.values.base import Stored, Values

ARRAYS_FILE = "data.npy"


class Arrays(Values):
    """float32 of shape (samples, ...); memory-mapped where the rows are one piece."""

    kinds = ("array",)

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[np.float32]:  # noqa: ARG002 - there is one array
        values: NDArray[np.float32] = np.load(stored.folder / ARRAYS_FILE, mmap_mode="r", allow_pickle=False)
        one_piece = len(rows) > 0 and rows[-1] - rows[0] + 1 == len(rows)
        chosen: NDArray[np.float32] = values[rows[0] : rows[-1] + 1] if one_piece else values[rows]
        return chosen
