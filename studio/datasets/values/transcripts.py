"""Values that are transcripts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from blocks.features import PADDING, Feature
from studio.datasets.values.base import Stored, Values
from studio.datasets.values.tokens import written


class Transcripts(Values):
    """Numbers of characters, int32 of shape (samples, length), with 0 behind the end; characters that the vocabulary lacks are left out."""

    kinds = ("transcript",)

    def read(self, stored: Stored, feature: Feature, rows: NDArray[Any]) -> NDArray[np.int32]:
        numbers = {character: number for number, character in enumerate(feature.classes or ()) if number}
        length = feature.shape[0] or 1
        found = np.full((len(rows), length), PADDING, dtype=np.int32)
        for place, text in enumerate(written(stored, feature, rows)):
            row = [numbers[character] for character in text if character in numbers][:length]
            found[place, : len(row)] = row
        return found
