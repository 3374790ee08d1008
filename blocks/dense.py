"""Fully connected layers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from blocks.axes import axes_problem
from blocks.base import kernel_size_of, positions
from blocks.fields import ActivationName, Count
from blocks.spec import AnySpec, Spec
from blocks.weighted import WithActivityRegularizer, WithBias, WithKernel


class _Units(WithKernel, WithBias, WithActivityRegularizer):
    """Units that each see all input features."""

    category = "dense"
    ranks = (1, 2, 3, 4)

    units: Count = Field(64, description="Output features.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem(type(self).__name__, (-1,), inputs[0].shape, known=True)

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(outputs[0]) * kernel_size_of(layer, "kernel")


class Dense(_Units):
    """Connects every input feature with every unit.

    Use it on vectors; on more axes it works at each position alone, like a 1x1 convolution.

    Formula: y[u] = activation(sum over f of x[f] * kernel[f, u] + bias[u])
    Shapes: (..., features) -> (..., units).
    Weights: (features + bias) * units; bias is 1, without use_bias 0.
    Multiply-adds: places * features * units; places is the product of all axes but the last.
    Source: Rosenblatt (1958), doi:10.1037/h0042519.
    """

    layer = "keras.layers.Dense"

    activation: ActivationName = Field("linear", description="Function applied to every output.")


class Maxout(_Units):
    """Connects every input feature with every unit several times; each unit takes the largest result.

    Use it in place of Dense with an activation: it learns the form of the activation too, for several times the weights.

    Formula: y[u] = max over p of (sum over f of x[f] * kernel[f, u * pieces + p] + bias[u * pieces + p])
    Shapes: (..., features) -> (..., units).
    Weights: (features + bias) * units * pieces; bias is 1, without use_bias 0.
    Multiply-adds: places * features * units * pieces; places is the product of all axes but the last.
    Source: Goodfellow et al. (2013), arXiv:1302.4389.
    """

    layer = "blocks.layers.maxout.Maxout"

    pieces: Count = Field(2, le=1024, description="Linear maps per unit.")
