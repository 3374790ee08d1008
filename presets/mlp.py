"""The multi-layer perceptron."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from blocks.activation import Activation
from blocks.dense import Dense
from blocks.features import Feature
from blocks.fields import ActivationName, Bins, Count, Probability, listed_numbers
from blocks.normalization import BatchNormalization
from blocks.preprocessing import ColumnEncoding
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.text import TextVectorization
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages
from presets.texts import suited_vectorization

Units = Annotated[tuple[Count, ...], BeforeValidator(listed_numbers), Field(min_length=1, max_length=100)]
REFERENCE = "counted in a build of the same layers in PyTorch; there is no canonical MLP"


class MLP(Preset):
    """Dense layers one after the other: each unit sees everything before it.

    Use it for tables, and as the yardstick that any other network has to beat. Texts enter as bags of words.

    Shapes: anything -> (classes); pictures and arrays are lined up in one vector.
    Weights: the sum over the layers of (inputs + 1) * units.
    Source: Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors, doi:10.1038/323533a0.
    """

    subjects = ("columns", "image", "array", "text")
    year = 1986
    paper = "Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, doi:10.1038/323533a0"
    canonical_shape = (28, 28, 1)
    golden = (
        Golden(
            "MLP",
            (28, 28, 1),
            10,
            101_770,
            REFERENCE,
            params={"units": (128,)},
            multiply_adds=101_632,
            stages=Stages(REFERENCE, ((784,), (128,), (10,))),
        ),
        Golden("MLP", (28, 28, 1), 10, 203_530, REFERENCE, params={"units": (256,)}, multiply_adds=203_264),
        Golden(
            "MLP",
            (28, 28, 1),
            10,
            669_706,
            REFERENCE,
            params={"units": (512, 512)},
            multiply_adds=668_672,
            stages=Stages(REFERENCE, ((784,), (512,), (512,), (10,))),
        ),
    )

    units: Units = Field((128, 64), description="Units of each hidden layer, from the input to the output, such as 128, 64.")
    activation: ActivationName = Field("relu", description="Function of the hidden layers.")
    dropout: Probability = Field(0.0, description="Share of hidden values that are set to 0 in training.")
    batch_normalization: bool = Field(False, description="Normalises every hidden layer over the batch.")
    bins: Bins = Field(0, description="Most pieces into which the range of a table's numbers is cut; 0 for none.")

    def wire(self, net: Wiring, x: Node) -> Node:
        if len(net.shape(x)) > 1:
            x = net.add("flatten", Flatten(), x)
        return self.layers(net, x)

    def layers(self, net: Wiring, x: Node) -> Node:
        """Adds the hidden layers behind numbers in a row."""
        for number, units in enumerate(self.units, start=1):
            if self.batch_normalization:
                x = net.add(f"dense{number}", Dense(units=units, use_bias=False), x)
                x = net.add(f"normalization{number}", BatchNormalization(), x)
                x = net.add(f"activation{number}", Activation(activation=self.activation), x)
            else:
                x = net.add(f"dense{number}", Dense(units=units, activation=self.activation), x)
            if self.dropout:
                x = net.add(f"dropout{number}", Dropout(rate=self.dropout), x)
        return x

    def column_encoding(self) -> ColumnEncoding:
        return ColumnEncoding(bins=self.bins)

    def vectorization(self, feature: Feature | None) -> TextVectorization:
        return suited_vectorization(feature, max_tokens=10_000, output_mode="multi_hot")
