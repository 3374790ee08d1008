"""Blocks that apply another block in a certain way."""

from __future__ import annotations

from typing import Any

from blocks.base import Block, LayerBlock
from blocks.explanation import AXIS_NAMES
from blocks.inference import InferenceError, infer
from blocks.recurrence import WithStates
from blocks.sizes import Size
from blocks.spec import AnySpec, Shape, Spec
from blocks.wrapping import Wrapper, inner_field, inner_type


def _has_steps(block: type[Block]) -> bool:
    """Whether a block can be applied step by step: it is an inner layer with one input, and its layer is called as it is."""
    if not issubclass(block, LayerBlock) or block.category == "input and output":
        return False
    if block.preprocessing or block.augmentation or block.takes_integers or block.takes_table or block.takes_text:
        return False
    return issubclass(block, WithStates) or (block.arity == (1, 1) and block.apply is LayerBlock.apply)


class TimeDistributed(Wrapper):
    """Applies another block to every step by itself, with the same weights.

    Use it to look at each picture of a video with a Conv2D, or to read each sentence of a text with an LSTM.

    Formula: y[t] = block(x[t])
    Shapes: (steps, ...) -> (steps, what the inner block makes of ...): one axis more than the inner block takes.
    Weights: inner weights; those of the inner block, whatever the number of steps.
    Multiply-adds: steps * inner multiply adds; those of the inner block at each step.
    Source: keras.layers.TimeDistributed; here all steps are computed at once, in any number.
    """

    category = "recurrent"
    layer = "blocks.layers.time_distributed.TimeDistributed"
    ranks = (2, 3, 4, 5)

    block: inner_type(_has_steps) = inner_field("Dense", "The block for one step, with its parameters.", _has_steps)  # type: ignore[valid-type]

    def inner_shape(self, shape: Shape) -> Shape:
        return shape[1:]

    def quantities(self, inputs: Any, outputs: Any) -> dict[str, int | float]:
        steps = inputs[0][0] if inputs and inputs[0] else 1
        return {**super().quantities(inputs, outputs), "steps": steps or 1}

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        step: list[AnySpec] = [Spec(spec.shape[1:]) for spec in inputs]
        found = super().problem(inputs) or self.inner_problem(step)
        if found:
            return found
        try:
            outputs = len(infer(self.inner, tuple(step)).outputs)
        except InferenceError as error:
            return error.text, error.fix
        if outputs > 1:
            return f"TimeDistributed: invalid block. Expected: one with one output. Received: one with {outputs}.", "Set return_state to false."
        return None

    def sees_all(self) -> bool:
        return self.inner.sees_all()

    def windows(self) -> tuple[tuple[int, int], ...] | None:
        inner = self.inner.windows()
        return None if inner is None else ((1, 1), *inner)

    def sizes(self, shape: Shape) -> list[Size]:
        names = dict(enumerate(AXIS_NAMES.get(len(shape) - 1, ())))
        return [size._replace(axis=size.axis + 1, name=size.name or names.get(size.axis, "")) for size in self.inner.sizes(shape[1:])]

    def multiply_adds(self, layer: Any, inputs: list[AnySpec], outputs: list[Spec]) -> int:
        steps, *step = inputs[0].shape
        return (steps or 1) * self.inner.multiply_adds(layer.layer, [Spec(tuple(step))], [Spec(spec.shape[1:]) for spec in outputs])
