"""The self-normalising network."""

from __future__ import annotations

from pydantic import Field

from blocks.dense import Dense
from blocks.fields import Bins, Count, Probability
from blocks.preprocessing import ColumnEncoding
from blocks.regularization import AlphaDropout
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

FORMULA = "the sum over the layers of (inputs + 1) * units"


class SelfNormalizing(Preset):
    """Many dense layers whose function keeps mean and variance by itself, so that depth needs no normalisation.

    Use it for tables where MLP gains from depth.

    Departs from the paper: eight layers of one width, of the many shapes that it tried.

    Shapes: anything -> (classes); pictures and arrays are lined up in one vector.
    Weights: the sum over the layers of (inputs + 1) * units.
    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), Self-normalizing neural networks, arXiv:1706.02515, sections 2 and 3.
    """

    title = "Self-normalising network"
    subjects = ("columns", "image", "array")
    year = 2017
    paper = "Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, arXiv:1706.02515"
    canonical_shape = (28, 28, 1)
    golden = (
        Golden("SelfNormalizing", (28, 28, 1), 10, 785 * 64 + 7 * 65 * 64 + 65 * 10, FORMULA, stages=Stages(FORMULA, ((784,), *((64,),) * 8, (10,)))),
    )

    units: Count = Field(64, description="Units of each hidden layer.")
    layers: Count = Field(8, le=100, description="Hidden layers.")
    dropout: Probability = Field(0.05, description="Share of hidden values that are set to their least in training; mean and variance stay.")
    bins: Bins = Field(0, description="Most pieces into which the range of a table's numbers is cut; 0 for none.")

    def wire(self, net: Wiring, x: Node) -> Node:
        if len(net.shape(x)) > 1:
            x = net.add("flatten", Flatten(), x)
        for number in range(1, self.layers + 1):
            x = net.add(f"dense{number}", Dense(units=self.units, activation="selu", kernel_initializer="lecun_normal"), x)
            if self.dropout:
                x = net.add(f"dropout{number}", AlphaDropout(rate=self.dropout), x)
        return x

    def column_encoding(self) -> ColumnEncoding:
        return ColumnEncoding(bins=self.bins)
