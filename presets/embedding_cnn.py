"""A small convolutional network that gives a picture a place: like pictures lie near each other."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.augmentation import RandomRotation, RandomTranslation
from blocks.convolution import Conv2D
from blocks.dense import Dense
from blocks.features import Feature, FeatureKind
from blocks.fields import Count, Probability
from blocks.normalization import BatchNormalization, UnitNormalization
from blocks.pooling import MaxPooling2D
from blocks.ports import Output
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

LAST_SIDE = 5
"""Stages are added until the picture is smaller than this, in positions."""
LEAST_STAGES, MOST_STAGES = 2, 4
FORMULA = "the formula 9 F + 27 F^2 + 8 F of four stages of F filters on a grey picture; the network is that of section 3.1"
PAPER = Stages.squares(
    "section 3.1: four blocks that halve the size, and 64 numbers at the end", (28, 64), (14, 64), (7, 64), (3, 64), (1, 64), (64,)
)


class EmbeddingCNN(Preset):
    """3x3 convolutions, each followed by halving the size, and at the end a direction: a row of numbers of length 1.

    Use it to recognise what was not there in training, to compare two pictures, or to find the most like: faces, signs, products.

    The published network has four stages of 64 filters and gives what the last of them holds. Here the filters are doubled from stage
    to stage, their number follows the size of the picture, and a dense layer makes the embedding. Training pictures are moved and
    turned a little, unless told otherwise.

    Shapes: (height, width, channels) -> (units).
    Weights: per stage 9 * channels * filters + 2 * filters, and at the end (features + 1) * units.
    Source: Snell, Swersky and Zemel (2017), arXiv:1703.05175, section 3.1; length 1: Schroff et al. (2015), arXiv:1503.03832, section 3.
    """

    title = "Embedding CNN"
    year = 2017
    paper = "Snell, Swersky and Zemel, Prototypical networks for few-shot learning, arXiv:1703.05175"
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("identity",)
    canonical_shape = (28, 28, 1)
    minimum_size = 4
    golden = (
        Golden("EmbeddingCNN", (28, 28, 1), 1, 111_680, FORMULA, params={"filters": 64, "growth": "same", "stages": 4, "units": None}, stages=PAPER),
    )  # fmt: skip

    units: Count | None = Field(64, description="Numbers of the embedding; empty: what the last stage holds, without a dense layer.")
    filters: Count = Field(24, description="Output channels of the first stage.")
    growth: Literal["double", "same"] = Field("double", description='Filters of each further stage: "double" of those before, or the "same".')
    stages: Annotated[int, Field(ge=1, le=8)] | None = Field(
        None, description="Convolutions, each followed by halving; empty: as the size of the picture allows."
    )
    dropout: Probability = Field(0.0, description="Share of values before the dense layer that are set to 0 in training.")
    augmentation: Literal["none", "shift"] = Field(
        "shift", description='"shift" moves and turns each training picture a little, by chance; "none" takes them as they are.'
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        side = min(size or LAST_SIDE for size in net.shape(x)[:2])
        stages = self.stages or max(LEAST_STAGES, min(MOST_STAGES, math.ceil(math.log2(side / LAST_SIDE) + 1e-9)))
        if self.augmentation == "shift":
            x = net.chain(x, shift=RandomTranslation(height_factor=0.08, width_factor=0.08), turn=RandomRotation(factor=0.02))
        for number in range(1, stages + 1):
            filters = self.filters * (2 ** (number - 1) if self.growth == "double" else 1)
            x = net.add(f"conv{number}", Conv2D(filters=filters, kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_normal"), x)
            x = net.add(f"pool{number}", MaxPooling2D(), x)
            x = net.add(f"norm{number}", BatchNormalization(momentum=0.9), x)
            x = net.add(f"relu{number}", ReLU(), x)
        x = net.add("flatten", Flatten(), x)
        if self.dropout:
            x = net.add("dropout", Dropout(rate=self.dropout), x)
        if self.units is not None:
            x = net.add("embedding", Dense(units=self.units), x)
        return net.add("length", UnitNormalization(), x)

    def head(self, target: Feature | None, classes: int | None) -> Output:  # noqa: ARG002 - an embedding knows no classes
        return Output(target=target.name if target else None, head="none", activation="linear")
