"""A linear model beside a deep one."""

from __future__ import annotations

from pydantic import Field

from blocks.fields import ActivationName, Bins, Probability
from blocks.merging import Concatenate
from blocks.preprocessing import ColumnEncoding
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset
from presets.mlp import MLP, Units

FORMULA = "the formula, counted by hand: 21 * 128 + 129 * 64 + (20 + 64 + 1) * 2"


class WideAndDeep(Preset):
    """Weighs every column by itself, as a linear model does, and beside that lets dense layers find what several say together.

    Use it for tables with categories of many values: what is seldom is remembered by the linear part.

    Departs from the paper: no crossed categories and one training method for both parts.

    Shapes: (columns) -> (classes).
    Weights: the sum over the hidden layers of (inputs + 1) * units, and (encoded columns + last units + 1) * classes.
    Source: Cheng et al. (2016), Wide & deep learning for recommender systems, arXiv:1606.07792, section 3.
    """

    title = "Wide and deep"
    subjects = ("columns", "array")
    year = 2016
    paper = "Cheng et al., Wide & deep learning for recommender systems, arXiv:1606.07792"
    canonical_shape = (20,)
    canonical_classes = 2
    golden = (Golden("WideAndDeep", (20,), 2, 21 * 128 + 129 * 64 + (20 + 64 + 1) * 2, FORMULA),)

    units: Units = Field((128, 64), description="Units of each hidden layer of the deep part, from the input on.")
    activation: ActivationName = Field("relu", description="Function of the hidden layers.")
    dropout: Probability = Field(0.0, description="Share of hidden values that are set to 0 in training.")
    bins: Bins = Field(0, description="Most pieces into which the range of a table's numbers is cut; 0 for none.")

    def wire(self, net: Wiring, x: Node) -> Node:
        if len(net.shape(x)) > 1:
            x = net.add("flatten", Flatten(), x)
        deep = MLP(units=self.units, activation=self.activation, dropout=self.dropout).layers(net, x)
        return net.add("join", Concatenate(), x, deep)

    def column_encoding(self) -> ColumnEncoding:
        return ColumnEncoding(bins=self.bins)
