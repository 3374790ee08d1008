"""Where data enter a graph and where results leave it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from blocks.base import Block, NumericBlock, kernel_size_of, positions
from blocks.features import TABLE_INPUT, Feature, columns_of, inputs_of, targets_of
from blocks.fields import RARE, ActivationName, Count, DTypePolicy, PositiveFloat, Sizes
from blocks.spec import AnySpec, Spec, TableSpec, shape_text
from blocks.weights import Regularizer, made, regularizer_field

DTYPES = {
    "number": "float32", "category": "string", "date": "string", "words": "string", "text": "string", "sound": "float32", "series": "float32",
    "tokens": "int32",
}  # fmt: skip
"""How a value of each kind arrives at a network."""


class Input(Block):
    """Lets one feature of the dataset into the network.

    Use one for each kind of input: a picture, a text, an array, or all columns of a table together ("columns").

    Formula: y = the values of the feature
    Shapes: the feature's own, such as (height, width, channels).
    """

    category = "input and output"
    arity = (0, 0)

    feature: str | None = Field(None, description="Name of the dataset's feature; empty: the only one, or all columns of a table.")
    shape: Sizes | None = Field(
        None, description="Shape without the batch, where there is no dataset, such as 28, 28, 1. 0 stands for an unknown length."
    )
    dtype: Literal["float32", "uint8", "int32", "string"] = Field("float32", description="Kind of numbers, where there is no dataset.")
    columns: tuple[tuple[str, str], ...] | None = Field(
        None,
        description="Names and kinds of a table's columns; filled in from the dataset.",
        json_schema_extra={"frequent": False, "control": "text", "from_data": True},
    )

    def bind(self, features: list[Feature]) -> Self:
        inputs = inputs_of(features)
        if not inputs:
            return self
        found = [feature for feature in inputs if feature.name == self.feature]
        columns = columns_of(features)
        if not found and columns and self.feature in (None, TABLE_INPUT):
            listed = tuple((column.name, DTYPES[column.kind]) for column in columns)
            return self.model_copy(update={"feature": TABLE_INPUT, "columns": listed, "shape": None})
        if not found and self.feature is None and len(inputs) == 1:
            found = inputs
        if not found:
            return self
        feature = found[0]
        shape = tuple(size or 0 for size in feature.shape)
        return self.model_copy(update={"feature": feature.name, "shape": shape, "dtype": DTYPES.get(feature.kind, feature.dtype), "columns": None})

    def spec(self) -> AnySpec | None:
        """What comes in, or None as long as neither a dataset nor the parameters say."""
        if self.columns is not None:
            return TableSpec(self.columns)
        return None if self.shape is None else Spec(tuple(size or None for size in self.shape), self.dtype)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or self.spec() is not None:
            return found
        name = self.feature or "its feature"
        return f"Input: there is no feature {name!r} and no shape.", "Choose one of the dataset's features, or give a shape."


class Output(NumericBlock):
    """Turns what arrives into the prediction: a dense layer with one unit per class, or one per number.

    Use one for each target. Units and activation follow the dataset: softmax over the classes, a sigmoid for each of several labels, or
    plain numbers; for masks and texts at every place, for transcripts at every step, where the first unit says that no character is there.

    Formula: y[u] = activation(sum over f of x[f] * kernel[f, u] + bias[u]); with head "none" y = activation(x)
    Shapes: (..., features) -> (..., units).
    Weights: (features + bias) * units; bias is 1, without use_bias 0; none with head "none".
    Multiply-adds: places * features * units; none with head "none".
    Source: Bridle (1990), doi:10.1007/978-3-642-76153-9_28 (softmax for classes).
    """

    category = "input and output"
    takes_integers: ClassVar[bool] = False

    target: str | None = Field(None, description="Name of the dataset's target; empty: the only one.")
    units: Count | None = Field(None, description="Numbers that come out, where there is no dataset.")
    activation: ActivationName | None = Field(None, description="Function at the end; empty: softmax for classes, none for numbers.")
    head: Literal["dense", "none"] = Field("dense", description='"none" takes what arrives as the prediction, without a dense layer.')
    use_bias: bool = Field(
        True, description="Adds one learned number per unit.", json_schema_extra={"frequent": False, "shown_if": {"head": "dense"}}
    )
    loss: str | dict[str, Any] | None = Field(
        None, description="Loss of this output; empty: the recipe's.", json_schema_extra={"frequent": False, "control": "text"}
    )
    loss_weight: PositiveFloat = Field(1.0, description="Factor of this output's loss in the sum.", json_schema_extra={"frequent": False})
    training_only: bool = Field(False, description="An auxiliary head: left out of evaluation and export.", json_schema_extra={"frequent": False})
    kernel_regularizer: Regularizer | None = regularizer_field("What large weights cost in training; empty: nothing.", shown_if={"head": "dense"})
    sample_shape: Sizes | None = Field(
        None,
        description="Shape of the target without the batch; filled in from the dataset.",
        json_schema_extra={"frequent": False, "from_data": True},
    )

    dtype: DTypePolicy | None = Field(
        None, description="Precision of the prediction; empty: float32, also in mixed precision.", json_schema_extra=RARE
    )

    def own_fields(self) -> set[str]:
        return set(type(self).model_fields)

    def bind(self, features: list[Feature]) -> Self:
        targets = targets_of(features)
        found = [feature for feature in targets if feature.name == self.target] or (targets if self.target is None and len(targets) == 1 else [])
        if not found:
            return self
        units, activation, shape = self._for(found[0])
        update = {"target": found[0].name, "units": units, "activation": self.activation or activation, "sample_shape": shape}
        return self.model_copy(update=update)

    def _for(self, target: Feature) -> tuple[int | None, ActivationName, tuple[int, ...]]:
        """Units, activation and shape (without the units) of the prediction of a target."""
        shape = tuple(size or 0 for size in target.shape)
        classes = len(target.classes or ())
        match target.kind:
            case "category":
                units = 1 if self.units == 1 and classes == 2 else classes
                return units, "sigmoid" if units == 1 else "softmax", shape
            case "labels":
                return classes, "sigmoid", ()
            case "mask" | "tokens":
                return classes, "softmax", shape
            case "transcript":
                return classes, "softmax", shape
            case "identity":
                return self.units, "linear", ()
            case _:
                return (shape[-1], "linear", shape[:-1]) if shape else (1, "linear", ())

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        shape = inputs[0].shape
        if not shape:
            return "Output: invalid input. Expected: a vector (features). Received: one number.", "Insert Reshape before it."
        if self.sample_shape is not None and len(shape) != len(self.sample_shape) + 1:
            return (
                f"Output: invalid input. Expected: {len(self.sample_shape) + 1} axis. Received: {shape_text(shape)}.",
                "Insert Flatten or a global pooling block before it.",
            )
        if self.head == "none" and self.units is not None and shape[-1] != self.units:
            return (
                f"Output: invalid input. Expected: {self.units} values, one for each class or number of {self.target!r}. Received: {shape[-1]}.",
                f"Set the units of the block before it to {self.units}, or the head to dense.",
            )
        return None

    def make(self, name: str | None = None) -> Any:
        import keras

        if self.head == "dense" and self.units is not None:
            charged = made("regularizers", self.kernel_regularizer) if self.kernel_regularizer is not None else None
            return keras.layers.Dense(
                self.units, activation=self.activation or "linear", use_bias=self.use_bias, kernel_regularizer=charged,
                dtype=self.dtype or "float32", name=name,
            )  # fmt: skip
        return keras.layers.Activation(self.activation or "linear", dtype=self.dtype or "float32", name=name)

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:  # noqa: ARG002
        return positions(outputs[0]) * kernel_size_of(layer, "kernel")
