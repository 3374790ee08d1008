"""Recurrent layers whose products are convolutions: for videos and other sequences of grids."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from blocks.base import AXES, NumericBlock
from blocks.convolution import DILATION, FILTERS, PADDING, STRIDES
from blocks.explanation import AXIS_NAMES
from blocks.fields import RARE, ActivationName, Count, Padding, Window1D, Window2D, Window3D, per_axis
from blocks.formulas import Formula
from blocks.recurrence import FORGET_BIAS, GATES, Recurrent
from blocks.sizes import Size, windowed
from blocks.spec import Shape, shape_text

SEQUENCES = {
    3: "a sequence of rows (steps, rows, channels)",
    4: "a sequence of pictures (steps, height, width, channels)",
    5: AXES[5],
}
"""What is expected, by how many axes a sample has."""


class _Filters(NumericBlock):
    """How many channels come out; it stands first in the forms."""

    filters: Count = Field(32, description=FILTERS)


class _ConvLSTM(Recurrent):
    category = "recurrent"
    arity = (1, 3)
    axes: ClassVar[int]

    padding: Padding = Field("valid", description=PADDING)
    recurrent_activation: ActivationName = Field("sigmoid", description=GATES, json_schema_extra=RARE)
    unit_forget_bias: bool = Field(True, description=FORGET_BIAS, json_schema_extra={"frequent": False, "shown_if": {"use_bias": True}})

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if max(self._per_axis("strides")) > 1 and max(self._per_axis("dilation_rate")) > 1:
            raise ValueError("strides and dilation_rate can't both be above 1; set one of them to 1")
        return self

    @classmethod
    def axes_in_words(cls, rank: int) -> str:
        return SEQUENCES[rank]

    def _per_axis(self, name: str) -> tuple[int, ...]:
        return per_axis(self.model_dump()[name], self.axes)

    def _windows(self) -> list[tuple[int, int]]:
        """Extent and step of the window in each axis of a picture; what the state sees grows from step to step."""
        sizes, rates, strides = (self._per_axis(name) for name in ("kernel_size", "dilation_rate", "strides"))
        return [(size + (size - 1) * (rate - 1), stride) for size, rate, stride in zip(sizes, rates, strides, strict=True)]

    def _step_sizes(self, shape: Shape) -> list[Size]:
        return windowed(shape[1:-1], self._windows(), self.padding)

    def input_problem(self, shape: Shape) -> tuple[str, str] | None:
        name, sizes = type(self).__name__, shape[1:-1]
        if None in sizes:
            text = f"{name}: invalid input. Expected: known sizes of all axes but the steps. Received: {shape_text(shape)}."
            return text, "Give the shape in the Input."
        least = tuple(window for window, _ in self._windows())
        if self.padding == "valid" and any(size < window for size, window in zip(sizes, least, strict=True) if size is not None):
            text = f"{name}: invalid input. Expected: at least {shape_text(least)} in each step. Received: {shape_text(sizes)}."
            return text, 'Set padding to "same", or use a smaller kernel_size.'
        return None

    def state_shapes(self, shape: Shape) -> list[Shape]:
        sizes = (int(Formula(size.formula).value(size.numbers)) for size in self._step_sizes(shape))
        return [(*sizes, self.model_dump()["filters"])] * 2

    def sizes(self, shape: Shape) -> list[Size]:
        names = AXIS_NAMES[len(shape) - 1] if self.axes > 1 else ("rows",)
        return [size._replace(axis=size.axis + self.return_sequences, name=names[size.axis]) for size in self._step_sizes(shape)]

    def quantities(self, inputs: Any, outputs: Any) -> dict[str, int | float]:  # noqa: ARG002
        return {"kernel places": math.prod(self._per_axis("kernel_size"))}


class _Over1D(_ConvLSTM):
    ranks = (3,)
    axes = 1

    kernel_size: Window1D = Field(3, description="Length of the window.")
    strides: Window1D = Field(1, description=STRIDES, json_schema_extra={"shown_if": {"dilation_rate": 1}})
    dilation_rate: Window1D = Field(1, description=DILATION, json_schema_extra={"frequent": False, "shown_if": {"strides": 1}})


class _Over2D(_ConvLSTM):
    ranks = (4,)
    axes = 2

    kernel_size: Window2D = Field(3, description="Window height and width.", json_schema_extra={"unit": "pixels"})
    strides: Window2D = Field(1, description=STRIDES, json_schema_extra={"unit": "pixels", "shown_if": {"dilation_rate": 1}})
    dilation_rate: Window2D = Field(1, description=DILATION, json_schema_extra={"unit": "pixels", "frequent": False, "shown_if": {"strides": 1}})


class _Over3D(_ConvLSTM):
    ranks = (5,)
    axes = 3

    kernel_size: Window3D = Field(3, description="Window depth, height and width.", json_schema_extra={"unit": "voxels"})
    strides: Window3D = Field(1, description=STRIDES, json_schema_extra={"unit": "voxels", "shown_if": {"dilation_rate": 1}})
    dilation_rate: Window3D = Field(1, description=DILATION, json_schema_extra={"unit": "voxels", "frequent": False, "shown_if": {"strides": 1}})


class ConvLSTM1D(_Filters, _Over1D):
    """An LSTM over rows of values: its products are convolutions along the row.

    Use it for a row of sensors over time, or a signal cut into pieces.

    Formula: as LSTM, with convolutions for the products: c = f * c_before + i * activation(W conv x + U conv h_before + b),
        h = o * activation(c). The window over x has the strides, dilation_rate and padding; that over h keeps the size.
    Shapes: (steps, rows, channels) -> (rows', filters), or (steps, rows', filters) with return_sequences; rows' as for Conv1D. return_state
        adds h and c (rows', filters), and a second and third input are the h and c to start from, otherwise 0.
    Weights: 4 * (kernel places * (channels + filters) + bias) * filters; kernel places is kernel_size; bias is 1, without use_bias 0.
    Source: Shi et al. (2015), arXiv:1506.04214.
    """

    layer = "keras.layers.ConvLSTM1D"


class ConvLSTM2D(_Filters, _Over2D):
    """An LSTM over pictures: its products are convolutions.

    Use it for videos, radar and maps over time, where it matters how patterns move; padding "same" keeps the size.

    Formula: as LSTM, with convolutions for the products: c = f * c_before + i * activation(W conv x + U conv h_before + b),
        h = o * activation(c). The window over x has the strides, dilation_rate and padding; that over h keeps the size.
    Shapes: (steps, height, width, channels) -> (height', width', filters), or (steps, height', width', filters) with return_sequences;
        height' and width' as for Conv2D. return_state adds h and c (height', width', filters), and a second and third input are the h
        and c to start from, otherwise 0.
    Weights: 4 * (kernel places * (channels + filters) + bias) * filters; kernel places is kernel height * kernel width; bias is 1, without
        use_bias 0.
    Source: Shi et al. (2015), arXiv:1506.04214.
    """

    layer = "keras.layers.ConvLSTM2D"


class ConvLSTM3D(_Filters, _Over3D):
    """An LSTM over volumes: its products are convolutions over three axes.

    Use it for scans that are repeated over time; it costs far more than ConvLSTM2D.

    Formula: as ConvLSTM2D, with a third axis of the window.
    Shapes: (steps, depth, height, width, channels) -> (depth', height', width', filters), with return_sequences all steps of it; sizes as for
        Conv3D. return_state adds h and c (depth', height', width', filters), and a second and third input are the h and c to start from,
        otherwise 0.
    Weights: 4 * (kernel places * (channels + filters) + bias) * filters; kernel places is the product of the window's three sizes; bias is 1,
        without use_bias 0.
    Source: Shi et al. (2015), arXiv:1506.04214, which has two axes.
    """

    layer = "keras.layers.ConvLSTM3D"
