"""The convolutional tower of the siamese network for one-shot recognition."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from blocks.convolution import Conv2D
from blocks.dense import Dense
from blocks.features import Feature, FeatureKind
from blocks.fields import Count
from blocks.pooling import MaxPooling2D
from blocks.ports import Output
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

STAGES = ((64, 10), (128, 7), (128, 4), (256, 4))
"""Output channels and window of each convolution; all but the last are followed by halving the size."""
OMNIGLOT = (105, 105, 1)
FIGURE = "figure 4 of the paper, counted in a build with keras 3.15.1; the paper prints no count"
TOWER = Stages.squares("figure 4", (96, 64), (48, 64), (42, 128), (21, 128), (18, 128), (9, 128), (6, 256), (9216,), (4096,))


class KochCNN(Preset):
    """Four convolutions with large windows and a wide sigmoid layer, whose values are a picture's place among others.

    Use it for drawn characters of 105 x 105 pixels, as published; for small pictures the Embedding CNN has far fewer weights.

    Departs from the paper: weights begin by He's and Glorot's distributions, in place of a normal one with deviations found by search.

    Shapes: (height, width, channels) -> (units).
    Weights: the sum over all convolutions of (window * window * channels + 1) * filters, and (features + 1) * units; 38,947,648 at 105 x 105 x 1.
    Source: Koch, Zemel and Salakhutdinov (2015), Siamese neural networks for one-shot image recognition,
        cs.toronto.edu/~rsalakhu/papers/oneshot1.pdf, figure 4.
    """

    title = "Koch CNN"
    year = 2015
    paper = "Koch, Zemel and Salakhutdinov, Siamese neural networks for one-shot image recognition, ICML deep learning workshop"
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("identity",)
    canonical_shape = OMNIGLOT
    canonical_classes = 1
    minimum_size = 65
    golden = (Golden("KochCNN", OMNIGLOT, 1, 38_947_648, FIGURE, multiply_adds=908_620_000, stages=TOWER),)

    units: Count = Field(4096, description="Numbers of the embedding.")

    def wire(self, net: Wiring, x: Node) -> Node:
        for number, (filters, window) in enumerate(STAGES, start=1):
            convolution = Conv2D(filters=filters, kernel_size=window, activation="relu", kernel_initializer="he_normal")
            x = net.add(f"conv{number}", convolution, x)
            if number < len(STAGES):
                x = net.add(f"pool{number}", MaxPooling2D(), x)
        return net.chain(x, flatten=Flatten(), embedding=Dense(units=self.units, activation="sigmoid"))

    def head(self, target: Feature | None, classes: int | None) -> Output:  # noqa: ARG002 - an embedding knows no classes
        return Output(target=target.name if target else None, head="none", activation="linear")
