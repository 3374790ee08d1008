"""Pooling that Keras lacks: with positions and the way back, and blurred."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from blocks.base import NumericBlock, positions
from blocks.fields import Window2D
from blocks.pooling import WithWindow2D
from blocks.sizes import Size, windowed
from blocks.spec import AnySpec, Shape, Spec, shape_text


def unknown_channels(name: str, inputs: list[AnySpec]) -> tuple[str, str] | None:
    """The problem of channels whose number varies."""
    if inputs[0].shape[-1] is not None:
        return None
    return f"{name}: invalid input. Expected: a known number of channels. Received: one that varies.", "Give the shape in the Input."


class MaxPoolingWithIndices2D(WithWindow2D):
    """Keeps the largest value of each window, and says in a second output where it stood.

    Use it in the encoder of a SegNet, with a MaxUnpooling2D in the decoder that puts values back to their places.

    Formula: y[i, j, c] = max over u, v < pool_size of x[i * strides + u, j * strides + v, c]; the index of a value at (row, column, c) is
        (row * width + column) * channels + c; of equal values the first in reading order counts
    Shapes: (height, width, channels) -> values and indices (height', width', channels) as for MaxPooling2D.
    Source: Zeiler and Fergus (2013), arXiv:1311.2901, section 2.1; Badrinarayanan et al. (2015), arXiv:1511.00561.
    """

    category = "pooling"
    layer = "blocks.layers.max_pooling_with_indices.MaxPoolingWithIndices2D"


class MaxUnpooling2D(NumericBlock):
    """Writes values back to where a MaxPoolingWithIndices2D found its largest ones; all other places are zero.

    Use it in the decoder of a SegNet: connect the values, the indices, and what went into the pooling when its size was no multiple of strides.

    Formula: y[row, column, c] = mean of the values whose index is (row * width + column) * channels + c, and 0 without any
    Shapes: values and indices (height, width, channels) -> (height * strides, width * strides, channels), or with a third input its height
        and width. A size other than that before pooling puts values to wrong places.
    Source: Zeiler and Fergus (2013), arXiv:1311.2901, section 2.1; Badrinarayanan et al. (2015), arXiv:1511.00561, section 3.
    """

    category = "pooling"
    layer = "blocks.layers.max_pooling_with_indices.MaxUnpooling2D"
    arity: ClassVar[tuple[int, int | None]] = (2, 3)
    ranks = (3,)
    takes_integers = True

    strides: Window2D = Field(2, description="Strides of the pooling; a third input gives the size instead.", json_schema_extra={"unit": "times"})

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        values, indices = inputs[:2]
        if not indices.is_integer:
            text = f"MaxUnpooling2D: invalid input. Expected: whole numbers, the indices. Received: {indices.dtype}."
            return text, "Connect the second output of a MaxPoolingWithIndices2D."
        if values.shape != indices.shape:
            received = f"{shape_text(values.shape)} and {shape_text(indices.shape)}"
            text = f"MaxUnpooling2D: invalid inputs. Expected: values and indices of one shape. Received: {received}."
            return text, "Bring the values to the shape of the indices, with a Conv2D for instance."
        return None


class BlurPooling2D(NumericBlock):
    """Blurs with a small fixed window, then keeps every second place (or every third ...).

    Use it in place of strides: behind a MaxPooling2D or Conv2D of strides 1. The output then hardly changes when the picture moves by a pixel.

    Formula: y[i, j, c] = sum over u, v of x[i * strides + u - p, j * strides + v - p, c] * w[u] * w[v]; w are binomial numbers that sum up to 1,
        for kernel_size 3: 1/4, 2/4, 1/4; p = floor((kernel_size - 1) / 2)
    Shapes: (height, width, channels) -> (ceil(height / strides), ceil(width / strides), channels).
    Multiply-adds: new height * new width * kernel size * kernel size * channels
    Source: Zhang (2019), arXiv:1904.11486, section 3.2.
    """

    category = "pooling"
    layer = "blocks.layers.blur_pooling.BlurPooling2D"
    ranks = (3,)

    kernel_size: int = Field(3, ge=2, le=7, description="Window height and width; larger ones blur more.", json_schema_extra={"unit": "pixels"})
    strides: int = Field(2, ge=1, le=4096, description="Step of the window.", json_schema_extra={"unit": "pixels"})
    padding: Literal["reflect", "zero"] = Field("reflect", description='The border: "reflect" mirrors the picture, "zero" is zeros.')

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs) or unknown_channels("BlurPooling2D", inputs)
        if found or self.padding == "zero":
            return found
        margin = self.kernel_size // 2
        sizes = [size for size in inputs[0].shape[:-1] if size is not None]
        if all(size > margin for size in sizes):
            return None
        text = f"BlurPooling2D: invalid input. Expected: more than {margin} pixels, the border that is mirrored. Received: {min(sizes)}."
        return text, 'Set padding to "zero", or use a smaller kernel_size.'

    def windows(self) -> tuple[tuple[int, int], ...]:
        return ((self.kernel_size, self.strides),) * 2

    def sizes(self, shape: Shape) -> list[Size]:
        return windowed(shape[:-1], self.windows(), "same")

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(outputs[0]) * (outputs[0].shape[-1] or 1) * self.kernel_size**2
