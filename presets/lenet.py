"""LeNet-5."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.base import LayerBlock
from blocks.convolution import Conv2D
from blocks.dense import Dense
from blocks.pooling import AveragePooling2D, MaxPooling2D
from blocks.reshaping import Flatten
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

WIDTHS: dict[str, tuple[tuple[int, int], tuple[int, ...]]] = {"paper": ((6, 16), (120, 84)), "caffe": ((20, 50), (500,))}
"""Channels of the convolutions and units of the dense layers."""
FIGURE = Stages.squares("figure 2", (28, 6), (14, 6), (10, 16), (5, 16), (120,), (84,))
CAFFE = Stages.squares("BVLC/caffe, examples/mnist/lenet", (24, 20), (12, 20), (8, 50), (4, 50), (500,))


class LeNet5(Preset):
    """Two 5x5 convolutions, each followed by pooling, and three dense layers: the first network that read cheques.

    Use it for digits and other small pictures with one clear subject.

    The paper's third layer connects only some of its maps, its pooling has weights, and its output measures distances;
    here, as in today's textbooks, all maps are connected, pooling is plain and the output is a softmax.

    With form "caffe" it is the wider one of that program, with two dense layers.

    Shapes: (height, width, channels) -> (classes).
    Weights: 61,706 at 28 x 28 x 1 (padded by 2) or 32 x 32 x 1 and 10 classes; with form "caffe" 431,080 at 28 x 28 x 1.
    Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document recognition, doi:10.1109/5.726791, figure 2.
    """

    title = "LeNet-5"
    year = 1998
    paper = "LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, doi:10.1109/5.726791"
    canonical_shape = (28, 28, 1)
    minimum_size = 28
    golden = (
        Golden("LeNet5", (28, 28, 1), 10, 61_706, "Dive into Deep Learning, section 7.6 (28 x 28, padding 2)", multiply_adds=416_520, stages=FIGURE),
        Golden(
            "LeNet5", (32, 32, 1), 10, 61_706, "the paper's size, with every map of the third layer connected", multiply_adds=416_520, stages=FIGURE
        ),
        Golden("LeNet5", (28, 28, 1), 10, 431_080, "BVLC/caffe, examples/mnist/lenet", 2_293_000, {"form": "caffe"}, stages=CAFFE),
    )

    form: Literal["paper", "modern", "caffe"] = Field(
        "paper",
        description='"paper": tanh and average pooling; "modern": ReLU and max pooling, which learns quicker; "caffe": the same with more channels.',
    )
    activation: Literal["tanh", "sigmoid", "relu"] | None = Field(None, description="Function of the layers; empty: that of the form.")
    pooling: Literal["average", "max"] | None = Field(None, description="How maps are halved; empty: as the form does.")

    def wire(self, net: Wiring, x: Node) -> Node:
        height = net.shape(x)[0] or 0
        border: Literal["same", "valid"] = "same" if height < 32 and self.form != "caffe" else "valid"
        activation = self.activation or ("tanh" if self.form == "paper" else "relu")
        (first, second), units = WIDTHS["caffe" if self.form == "caffe" else "paper"]
        x = net.chain(
            x,
            conv1=Conv2D(filters=first, kernel_size=5, padding=border, activation=activation),
            pool1=self._pool(),
            conv2=Conv2D(filters=second, kernel_size=5, activation=activation),
            pool2=self._pool(),
            flatten=Flatten(),
        )
        for number, width in enumerate(units, start=1):
            x = net.add(f"dense{number}", Dense(units=width, activation=activation), x)
        return x

    def _pool(self) -> LayerBlock:
        kind = self.pooling or ("average" if self.form == "paper" else "max")
        return AveragePooling2D() if kind == "average" else MaxPooling2D()
