"""Metrics that compare the samples of a split with each other: they keep what the network says, and are worked out at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Collected:
    """A figure of a whole split, with the methods of a Keras metric as far as they are needed; plain NumPy.

    Args:
        figure: From all true values and all answers (samples first) to the figure.
    """

    def __init__(self, name: str, figure: Callable[[np.ndarray, np.ndarray], float]) -> None:
        self.name = name
        self._figure = figure
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []

    def __len__(self) -> int:
        return sum(len(truth) for truth, _ in self._parts)

    def update_state(self, y_true: Any, y_pred: Any) -> None:
        """Takes a batch."""
        self._parts.append((np.asarray(y_true), np.asarray(y_pred)))

    def result(self) -> float:
        """The figure of all that was taken."""
        if not self._parts:
            return self._figure(np.zeros(0, np.int32), np.zeros((0, 1), np.float32))
        truth, said = (np.concatenate(values) for values in zip(*self._parts, strict=True))
        return self._figure(truth, said)

    def reset_state(self) -> None:
        """Begins anew."""
        self._parts = []
