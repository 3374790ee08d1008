"""Series: stretches of numbers in time, one of which looks like the next."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from blocks.features import Feature
from blocks.graph import Graph
from studio.networks.entering.base import AsTheyAre

MEASURED_WINDOWS = 2_000


class Series(AsTheyAre):
    """Windows and sequences, (samples, steps, columns)."""

    kinds: ClassVar[tuple[str, ...]] = ("series",)

    def measured(self, part: Graph, feature: Feature, values: Any) -> np.ndarray:
        """Two samples that have the mean and the deviation which the dataset tells of each column.

        Windows overlap, so that the steps in the middle of the training data are in more of them than those at its ends; and what a
        forecast adds to the last step must be in the same measure as that step.
        """
        figures = feature.statistics
        if len(part.nodes) > 1 or "standard_deviation" not in figures:
            return super().measured(part, feature, values[:: max(1, len(values) // MEASURED_WINDOWS)])
        mean, deviation = (np.asarray(figures[name], np.float64) for name in ("mean", "standard_deviation"))
        return np.repeat(np.stack([mean - deviation, mean + deviation])[:, None], feature.shape[0] or 1, axis=1)
