"""Patches, and where steps stand in a sequence: what attention needs before it, since it knows no order."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import Field

from blocks.base import Composite, LayerBlock, NumericBlock
from blocks.convolution import Conv2D
from blocks.fields import RARE, Count, Padding, Window2D, per_axis
from blocks.reshaping import Reshape
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape, shape_text
from blocks.weighted import WithEmbeddings
from blocks.weights import Constraint, Initializer, Regularizer, constraint_field, initializer_field, regularizer_field
from blocks.wiring import Node, Wiring


class PatchEmbedding(Composite):
    """Cuts a picture into patches and makes one vector of each: a picture becomes a sequence.

    Use it before Transformer layers on pictures, with PositionEmbedding behind it.

    Formula: y[i] = x[patch i] kernel + bias, patches counted row by row
    Shapes: (height, width, channels) -> (patches, units). With "valid" there are floor((size - patch_size) / strides) + 1 along each axis,
        and a rest smaller than a patch is left out; with "same" ceil(size / strides), and a border of zeros.
    Weights: (patch places * channels + bias) * units; bias is 1, without use_bias 0.
    Multiply-adds: new places * patch places * channels * units
    Source: Dosovitskiy et al. (2020), arXiv:2010.11929, section 3.1.
    """

    category = "attention"
    ranks = (3,)

    units: Count = Field(192, description="Features of each patch's vector.")
    patch_size: Window2D = Field(16, description="Height and width of a patch.", json_schema_extra={"unit": "pixels"})
    strides: Window2D | None = Field(
        None,
        description="Step between patches; smaller than a patch makes them overlap; empty: patch_size.",
        json_schema_extra={**RARE, "unit": "pixels"},
    )
    padding: Padding = Field(
        "valid", description='"valid" leaves out a rest smaller than a patch; "same" fills it up with zeros.', json_schema_extra=RARE
    )
    use_bias: bool = Field(True, description="Adds one learned number per feature.", json_schema_extra=RARE)
    kernel_initializer: Initializer = initializer_field("glorot_uniform", "How the weights start.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or self.padding == "same":
            return found
        sizes = [size or math.inf for size in inputs[0].shape[:-1]]
        patch = per_axis(self.patch_size, 2)
        if all(size >= each for size, each in zip(sizes, patch, strict=True)):
            return None
        here = shape_text(inputs[0].shape[:-1])
        text = f"PatchEmbedding: invalid patch_size. Expected: at most the picture, {here}. Received: {shape_text(patch)}."
        return text, "Take a smaller patch, often an eighth to a sixteenth of the picture."

    def wire(self, net: Wiring, x: Node) -> Node:  # type: ignore[override]
        projection = Conv2D(
            filters=self.units,
            kernel_size=self.patch_size,
            strides=self.patch_size if self.strides is None else self.strides,
            padding=self.padding,
            use_bias=self.use_bias,
            kernel_initializer=self.kernel_initializer,
        )
        return net.chain(x, projection=projection, sequence=Reshape(target_shape=(-1, self.units)))

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"patch places": math.prod(per_axis(self.patch_size, 2))}


class ClassToken(NumericBlock):
    """Puts a learned step before the first one, in which attention collects what the whole sequence shows.

    Use it behind PatchEmbedding and before PositionEmbedding; a classifier then reads the first step alone. More than one gives
    attention room to note things down.

    Formula: y = token, x[0], x[1], ...
    Shapes: (steps, features) -> (num_tokens + steps, features).
    Weights: num tokens * channels
    Source: Devlin et al. (2018), arXiv:1810.04805; Dosovitskiy et al. (2020), arXiv:2010.11929; Darcet et al. (2023), arXiv:2309.16588 (several).
    """

    category = "attention"
    layer = "blocks.layers.class_token.ClassToken"
    ranks = (2,)

    num_tokens: Count = Field(1, le=4096, description="How many steps are put before the first.", json_schema_extra={**RARE, "unit": "steps"})
    token_initializer: Initializer = initializer_field("zeros", "How the learned steps start.")
    token_regularizer: Regularizer | None = regularizer_field("What large learned steps cost in training; empty: nothing.")
    token_constraint: Constraint | None = constraint_field("What the learned steps are brought to after each step of training; empty: nothing.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or _unknown_features(self, inputs)

    def sizes(self, shape: Shape) -> list[Size]:
        return [] if shape[0] is None else [Size(0, "steps + tokens", {"steps": shape[0], "tokens": self.num_tokens})]


class PositionEmbedding(WithEmbeddings):
    """Adds a learned vector to each step, one for the first, one for the second and so on.

    Use it before attention, for sequences of limited length: patches of pictures, texts cut to a length.

    Formula: y[t] = x[t] + embeddings[t]
    Shapes: unchanged: (steps, features) -> (steps, features).
    Weights: length * channels; length is the number of steps, unless given.
    Source: Gehring et al. (2017), arXiv:1705.03122; Devlin et al. (2018), arXiv:1810.04805; Dosovitskiy et al. (2020), arXiv:2010.11929.
    """

    category = "attention"
    layer = "blocks.layers.position_embedding.PositionEmbedding"
    ranks = (2,)

    length: Count | None = Field(
        None, description="The most steps that a sequence can have; empty: those of the input.", json_schema_extra={"unit": "steps"}
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or _unknown_features(self, inputs)
        if found or not inputs:
            return found
        steps = inputs[0].shape[0]
        if steps is None and self.length is None:
            return (
                "PositionEmbedding: invalid input. Expected: a known number of steps. Received: one that varies.",
                "Set length to the most steps there can be, or use SinusoidalPositionEncoding.",
            )
        if steps is not None and self.length is not None and steps > self.length:
            return (
                f"PositionEmbedding: invalid length. Expected: at least the {steps} steps of the input. Received: {self.length}.",
                f"Set length to {steps}, or leave it empty.",
            )
        return None

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"length": self.length or inputs[0][0] or 1}


class SinusoidalPositionEncoding(NumericBlock):
    """Adds waves of many lengths to the steps, by which attention can tell where each one stands.

    Use it before attention, for sequences of any length; it has no weights.

    Formula: y[t, 2i] = x[t, 2i] + sin(t / max_wavelength^(2i / features)), y[t, 2i + 1] = x[t, 2i + 1] + cos(the same)
    Shapes: unchanged: (steps, features) -> (steps, features).
    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.5.
    """

    category = "attention"
    layer = "blocks.layers.sinusoidal_position.SinusoidalPositionEncoding"
    ranks = (2,)

    max_wavelength: float = Field(
        10_000.0, ge=1.0, le=1e9, description="Length of the longest wave, divided by 2 pi.", json_schema_extra={"unit": "steps"}
    )
    scale_inputs: bool = Field(
        False, description="Multiplies the input by the root of its features first, as the paper does with embeddings.", json_schema_extra=RARE
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or _unknown_features(self, inputs)


def _unknown_features(block: LayerBlock, inputs: list[AnySpec]) -> tuple[str, str] | None:
    if not inputs or inputs[0].shape[-1] is not None:
        return None
    name = type(block).__name__
    return f"{name}: invalid input. Expected: a known number of features. Received: one that varies.", "Give the shape in the Input."
