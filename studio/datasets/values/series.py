"""Values that are stretches of a series: windows for a forecast, whole sequences of any length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets.arrow import single, to_numpy
from studio.datasets.values.base import Stored, Values

SERIES_FILE = "series.npy"
"""Every step once, one after the other: float32 (steps, columns)."""
TIMES_FILE = "times.npy"
"""When each step was: float64 (steps,), seconds since 1970 or numbers."""


class Series(Values):
    """float32 (samples, steps, columns); the data file says from which step to which.

    Windows at even distances are views on the series, which takes no memory. What is shorter than the feature's shape has the
    columns' means before it, which become 0 when they are standardised; of what is longer the first steps are taken.
    """

    kinds = ("series",)

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[np.float32]:
        series: NDArray[np.float32] = np.load(stored.folder / SERIES_FILE, mmap_mode="r", allow_pickle=False)
        places = to_numpy(single(single(stored.stored([feature.name], rows)[feature.name]).flatten())).reshape(-1, 2)
        return stretches(series, places, feature)


def stretches(series: NDArray[np.float32], places: NDArray[np.int64], feature: Feature) -> NDArray[np.float32]:
    """Parts of a series side by side.

    Args:
        places: First step and the one behind the last, (samples, 2).
    """
    steps, columns = int(feature.shape[0] or 1), int(feature.shape[1] or 1)
    starts, lengths = places[:, 0], places[:, 1] - places[:, 0]
    if len(places) and (lengths == steps).all():
        windows = np.lib.stride_tricks.sliding_window_view(series, steps, axis=0).swapaxes(1, 2)
        stride = int(starts[1] - starts[0]) if len(starts) > 1 else 1
        if stride > 0 and (np.diff(starts) == stride).all():
            even: NDArray[np.float32] = windows[starts[0] : starts[-1] + 1 : stride]
            return even
        chosen: NDArray[np.float32] = windows[starts]
        return chosen
    found = np.empty((len(places), steps, columns), dtype=np.float32)
    found[:] = np.asarray(feature.statistics.get("mean", np.zeros(columns)), dtype=np.float32)
    for place, (start, length) in enumerate(zip(starts.tolist(), np.minimum(lengths, steps).tolist(), strict=True)):
        found[place, steps - length :] = series[start : start + length]
    return found


def whole(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The series of a dataset with its times, step by step."""
    return np.load(folder / SERIES_FILE, mmap_mode="r", allow_pickle=False), np.load(folder / TIMES_FILE, allow_pickle=False)
