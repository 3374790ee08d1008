"""What composites of convolutions share: their normalisation, their activations, and figures of their formulas."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from pydantic.config import JsonDict

from blocks.activation import Activation, ReLU
from blocks.base import Block, Composite, LayerBlock
from blocks.convolution import Conv2D, DepthwiseConv2D
from blocks.explanation import quantities
from blocks.fields import MAXIMUM_UNITS, RARE, ActivationName
from blocks.formulas import formula_in
from blocks.normalization import BatchNormalization
from blocks.spec import AnySpec, Shape, shape_text
from blocks.wiring import Node, Wiring, WiringError

BATCH_MOMENTUM, BATCH_EPSILON = 0.9, 1e-5
"""As in the authors' Caffe files; with Keras's 0.99 the running figures lag behind in short trainings."""

STRIDES: JsonDict = {"unit": "pixels"}
STEP = "Step of the window; 2 halves the size."
ACTIVATION = "Function behind each normalisation."


class ConvolutionalComposite(Composite):
    """A composite that must know its channels."""

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        for spec in inputs:
            if spec.shape[-1] is None:
                text = f"{type(self).__name__}: invalid input. Expected: a known number of channels. Received: {shape_text(spec.shape)}."
                return text, "Give the number of channels in the Input."
        return None


class NormalisedComposite(ConvolutionalComposite):
    """A composite whose convolutions are normalised over the batch."""

    momentum: float = Field(
        BATCH_MOMENTUM, ge=0.0, lt=1.0, description="Share of the running mean and variance that each step keeps.", json_schema_extra=RARE
    )
    epsilon: float = Field(
        BATCH_EPSILON, gt=0.0, le=1.0, description="Added to the variance, so that nothing is divided by 0.", json_schema_extra=RARE
    )

    def norm(self) -> BatchNormalization:
        """A normalisation with the composite's settings."""
        return BatchNormalization(momentum=self.momentum, epsilon=self.epsilon)

    def unit(self, net: Wiring, x: Node, name: str, convolution: LayerBlock, function: ActivationName | None = None) -> Node:
        """A convolution with its normalisation and, if one is given, its activation; the ids begin with the name."""
        x = net.chain(x, **{f"{name}_conv": convolution, f"{name}_norm": self.norm()})
        return x if function in (None, "linear") else net.add(f"{name}_activation", activation(function), x)


def activation(name: ActivationName | None) -> Block:
    """The block of a function."""
    return ReLU() if name == "relu" else Activation(activation=name or "linear")


def conv(filters: int, kernel_size: int | tuple[int, int] = 1, **settings: Any) -> Conv2D:
    """A convolution that keeps the size (but for its strides), without bias unless one is asked for: a normalisation follows.

    Raises:
        WiringError: A composite works out more channels than there may be.
    """
    if filters > MAXIMUM_UNITS:
        raise WiringError(f"A convolution would have {filters:,} channels; there may be {MAXIMUM_UNITS:,}.")
    return Conv2D(**{
        "filters": filters, "kernel_size": kernel_size, "padding": "same", "use_bias": False, "kernel_initializer": "he_uniform", **settings,
    })  # fmt: skip


def depthwise(kernel_size: int, strides: int = 1, **settings: Any) -> DepthwiseConv2D:
    """A window over each channel by itself that keeps the size (but for its strides), without bias unless one is asked for."""
    return DepthwiseConv2D(**{
        "kernel_size": kernel_size, "strides": strides, "padding": "same", "use_bias": False, "depthwise_initializer": "he_uniform", **settings,
    })  # fmt: skip


def stated_weights(block: Block, shape: Shape) -> int:
    """What the formula of a block that keeps the shape counts for it."""
    formula = formula_in(block.section("Weights"))
    return int(formula.value(quantities(block, [shape], [shape]))) if formula else 0


def channels_of(shape: Shape) -> int:
    """The last axis; 1 where it varies."""
    return (shape[-1] if shape else 1) or 1
