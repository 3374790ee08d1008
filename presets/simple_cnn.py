"""A small convolutional network for any picture size."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from blocks.activation import ReLU
from blocks.augmentation import RandomRotation, RandomTranslation
from blocks.convolution import Conv2D
from blocks.fields import Count, Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.regularization import Dropout
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

LAST_SIDE = 5
"""Stages are added until the picture is smaller than this, in positions."""
LEAST_STAGES, MOST_STAGES = 2, 4
PRINTED = Stages.squares("the summary printed in the Keras example", (26, 32), (13, 32), (11, 64), (5, 64), (1600,), (10,))


class SimpleCNN(Preset):
    """A few 3x3 convolutions, each followed by halving the size and doubling the channels, and one dense layer.

    Use it first for pictures of your own: it trains in minutes on a processor and is hard to beat with little data.

    The published network has two stages without normalisation and without borders; here each stage is normalised (behind its
    pooling, where that costs a quarter), and the number of stages follows the size of the picture. Training pictures are
    moved and turned a little, unless told otherwise.

    Shapes: (height, width, channels) -> (classes).
    Weights: per stage 9 * channels * filters + 2 * filters; 34,826 in the published form at 28 x 28 x 1 and 10 classes.
    Source: Chollet (2015), Simple MNIST convnet, examples of the Keras documentation; Ioffe and Szegedy (2015), arXiv:1502.03167.
    """

    title = "Simple CNN"
    year = 2015
    paper = "Chollet, Simple MNIST convnet, examples of the Keras documentation"
    canonical_shape = (28, 28, 1)
    minimum_size = 4
    golden = (
        Golden(
            "SimpleCNN", (28, 28, 1), 10, 34_826, "the summary printed in the Keras example",
            params={"filters": 32, "stages": 2, "padding": "valid", "batch_normalization": False, "ending": "flatten", "dropout": 0.5},
            stages=PRINTED,
        ),
    )  # fmt: skip

    filters: Count = Field(24, description="Output channels of the first stage; each further stage has twice as many.")
    stages: Annotated[int, Field(ge=1, le=8)] | None = Field(
        None, description="Convolutions, each followed by halving; empty: as the size of the picture allows."
    )
    ending: Literal["average", "flatten"] = Field(
        "flatten", description='What the dense layer sees: "average" of each channel, or "flatten", every place of it.'
    )
    dropout: Probability = Field(0.3, description="Share of values before the dense layer that are set to 0 in training.")
    batch_normalization: bool = Field(True, description="Normalises behind each convolution: trains sooner and more surely.")
    augmentation: Literal["none", "shift"] = Field(
        "shift", description='"shift" moves and turns each training picture a little, by chance; "none" takes them as they are.'
    )
    padding: Literal["same", "valid"] = Field(
        "same", description='"same" keeps the size in a convolution by a border of zeros.', json_schema_extra={"frequent": False}
    )

    def wire(self, net: Wiring, x: Node) -> Node:
        side = min(size or LAST_SIDE for size in net.shape(x)[:2])
        stages = self.stages or max(LEAST_STAGES, min(MOST_STAGES, math.ceil(math.log2(side / LAST_SIDE) + 1e-9)))
        if self.augmentation == "shift":
            x = net.chain(x, shift=RandomTranslation(height_factor=0.08, width_factor=0.08), turn=RandomRotation(factor=0.02))
        for number in range(1, stages + 1):
            filters = self.filters * 2 ** (number - 1)
            if self.batch_normalization:
                x = net.add(
                    f"conv{number}", Conv2D(filters=filters, kernel_size=3, padding=self.padding, use_bias=False, kernel_initializer="he_normal"), x
                )
                x = net.add(f"pool{number}", MaxPooling2D(), x)
                x = net.add(f"norm{number}", BatchNormalization(momentum=0.9), x)
                x = net.add(f"relu{number}", ReLU(), x)
            else:
                x = net.add(f"conv{number}", Conv2D(filters=filters, kernel_size=3, padding=self.padding, activation="relu"), x)
                x = net.add(f"pool{number}", MaxPooling2D(), x)
        x = net.add("average", GlobalAveragePooling2D(), x) if self.ending == "average" else net.add("flatten", Flatten(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x
