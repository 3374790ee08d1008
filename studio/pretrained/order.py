"""One order for the weights of a network, whatever program built it, so that two builds of one architecture can be laid side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def in_order(model: keras.Model) -> list[Any]:
    """The variables of a network with one output, from its input to its output.

    Branches that are concatenated come in the order of the concatenation. The order of what is added or multiplied says nothing,
    so there the branch with fewer variables on its way comes first. What layers learned of the data before training is left out.
    """
    visited: dict[int, list[Any]] = {}
    waiting = [_source(model.outputs[0])]
    above = _sources_by_operation(model)
    while waiting:
        operation = waiting[-1]
        missing = [each for each in above[id(operation)] if id(each) not in visited]
        if missing:
            waiting.append(missing[0])
            continue
        visited.setdefault(id(waiting.pop()), _variables(operation))
    return [variable for variables in visited.values() for variable in variables]


def _sources_by_operation(model: keras.Model) -> dict[int, list[Any]]:
    """By the identity of each operation, those whose values it takes, in our order."""
    import keras

    masks: dict[int, int] = {}
    found: dict[int, list[Any]] = {}
    for place, operation in enumerate(model.operations):
        sources = [_source(tensor) for tensor in _inputs(operation)]
        if not isinstance(operation, keras.layers.Concatenate):
            sources.sort(key=lambda source: masks[id(source)].bit_count())
        found[id(operation)] = sources
        mask = 1 << place if _variables(operation) else 0
        for source in sources:
            mask |= masks[id(source)]
        masks[id(operation)] = mask
    return found


def _inputs(operation: Any) -> list[Any]:
    """The tensors of an operation's only call."""
    return [] if not operation._inbound_nodes else list(operation._inbound_nodes[0].input_tensors)


def _source(tensor: Any) -> Any:
    """What made a symbolic tensor."""
    return tensor._keras_history.operation


def _variables(operation: Any) -> list[Any]:
    import keras

    return [] if isinstance(operation, keras.layers.Normalization) else list(getattr(operation, "weights", []))
