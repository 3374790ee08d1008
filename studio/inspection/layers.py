"""Layers on their own: made with weights that are always the same, or with those of a run, and called without chance."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from blocks.base import LayerBlock
from blocks.inference import as_accepted
from blocks.spec import AnySpec, Spec, TableSpec
from studio.inspection.states import Trained
from studio.inspection.trace import Step
from studio.networks import weights

if TYPE_CHECKING:
    import keras

_OVERHEAD_BYTES = 50_000


@dataclass(frozen=True)
class Made:
    """A built layer.

    Args:
        taken: Names of the weights that come from the run.
        left: Names of those that start as in any new network.
    """

    layer: keras.layers.Layer
    taken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    bytes: int = field(default=_OVERHEAD_BYTES)

    def arrays(self) -> dict[str, Any]:
        """The weights by their name within the layer."""
        found = weights.values(self.layer.weights)
        return {name.partition("/")[2] or name: array for name, array in found.items()}


def make(step: Step, trained: Trained | None) -> Made:
    """Builds the layer of a step.

    Fresh weights depend on the node's place (and on the layer's own parameters and sizes) alone, so that what is done
    elsewhere in the network leaves them as they are.
    """
    assert isinstance(step.block, LayerBlock)  # noqa: S101 - Inputs have no layer
    name = trained.names.get(step.identity) if trained else None
    with _chance_of(step.identity):
        layer = step.block.make(name or step.identity.replace("/", "_"))
        step.block.apply(layer, [_symbolic(as_accepted(step.block, spec)) for spec in step.built_on])
    variables = weights.named(layer.weights)
    size = _OVERHEAD_BYTES + sum(4 * int(variable.numpy().size) for variable in variables.values())
    if trained is None or not variables:
        return Made(layer, (), tuple(variables), size)
    taken = []
    with trained.opened() as kept:
        for path, variable in variables.items() if name else ():
            array = kept.array(path)
            if array is not None and array.shape == tuple(variable.shape):
                variable.assign(array)
                taken.append(path)
    return Made(layer, tuple(taken), tuple(path for path in variables if path not in taken), size)


def call(block: LayerBlock, layer: keras.layers.Layer, tensors: list[Any]) -> list[Any]:
    """What a layer gives for these tensors in inference: nothing is dropped, shifted or drawn."""
    accepted = [_accepted(block, tensor) for tensor in tensors]
    outputs = _quiet()(lambda: block.apply(layer, accepted))
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def spec_of(tensor: Any) -> AnySpec:
    """Shape and kind of a real value, without its batch axis."""
    import keras

    if isinstance(tensor, dict):
        return TableSpec(tuple((name, keras.backend.standardize_dtype(column.dtype)) for name, column in tensor.items()))
    return Spec(tuple(tensor.shape[1:]), str(keras.backend.standardize_dtype(tensor.dtype)))


@contextmanager
def _chance_of(identity: str) -> Iterator[None]:
    """Keras draws its seeds from Python's generator: inside, they follow from the name, and afterwards it goes on as if nothing had been drawn."""
    before = random.getstate()
    random.seed(int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8]))
    try:
        yield
    finally:
        random.setstate(before)


def _symbolic(spec: AnySpec) -> Any:
    import keras

    if isinstance(spec, TableSpec):
        return {name: keras.KerasTensor((None,), dtype) for name, dtype in spec.columns}
    return keras.KerasTensor((None, *spec.shape), spec.dtype)


def _accepted(block: LayerBlock, tensor: Any) -> Any:
    import keras

    spec = spec_of(tensor)
    wanted = as_accepted(block, spec)
    return keras.ops.cast(tensor, wanted.dtype) if wanted is not spec and wanted.dtype != spec.dtype else tensor


@cache
def _quiet() -> Callable[[Callable[[], Any]], Any]:
    """Calls a function so that all layers called in it compute as in inference, those too that are random by default.

    Whether a layer is trained follows from the layer that calls it; so this is a layer. What it is called with says
    nothing: the tensors go past it, and their masks with them.
    """
    import keras

    class Quiet(keras.layers.Layer):  # type: ignore[misc]
        task: Callable[[], Any]

        def call(self, nothing: Any, training: bool | None = None) -> Any:  # noqa: ARG002
            return self.task()

    outer = Quiet(name="quiet")
    nothing = keras.ops.zeros((1,))

    def run(task: Callable[[], Any]) -> Any:
        outer.task = task
        try:
            return outer(nothing, training=False)
        finally:
            del outer.task  # it holds on to the tensors

    return run
