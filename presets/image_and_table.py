"""A network that looks at a picture and at columns of numbers together."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.dense import Dense
from blocks.fields import ActivationName, Bins, Count, Probability
from blocks.merging import Concatenate
from blocks.preprocessing import ColumnEncoding
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages
from presets.mlp import Units
from presets.simple_cnn import SimpleCNN

FORMULA = "the formula, counted by hand at 32 x 32 x 3 and 8 columns"


class ImageAndTable(Preset):
    """Reads a picture with convolutions and columns with dense layers, puts both side by side, and decides from both.

    Use it where a picture comes with numbers or categories that say something of the same thing, such as a scan with age and sex.

    The body of the picture is that of the Simple CNN; the joint layers see a vector of each branch.

    Shapes: (height, width, channels) and (columns) -> (classes).
    Weights: those of the Simple CNN, (its outputs + 1) * image_units, the sum over the columns' layers of (inputs + 1) * units, and
        (image_units + last units + 1) * fusion_units + (fusion_units + 1) * classes.
    Source: Ngiam et al. (2011), Multimodal deep learning, icml-2011.org/papers/399_icmlpaper.pdf.
    """

    title = "Image and table"
    subjects = ("image", "columns")
    together = True
    year = 2011
    paper = "Ngiam, Khosla, Kim, Nam, Lee and Ng, Multimodal deep learning, ICML 2011"
    canonical_shape = (32, 32, 3)
    canonical_shapes = {"columns": (8,)}
    minimum_size = 4
    golden = (
        Golden(
            "ImageAndTable",
            (32, 32, 3),
            10,
            160_674,
            FORMULA,
            stages=Stages.squares(FORMULA, (32, 24), (16, 24), (16, 48), (8, 48), (8, 96), (4, 96), (1536,), (64,), (128,), (64,), (10,)),
        ),
    )

    filters: Count = Field(24, description="Output channels of the picture's first stage; each further stage has twice as many.")
    image_units: Count = Field(64, description="Units of the dense layer behind the picture's stages.")
    units: Units = Field((64,), description="Units of the layers for the columns, from the input on.")
    fusion_units: Count = Field(64, description="Units of the layer that sees both.")
    activation: ActivationName = Field("relu", description="Function of the dense layers.")
    dropout: Probability = Field(0.3, description="Share of each branch's values that are set to 0 in training.")
    augmentation: Literal["none", "shift"] = Field(
        "none", description='"shift" moves and turns each training picture a little, by chance; "none" takes them as they are.'
    )
    bins: Bins = Field(0, description="Most pieces into which the range of a column's numbers is cut; 0 for none.")

    def wire(self, net: Wiring, x: Node, *others: Node) -> Node:
        picture = SimpleCNN(filters=self.filters, dropout=self.dropout, augmentation=self.augmentation).wire(net, x)
        picture = net.add("picture", Dense(units=self.image_units, activation=self.activation), picture)
        (table,) = others
        for number, units in enumerate(self.units, start=1):
            table = net.add(f"table{number}", Dense(units=units, activation=self.activation), table)
        both = net.add("fusion", Concatenate(), picture, table)
        return net.add("together", Dense(units=self.fusion_units, activation=self.activation), both)

    def column_encoding(self) -> ColumnEncoding:
        return ColumnEncoding(bins=self.bins)
