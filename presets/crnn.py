"""Convolutions that turn a line of writing into a sequence, and recurrent layers that read it."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field

from blocks.activation import ReLU
from blocks.augmentation import RandomRotation, RandomTranslation
from blocks.convolution import Conv2D
from blocks.dense import Dense
from blocks.features import Feature
from blocks.fields import Count
from blocks.normalization import BatchNormalization
from blocks.pooling import MaxPooling2D
from blocks.reshaping import Reshape
from blocks.wiring import Node, Wiring
from presets.base import Golden, Situation, Stages
from presets.transcribing import Transcribing, wanted_steps

HEIGHT = 32
"""Rows of pixels that the convolutions make one of."""
STEP = 4
"""Columns of pixels for each step of the sequence."""
CONVOLUTIONS = 7
NORMALISED = (5, 6)
"""Convolutions with batch normalisation as published, by number."""
WIDEST = 2048
WIDTH = 100
"""Columns where nothing is known of the pictures."""
TABLE = "table 1 and the 8.3M printed in table 2, with the linear layer between the recurrent ones that this figure needs"
ROWS = (
    (32, 100, 64), (16, 50, 64), (16, 50, 128), (8, 25, 128), (8, 25, 256), (4, 25, 256), (4, 25, 512), (2, 25, 512), (1, 24, 512), (24, 512),
    (24, 37),
)  # fmt: skip


class CRNN(Transcribing):
    """Reads a line of writing: convolutions make each few columns of the picture one vector, and two recurrent layers read these both ways.

    Use it for pictures of one line of text: words, numbers, plates, codes. CRNN_slim has a quarter of the channels and trains on a
    processor. Pictures are brought to 32 rows, and to so many columns that the longest text finds room.

    Shapes: (32, width, channels) -> (width / 4 - 1, characters + 1).
    Weights: convolutions 9 * channels * filters + filters each (normalised 2 * filters; the last 4 * channels), recurrent layers
        2 * 4 * (units + inputs + 1) * units each, and a dense layer (2 * units + 1) * units between them.
    Source: Shi, Bai and Yao (2015), arXiv:1507.05717, section 2 and table 1.
    """

    title = "CRNN"
    year = 2015
    paper = "Shi, Bai and Yao, An end-to-end trainable neural network for image-based sequence recognition, arXiv:1507.05717"
    variants = {"CRNN": {}, "CRNN_slim": {"filters": 16, "units": 64, "batch_normalization": "all", "augmentation": "shift"}}
    canonical_shape = (HEIGHT, WIDTH, 1)
    canonical_classes = 37
    golden = (Golden("CRNN", (HEIGHT, WIDTH, 1), 37, 8_325_669, TABLE, stages=Stages("table 1, from a picture of 100 columns", ROWS)),)

    filters: Count = Field(64, description="Output channels of the first convolution; the last has eight times as many.")
    batch_normalization: Literal["deep", "all"] = Field(
        "deep",
        description='Which convolutions are normalised: the "deep" ones (5 and 6), as published, or "all", which trains sooner.',
    )
    augmentation: Literal["none", "shift"] = Field(
        "none", description='"shift" moves and turns each training picture a little, by chance; "none" takes them as they are.'
    )
    width: Count | None = Field(
        None,
        le=WIDEST,
        description="Columns of pixels to which pictures are brought; empty: as their shape and the longest text ask.",
        json_schema_extra={"unit": "pixels"},
    )

    def suited(self, situation: Situation) -> Self:
        entry, target = situation.entries[0], situation.targets[0] if situation.targets else None
        if self.width is not None:
            return self
        height, width = (_side(entry.shape[axis], name, entry.feature) for axis, name in enumerate(("height", "width")))
        natural = round(HEIGHT * width / height) if height and width else WIDTH
        wanted = max(natural, STEP * (wanted_steps(target) + 1))
        return self.model_copy(update={"width": min(WIDEST, STEP * math.ceil(wanted / STEP))})

    def size(self, height: int | None, width: int | None, feature: Feature | None) -> tuple[tuple[int, int], str]:  # noqa: ARG002
        wanted = (HEIGHT, self.width or WIDTH)
        return wanted, "" if (
            height,
            width,
        ) == wanted else f"The network reads lines of {HEIGHT} rows; pictures become {wanted[1]} columns wide."

    def wire(self, net: Wiring, x: Node) -> Node:
        many = self.filters
        if self.augmentation == "shift":
            x = net.chain(x, shift=RandomTranslation(height_factor=0.08, width_factor=0.03), turn=RandomRotation(factor=0.006))
        x = self._convolved(net, 1, many, x)
        x = self._convolved(net, 2, 2 * many, net.add("pool1", MaxPooling2D(), x))
        x = self._convolved(net, 3, 4 * many, net.add("pool2", MaxPooling2D(), x))
        x = self._convolved(net, 4, 4 * many, x)
        x = self._convolved(net, 5, 8 * many, net.add("pool3", MaxPooling2D(pool_size=(2, 1)), x))
        x = self._convolved(net, 6, 8 * many, x)
        x = self._convolved(net, 7, 8 * many, net.add("pool4", MaxPooling2D(pool_size=(2, 1)), x))
        x = self.dropped(net, "dropout1", net.add("sequence", Reshape(target_shape=(-1, 8 * many)), x))
        for number in range(1, self.layers + 1):
            if number > 1:
                x = net.add(f"mixed{number - 1}", Dense(units=self.units), x)
            x = self.reader(number, net, x)
        return self.dropped(net, "dropout2", x)

    def _convolved(self, net: Wiring, number: int, filters: int, x: Node) -> Node:
        """The convolution of this number; the last one makes one row of two."""
        last, normalised = number == CONVOLUTIONS, self.batch_normalization == "all" or number in NORMALISED
        convolution = Conv2D(filters=filters, kernel_size=2 if last else 3, padding="valid" if last else "same", use_bias=not normalised)
        x = net.add(f"conv{number}", convolution, x)
        if normalised:
            x = net.add(f"norm{number}", BatchNormalization(momentum=0.9), x)
        return net.add(f"relu{number}", ReLU(), x)


def _side(size: int | None, name: str, feature: Feature | None) -> float | None:
    """The height or width of pictures, as most have it where they differ."""
    return size or (feature.statistics.get(f"median_{name}") if feature else None)
