"""The constructor of a Keras layer as code: only what differs from Keras's defaults, in the shortest spelling that means the same."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from blocks.own_source import OWN_PACKAGE

_SKIPPED = ("name", "dtype", "trainable", "batch_shape", "sparse", "ragged", "optional", "backward_layer", "quantization_config")
_SIZES = ("kernel_size", "strides", "pool_size", "dilation_rate", "size", "padding", "cropping")
"""Arguments of Keras's own layers that mean the same for all axes where one number is given."""
_MODULES = ("initializers", "regularizers", "constraints")


def constructor(layer: Any, own: dict[str, type], changes: Mapping[str, Any] | None = None) -> tuple[str, tuple[str, ...]]:
    """A layer's class as code, and its arguments without the name.

    Args:
        own: Takes the classes that Keras lacks.
        changes: Arguments to be written otherwise than the layer has them.
    """
    import keras

    kind = type(layer)
    is_own = kind.__module__.startswith(OWN_PACKAGE)
    if is_own:
        own[kind.__name__] = kind
    arguments = [f"{key}={value}" for key, value in _arguments(layer, own, changes or {})]
    if layer.dtype_policy.name != keras.config.dtype_policy().name:
        arguments.append(f"dtype={literal(layer.dtype_policy.name)}")
    if not layer.trainable:
        arguments.append("trainable=False")
    return kind.__name__ if is_own else _public_name(kind), tuple(arguments)


def function(operation: Any) -> tuple[str, tuple[str, ...]]:
    """A function of `keras.ops` as code, and what it is given besides tensors."""
    import keras

    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(operation).__name__).lower()
    defaults = _parameters(getattr(keras.ops, name)) if hasattr(keras.ops, name) else {}
    given = {key: value for key, value in operation.get_config().items() if key != "name" and value != defaults.get(key, inspect.Parameter.empty)}
    return f"keras.ops.{name}", tuple(f"{key}={literal(value)}" for key, value in given.items())


def _public_name(kind: type) -> str:
    """Where Keras offers a layer; GroupedQueryAttention goes by another name there than in its own module."""
    import keras

    layers = vars(keras.layers)
    found = kind.__name__ if layers.get(kind.__name__) is kind else next((name for name, each in layers.items() if each is kind), kind.__name__)
    return f"keras.layers.{found}"


def _arguments(layer: Any, own: dict[str, type], changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Constructor arguments that differ from the defaults, as code."""
    kind: Any = type(layer)
    defaults = _defaults(kind)
    config = {**layer.get_config(), **changes}
    is_keras = not kind.__module__.startswith(OWN_PACKAGE)
    found = []
    for key, given in config.items():
        if key in _SKIPPED or key not in defaults or _is_default(key, given, defaults[key]):
            continue
        value = _one_for_all(given) if is_keras and key in _SIZES else given
        if value is not given and value == defaults[key]:
            continue
        if key == "strides" and "pool_size" in config and _tuples(given) == _tuples(config["pool_size"]):
            continue
        inner = _inner_layers(layer, key, own)
        found.append((key, inner or literal(value)))
    return sorted(found, key=lambda argument: defaults[argument[0]] is not inspect.Parameter.empty)  # what can't be left out stands first


@cache
def _defaults(kind: Any) -> dict[str, Any]:
    """The defaults of a constructor's parameters, with those that it passes on to the constructors of its bases."""
    found: dict[str, Any] = {}
    for base in kind.__mro__:
        own = vars(base).get("__init__")
        if own is not None:
            found = {**_parameters(own), **found}
            if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in inspect.signature(own).parameters.values()):
                break
    return found


@cache
def _parameters(function: Any) -> dict[str, Any]:
    return {key: parameter.default for key, parameter in inspect.signature(function).parameters.items()}


def _inner_layers(layer: Any, key: str, own: dict[str, type]) -> str:
    """The layer or layers that an argument holds, as code; "" where it holds none. Names stay: the paths of weights begin with them."""
    import keras

    held = getattr(layer, key, None)
    if key == "layer" and isinstance(layer, keras.layers.Bidirectional):
        held = layer.forward_layer
        return _named(held, held.name.removeprefix("forward_"), own)
    if isinstance(held, keras.layers.Layer):
        return _named(held, held.name, own)
    if isinstance(held, list | tuple) and held and all(isinstance(each, keras.layers.Layer) for each in held):
        return f"[{', '.join(_named(each, each.name, own) for each in held)}]"
    return ""


def _named(layer: Any, name: str, own: dict[str, type]) -> str:
    kind, arguments = constructor(layer, own)
    return f"{kind}({', '.join([*arguments, f'name={literal(name)}'])})"


def _is_default(key: str, value: Any, default: Any) -> bool:
    import keras

    if key == "data_format":
        return bool(value == keras.config.image_data_format())
    if key == "activation" and value == "linear":
        return default in (None, "linear")
    if isinstance(value, dict) and isinstance(default, str) and str(value.get("module", "")).startswith("keras.initializers"):
        return bool(_meant_by("keras.initializers", default) == value)
    given = _tuples(value)
    if key == "axis" and given == (default,):
        return True  # Keras keeps one axis as a list of one
    return bool(given == default or (value is None and default is inspect.Parameter.empty))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


def _one_for_all(value: Any) -> Any:
    """(3, 3) as 3, and ((1, 1), (1, 1)) as 1."""
    if not isinstance(value, list | tuple) or not value:
        return value
    parts = [_one_for_all(each) for each in value]
    alike = all(isinstance(each, int) and each == parts[0] for each in parts)
    return parts[0] if alike else value


def literal(value: Any) -> str:
    """A value of a configuration as code; Keras objects without settings by their short name."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return _fraction(value)
    if isinstance(value, list | tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if not isinstance(value, dict):
        return repr(value)
    module = str(value.get("module", ""))
    if "class_name" not in value or not module.startswith("keras."):
        return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
    settings = _settings(module, value)
    short = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value["class_name"]).lower()
    if not settings and module.removeprefix("keras.") in _MODULES and _meant_by(module, short) == value:
        return _quoted(short)
    return f"{module}.{value['class_name']}({', '.join(f'{key}={literal(each)}' for key, each in settings.items())})"


def _settings(module: str, value: dict[str, Any]) -> dict[str, Any]:
    """What of a Keras object's configuration differs from its defaults."""
    import keras

    kind: Any = getattr(getattr(keras, module.removeprefix("keras."), None), value["class_name"], None)
    defaults = _defaults(kind) if isinstance(kind, type) else {}
    return {key: each for key, each in (value.get("config") or {}).items() if each is not None and each != defaults.get(key, inspect.Parameter.empty)}


@cache
def _meant_by(module: str, name: str) -> Any:
    """The configuration of the object that Keras makes of a short name; None where it can't."""
    import keras

    try:
        return keras.saving.serialize_keras_object(getattr(keras, module.removeprefix("keras.")).get(name))
    except (ValueError, KeyError, TypeError):
        return None


def _quoted(text: str) -> str:
    """A text as code, in double quotes unless it has some."""
    return repr(text) if '"' in text else '"' + repr(f"'{text}")[2:]


def _fraction(number: float) -> str:
    """1 / 255 rather than 0.00392156862745098, where that is the same number."""
    if not math.isfinite(number):
        return f'float("{number}")'
    if 1e-5 < abs(number) < 1 and len(repr(number)) > 10:
        below = round(2 / number) / 2
        if 1 / below == number:
            return f"1 / {below:g}"
    return repr(number)
