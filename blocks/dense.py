"""Fully connected layers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from blocks.base import kernel_size_of, positions
from blocks.fields import ActivationName, Count
from blocks.spec import AnySpec, Spec
from blocks.weighted import WithActivityRegularizer, WithBias, WithKernel


class Dense(WithKernel, WithBias, WithActivityRegularizer):
    """Connects every input feature with every unit.

    Use it on vectors; on more axes it works at each position alone, like a 1x1 convolution.

    Formula: y[u] = activation(sum over f of x[f] * kernel[f, u] + bias[u])
    Shapes: (..., features) -> (..., units).
    Weights: (features + bias) * units; bias is 1, without use_bias 0.
    Multiply-adds: places * features * units; places is the product of all axes but the last.
    Source: Rosenblatt (1958), doi:10.1037/h0042519.
    """

    category = "dense"
    layer = "keras.layers.Dense"
    ranks = (1, 2, 3, 4)

    units: Count = Field(64, description="Output features.")
    activation: ActivationName = Field("linear", description="Function applied to every output.")

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(outputs[0]) * kernel_size_of(layer, "kernel")
