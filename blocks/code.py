"""A network as the Keras code that makes it, without this package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.layer_code import constructor, function, literal
from blocks.own_source import names_in, own_layers, own_source
from blocks.spec import Shape
from blocks.statements import Statement, value, written

if TYPE_CHECKING:
    import keras

__all__ = ["keras_code", "own_layers", "own_source"]


def keras_code(model: keras.Model) -> str:
    """Code that defines `model`, with fresh weights and the same layer names.

    Layers that Keras lacks are written out before it, so that the code needs Keras alone.
    """
    own: dict[str, type] = {}
    config = model.get_config()
    return script(statements_of(model, own), _ends(config["input_layers"]), _ends(config["output_layers"]), model.name, own)


def script(statements: Sequence[Statement], inputs: str, outputs: str, name: str, own: Mapping[str, type]) -> str:
    """The whole code of a network.

    Args:
        inputs: What enters, as code.
        outputs: What leaves, as code.
        own: The layers in it that Keras lacks.
    """
    imports, sources = own_source(own.values())
    model = Statement((), "model", "keras.Model", (f"inputs={inputs}", f"outputs={outputs}", f"name={literal(name)}"))
    body = written(statements, model, names_in(imports, sources))
    return "".join([imports, *(f"\n\n{source}\n" for source in sources), "\n\n" if sources else "\n", body])


def entry(name: str, shape: Shape, dtype: str) -> tuple[str, ...]:
    """The arguments of a `keras.Input`."""
    kind = () if dtype == "float32" else (f"dtype={literal(dtype)}",)
    return (f"shape={literal(tuple(shape))}", *kind, f"name={literal(name)}")


def statements_of(model: keras.Model, own: dict[str, type], changes: Mapping[str, Any] | None = None) -> list[Statement]:
    """What makes the values in a model; the key of a value is `name of the operation.number of the use.number of the output`.

    Args:
        own: Takes the classes of layers that Keras lacks.
        changes: Arguments of layers to be written otherwise than the layers have them.
    """
    operations = {operation.name: operation for operation in model.operations}
    found: list[Statement] = []
    for made in model.get_config()["layers"]:
        name = made["config"].get("name", made.get("name"))
        if made["class_name"] == "InputLayer":
            arguments = entry(name, made["config"]["batch_shape"][1:], _input_dtype(made))
            found.append(Statement((_key(name, 0, 0),), name, "keras.Input", arguments, is_input=True))
        else:
            found += _uses(operations[name], made["inbound_nodes"], own, changes or {})
    return found


def _uses(operation: Any, uses: list[dict[str, Any]], own: dict[str, type], changes: Mapping[str, Any]) -> list[Statement]:
    """One statement per use of a layer or function; a layer used more than once is made in a statement of its own."""
    import keras

    name, outputs = operation.name, len(keras.tree.flatten(operation.output))
    targets = [tuple(_key(name, use, output) for output in range(outputs)) for use in range(len(uses))]
    given = [(*map(_value, use["args"]), *_keywords(use["kwargs"])) for use in uses]
    if not isinstance(operation, keras.layers.Layer):
        callee, settings = function(operation)
        wanted = callee.rpartition(".")[2]
        return [Statement(target, wanted, callee, (*call, *settings)) for target, call in zip(targets, given, strict=True)]
    callee, settings = constructor(operation, own, changes)
    settings = (*settings, f"name={literal(name)}")
    nested = _nests_its_outputs(operation)
    if len(uses) == 1:
        return [Statement(targets[0], name, callee, settings, call=given[0], nested=nested)]
    layer = Statement((name,), name, callee, settings, is_layer=True)
    return [layer, *(Statement(target, f"{name}_output", value(name), call, nested=nested) for target, call in zip(targets, given, strict=True))]


def _nests_its_outputs(layer: Any) -> bool:
    """Whether outputs come as lists within a list: the states of a stack of cells, whose places are counted through here."""
    import keras

    recurrent = getattr(layer, "forward_layer", layer)
    return isinstance(recurrent, keras.layers.RNN) and recurrent.return_state and isinstance(recurrent.cell, keras.layers.StackedRNNCells)


def _input_dtype(made: dict[str, Any]) -> str:
    dtype = made["config"]["dtype"]
    return dtype if isinstance(dtype, str) else str(dtype["config"]["name"])


def _key(name: str, use: int, output: int) -> str:
    return f"{name}.{use}.{output}"


def _value(given: Any) -> str:
    if isinstance(given, dict) and given.get("class_name") == "__keras_tensor__":
        return value(_key(*given["config"]["keras_history"]))
    if isinstance(given, list | tuple):
        return "[" + ", ".join(map(_value, given)) + "]"
    if isinstance(given, dict):
        return "{" + ", ".join(f"{literal(key)}: {_value(each)}" for key, each in given.items()) + "}"
    return literal(given)


def _keywords(values: dict[str, Any]) -> list[str]:
    return [f"{key}={_value(given)}" for key, given in values.items() if given is not None and key not in ("mask", "training")]


def _ends(ends: Any) -> str:
    if isinstance(ends, dict):
        return "{" + ", ".join(f"{literal(key)}: {_ends(each)}" for key, each in ends.items()) + "}"
    if ends and isinstance(ends[0], str):
        return value(_key(*ends))
    return _ends(ends[0]) if len(ends) == 1 else "[" + ", ".join(map(_ends, ends)) + "]"
