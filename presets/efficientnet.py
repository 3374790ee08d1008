"""EfficientNet."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.activation import Activation
from blocks.composite.mobile import MOBILE_EPSILON, MBConv, multiple_of
from blocks.composite.units import BATCH_MOMENTUM, conv
from blocks.fields import Probability
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D
from blocks.regularization import Dropout
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

STAGES = ((3, 1, 16, 1, 1), (3, 2, 24, 6, 2), (5, 2, 40, 6, 2), (3, 3, 80, 6, 2), (5, 3, 112, 6, 1), (5, 4, 192, 6, 2), (3, 1, 320, 6, 1))
"""Window, blocks, channels, expansion and strides of each stage of B0."""
FIRST_SHRINKING = 2
"""The stage that shrinks large pictures only."""
SCALES = {
    0: (1.0, 1.0, 224, 0.2), 1: (1.0, 1.1, 240, 0.2), 2: (1.1, 1.2, 260, 0.3), 3: (1.2, 1.4, 300, 0.3),
    4: (1.4, 1.8, 380, 0.4), 5: (1.6, 2.2, 456, 0.4), 6: (1.8, 2.6, 528, 0.5), 7: (2.0, 3.1, 600, 0.5),
}  # fmt: skip
"""Factor of the channels, factor of the blocks, size of the pictures and dropout, as the authors' code has them."""
KERAS = "keras.applications 3.15.1"
TRAINABLE = (5_288_548, 7_794_184, 9_109_994, 12_233_232, 19_341_616, 30_389_784, 43_040_704, 66_347_960)
PRODUCTS = {0: 385_810_000, 1: 686_800_000, 7: 37_746_000_000}
PASSED = {
    0: ((112, 32), (112, 16), (56, 24), (28, 40), (14, 80), (14, 112), (7, 192), (7, 320), (7, 1280), (1280,)),
    1: ((120, 32), (120, 16), (60, 24), (30, 40), (15, 80), (15, 112), (8, 192), (8, 320), (8, 1280), (1280,)),
    7: ((300, 64), (300, 32), (150, 48), (75, 80), (38, 160), (38, 224), (19, 384), (19, 640), (19, 2560), (2560,)),
}  # fmt: skip
"""Side and channels behind each row of table 1, in keras.applications; of B1 and B7 as they are scaled."""
STAGES_PASSED = {scale: Stages.squares("table 1 and keras.applications 3.15.1", *shapes) for scale, shapes in PASSED.items()}


class EfficientNet(WithStem):
    """Widened, weighed and narrowed blocks in seven stages, of which depth, width and size of the pictures grow together from B0 to B7.

    Use it where accuracy counts for each weight; B0 is a good start, and each next one takes about twice the time.

    Departs from the paper: the epsilon of the normalisations is that of keras.applications; pictures are not standardised before the first
    layer, and rules for changing training pictures belong to the data.

    Shapes: (height, width, channels) -> (classes).
    Weights: as the formula of MBConv says; at 1,000 classes from 5,288,548 (B0) to 66,347,960 (B7).
    Source: Tan and Le (2019), EfficientNet: rethinking model scaling for convolutional neural networks, arXiv:1905.11946, table 1;
        normalisation and rounding of channels as in keras.applications.
    """

    title = "EfficientNet"
    year = 2019
    paper = "Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks, arXiv:1905.11946"
    variants: ClassVar[dict[str, dict[str, Any]]] = {f"EfficientNetB{scale}": {"scale": scale} for scale in SCALES}
    canonical_shape = (224, 224, 3)
    canonical_classes = 1000
    minimum_size = 32
    golden = tuple(
        Golden(
            f"EfficientNetB{scale}",
            (size, size, 3),
            1000,
            TRAINABLE[scale],
            KERAS,
            multiply_adds=PRODUCTS.get(scale),
            stages=STAGES_PASSED.get(scale),
        )
        for scale, (_, _, size, _) in SCALES.items()
    )

    scale: Literal[0, 1, 2, 3, 4, 5, 6, 7] = Field(0, description="Which size: 0 is B0.")
    dropout: Probability | None = Field(
        None, description="Share of values that are set to 0 in training before the output; empty: the paper's, 0.2 to 0.5."
    )
    stochastic_depth: Probability = Field(
        0.2, description="Share of samples that pass by the last block in training; less for those before it.", json_schema_extra={"frequent": False}
    )

    @property
    def canonical(self) -> tuple[tuple[int, ...], int]:
        size = SCALES[self.scale][2]
        return (size, size, 3), self.canonical_classes

    def wire(self, net: Wiring, x: Node) -> Node:
        wider, deeper, _, dropout = SCALES[self.scale]
        repeats = [math.ceil(blocks * deeper) for _, blocks, *_ in STAGES]
        x = self._convolved(net, x, "1", multiple_of(32 * wider, 8), 3, self.first_strides)
        passed = 0
        for stage, (window, _, filters, expansion, strides) in enumerate(STAGES, start=1):
            begins = self.first_strides if stage == FIRST_SHRINKING else strides
            for number in range(1, repeats[stage - 1] + 1):
                block = MBConv(
                    filters=multiple_of(filters * wider, 8), kernel_size=window, expansion=expansion, strides=begins if number == 1 else 1,
                    stochastic_depth=self.stochastic_depth * passed / sum(repeats),
                )  # fmt: skip
                x = net.add(f"stage{stage}_block{number}", block, x)
                passed += 1
        x = net.add("pool", GlobalAveragePooling2D(), self._convolved(net, x, "_last", multiple_of(1280 * wider, 8), 1, 1))
        rate = dropout if self.dropout is None else self.dropout
        return net.add("dropout", Dropout(rate=rate), x) if rate else x

    def _convolved(self, net: Wiring, x: Node, name: str, filters: int, window: int, strides: int) -> Node:
        return net.chain(
            x,
            **{
                f"conv{name}": conv(filters, window, strides=strides),
                f"norm{name}": BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=MOBILE_EPSILON),
                f"silu{name}": Activation(activation="silu"),
            },
        )
