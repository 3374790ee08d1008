"""The values at a node, computed step by step, each kept under all that it depends on.

A value depends on the sample, on the node, on the weights, and on what enters the node, which again depends on the
nodes before it, and on nothing else. The key of a step is a hash of just that; so a change anywhere leaves everything
valid that does not depend on it.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from typing import Any

import numpy as np

from blocks.base import LayerBlock
from blocks.inference import infer
from blocks.ports import Input
from studio.inspection import layers, limits
from studio.inspection.errors import PreviewError
from studio.inspection.layers import Made
from studio.inspection.memory import Memory
from studio.inspection.samples import Sample, entered
from studio.inspection.states import Trained
from studio.inspection.trace import Flow, Step, needed

MOST_SECONDS = 20.0
_TEXT_BYTES = 1_000


class Values:
    """Computes what a network makes of one sample.

    Args:
        trained: Whose weights are taken; None makes fresh ones.
        memory: Where values and layers are kept for the next time.
        most_seconds: When to break off; what was computed by then is kept.
    """

    def __init__(self, sample: Sample, trained: Trained | None, memory: Memory, most_seconds: float = MOST_SECONDS) -> None:
        self.computed: list[str] = []
        self._sample = sample
        self._trained = trained
        self._memory = memory
        self._deadline = time.monotonic() + most_seconds
        self._weights_key = trained.key if trained else "fresh"
        self._keys: dict[Step, str] = {}

    def at(self, flows: list[Flow]) -> list[Any]:
        """Tensors with a batch axis of 1 (or the dictionary of a table's columns).

        Raises:
            PreviewError: It would be too much, takes too long, or a layer refuses the sample.
        """
        wanted = {flow.step for flow in flows}
        held, missing = self._found(needed(flows), wanted)
        uses = Counter(flow.step for step in missing for flow in step.inputs)
        for step in missing:
            if time.monotonic() > self._deadline:
                raise PreviewError(f"The preview takes long: it has come as far as {step.path}. Ask again to go on from there.")
            held[step] = self._compute(step, [held[flow.step][flow.number] for flow in step.inputs])
            for flow in step.inputs:
                uses[flow.step] -= 1
                if not uses[flow.step] and flow.step not in wanted:
                    held.pop(flow.step, None)
        return [held[flow.step][flow.number] for flow in flows]

    def made(self, step: Step) -> Made:
        """The layer of a step, with its weights.

        Raises:
            PreviewError: It is too large.
        """
        assert isinstance(step.block, LayerBlock)  # noqa: S101 - Inputs have no layer
        key = self._layer_key(step)
        found: Made | None = self._memory.get(key)
        if found is None:
            limits.check(step.path, step.block, step.built_on)
            found = layers.make(step, self._trained)
            self._memory.put(key, found, found.bytes)
            self._memory.put(f"{key} names", (found.taken, found.left), _TEXT_BYTES)
        return found

    def origins(self, steps: list[Step]) -> tuple[list[str], list[str]]:
        """Names of the weights of these steps that come from the run, and of those that don't; without those of the data's preparation."""
        taken: list[str] = []
        left: list[str] = []
        for key, step in {self._layer_key(step): step for step in steps if _has_weights(step) and not step.is_prepared}.items():
            names = self._memory.get(f"{key} names")
            if names is None:
                made = self.made(step)
                names = (made.taken, made.left)
            taken += names[0]
            left += names[1]
        return taken, left

    def _found(self, steps: list[Step], wanted: set[Step]) -> tuple[dict[Step, list[Any]], list[Step]]:
        """The values that are kept and needed, and the steps that are to be computed, in their order."""
        for step in steps:
            self._keys[step] = self._key(step)
        held: dict[Step, list[Any]] = {}
        missing: set[Step] = set()
        waiting = list(wanted)
        while waiting:
            step = waiting.pop()
            if step in held or step in missing:
                continue
            value = self._memory.get(self._keys[step])
            if value is not None:
                held[step] = value
            else:
                missing.add(step)
                waiting += [flow.step for flow in step.inputs]
        return held, sorted(missing, key=lambda step: step.number)

    def _compute(self, step: Step, tensors: list[Any]) -> list[Any]:
        import tensorflow as tf

        block = step.block
        if isinstance(block, Input):
            outputs = [entered(block, self._sample)]
            limits.check_entry(step.path, [layers.spec_of(outputs[0])])
        else:
            limits.check(step.path, block, tuple(layers.spec_of(tensor) for tensor in tensors))
            layer = self.made(step).layer
            try:
                outputs = layers.call(block, layer, tensors)
            except (ValueError, TypeError, ArithmeticError, IndexError, KeyError, AttributeError, MemoryError, tf.errors.OpError) as error:
                raise PreviewError(f"{step.path}: it can't take this sample. {_reason(error)}") from error
        self.computed.append(step.path)
        self._memory.put(self._keys[step], outputs, sum(_bytes(output) for output in outputs))
        return outputs

    def _key(self, step: Step) -> str:
        entering = " ".join(f"{self._keys[flow.step]}:{flow.number}" for flow in step.inputs)
        if isinstance(step.block, Input):
            entering = self._sample.key
        whose = f"{step.identity} {self._weights_key}" if _has_weights(step) else ""
        return _digest("value", _described(step), whose, entering)

    def _layer_key(self, step: Step) -> str:
        whose = f"{step.identity} {self._weights_key}" if _has_weights(step) else ""
        return _digest("layer", _described(step), whose, repr(step.built_on))


def _described(step: Step) -> str:
    return f"{type(step.block).__name__} {step.block.model_dump_json()}"


def _has_weights(step: Step) -> bool:
    return isinstance(step.block, LayerBlock) and infer(step.block, step.built_on).weights > 0


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _reason(error: Exception) -> str:
    """The line of an error that says what is wrong, without the marks that Keras and TensorFlow put around it."""
    text = re.sub(r"\x1b\[\d+m|\{\{.*?\}\}|\[Op:.*?\]", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("Exception encountered")]
    return lines[0][:300] if lines else type(error).__name__


def _bytes(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_bytes, value.values()))
    numbers = int(np.prod(value.shape))
    return _TEXT_BYTES + numbers * (int(value.dtype.size) or 64)
