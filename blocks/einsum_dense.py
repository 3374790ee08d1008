"""The dense layer whose sums an equation describes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from blocks.base import kernel_size_of
from blocks.fields import MAXIMUM_UNITS, RARE, ActivationName, listed_numbers
from blocks.spec import AnySpec, Shape, Spec
from blocks.weighted import WithKernel
from blocks.weights import Constraint, Initializer, Regularizer, constraint_field, initializer_field, regularizer_field

FORMS = "write input,kernel->output with one letter per axis, such as ...x,xy->...y, abx,xy->aby or axb...,xy->ayb..."
_LETTERS = "[a-zA-Z]{1,12}"
_EQUATION = re.compile(rf"(\.\.\.)?({_LETTERS})(\.\.\.)?,({_LETTERS})->(\.\.\.)?({_LETTERS})(\.\.\.)?")

PartialShape = Annotated[
    tuple[Annotated[int, Field(ge=0, le=MAXIMUM_UNITS)], ...], Field(min_length=1, max_length=6), BeforeValidator(listed_numbers)
]


class Equation(NamedTuple):
    """The letters of an equation. With `dots` "before" the batch is among the dots, else it is the first letter."""

    inputs: str
    kernel: str
    outputs: str
    dots: str = ""

    @property
    def batch(self) -> str:
        """The letter of the batch, or "" where it is among the dots."""
        return "" if self.dots == "before" else self.inputs[0]

    @property
    def counted(self) -> str:
        """The letters of the output without the batch: those that output_shape counts."""
        return self.outputs.removeprefix(self.batch)

    @property
    def summed(self) -> str:
        """The letters that are summed over."""
        return "".join(letter for letter in self.inputs if letter not in self.outputs)


def read_equation(text: str) -> Equation:
    """The parts of an equation.

    Raises:
        ValueError: It has none of the forms that the layer takes.
    """
    found = _EQUATION.fullmatch(text)
    if found is None:
        raise ValueError(FORMS)
    before, inputs, after, kernel, before_output, outputs, after_output = found.groups()
    if (before, after) != (before_output, after_output) or (before and after):
        raise ValueError("the dots stand at the same end of input and output, and at one end only")
    equation = Equation(inputs, kernel, outputs, "before" if before else "after" if after else "")
    for part in (inputs, kernel, outputs):
        if len(set(part)) < len(part):
            raise ValueError(f"a letter stands twice in {part}")
    if lost := set(kernel) - set(inputs + outputs):
        raise ValueError(f"{sorted(lost)[0]} stands in the kernel alone")
    if lost := set(outputs) - set(inputs + kernel):
        raise ValueError(f"{sorted(lost)[0]} stands in the output alone")
    if lost := set(inputs) - set(kernel + outputs):
        raise ValueError(f"{sorted(lost)[0]} stands in the input alone")
    if equation.batch and (outputs[0] != equation.batch or equation.batch in kernel):
        raise ValueError("without dots before it, the first letter is the batch: it begins the output too, and isn't in the kernel")
    if not equation.counted:
        raise ValueError("the output needs an axis beside the batch")
    return equation


class EinsumDense(WithKernel):
    """A dense layer over axes of your choice, described by an equation with one letter per axis.

    Use it where Dense sums over the wrong axes, such as over several at once or over steps, and for the heads of attention.

    Formula: y = activation(sum over the letters that the output lacks of x * kernel + bias), as numpy.einsum writes it
    Shapes: as the equation says: "...x,xy->...y" is Dense, (..., x) -> (..., y); "abx,xyz->abyz" gives (b, x) -> (b, y, z).
    Weights: kernel values + bias values; the products of the sizes of the kernel's letters, and of bias_axes.
    Multiply-adds: new values * summed values; the latter is the product of the sizes that are summed over.
    Source: keras.layers.EinsumDense; Vaswani et al. (2017), arXiv:1706.03762 (heads of attention).
    """

    category = "dense"
    layer = "keras.layers.EinsumDense"
    ranks = (1, 2, 3, 4)

    equation: str = Field(
        "...x,xy->...y",
        max_length=60,
        description="input,kernel->output; dots stand for the batch and further axes, else the first letter is the batch.",
    )
    output_shape: PartialShape = Field(
        (64,), description="Sizes of the output's letters, without the batch; 0 for one whose size the input gives, such as 0, 64."
    )
    activation: ActivationName = Field("linear", description="Function applied to every output.")
    bias_axes: str | None = Field(
        "y", max_length=12, description="Letters of the output that get a bias of their own; empty: no bias.", json_schema_extra=RARE
    )
    bias_initializer: Initializer = initializer_field("zeros", "How the biases start.")
    bias_regularizer: Regularizer | None = regularizer_field("What large biases cost in training; empty: nothing.")
    bias_constraint: Constraint | None = constraint_field("What biases are brought to after each step; empty: nothing.")

    @field_validator("equation")
    @classmethod
    def _readable(cls, equation: str) -> str:
        plain = equation.replace(" ", "")
        read_equation(plain)
        return plain

    @field_validator("bias_axes")
    @classmethod
    def _some(cls, bias_axes: str | None) -> str | None:
        return bias_axes or None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        equation = self.parts
        if len(self.output_shape) != len(equation.counted):
            raise ValueError(f"output_shape needs {len(equation.counted)} sizes, one for each of {', '.join(equation.counted)}")
        for letter, size in zip(equation.counted, self.output_shape, strict=True):
            if size == 0 and letter not in equation.inputs:
                raise ValueError(f"output_shape must give the size of {letter}, which the input doesn't have")
        wrong = [letter for letter in self.bias_axes or "" if letter not in equation.counted]
        if wrong or len(set(self.bias_axes or "")) < len(self.bias_axes or ""):
            raise ValueError(f"bias_axes must be letters out of {equation.counted}, each once")
        return self

    @property
    def parts(self) -> Equation:
        """The equation in its parts."""
        return read_equation(self.equation)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found:
            return found
        equation, shape = self.parts, inputs[0].shape
        wanted = len(equation.inputs) - len(equation.batch)
        if len(shape) < wanted or (len(shape) > wanted and not equation.dots):
            least = "at least " if equation.dots else ""
            return (
                f"EinsumDense: invalid input. Expected: {least}{wanted} axes, as the equation says. Received: {len(shape)}.",
                'Use dots for further axes, such as "...x,xy->...y".',
            )
        sizes = self._sizes(shape)
        for letter, size in zip(equation.counted, self.output_shape, strict=True):
            if letter in equation.inputs and size not in (0, sizes[letter]):
                return (
                    f"EinsumDense: invalid output_shape. Expected: {sizes[letter]} for {letter}, as in the input. Received: {size}.",
                    "Write 0 for sizes that the input gives.",
                )
        varying = [letter for letter in equation.kernel + (self.bias_axes or "") if sizes[letter] is None]
        if varying:
            return f"EinsumDense: invalid input. Expected: a known size of {varying[0]}. Received: one that varies.", "Give the shape in the Input."
        return None

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        if not layer.built:
            # Keras 3.15 turns the order of the axes behind the dots round when it announces the shape, so they get letters.
            shape = tuple(inputs[0].shape)[1:]
            equation = self._written_out(len(shape))
            sizes = self._sizes(shape)
            layer.equation = f"{equation.inputs},{equation.kernel}->{equation.outputs}"
            layer.partial_output_shape = tuple(sizes[letter] for letter in equation.counted)
        return layer(inputs[0])

    def _written_out(self, rank: int) -> Equation:
        """The equation with letters in the place of the dots; the first one is the batch."""
        equation = self.parts
        missing = rank + 1 - len(equation.inputs)
        free = "".join(letter for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in self.equation)[:missing]
        if equation.dots == "before":
            return Equation(free + equation.inputs, equation.kernel, free + equation.outputs)
        return Equation(equation.inputs + free, equation.kernel, equation.outputs + free)

    def _sizes(self, shape: Shape) -> dict[str, int | None]:
        """The size of every letter but the batch, for an input of this shape."""
        equation = self._written_out(len(shape))
        given = {letter: size or None for letter, size in zip(self.parts.counted, self.output_shape, strict=True)}
        return {**given, **dict(zip(equation.inputs[1:], shape, strict=True))}

    def quantities(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> dict[str, int | float]:  # noqa: ARG002
        if not inputs or len(inputs[0]) + 1 < len(self.parts.inputs):
            return {}
        sizes = self._sizes(inputs[0])

        def product(letters: str) -> int:
            return math.prod(sizes[letter] or 1 for letter in letters)

        bias = product(self.bias_axes) if self.bias_axes else 0
        return {"kernel values": product(self.parts.kernel), "bias values": bias, "summed values": product(self.parts.summed)}

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        equation = self._written_out(len(inputs[0].shape))
        apart = [size or 1 for letter, size in zip(equation.inputs[1:], inputs[0].shape, strict=True) if letter not in equation.kernel]
        return kernel_size_of(layer, "kernel") * math.prod(apart)
