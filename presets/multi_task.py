"""One network for several targets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.dense import Dense
from blocks.fields import ActivationName, Bins, Count, Probability
from blocks.preprocessing import ColumnEncoding
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages
from presets.mlp import MLP, Units
from presets.simple_cnn import SimpleCNN

FORMULA = "the formula, counted by hand: 9 * 24 + 2 * 24, 9 * 24 * 48 + 2 * 48, 9 * 48 * 96 + 2 * 96, (3 * 3 * 96 + 1) * 64 and (64 + 1) * 10"


class MultiTask(Preset):
    """One body that all targets share, and for each target a small dense layer and an Output of its own.

    Use it for a dataset with several targets that have something to do with each other: what is learned for one helps the
    others. How much a target counts is the loss weight of its Output.

    The published networks share one hidden layer. Here the body is that of the MLP for tables and arrays and that of the Simple
    CNN for pictures.

    Shapes: anything -> for each target (classes), (labels) or (1).
    Weights: those of the body, and per target (body's outputs + 1) * task_units + (task_units + 1) * classes.
    Source: Caruana (1997), Multitask learning, doi:10.1023/A:1007379606734, section 2.
    """

    title = "Multi-task network"
    subjects = ("columns", "image", "array")
    year = 1997
    paper = "Caruana, Multitask learning, doi:10.1023/A:1007379606734"
    canonical_shape = (28, 28, 1)
    minimum_size = 4
    golden = (
        Golden(
            "MultiTask",
            (28, 28, 1),
            10,
            108_402,
            FORMULA,
            stages=Stages.squares(FORMULA, (28, 24), (14, 24), (14, 48), (7, 48), (7, 96), (3, 96), (864,), (64,), (10,)),
        ),
    )

    units: Units = Field((128, 128), description="Units of the shared layers, for tables and arrays.")
    filters: Count = Field(24, description="Output channels of the first shared stage, for pictures; each further stage has twice as many.")
    task_units: Count = Field(64, description="Units of the dense layer that each target has for itself.")
    activation: ActivationName = Field("relu", description="Function of the dense layers.")
    dropout: Probability = Field(0.3, description="Share of the body's values that are set to 0 in training.")
    augmentation: Literal["none", "shift"] = Field(
        "none", description='"shift" moves and turns each training picture a little, by chance; "none" takes them as they are.'
    )
    bins: Bins = Field(0, description="Most pieces into which the range of a table's numbers is cut; 0 for none.")

    def wire(self, net: Wiring, x: Node) -> Node:
        if len(net.shape(x)) == 3:
            return SimpleCNN(filters=self.filters, dropout=self.dropout, augmentation=self.augmentation).wire(net, x)
        return MLP(units=self.units, activation=self.activation, dropout=self.dropout).wire(net, x)

    def tower(self, net: Wiring, body: Node, number: int) -> Node:
        return net.add(f"task{number}", Dense(units=self.task_units, activation=self.activation), body)

    def column_encoding(self) -> ColumnEncoding:
        return ColumnEncoding(bins=self.bins)
