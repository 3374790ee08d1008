"""A convolutional autoencoder for any picture size."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from blocks.convolution import Conv2D
from blocks.features import Feature, FeatureKind
from blocks.fields import Count
from blocks.pooling import MaxPooling2D
from blocks.ports import Output
from blocks.reshaping import Cropping2D
from blocks.upsampling import UpSampling2D
from blocks.wiring import Node, Wiring
from presets.base import Golden, Preset, Stages

CODE_SHARE = 16
"""Numbers of a picture for each number of its code."""
PRINTED = Stages.squares(
    "the Keras blog, whose code is 4 x 4 x 8",
    (28, 16), (14, 16), (14, 8), (7, 8), (4, 8), (8, 8), (16, 8), (14, 16), (28, 16), (28, 1),
)  # fmt: skip


class ConvAutoencoder(Preset):
    """Squeezes a picture into a short code and draws it again from the code.

    Use it to find pictures unlike the others (they come out badly), to take small faults away, or to learn features without labels.

    The published networks halve by pooling; here, unless told otherwise, convolutions take steps of two, and the code has a sixteenth of
    the picture's numbers.

    Shapes: (height, width, channels) -> (height, width, channels).
    Weights: per convolution (9 * channels in + 1) * channels out; 4,385 in the published form at 28 x 28 x 1.
    Source: Masci et al. (2011), Stacked convolutional auto-encoders for hierarchical feature extraction, doi:10.1007/978-3-642-21735-7_7;
        Chollet (2016), Building autoencoders in Keras, the Keras blog.
    """

    title = "Convolutional autoencoder"
    year = 2011
    paper = "Masci et al., Stacked convolutional auto-encoders for hierarchical feature extraction, doi:10.1007/978-3-642-21735-7_7"
    subjects = ("image",)
    predicts: ClassVar[tuple[FeatureKind, ...]] = ("image",)
    shared = False
    canonical_shape = (28, 28, 1)
    minimum_size = 8
    golden = (
        Golden(
            "ConvAutoencoder",
            (28, 28, 1),
            1,
            4_385,
            "the summary of the convolutional autoencoder in the Keras blog",
            params={"form": "blog"},
            stages=PRINTED,
        ),
    )

    form: Literal["strided", "blog"] = Field(
        "strided", description='"strided": convolutions that halve, for any size; "blog": the small network of the Keras blog, with pooling.'
    )
    filters: Count = Field(32, description="Channels of the first convolution; each further one has twice as many.")
    stages: Annotated[int, Field(ge=1, le=6)] = Field(3, description="How often height and width are halved.")
    code: Count | None = Field(None, description="Channels of the code; empty: so many that it has a sixteenth of the picture's numbers.")

    def misfit(self, features: list[Feature]) -> str:  # type: ignore[override]
        reason = super().misfit(features)
        target = next((feature for feature in features if feature.role == "target"), None)
        if reason or target is None or target.statistics.get("scale", 1) == 1:
            return reason
        return f"{self.name} gives pictures in the size that they had; {target.name!r} is {target.statistics['scale']} times as large."

    def head(self, target: Feature | None, classes: int | None) -> Output:  # noqa: ARG002
        return Output(target=target.name if target else None, head="none")

    def wire(self, net: Wiring, x: Node) -> Node:
        return self._blog(net, x) if self.form == "blog" else self._strided(net, x)

    def _strided(self, net: Wiring, x: Node) -> Node:
        height, width = (size or 1 for size in net.shape(x)[:2])
        channels = net.channels(x)
        sizes = [(height, width)]
        for number in range(1, self.stages + 1):
            x = net.add(f"down{number}", self._conv(self.filters * 2 ** (number - 1), strides=2), x)
            sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
        code = self.code or max(1, math.ceil(height * width * channels / CODE_SHARE / (sizes[-1][0] * sizes[-1][1])))
        x = net.add("code", Conv2D(filters=code, kernel_size=3, padding="same"), x)
        x = net.add("open", self._conv(self.filters * 2 ** (self.stages - 1)), x)
        for number in range(self.stages, 0, -1):
            x = net.add(f"larger{number}", UpSampling2D(size=2), x)
            x = self._cropped(net, x, number, sizes[number], sizes[number - 1])
            x = net.add(f"up{number}", self._conv(self.filters * 2 ** max(0, number - 2)), x)
        return net.add("picture", Conv2D(filters=channels, kernel_size=3, padding="same"), x)

    @staticmethod
    def _cropped(net: Wiring, x: Node, number: int, small: tuple[int, int], wanted: tuple[int, int]) -> Node:
        """Without the row and the column too much that an odd size leaves behind."""
        spare = [2 * have - want for have, want in zip(small, wanted, strict=True)]
        return net.add(f"crop{number}", Cropping2D(cropping=((0, spare[0]), (0, spare[1]))), x) if any(spare) else x

    @staticmethod
    def _conv(filters: int, strides: int = 1) -> Conv2D:
        return Conv2D(filters=filters, kernel_size=3, strides=strides, padding="same", activation="relu", kernel_initializer="he_normal")

    @staticmethod
    def _blog(net: Wiring, x: Node) -> Node:
        def conv(filters: int, padding: Literal["same", "valid"] = "same") -> Conv2D:
            return Conv2D(filters=filters, kernel_size=3, padding=padding, activation="relu")

        channels = net.channels(x)
        return net.chain(
            x,
            conv1=conv(16),
            pool1=MaxPooling2D(padding="same"),
            conv2=conv(8),
            pool2=MaxPooling2D(padding="same"),
            conv3=conv(8),
            pool3=MaxPooling2D(padding="same"),
            conv4=conv(8),
            larger1=UpSampling2D(size=2),
            conv5=conv(8),
            larger2=UpSampling2D(size=2),
            conv6=conv(16, "valid"),
            larger3=UpSampling2D(size=2),
            picture=Conv2D(filters=channels, kernel_size=3, padding="same"),
        )
