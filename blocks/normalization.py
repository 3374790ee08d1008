"""Normalisation between layers, which lets deep networks learn quickly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from blocks.axes import Axes, Axis, axes_problem, one_or_all, sizes_of, values_of
from blocks.base import Block, LayerBlock, NumericBlock
from blocks.fields import MAXIMUM_UNITS, RARE, Count
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape, Spec
from blocks.weighted import WithDepthwiseKernel, WithEmbeddings, WithKernel, WithPointwiseKernel, WithScaleAndCenter
from blocks.weights import Initializer, initializer_field
from blocks.wrapping import Wrapper, inner_field, inner_type

AXIS = "Axis of the channels, counted from 1; -1 is the last."
AXES = "Axes that are normalised together, counted from 1; -1 is the last, the channels."
EPSILON = "Added to the variance, so that nothing is divided by 0."
RENORM: dict[str, Any] = {"frequent": False, "shown_if": {"renorm": True}}


class _Normalization(NumericBlock):
    category = "normalization"
    ranks = (1, 2, 3, 4)


class BatchNormalization(WithScaleAndCenter, _Normalization):
    """Shifts and scales each channel to mean 0 and deviation 1 over the batch, then by learned numbers.

    Use it between a convolution (or dense layer) without bias and its activation. In prediction it uses running figures
    of the training; very small batches make these poor.

    Formula: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta; running = momentum * running + (1 - momentum) * figure of the batch
    Shapes: unchanged.
    Weights: (scale + center + 2 + 3 * renorm) * channels; scale, center and renorm are 1 or 0, and channels the size of `axis`. Only gamma
        (scale) and beta (center) are trained; the running mean and variance, and three more with renorm, are measured.
    Source: Ioffe and Szegedy (2015), arXiv:1502.03167; Ioffe (2017), arXiv:1702.03275 (renorm).
    """

    layer = "keras.layers.BatchNormalization"

    momentum: float = Field(
        0.99, ge=0.0, lt=1.0, description="Share of the running figures that each step keeps; 0.9 settles sooner, for short trainings."
    )
    axis: Axis = Field(-1, description=AXIS, json_schema_extra=RARE)
    epsilon: float = Field(0.001, gt=0.0, le=1.0, description=EPSILON, json_schema_extra=RARE)
    moving_mean_initializer: Initializer = initializer_field("zeros", "How the running mean starts.")
    moving_variance_initializer: Initializer = initializer_field("ones", "How the running variance starts.")
    renorm: bool = Field(False, description="Corrects each batch by running figures in training too, for small batches.", json_schema_extra=RARE)
    rmin: float | None = Field(None, ge=0.0, le=1e6, description="Least factor of the correction; empty: no limit.", json_schema_extra=RENORM)
    rmax: float | None = Field(None, ge=0.0, le=1e6, description="Largest factor of the correction; empty: no limit.", json_schema_extra=RENORM)
    dmax: float | None = Field(None, ge=0.0, le=1e6, description="Largest shift of the correction; empty: no limit.", json_schema_extra=RENORM)
    renorm_momentum: float = Field(
        0.99, ge=0.0, lt=1.0, description="Share of the figures of the correction that each step keeps.", json_schema_extra=RENORM
    )
    synchronized: bool = Field(False, description="Takes the figures over the batches of all devices together.", json_schema_extra=RARE)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.rmin is not None and self.rmax is not None and self.rmin > self.rmax:
            raise ValueError(f"rmin ({self.rmin:g}) must not be above rmax ({self.rmax:g})")
        return self

    def own_fields(self) -> set[str]:
        return {"rmin", "rmax", "dmax"}

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        if self.renorm:
            limits = {"rmin": self.rmin, "rmax": self.rmax, "dmax": self.dmax}
            given["renorm_clipping"] = {name: limit for name, limit in limits.items() if limit is not None}
        return given

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem("BatchNormalization", (self.axis,), inputs[0].shape, known=True)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"channels": values_of((self.axis,), inputs[0])} if inputs else {}


class LayerNormalization(WithScaleAndCenter, _Normalization):
    """Shifts and scales the channels of each place to mean 0 and deviation 1, then by learned numbers.

    Use it in Transformers and recurrent networks, and with small batches: it doesn't look at other samples.

    Formula: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over `axis`
    Shapes: unchanged.
    Weights: (scale + center) * size of axis; scale and center are 1 or 0. Of several axes the sizes are multiplied.
    Source: Ba, Kiros and Hinton (2016), arXiv:1607.06450.
    """

    layer = "keras.layers.LayerNormalization"

    epsilon: float = Field(0.001, gt=0.0, le=1.0, description=EPSILON, json_schema_extra=RARE)
    axis: Axes = Field((-1,), description=AXES, json_schema_extra=RARE)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "axis": one_or_all(self.axis)}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem("LayerNormalization", self.axis, inputs[0].shape, known=True)

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"size of axis": values_of(self.axis, inputs[0])} if inputs else {}


class GroupNormalization(WithScaleAndCenter, _Normalization):
    """Shifts and scales groups of channels of each sample to mean 0 and deviation 1, then by learned numbers.

    Use it in place of BatchNormalization when batches are small. With groups 1 all channels are taken together; with groups -1
    each channel stands alone, which is called instance normalisation and used to change the style of pictures.

    Formula: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over all places and the channels of a group
    Shapes: unchanged.
    Weights: (scale + center) * channels; scale and center are 1 or 0, and channels the size of `axis`.
    Source: Wu and He (2018), arXiv:1803.08494; Ulyanov, Vedaldi and Lempitsky (2016), arXiv:1607.08022 (instance normalisation).
    """

    layer = "keras.layers.GroupNormalization"

    groups: int = Field(32, ge=-1, le=MAXIMUM_UNITS, description="Groups of channels; it must divide the channels. -1: one group per channel.")
    axis: Axis = Field(-1, description=AXIS, json_schema_extra=RARE)
    epsilon: float = Field(0.001, gt=0.0, le=1.0, description=EPSILON, json_schema_extra=RARE)

    @field_validator("groups")
    @classmethod
    def _some(cls, groups: int) -> int:
        if groups == 0:
            raise ValueError("use 1 for all channels together, or -1 for each by itself")
        return groups

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or axes_problem("GroupNormalization", (self.axis,), inputs[0].shape, known=True)
        if found:
            return found
        shape = inputs[0].shape
        channels = sizes_of((self.axis,), shape)[0] or 1
        groups = channels if self.groups == -1 else self.groups
        if channels % groups:
            nearest = next(divisor for divisor in range(min(groups, channels), 0, -1) if channels % divisor == 0)
            return (
                f"GroupNormalization: invalid groups. Expected: a divisor of the {channels} channels. Received: {groups}.",
                f"The nearest is {nearest}.",
            )
        if None not in shape and math.prod(size or 1 for size in shape) == groups:
            return (
                "GroupNormalization: invalid groups. Expected: groups of more than one value, since a single one always becomes 0. "
                f"Received: {groups} groups of {groups} values.",
                "Use fewer groups, or LayerNormalization.",
            )
        return None

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"channels": values_of((self.axis,), inputs[0])} if inputs else {}


class RMSNormalization(_Normalization):
    """Scales the channels of each place to a root mean square of 1, then by learned factors.

    Use it in place of LayerNormalization in large Transformers: it leaves out the mean and is quicker.

    Formula: y = scale * x / sqrt(mean of x^2 over `axis` + epsilon)
    Shapes: unchanged.
    Weights: size of axis; of several axes the sizes are multiplied.
    Source: Zhang and Sennrich (2019), arXiv:1910.07467.
    """

    layer = "keras.layers.RMSNormalization"

    epsilon: float = Field(1e-6, gt=0.0, le=1.0, description="Added to the mean square, so that nothing is divided by 0.", json_schema_extra=RARE)
    axis: Axes = Field(
        (-1,), description="Axes that are scaled together, counted from 1; -1 is the last. They must end with it.", json_schema_extra=RARE
    )

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "axis": one_or_all(self.axis)}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or axes_problem("RMSNormalization", self.axis, inputs[0].shape, known=True)
        rank = len(inputs[0].shape) if inputs else 0
        if found or self.axis == (-1,) or sorted(self.axis) == list(range(rank - len(self.axis) + 1, rank + 1)):
            return found
        received = ", ".join(map(str, self.axis))
        # Keras would multiply the factors with the wrong axis.
        return f"RMSNormalization: invalid axis. Expected: the last axes, without a gap. Received: {received}.", "Use -1 for the channels."

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        return {"size of axis": values_of(self.axis, inputs[0])} if inputs else {}


class UnitNormalization(_Normalization):
    """Gives the channels of each place the length 1.

    Use it before comparing vectors by their direction, as for finding similar pictures or texts.

    Formula: y = x / sqrt(sum of x^2 over `axis`)
    Shapes: unchanged.
    Source: Schroff, Kalenichenko and Philbin (2015), arXiv:1503.03832, section 3.
    """

    layer = "keras.layers.UnitNormalization"

    axis: Axes = Field((-1,), description=AXES, json_schema_extra=RARE)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "axis": one_or_all(self.axis)}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem("UnitNormalization", self.axis, inputs[0].shape)


def _has_one_kernel(block: type[Block]) -> bool:
    kernel = issubclass(block, WithKernel | WithDepthwiseKernel) and not issubclass(block, WithPointwiseKernel)
    return (
        issubclass(block, NumericBlock)
        and block.layer.startswith("keras.layers.")
        and (issubclass(block, WithEmbeddings) or (kernel and block.category in ("convolution", "dense")))
    )


class SpectralNormalization(Wrapper):
    """Keeps the largest factor by which a block's weights can stretch its input at 1.

    Use it around the layers of a discriminator, so that it learns no faster than the generator.

    Formula: kernel = kernel / s before each training step, s = v kernel u; u and v approach the kernel's main direction step by step
    Shapes: those of the inner block.
    Weights: those of the inner block; and a vector with one number per entry of the kernel's last axis, which is not trained.
    Multiply-adds: those of the inner block.
    Source: Miyato et al. (2018), arXiv:1802.05957.
    """

    category = "normalization"
    layer = "blocks.layers.spectral_normalization.SpectralNormalization"
    ranks = (1, 2, 3, 4)

    block: inner_type(_has_one_kernel) = inner_field("Conv2D", "The block, with its parameters.", _has_one_kernel)  # type: ignore[valid-type]
    power_iterations: Count = Field(1, le=100, description="How often the main direction is improved in each step.", json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or self.inner.problem(inputs)

    @property
    def inner(self) -> LayerBlock:
        """The block that is wrapped, in the precision of this one unless it says its own."""
        found = super().inner
        assert isinstance(found, NumericBlock)  # noqa: S101 - the declaration takes no others
        return found.model_copy(update={"dtype": self.dtype}) if found.dtype is None else found

    def windows(self) -> tuple[tuple[int, int], ...] | None:
        return self.inner.windows()

    def sizes(self, shape: Shape) -> list[Size]:
        return self.inner.sizes(shape)

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:
        return self.inner.multiply_adds(layer.layer, inputs, outputs)


class LayerScale(_Normalization):
    """Multiplies each channel by a learned factor that starts near 0.

    Use it at the end of a residual branch in deep networks, so that the branch sets in gently.

    Formula: y = gamma * x, with one gamma per channel
    Shapes: unchanged.
    Weights: channels
    Source: Touvron et al. (2021), arXiv:2103.17239.
    """

    layer = "blocks.layers.layer_scale.LayerScale"

    initial_value: float = Field(1e-5, gt=0.0, le=1.0, description="Where the factors start: 0.1 in shallow networks, 0.000001 in very deep ones.")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        return super().problem(inputs) or axes_problem("LayerScale", (-1,), inputs[0].shape, known=True)
