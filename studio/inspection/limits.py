"""What a preview may cost, judged before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import psutil

from blocks.base import LayerBlock
from blocks.inference import InferenceError, Inferred, infer
from blocks.recurrence import WithStates
from blocks.spec import AnySpec, Spec, shape_text
from blocks.wrapping import Wrapper
from studio.inspection.errors import PreviewError

MOST_OUTPUT_BYTES = 100_000_000
MOST_WEIGHTS = 128_000_000
MOST_MULTIPLY_ADDS = 20_000_000_000
MOST_STEPS = 4_000
"""Steps of a recurrent layer, which are computed one after the other."""
MEMORY_SHARE = 0.5
"""Of the memory that is free, what a single layer may take."""
_WEIGHT_BYTES = 3 * 4
"""A weight, and what its making takes meanwhile."""


def check_entry(path: str, specs: Sequence[AnySpec]) -> None:
    """Refuses a sample that is too large to be looked at.

    Raises:
        PreviewError: With what is too large.
    """
    _check_outputs(path, specs)


def check(path: str, block: LayerBlock, inputs: tuple[AnySpec, ...]) -> Inferred:
    """What a layer gives for inputs of these sizes, if it can be computed at once.

    Raises:
        PreviewError: The layer can't take the inputs, or what it has, gives or computes is too much.
    """
    try:
        found = infer(block, inputs)
    except InferenceError as error:
        raise PreviewError(f"{path}: {error}") from error
    if found.weights > MOST_WEIGHTS:
        raise PreviewError(f"{path}: it has {found.weights:,} weights, more than a preview makes ({MOST_WEIGHTS:,}). Give it fewer units or inputs.")
    if found.multiply_adds > MOST_MULTIPLY_ADDS:
        text = f"{path}: it takes {found.multiply_adds:,} multiply-adds for one sample, more than a preview computes ({MOST_MULTIPLY_ADDS:,})."
        raise PreviewError(f"{text} Make the input smaller, by Resizing or pooling before it.")
    steps = _steps(block, inputs)
    if steps > MOST_STEPS:
        raise PreviewError(
            f"{path}: the sequence has {steps:,} steps, more than a preview goes through ({MOST_STEPS:,}). Shorten it before this node."
        )
    _check_outputs(path, found.outputs)
    free = psutil.virtual_memory().available
    wanted = found.weights * _WEIGHT_BYTES + 2 * sum(_bytes(spec) for spec in found.outputs)
    if wanted > free * MEMORY_SHARE:
        text = f"{path}: it would take {wanted / 1e6:,.0f} MB, and only {free / 1e6:,.0f} MB of memory are free."
        raise PreviewError(f"{text} Close other programs, or make it smaller.")
    return found


def _check_outputs(path: str, specs: Sequence[AnySpec]) -> None:
    for spec in specs:
        if _bytes(spec) > MOST_OUTPUT_BYTES:
            text = f"{path}: its output for this sample is {shape_text(spec.shape)}, {_bytes(spec) / 1e6:,.0f} MB"
            raise PreviewError(f"{text}, more than a preview keeps ({MOST_OUTPUT_BYTES / 1e6:,.0f} MB). Insert Resizing or pooling before it.")


def _bytes(spec: AnySpec) -> int:
    if not isinstance(spec, Spec) or spec.dtype == "string":
        return 0
    size = 2 if spec.dtype == "bfloat16" else np.dtype(spec.dtype).itemsize
    return math.prod(each or 1 for each in spec.shape) * size


def _steps(block: LayerBlock, inputs: tuple[AnySpec, ...]) -> int:
    while isinstance(block, Wrapper):
        block = block.inner
    first = inputs[0].shape if inputs else ()
    return (first[0] or 0) if isinstance(block, WithStates) and first else 0
