"""Shapes, weights and multiply-adds of one layer, found without allocating its weights."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from blocks import weights
from blocks.base import LayerBlock
from blocks.spec import AnySpec, Shape, Spec, TableSpec


class Inferred(NamedTuple):
    """What one layer does to the shapes, and what it costs."""

    outputs: tuple[Spec, ...]
    weights: int
    trainable_weights: int
    multiply_adds: int


class InferenceError(ValueError):
    """A layer that can't take its inputs.

    Args:
        text: What is wrong: the layer's own first line where there is no plainer one.
        fix: What to do, if that is known.
    """

    def __init__(self, text: str, fix: str = "") -> None:
        super().__init__(f"{text} {fix}".rstrip())
        self.text, self.fix = text, fix


@contextmanager
def shape_only() -> Iterator[None]:
    """Inside it, Keras layers are built without memory for their weights and without using up random numbers.

    Layers draw their seeds from Python's generator; an analysis more or less must not change what is built after it.
    A StatelessScope notes the variables that wait for their values and gives them values when it ends; here the notes
    are dropped first. This is the only private call of the package.
    """
    import keras
    from keras.src.backend.common import global_state

    drawn = random.getstate()
    with keras.StatelessScope():
        try:
            yield
        finally:
            global_state.set_global_attribute("uninitialized_variables", [])
            random.setstate(drawn)


@lru_cache(maxsize=20_000)
def infer(block: LayerBlock, inputs: tuple[AnySpec, ...]) -> Inferred:
    """What a layer gives for these inputs.

    Raises:
        InferenceError: The layer refuses them.
    """
    if block.augmentation:
        return Inferred((Spec(inputs[0].shape, inputs[0].dtype),), 0, 0, 0)
    import keras
    import tensorflow as tf

    received = [as_accepted(block, spec) for spec in inputs]
    with shape_only():
        try:
            layer = block.make()
            outputs = block.apply(layer, [_symbolic(keras, spec) for spec in received])
        except (ValueError, TypeError, ArithmeticError, IndexError, KeyError, AttributeError, OverflowError, tf.errors.OpError) as error:
            raise too_small(block, received) or InferenceError(first_line(error)) from error
        tensors = outputs if isinstance(outputs, list | tuple) else [outputs]
        specs = tuple(Spec(tuple(tensor.shape[1:]), str(keras.backend.standardize_dtype(tensor.dtype))) for tensor in tensors)
        if any(size is not None and size < 1 for spec in specs for size in spec.shape):
            raise InferenceError(f"{type(block).__name__}: nothing is left of the input: its output would be {specs[0].shape}.")
        unsuited = _unsuited(block, layer, specs[0].shape)
        if unsuited:
            raise InferenceError(unsuited, "Choose another one, or leave the field empty.")
        trainable = sum(_numbers(variable) for variable in layer.trainable_variables)
        total = sum(_numbers(variable) for variable in layer.weights)
        return Inferred(specs, total, trainable, block.multiply_adds(layer, received, list(specs)))


def _unsuited(block: LayerBlock, layer: Any, output: Shape) -> str | None:
    """The problem of an initializer, regularizer or constraint that the shape of its weights (or of the output) does not suit.

    Keras would find out only in training.
    """
    while isinstance(inner := getattr(block, "inner", None), LayerBlock):  # a wrapper's weights are those of the block inside
        block = inner
    for name, family in block.settings().items():
        value = getattr(block, name)
        if value is None:
            continue
        part = name.rpartition("_")[0]
        named = (part, f"{part}_kernel", "kernel" if part == "depthwise" else part)
        variables = [variable for variable in layer.weights if variable.name in named]
        shapes = [tuple(variable.shape) for variable in variables]
        if part == "activity":
            shapes = [(1, *(size or 1 for size in output))]
        setting = weights.read(family, value)
        problems = (setting.problem(shape) for shape in shapes)
        found = next(filter(None, problems), None)
        if not found and setting.name == "orthogonal" and any(variable.dtype == "bfloat16" for variable in variables):
            found = "Orthogonal: invalid dtype. Expected: weights of more than bfloat16, in which TensorFlow can't start it. Received: bfloat16."
        if found:
            return f"{name}: {found}"
    return None


def as_accepted(block: LayerBlock, spec: AnySpec) -> AnySpec:
    """The input as the layer gets it: integers become float32 unless the block wants them."""
    return spec._replace(dtype="float32") if isinstance(spec, Spec) and spec.is_integer and not block.takes_integers else spec


def too_small(block: LayerBlock, inputs: list[AnySpec]) -> InferenceError | None:
    """The plain sentence for an input that a window doesn't fit into; None where it does."""
    windows = block.windows()
    shape = inputs[0].shape if inputs and isinstance(inputs[0], Spec) else ()
    axes = shape[1:] if getattr(block, "data_format", "") == "channels_first" else shape[:-1]
    if windows is None or len(windows) != len(axes) or getattr(block, "padding", "valid") == "same":
        return None
    sizes = [size for size, _ in windows]
    if all(axis is None or axis >= size for axis, size in zip(axes, sizes, strict=True)):
        return None
    here, window = (" x ".join("?" if size is None else str(size) for size in each) for each in (axes, sizes))
    if len(axes) == 1:
        text = f"The sequence is {here} long here, shorter than the window of {window}."
    else:
        text = f"The picture is {here} here, smaller than the window of {window}."
    if hasattr(block, "padding"):
        return InferenceError(text, 'Set padding to "same", or use a smaller window or fewer pooling blocks before it.')
    return InferenceError(text, "Use a smaller window, or fewer pooling blocks before it.")


def first_line(error: Exception) -> str:
    """The first line of an error's text that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _symbolic(keras: Any, spec: AnySpec) -> Any:
    if isinstance(spec, TableSpec):
        return {name: keras.KerasTensor((None,), dtype) for name, dtype in spec.columns}
    return keras.KerasTensor((None, *spec.shape), spec.dtype)


def _numbers(variable: Any) -> int:
    total = 1
    for size in variable.shape:
        total *= size
    return total
