"""A functional Keras model as the Python code that makes it, without this package."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

OWN_PACKAGE = "blocks."
_SKIPPED = ("name", "dtype", "trainable", "batch_shape", "sparse", "ragged", "optional", "backward_layer", "quantization_config")


def keras_code(model: keras.Model) -> str:
    """Code that defines `model`, with fresh weights and the same layer names.

    Layers that Keras lacks are written out before it, so that the code needs Keras alone.
    """
    config = model.get_config()
    operations = {operation.name: operation for operation in model.operations}
    variables: dict[str, str] = {}
    own: dict[str, type] = {}
    lines: list[str] = []
    names = [entry["config"].get("name", entry.get("name")) for entry in config["layers"]]
    for name in names:
        variables[name] = _identifier(name, set(variables.values()))
    for name, entry in zip(names, config["layers"], strict=True):
        variable = variables[name]
        if entry["class_name"] == "InputLayer":
            lines.append(f"{variable} = keras.Input({entry['config']['batch_shape'][1:]!r}, dtype={_input_dtype(entry)!r}, name={name!r})")
        else:
            lines += _calls(operations[name], variable, entry["inbound_nodes"], variables, own)
    inputs, outputs = (_ends(config[key], variables) for key in ("input_layers", "output_layers"))
    body = "\n".join(_without_unused(_in_order(lines), f"{inputs} {outputs}"))
    imports, sources = own_source(own.values())
    written = "".join(f"\n\n{source}" for source in sources)
    return f"{imports}{written}\n\n{body}\nmodel = keras.Model({inputs}, {outputs}, name={model.name!r})\n"


def _calls(operation: Any, variable: str, uses: list[dict[str, Any]], variables: dict[str, str], own: dict[str, type]) -> list[str]:
    """One line per use of a layer or function; a layer used more than once is made on a line of its own."""
    arguments = [", ".join([*(_value(value, variables) for value in use["args"]), *_keywords(use["kwargs"], variables)]) for use in uses]
    targets = [variable, *(f"{variable}_{number}" for number in range(2, len(uses) + 1))]
    if _is_function(operation):
        return [f"{target} = {_function(operation, given)}" for target, given in zip(targets, arguments, strict=True)]
    made = _constructor(operation, operation.name, own)
    used, first = (made, []) if len(uses) == 1 else (f"{variable}_layer", [f"{variable}_layer = {made}"])
    calls = [f"{used}({given})" for given in arguments]
    if _nests_its_outputs(operation):
        calls = [f"keras.tree.flatten({call})" for call in calls]
    if _gives_several(operation):
        return first + [
            line for target, call in zip(targets, calls, strict=True) for line in (f"{target}_outputs = {call}", f"{target} = {target}_outputs[0]")
        ]
    return first + [f"{target} = {call}" for target, call in zip(targets, calls, strict=True)]


def _gives_several(layer: Any) -> bool:
    """Whether a layer has more outputs than one."""
    import keras

    return len(keras.tree.flatten(layer.output)) > 1


def _nests_its_outputs(layer: Any) -> bool:
    """Whether outputs come as lists within a list: the states of a stack of cells, whose places are counted through here."""
    import keras

    recurrent = getattr(layer, "forward_layer", layer)
    return isinstance(recurrent, keras.layers.RNN) and recurrent.return_state and isinstance(recurrent.cell, keras.layers.StackedRNNCells)


def _identifier(name: str, taken: set[str]) -> str:
    base = re.sub(r"\W", "_", name)
    base = base if base[:1].isalpha() and base not in ("keras", "model", "tf", "np") else f"x_{base}"
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found


def _input_dtype(entry: dict[str, Any]) -> str:
    dtype = entry["config"]["dtype"]
    return dtype if isinstance(dtype, str) else str(dtype["config"]["name"])


def _is_function(operation: Any) -> bool:
    import keras

    return not isinstance(operation, keras.layers.Layer)


def _function(operation: Any, arguments: str) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(operation).__name__).lower()
    extra = f", {operation.dtype!r}" if name == "cast" else ""
    return f"keras.ops.{name}({arguments}{extra})"


def _constructor(layer: Any, name: str, own: dict[str, type]) -> str:
    import keras

    kind = type(layer)
    is_own = kind.__module__.startswith(OWN_PACKAGE)
    if is_own:
        own[kind.__name__] = kind
    arguments = [f"{key}={value}" for key, value in _arguments(layer, own)]
    if layer.dtype_policy.name != keras.config.dtype_policy().name:
        arguments.append(f"dtype={layer.dtype_policy.name!r}")
    if not layer.trainable:
        arguments.append("trainable=False")
    return f"{kind.__name__ if is_own else _public_name(kind)}({', '.join([*arguments, f'name={name!r}'])})"


def _public_name(kind: type) -> str:
    """Where Keras offers a layer; GroupedQueryAttention goes by another name there than in its own module."""
    import keras

    layers = vars(keras.layers)
    found = kind.__name__ if layers.get(kind.__name__) is kind else next((name for name, each in layers.items() if each is kind), kind.__name__)
    return f"keras.layers.{found}"


def _arguments(layer: Any, own: dict[str, type]) -> list[tuple[str, str]]:
    """Constructor arguments that differ from Keras's defaults, as code."""
    defaults = _defaults(type(layer))
    found = []
    for key, value in layer.get_config().items():
        if key in _SKIPPED or key not in defaults or _is_default(key, value, defaults[key]):
            continue
        found.append((key, _inner_layers(layer, key, own) or _literal(value)))
    return found


def _defaults(kind: type) -> dict[str, Any]:
    """The defaults of a constructor's parameters, with those that it passes on to the constructors of its bases."""
    found: dict[str, Any] = {}
    for base in kind.__mro__:
        constructor = vars(base).get("__init__")
        if constructor is not None:
            parameters = inspect.signature(constructor).parameters
            found = {**{key: parameter.default for key, parameter in parameters.items()}, **found}
            if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
                break
    return found


def _inner_layers(layer: Any, key: str, own: dict[str, type]) -> str:
    """The layer or layers that an argument holds, as code; "" where it holds none. Names stay: the paths of weights begin with them."""
    import keras

    held = getattr(layer, key, None)
    if key == "layer" and isinstance(layer, keras.layers.Bidirectional):
        held = layer.forward_layer
        return _constructor(held, held.name.removeprefix("forward_"), own)
    if isinstance(held, keras.layers.Layer):
        return _constructor(held, held.name, own)
    if isinstance(held, list | tuple) and held and all(isinstance(each, keras.layers.Layer) for each in held):
        return f"[{', '.join(_constructor(each, each.name, own) for each in held)}]"
    return ""


def _is_default(key: str, value: Any, default: Any) -> bool:
    import keras

    if key == "data_format":
        return bool(value == keras.config.image_data_format())
    if key == "activation" and value == "linear":
        return default in (None, "linear")
    if isinstance(value, dict) and isinstance(default, str) and str(value.get("module", "")).startswith("keras.initializers"):
        return bool(keras.saving.serialize_keras_object(keras.initializers.get(default)) == value)
    simple = tuple(value) if isinstance(value, list) else value
    return bool(simple == default or (value is None and default is inspect.Parameter.empty))


def _literal(value: Any) -> str:
    """A value of a configuration as code; Keras objects without settings by their short name."""
    if not (isinstance(value, dict) and "class_name" in value and str(value.get("module", "")).startswith("keras.")):
        return repr(tuple(value) if isinstance(value, list) else value)
    settings = {key: each for key, each in (value.get("config") or {}).items() if each is not None}
    if not settings:
        return repr(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value["class_name"]).lower())
    return f"{value['module']}.{value['class_name']}({', '.join(f'{key}={_literal(each)}' for key, each in settings.items())})"


def _in_order(lines: list[str]) -> list[str]:
    """The lines so that each stands behind those it needs: the second use of a layer may stand behind layers that need the first."""
    parts = [line.partition(" = ") for line in lines]
    targets = {target for target, _, _ in parts}
    needs = [set(re.findall(r"\b[A-Za-z_]\w*\b(?!=[^=])", _TEXT.sub("", made))) & targets for _, _, made in parts]
    placed: set[str] = set()
    order: list[int] = []
    waiting = list(range(len(lines)))
    while waiting:
        late: list[int] = []
        for place in waiting:
            if needs[place] <= placed:
                placed.add(parts[place][0])
                order.append(place)
            else:
                late.append(place)
        if len(late) == len(waiting):  # no line is ready: leave them as they are
            return [lines[place] for place in [*order, *late]]
        waiting = late
    return [lines[place] for place in order]


_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


def _without_unused(lines: list[str], ends: str) -> list[str]:
    """Leaves out what only fed an attention mask, which Keras passes along by itself."""
    kept: list[str] = []
    needed = ends
    for line in reversed(lines):
        target = line.partition(" = ")[0]
        if re.search(rf"\b{re.escape(target)}\b", needed):
            kept.append(line)
            needed += f" {line.partition(' = ')[2]}"
    return kept[::-1]


def _value(value: Any, variables: dict[str, str]) -> str:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        name, node, output = value["config"]["keras_history"]
        variable = variables[name] + (f"_{node + 1}" if node else "")
        return variable if output == 0 else f"{variable}_outputs[{output}]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each, variables) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_value(each, variables)}" for key, each in value.items()) + "}"
    return repr(value)


def _keywords(values: dict[str, Any], variables: dict[str, str]) -> list[str]:
    return [f"{key}={_value(value, variables)}" for key, value in values.items() if value is not None and key not in ("mask", "training")]


def _ends(ends: Any, variables: dict[str, str]) -> str:
    if isinstance(ends, dict):
        return "{" + ", ".join(f"{key!r}: {_ends(each, variables)}" for key, each in ends.items()) + "}"
    if ends and isinstance(ends[0], str):
        return variables[ends[0]] + (f"_{ends[1] + 1}" if ends[1] else "") + (f"_outputs[{ends[2]}]" if ends[2] else "")
    return _ends(ends[0], variables) if len(ends) == 1 else "[" + ", ".join(_ends(each, variables) for each in ends) + "]"


def own_layers(model: keras.Model) -> list[type]:
    """The classes of layers in a model that Keras lacks, those inside wrappers and inner models included."""
    found: dict[type, None] = {}
    waiting: list[Any] = list(model.layers)
    while waiting:
        layer = waiting.pop(0)
        if type(layer).__module__.startswith(OWN_PACKAGE):
            found[type(layer)] = None
        waiting += getattr(layer, "layers", [])
        waiting += [inner for name in ("layer", "forward_layer", "backward_layer") if (inner := getattr(layer, name, None)) is not None]
    return list(found)


def own_source(layers: Iterable[type]) -> tuple[str, list[str]]:
    """What layers that Keras lacks need to be defined elsewhere: import lines, and the text of each module, behind those that it needs."""
    imports: dict[str, None] = {"import keras": None}
    sources: dict[str, str] = {}
    for layer in layers:
        _carry(layer.__module__, imports, sources)
    return "\n".join(sorted(imports)) + "\n", list(sources.values())


def _carry(module: str, imports: dict[str, None], sources: dict[str, str]) -> None:
    """Adds the text of a module and of the modules of this package that it imports, once each."""
    if module in sources:
        return
    text = inspect.getsource(importlib.import_module(module))
    first, *body = ast.parse(text).body
    assert isinstance(first, ast.Expr)  # noqa: S101 - every module begins with its docstring
    heads = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in heads:
        source = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if source.startswith(OWN_PACKAGE):
            _carry(source, imports, sources)
        elif source != "__future__":
            imports[ast.unparse(node)] = None
    sources[module] = "\n".join(text.splitlines()[max(node.end_lineno or 0 for node in [first, *heads]) :]).strip()
