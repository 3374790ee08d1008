"""Inception version 2: batch normalisation."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.attention_over_channels import SqueezeExcitation
from blocks.composite.inception import INCEPTION_EPSILON, InceptionA
from blocks.composite.inception_reduction import InceptionReductionA
from blocks.composite.units import BATCH_MOMENTUM, activation, conv
from blocks.convolution import SeparableConv2D
from blocks.normalization import BatchNormalization
from blocks.pooling import GlobalAveragePooling2D, MaxPooling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Stages
from presets.stem import WithStem

IMAGENET = (224, 224, 3)
NAMES = ("filters_1x1", "filters_window_reduce", "filters_window", "filters_double_reduce", "filters_double", "filters_pool")
MODULES: dict[str, tuple[int, ...]] = {
    "3a": (64, 64, 64, 64, 96, 32), "3b": (64, 64, 96, 64, 96, 64), "3c": (128, 160, 64, 96),
    "4a": (224, 64, 96, 96, 128, 128), "4b": (192, 96, 128, 96, 128, 128), "4c": (160, 128, 160, 128, 160, 128), "4d": (96, 128, 192, 160, 192, 128),
    "4e": (128, 192, 192, 256), "5a": (352, 192, 320, 160, 224, 128), "5b": (352, 192, 320, 192, 224, 128),
}  # fmt: skip
"""Channels of each module, in the order of `NAMES`; of those that halve the size: 3x3 reduce, 3x3, double reduce, double."""
SLIM_POOLED = {"4c": 96, "4d": 96}
"""Channels behind the pooling where form "slim" has fewer, so that each of these modules gives the 576 of the paper's table."""
SLIM_MULTIPLIER = 8
"""Windows over each colour in its first convolution."""
TABLE = Stages.squares(
    "the table of the appendix",
    (112, 64), (56, 64), (56, 192), (28, 192), (28, 256), (28, 320), (14, 576), (14, 576), (14, 576), (7, 1024), (7, 1024),
)  # fmt: skip


class InceptionV2(WithStem):
    """GoogLeNet with batch normalisation behind each convolution, and two 3x3 windows in place of the 5x5 one.

    Use it to see what normalisation did: it reached the accuracy of GoogLeNet in a fourteenth of its steps.

    SEInceptionV2 weighs the channels behind each module.

    Departs from the paper: biases stand in front of the normalisations, as in the files of its successors for Caffe.

    Shapes: (height, width, channels) -> (classes).
    Weights: those of its modules; at 1,000 classes 11,295,240, with weighed channels and without biases 11,931,622.
    Source: Ioffe and Szegedy (2015), Batch normalization: accelerating deep network training, arXiv:1502.03167, appendix; weighed channels:
        Hu et al. (2017), arXiv:1709.01507.
    """

    title = "Inception v2 (BN-Inception)"
    year = 2015
    paper = "Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal covariate shift, arXiv:1502.03167"
    variants: ClassVar[dict[str, dict[str, Any]]] = {"InceptionV2": {}, "SEInceptionV2": {"squeeze_excitation": True, "use_bias": False}}
    canonical_shape = IMAGENET
    canonical_classes = 1000
    minimum_size = 32
    golden = (
        Golden("InceptionV2", IMAGENET, 1000, 11_295_240, "pretrainedmodels 0.7.4 (the Caffe files)", multiply_adds=2_033_000_000, stages=TABLE),
        Golden("SEInceptionV2", IMAGENET, 1000, 11_931_622, "the authors' files", multiply_adds=2_033_000_000, stages=TABLE),
        Golden(
            "InceptionV2",
            (231, 231, 3),
            1000,
            11_188_224,
            "soeaver/caffe-model, from the weights of TF-Slim",
            multiply_adds=2_197_000_000,
            params={"form": "slim"},
        ),
    )

    form: Literal["caffe", "slim"] = Field(
        "caffe",
        description='"caffe": as in the files for Caffe; "slim": as in TF-Slim, whose first convolution looks at each colour by itself.',
        json_schema_extra={"frequent": False},
    )
    use_bias: bool = Field(
        True,
        description="Biases in the convolutions, in front of the normalisations.",
        json_schema_extra={"frequent": False, "shown_if": {"form": "caffe"}},
    )
    squeeze_excitation: bool = Field(False, description="Weighs the channels behind each module.")

    def wire(self, net: Wiring, x: Node) -> Node:
        x = self._first(net, x) if self.is_small else self._pooled(net, "1", self._first(net, x))
        x = self._pooled(net, "2", self._convolved(net, self._convolved(net, x, "2_reduce", 64, 1), "2", 192, 3))
        for name, filters in MODULES.items():
            x = net.add(f"inception{name}", self._module(name, filters), x)
            if self.squeeze_excitation:
                x = net.add(f"excitation{name}", SqueezeExcitation(), x)
        return net.add("pool", GlobalAveragePooling2D(), x)

    @property
    def _biased(self) -> bool:
        return self.use_bias and self.form == "caffe"

    def _first(self, net: Wiring, x: Node) -> Node:
        window = 3 if self.is_small else 7
        if self.form == "caffe":
            return self._convolved(net, x, "1", 64, window, self.first_strides)
        separable = SeparableConv2D(
            filters=64, kernel_size=window, strides=self.first_strides, padding="same", depth_multiplier=SLIM_MULTIPLIER, activation="relu"
        )
        return net.add("conv1", separable, x)

    def _module(self, name: str, filters: tuple[int, ...]) -> InceptionA | InceptionReductionA:
        if len(filters) == len(NAMES):
            given = dict(zip(NAMES, filters, strict=True))
            pooled = SLIM_POOLED.get(name, given["filters_pool"]) if self.form == "slim" else given["filters_pool"]
            pooling = "max" if name == "5b" else "average"
            return InceptionA.read({**given, "filters_pool": pooled, "window": 3, "pooling": pooling, "use_bias": self._biased})
        reduced, three, narrow, wide = filters
        return InceptionReductionA(
            filters_3x3_reduce=reduced, filters_3x3=three, filters_double_reduce=narrow, filters_double_middle=wide, filters_double=wide,
            padding="same", use_bias=self._biased,
        )  # fmt: skip

    def _convolved(self, net: Wiring, x: Node, name: str, filters: int, window: int, strides: int = 1) -> Node:
        convolution = conv(filters, window, strides=strides, use_bias=self._biased)
        norm = BatchNormalization(momentum=BATCH_MOMENTUM, epsilon=INCEPTION_EPSILON)
        return net.chain(x, **{f"conv{name}": convolution, f"norm{name}": norm, f"relu{name}": activation("relu")})

    def _pooled(self, net: Wiring, name: str, x: Node) -> Node:
        return net.add(f"pool{name}", MaxPooling2D(pool_size=3, strides=2, padding="same"), x)
