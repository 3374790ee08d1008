"""What presets share that write down what they see or hear: the part that reads a sequence of vectors in both directions."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field

from blocks.features import Feature, FeatureKind
from blocks.fields import Count, Probability
from blocks.recurrent import LSTM, Bidirectional
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Preset

ROOM = 1.5
"""Steps for each that the longest text needs at least, so that blanks find room beside the characters."""
Layers = Annotated[int, Field(ge=1, le=8)]


def wanted_steps(target: Feature | None) -> int:
    """Steps that leave room for the longest training text; 1 where there is no dataset."""
    return math.ceil(ROOM * int(target.statistics.get("needed_steps", 1))) if target else 1


class Transcribing(Preset):
    """Base of the presets for transcripts."""

    shared = False
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("transcript",)

    units: Count = Field(256, description="Units of each recurrent layer in each direction.")
    layers: Layers = Field(2, description="Recurrent layers that read in both directions.")
    dropout: Probability = Field(0.0, description="Share of values before the recurrent layers and the end that are set to 0 in training.")

    def reader(self, number: int, net: Wiring, x: Node) -> Node:
        """A recurrent layer that reads a sequence in both directions."""
        return net.add(f"reader{number}", Bidirectional.around(LSTM(units=self.units, return_sequences=True)), x)

    def dropped(self, net: Wiring, node_id: str, x: Node) -> Node:
        """Values with some set to 0 in training."""
        return net.add(node_id, Dropout(rate=self.dropout), x) if self.dropout else x
