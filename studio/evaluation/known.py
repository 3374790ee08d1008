"""Which samples have a true answer."""

from __future__ import annotations

import numpy as np


def known_of(truth: np.ndarray) -> np.ndarray:
    """Which samples have a value: a class, or a number."""
    there: np.ndarray = np.isfinite(truth) if truth.dtype.kind == "f" else truth >= 0
    return np.asarray(there.reshape(len(truth), -1).all(axis=1))
