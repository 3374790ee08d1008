"""Values that are texts to be written."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import Feature
from studio.datasets import tokens
from studio.datasets.arrow import to_numpy
from studio.datasets.values.base import Stored, Values


class Tokens(Values):
    """Numbers of a vocabulary, int32 of shape (samples, length): of a target its text, of an input what is already written of it."""

    kinds = ("tokens",)

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[np.int32]:
        numbers = numbered(written(stored, feature, rows), feature)
        return tokens.before(numbers) if feature.role == "input" else numbers


def written(stored: Stored, feature: Feature, rows: NDArray[Any]) -> list[str]:
    """The texts themselves."""
    import pyarrow.compute as pc

    name = feature.column or feature.name
    found: list[str] = to_numpy(pc.fill_null(stored.stored([name], rows)[name], "")).tolist()
    return found


def numbered(texts: list[str], feature: Feature) -> NDArray[np.int32]:
    """Texts as numbers of the feature's vocabulary."""
    return tokens.encoded(texts, feature.classes or (), feature.statistics["level"], feature.shape[0] or 1)
