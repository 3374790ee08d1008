"""Ways out where the inputs of a merging block don't go together."""

from __future__ import annotations

import math

from blocks.lint.base import Edit, Example, Fix, Mend, sketch
from blocks.lint.failure import Failure
from blocks.merging import Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract
from blocks.spec import Shape, Spec

PLACEWISE = (Add, Average, Maximum, Minimum, Multiply, Subtract)
PROJECTIONS = {2: "Conv1D", 3: "Conv2D", 4: "Conv3D"}


class UnequalInputs(Mend):
    """Inputs of different shapes where equal ones are wanted."""

    name = "unequal-inputs"
    why = "Numbers are merged place by place, so that both sides need as many of them; a 1x1 convolution gives any number of channels."

    def fix(self, failure: Failure) -> Fix | None:
        block, specs = failure.block, failure.taken
        if not isinstance(block, (*PLACEWISE, Concatenate)) or not specs or block.problem(list(specs)) is None:
            return None
        shapes = [spec.shape for spec in specs]
        if any(not isinstance(spec, Spec) or spec.dtype == "string" or not spec.shape or None in spec.shape for spec in specs):
            return None
        if len({len(shape) for shape in shapes}) > 1:
            return _of_many_axes(failure, shapes)
        if isinstance(block, Concatenate) and block.axis not in (-1, len(shapes[0])):
            return None
        if isinstance(block, PLACEWISE) and len(shapes[0]) == 1:
            return _side_by_side(failure) if isinstance(block, Add) else _fitted(failure, shapes, True)
        return _fitted(failure, shapes, isinstance(block, PLACEWISE))

    def example(self) -> Example:
        graph = sketch(
            x=("Input", {"shape": [8, 8, 3]}), conv=("Conv2D", {"filters": 16, "padding": "same", "strides": 2, "activation": "relu"}, "x"),
            both=("Add", {}, "x", "conv"), flat=("Flatten", {}, "both"), out=("Output", {"units": 2}, "flat"),
        )  # fmt: skip
        return Example(graph, "both")


def _side_by_side(failure: Failure) -> Fix | None:
    return None if failure.document.reuse else Fix("Replace it by Concatenate", ({"do": "replace", "node": failure.path, "block": "Concatenate"},))


def _of_many_axes(failure: Failure, shapes: list[Shape]) -> Fix | None:
    """Global pooling before the inputs with more axes, where the others are vectors; places side by side, since nothing says that they match."""
    if min(len(shape) for shape in shapes) != 1 or max(len(shape) for shape in shapes) > 4:
        return None
    edits: list[Edit] = []
    if not isinstance(failure.block, Concatenate):
        beside = _side_by_side(failure)
        if beside is None:
            return None
        edits += beside.edits
    for index, shape in enumerate(shapes):
        if len(shape) > 1:
            edits.append({"do": "insert", "block": f"GlobalAveragePooling{len(shape) - 1}D", "to": failure.path, "index": index})
    kinds = {str(edit["block"]) for edit in edits}
    return Fix(f"Insert {next(iter(kinds))}" if len(kinds) == 1 else "Pool globally and concatenate", tuple(edits))


def _fitted(failure: Failure, shapes: list[Shape], equal: bool) -> Fix | None:
    """A layer before each input that is too large or has other channels: pooling for the size, a projection where channels must be equal."""
    sizes = [[size or 1 for size in shape] for shape in shapes]
    least = [min(each) for each in zip(*(shape[:-1] for shape in sizes), strict=True)]
    channels = max(shape[-1] for shape in sizes)
    edits: list[Edit] = []
    for index, shape in enumerate(sizes):
        steps = [math.ceil(size / small) for size, small in zip(shape[:-1], least, strict=True)]
        if any(math.ceil(size / step) != small for size, step, small in zip(shape[:-1], steps, least, strict=True)):
            return None
        projects = equal and shape[-1] != channels
        if not projects and set(steps) <= {1}:
            continue
        edits.append({"do": "insert", **_layer(len(shape), steps, channels if projects else None), "to": failure.path, "index": index})
    kinds = dict.fromkeys(str(edit["block"]) for edit in edits)
    return Fix(f"Insert {' and '.join(kinds)}", tuple(edits)) if edits else None


def _layer(rank: int, steps: list[int], channels: int | None) -> Edit:
    """A block that takes every so many places, and gives so many channels."""
    if rank == 1:
        return {"block": "Dense", "params": {"units": channels}}
    step = steps[0] if len(set(steps)) == 1 else steps
    if channels is None:
        return {"block": f"MaxPooling{rank - 1}D", "params": {"pool_size": step, "padding": "same"}}
    return {"block": PROJECTIONS[rank], "params": {"filters": channels, "kernel_size": 1, "strides": step, "padding": "same"}}
