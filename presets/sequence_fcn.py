"""Convolutions along a sequence for its class."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from blocks.activation import ReLU
from blocks.convolution import Conv1D
from blocks.fields import Count, Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling1D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset
from presets.fronts import Subject

FORMULA = (
    "the formula 8 C F + 5 F * 2 F + 3 * 2 F * F of the convolutions with F = 128 filters on C columns, 2 * 4 F of the normalisations "
    "and (F + 1) N of N classes"
)
KERNELS = (8, 5, 3)


class SequenceFCN(Preset):
    """Three convolutions along the steps, each normalised, and the mean of what they find: wherever a pattern stands, it counts.

    Use it first to sort sequences by class: movements, signals of machines or bodies, spectra.

    The paper has 128 filters; with 32 it trains sixteen times as fast and is about as good on hundreds or thousands of sequences. The
    convolutions have no bias, which the normalisation behind each would take away again.

    Shapes: (steps, columns) -> (classes).
    Weights: 8 * columns * filters + 16 * filters * filters + 8 * filters + (filters + 1) * classes.
    Source: Wang, Yan and Oates (2017), Time series classification from scratch with deep neural networks: a strong baseline,
        arXiv:1611.06455, section 2 B.
    """

    title = "Sequence FCN"
    subjects: ClassVar[tuple[Subject, ...]] = ("series",)
    year = 2017
    paper = "Wang, Yan and Oates, Time series classification from scratch with deep neural networks: a strong baseline, arXiv:1611.06455"
    canonical_shape = (128, 1)
    canonical_classes = 2
    golden = (Golden("SequenceFCN", (128, 1), 2, 8 * 128 + 5 * 128 * 256 + 3 * 256 * 128 + 2 * 512 + 129 * 2, FORMULA, params={"filters": 128}),)

    filters: Count = Field(32, description="Channels of the first and the last convolution; the middle one has twice as many.")
    dropout: Probability = Field(0.2, description="Share of the means that are set to 0 in training.")

    def wire(self, net: Wiring, x: Node) -> Node:
        for number, (factor, length) in enumerate(zip((1, 2, 1), KERNELS, strict=True), start=1):
            filters = factor * self.filters
            x = net.add(
                f"conv{number}",
                Conv1D(filters=filters, kernel_size=length, padding="same", use_bias=False, kernel_initializer="he_normal"),
                x,
            )
            x = net.chain(x, **{f"norm{number}": BatchNormalization(momentum=0.9), f"relu{number}": ReLU()})
        x = net.add("average", GlobalAveragePooling1D(), x)
        return net.add("dropout", Dropout(rate=self.dropout), x) if self.dropout else x
