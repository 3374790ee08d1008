"""What all recurrent blocks share: they read a sequence step by step and carry a state along."""

from __future__ import annotations

import abc
from typing import Any

from pydantic import Field

from blocks.base import NumericBlock, connected
from blocks.fields import RARE, ActivationName, Probability
from blocks.spec import AnySpec, Shape, shape_text
from blocks.weighted import WithActivityRegularizer, WithBias, WithKernel, WithRecurrentKernel

GATES = "Function of the gates."
FORGET_BIAS = "Starts with an open forget gate, so that the cell remembers at first."
RESET_AFTER = "Applies the reset gate after the product, as GPUs do it."


class WithStates(NumericBlock):
    """A layer with a state: further inputs are the state that it starts from, further outputs that it ends with."""

    def sees_all(self) -> bool:
        return True

    @abc.abstractmethod
    def state_shapes(self, shape: Shape) -> list[Shape]:
        """The shapes of the parts of the state, for an input of this shape."""

    def packed(self, states: list[Any]) -> list[Any]:
        """The parts of a state as Keras nests them."""
        return states

    def input_problem(self, shape: Shape) -> tuple[str, str] | None:  # noqa: ARG002 - most take every shape
        """Why the sequence doesn't suit, whose number of axes does."""
        return None

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs[:1]) or self._unknown(inputs[0]) or self.input_problem(inputs[0].shape)
        return found or (self._wrong_states(inputs) if len(inputs) > 1 else None)

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        import keras

        given = {"initial_state": self.packed(inputs[1:])} if len(inputs) > 1 else {}
        outputs = layer(inputs[0], **given)
        return keras.tree.flatten(outputs) if isinstance(outputs, list | tuple) else outputs

    def _unknown(self, spec: AnySpec) -> tuple[str, str] | None:
        if spec.shape[-1] is not None:
            return None
        text = "invalid input. Expected: a known number of features. Received: one that varies."
        return f"{type(self).__name__}: {text}", "Give the shape in the Input."

    def _wrong_states(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        name, states = type(self).__name__, inputs[1:]
        wanted = self.state_shapes(inputs[0].shape)
        if len(states) != len(wanted):
            text = f"It needs one input (the sequence) or {1 + len(wanted)} (then the state), but {connected(len(inputs))} connected."
            return text, "Connect the outputs 1, 2 ... of a block with return_state, or no state."
        for spec, shape in zip(states, wanted, strict=True):
            if spec.shape != shape or spec.dtype in ("string", "columns"):
                received = shape_text(spec.shape) if spec.dtype not in ("string", "columns") else spec.dtype
                text = f"{name}: invalid state. Expected: {shape_text(shape)} numbers. Received: {received}."
                return text, "Give the block that the state comes from the same size."
        return None


class Recurrent(WithStates, WithKernel, WithRecurrentKernel, WithBias, WithActivityRegularizer):
    """Base of the recurrent blocks. Their products don't count as multiply-adds, by convention: papers leave them out."""

    return_sequences: bool = Field(False, description="Gives the output of every step, for another recurrent layer; otherwise only the last.")
    dropout: Probability = Field(0.0, description="Share of inputs that are set to 0 in training, the same ones at every step.")
    return_state: bool = Field(False, description="Gives the last state too, for another block to start from.", json_schema_extra=RARE)
    recurrent_dropout: Probability = Field(0.0, description="Share of the state that is set to 0 between steps in training.", json_schema_extra=RARE)
    go_backwards: bool = Field(False, description="Reads from the end to the beginning, and gives its outputs in that order.", json_schema_extra=RARE)
    zero_output_for_mask: bool = Field(
        False,
        description="Gives zeros at steps that are skipped (masked); otherwise the output of the step before.",
        json_schema_extra={"frequent": False, "shown_if": {"return_sequences": True}},
    )
    activation: ActivationName = Field("tanh", description="Function of the new state.", json_schema_extra=RARE)

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        # With the last output alone, Keras would give zeros for every sequence that ends in padding.
        given["zero_output_for_mask"] = self.zero_output_for_mask and self.return_sequences
        return given
