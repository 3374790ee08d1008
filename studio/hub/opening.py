"""Networks of keras-hub as functional models of plain Keras layers: what stands within their own layers comes out, with the same weights."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.hub.errors import HubError
from studio.hub.stand_ins import STAND_INS, Learned

if TYPE_CHECKING:
    import keras

PACKAGE = "keras_hub"
POOLED, STEPS = 4, 3
"""Axes of a feature map and of a sequence, with that of the samples."""
FRAMED = "framed_pool"


@dataclass
class Opened:
    """A network whose layers are all Keras's or ours.

    Args:
        model: With one input and one vector per sample.
        learned: What the variables of layers that stand in for others hold.
    """

    model: keras.Model
    learned: Learned = field(default_factory=dict)


def opened(backbone: keras.Model) -> Opened:
    """A backbone with its layers opened and its end brought to one vector: the mean of a feature map, or the first step of a sequence.

    The layers are those of the backbone, so that their variables are, too; only layers with variables of their own have others stand in.

    Raises:
        HubError: A layer computes what can't be written down as layers; it is named.
    """
    import keras

    features = keras.tree.flatten(backbone.outputs)[-1]
    found = Opened(backbone)
    plain = _Opening(found).model(keras.Model(backbone.inputs, features, name="backbone"))
    end = plain.outputs[0]
    if len(end.shape) == POOLED:
        vector = keras.layers.GlobalAveragePooling2D(name="pooled")(end)
    elif len(end.shape) == STEPS and end.shape[1] is not None:
        first = keras.layers.Cropping1D((0, end.shape[1] - 1), name="first")(end)
        vector = keras.layers.Flatten(name="vector")(first)
    else:
        raise HubError(f"The network gives values of the shape {tuple(end.shape[1:])}, which are neither a feature map nor a sequence.")
    found.model = keras.Model(plain.inputs, vector, name="backbone")
    _name(found.model)
    return found


class _Opening:
    """One walk through a network, down to its innermost layers."""

    def __init__(self, found: Opened) -> None:
        self._found = found

    def model(self, closed: keras.Model) -> keras.Model:
        import keras

        return keras.models.clone_model(closed, clone_function=lambda layer: layer, call_function=self._called)

    def _called(self, layer: Any, *arguments: Any, **keywords: Any) -> Any:
        """What a layer gives for tensors, with the layers within it."""
        import keras

        if isinstance(layer, keras.layers.Identity):
            return arguments[0]
        function = FUNCTIONS.get(type(layer).__name__)
        found = function(layer, *arguments, **keywords) if function else None
        if found is not None:
            return found
        if not type(layer).__module__.startswith(f"{PACKAGE}."):
            return layer(*arguments, **keywords)
        stand_in = STAND_INS.get(type(layer).__name__)
        if stand_in is not None:
            return stand_in(layer, arguments[0], self._found.learned)
        return self._inside(layer)(*[value for value in keras.tree.flatten(arguments) if keras.utils.is_keras_tensor(value)])

    def _inside(self, layer: Any) -> keras.Model:
        """A layer as a model of the layers within it.

        Raises:
            HubError: It has weights of its own, or asks for more than symbolic tensors.
        """
        import keras

        said = f"The layer {layer.name!r} of the class {type(layer).__name__}"
        if layer._trainable_variables or layer._non_trainable_variables:
            raise HubError(f"{said} has weights of its own, for which there is no block.")
        entries = [keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype) for tensor in keras.tree.flatten(layer.input)]
        try:
            given = keras.tree.flatten(layer.call(*entries))
        except Exception as error:  # whatever its code asks of a tensor that has no numbers yet
            raise HubError(f"{said} computes with the number of samples, or with values, which a graph can't say.") from error
        if not all(keras.utils.is_keras_tensor(tensor) for tensor in given):
            raise HubError(f"{said} gives something that does not depend on its inputs, which a graph can't say.")
        return self.model(keras.Model(entries, given[0] if len(given) == 1 else given, name=layer.name))


def _framed(layer: Any, inputs: Any, constant_values: Any = None) -> Any:
    """A frame of minus infinity before a pooling of 3 x 3: that pooling around every place; None for another frame."""
    import keras

    is_frame = constant_values == float("-inf") and [tuple(pair) for pair in layer.pad_width] == [(0, 0), (1, 1), (1, 1), (0, 0)]
    return keras.layers.MaxPooling2D(3, strides=1, padding="same", name=FRAMED)(inputs) if is_frame else None


def _pooled(layer: Any, inputs: Any) -> Any:
    """What is left of a pooling whose maxima have been taken around every place: every second of them; None for another one."""
    import keras

    is_rest = inputs._keras_history.operation.name == FRAMED and layer.pool_size == (3, 3) and layer.padding == "valid"
    return keras.layers.MaxPooling2D(1, strides=layer.strides, name=layer.name)(inputs) if is_rest else None


def _split(layer: Any, inputs: Any) -> Any:
    """Equal parts of the channels; None where another axis is cut."""
    from blocks.layers.channel_slice import ChannelSlice

    channels, parts = inputs.shape[-1], layer.indices_or_sections
    if layer.axis not in (-1, len(inputs.shape) - 1) or not isinstance(parts, int):
        return None
    return [ChannelSlice(start, channels // parts)(inputs) for start in range(0, channels, channels // parts)]


FUNCTIONS: dict[str, Callable[..., Any]] = {"Pad": _framed, "MaxPooling2D": _pooled, "Split": _split}
"""What stands for functions of Keras that have no block, by their class; None where nothing does."""


def _name(model: keras.Model) -> None:
    """Numbers the layers that nobody named, at each level from the beginning: Keras goes on counting from model to model."""
    import keras

    taken = {operation.name for operation in model.operations if not _is_unnamed(operation)}
    for operation in model.operations:
        if _is_unnamed(operation):
            kind = _snake(operation)
            operation.name = next(name for name in _numbered(kind) if name not in taken)
            taken.add(operation.name)
        if isinstance(operation, keras.Model):
            _name(operation)


def _numbered(kind: str) -> Iterator[str]:
    yield kind
    yield from (f"{kind}_{number}" for number in itertools.count(1))


def _is_unnamed(operation: Any) -> bool:
    return re.fullmatch(rf"{_snake(operation)}(_\d+)?", operation.name) is not None


def _snake(operation: Any) -> str:
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", type(operation).__name__)).lower()
