"""The text of layers that Keras lacks, for places where this package is not."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

if TYPE_CHECKING:
    import keras

OWN_PACKAGE = "blocks."
LAYERS = "blocks.layers."
_FOR_CHECKERS = re.compile(r"  # (?:type: ignore|noqa|fmt:)\b.*$", re.MULTILINE)


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
    return "\n".join(sorted(imports, key=lambda line: (line != "import keras", line))) + "\n", list(sources.values())


def names_in(imports: str, sources: Iterable[str]) -> set[str]:
    """The names that such texts give a meaning."""
    found: set[str] = set()
    for node in ast.parse("\n\n".join([imports, *sources])).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        else:
            found |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return found


def _carry(module: str, imports: dict[str, None], sources: dict[str, str]) -> None:
    """Adds the text of a module and of what it imports from this package, once each."""
    if module in sources:
        return
    text = inspect.getsource(importlib.import_module(module))
    first, *body = ast.parse(text).body
    assert isinstance(first, ast.Expr)  # noqa: S101 - every module begins with its docstring
    heads = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in heads:
        source = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        if source.startswith(LAYERS):
            _carry(source, imports, sources)
        elif source.startswith(OWN_PACKAGE):
            sources[source] = _plainly(source, [each.name for each in node.names], imports)
        elif source != "__future__":
            imports[ast.unparse(node)] = None
    own = "\n".join(text.splitlines()[max(node.end_lineno or 0 for node in [first, *heads]) :]).strip()
    sources[module] = _FOR_CHECKERS.sub("", own)


def _plainly(module: str, names: Iterable[str], imports: dict[str, None]) -> str:
    """What a layer takes from a module that can't be carried along whole: constants, and records without their checks."""
    found = importlib.import_module(module)
    constants = [f"{name} = {value!a}" for name in names if not isinstance(value := getattr(found, name), type)]
    records = [_record(value) for name in names if isinstance(value := getattr(found, name), type) and issubclass(value, BaseModel)]
    if records:
        imports["import dataclasses"] = None
    return "\n\n\n".join(["\n".join(constants), *records])


def _record(model: type[BaseModel]) -> str:
    """A pydantic model as a dataclass with the same fields and properties."""
    lines = ["@dataclasses.dataclass(frozen=True)", f"class {model.__name__}:"]
    for name, info in model.model_fields.items():
        kind = info.annotation if isinstance(info.annotation, type) and not get_origin(info.annotation) else type(info.default)
        default = "" if info.default is PydanticUndefined else f" = {info.default!r}"
        lines.append(f"    {name}: {'str' if not default else kind.__name__}{default}")
    for each in vars(model).values():
        if isinstance(each, property) and each.fget is not None:
            lines += ["", inspect.getsource(each.fget).rstrip()]
    lines += ["", "    @classmethod", "    def model_validate(cls, values):", "        return cls(**values)"]
    lines += ["", "    def model_dump(self):", "        return dataclasses.asdict(self)"]
    return "\n".join(lines)
