"""Windows of a series with what a forecast without any network is worth on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from blocks.features import Feature
from studio.networks import arrays
from studio.networks.front import Split
from studio.networks.views.base import View
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset
    from studio.networks.arrays import Samples


class Forecasts(View):
    """One window after the other; the yardstick is the last value that each of them holds."""

    kinds = ("forecast",)

    def samples(self, workspace: Workspace | None, dataset: Dataset, split: Split, part: str) -> Samples:
        plain = arrays.plain_samples(workspace, dataset, split, part)
        return replace(plain, yardsticks=yardsticks(windows_of(dataset, part), plain.targets[dataset.target.name], dataset.target))


def windows_of(dataset: Dataset, part: str | None) -> np.ndarray:
    """The windows of a split, in the data's own units."""
    name = next(feature.name for feature in dataset.features if feature.kind == "series")
    found: np.ndarray = dataset.values(name, part)
    return found


def last_values(windows: np.ndarray, target: Feature) -> np.ndarray:
    """The last value of each column to be predicted, repeated for every step, in the shape of the targets."""
    columns = 1 if len(target.shape) < 2 else int(target.shape[1] or 1)
    last = windows[:, -1, :columns]
    if not target.shape:
        return last[:, 0]
    found: np.ndarray = np.broadcast_to(last[:, None] if len(target.shape) == 2 else last, (len(windows), *(size or 1 for size in target.shape)))
    return found


def yardsticks(windows: np.ndarray, truth: np.ndarray, target: Feature) -> dict[str, float]:
    """`mae_naive`: the mean absolute error of saying the last value again."""
    if not len(truth):
        return {}
    return {"mae_naive": float(np.abs(last_values(windows, target).astype(np.float64) - truth).mean())}
