"""Fully connected layers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from blocks.base import LayerBlock, kernel_size_of, positions
from blocks.fields import ActivationName, Count, InitializerName
from blocks.spec import AnySpec, Spec


class Dense(LayerBlock):
    """Connects every input feature with every unit.

    Use it on vectors; on more axes it works at each position alone, like a 1x1 convolution.

    Shapes: (..., features) -> (..., units).
    Weights: (features + 1) * units.
    Source: Rosenblatt (1958), doi:10.1037/h0042519.
    """

    category = "dense"
    layer = "keras.layers.Dense"
    ranks = (1, 2, 3, 4)

    units: Count = Field(64, description="Output features.")
    activation: ActivationName = Field("linear", description="Function applied to every output.")
    use_bias: bool = Field(True, description="Adds one learned number per unit.", json_schema_extra={"frequent": False})
    kernel_initializer: InitializerName = Field("glorot_uniform", description="How the weights start.", json_schema_extra={"frequent": False})

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(outputs[0]) * kernel_size_of(layer, "kernel")
