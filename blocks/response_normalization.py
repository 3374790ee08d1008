"""Normalisation by what other channels answer at the same place or in the whole picture."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blocks.axes import axes_problem
from blocks.base import NumericBlock
from blocks.fields import RARE
from blocks.spec import AnySpec


class LocalResponseNormalization(NumericBlock):
    """Divides every value by the strength of the neighbouring channels at the same place.

    Use it to rebuild AlexNet and GoogLeNet; newer networks take BatchNormalization. AlexNet's own values are the defaults, with the plain
    sum ("tensorflow"). Caffe's files of AlexNet and GoogLeNet mean "caffe" with bias 1: there alpha is divided by the number of channels
    in the sum, as in torch.

    Formula: y[c] = x[c] / (bias + a * sum of x[j]^2 for j from c - depth_radius to c + depth_radius)^beta; a is alpha, with "caffe"
        alpha / (2 * depth_radius + 1)
    Shapes: unchanged.
    Source: Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional neural networks, NIPS, section 3.3.
    """

    category = "normalization"
    layer = "blocks.layers.local_response_normalization.LocalResponseNormalization"
    ranks = (1, 2, 3, 4)

    depth_radius: int = Field(2, ge=1, le=4096, description="Neighbours on each side; the sum has 2 * depth_radius + 1 channels.")
    bias: float = Field(2.0, gt=0.0, le=1e6, description="Added to the sum (k in the paper).")
    alpha: float = Field(1e-4, ge=0.0, le=1e6, description="Factor of the sum.")
    beta: float = Field(0.75, ge=0.0, le=100.0, description="Exponent.")
    convention: Literal["tensorflow", "caffe"] = Field(
        "tensorflow", description='"tensorflow": alpha times the sum; "caffe": alpha times the mean, as also in torch.', json_schema_extra=RARE
    )

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem("LocalResponseNormalization", (-1,), inputs[0].shape, known=True)


class GlobalResponseNormalization(NumericBlock):
    """Strengthens channels that answer more than others over the whole picture.

    Use it behind the activation of a wide layer, as in ConvNeXt V2, so that channels stay different.

    Formula: y = gamma * x * n + beta + x, n = g / (mean of g over the channels + epsilon), g = sqrt(sum of x^2 over all places) per channel
    Shapes: unchanged.
    Weights: 2 * channels; gamma and beta, which start at 0.
    Source: Woo et al. (2023), arXiv:2301.00808.
    """

    category = "normalization"
    layer = "blocks.layers.global_response_normalization.GlobalResponseNormalization"
    ranks = (2, 3, 4)

    epsilon: float = Field(1e-6, gt=0.0, le=1.0, description="Added to the mean, so that nothing is divided by 0.", json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem("GlobalResponseNormalization", (-1,), inputs[0].shape, known=True)
