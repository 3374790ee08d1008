"""The text of layers that Keras lacks: complete, plain, and in an order in which it can be read."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from typing import Any

import keras
import pytest

import blocks.layers
from blocks.columns import ColumnCode
from blocks.layers.column_encoding import ColumnEncoding
from blocks.own_source import names_in, own_source

MODULES = [module.name for module in pkgutil.iter_modules(blocks.layers.__path__)]


def layers_of(module: str) -> list[type]:
    found = importlib.import_module(f"blocks.layers.{module}")
    return [
        each for each in vars(found).values() if isinstance(each, type) and issubclass(each, keras.layers.Layer) and each.__module__ == found.__name__
    ]


@pytest.mark.parametrize("module", MODULES)
def test_every_layer_is_defined_by_its_text(module: str) -> None:
    imports, sources = own_source(layers_of(module))
    assert imports.startswith("import keras\n")
    text = "\n\n".join([imports, *sources])
    assert "blocks" not in {
        part.partition(".")[0] for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) for part in [node.module or ""]
    }
    assert "# noqa" not in text
    assert "type: ignore" not in text
    known = keras.saving.get_custom_objects()
    before = dict(known)
    space: dict[str, Any] = {"__name__": "elsewhere"}
    try:
        exec(compile(text, module, "exec", dont_inherit=True), space)  # noqa: S102 - the text under test
    finally:
        known.clear()
        known.update(before)
    assert {layer.__name__ for layer in layers_of(module)} <= set(space)
    assert set(space) - {"__name__", "__builtins__"} <= names_in(imports, sources)


def test_records_keep_their_fields_and_properties() -> None:
    imports, sources = own_source([ColumnEncoding])
    space: dict[str, Any] = {"__name__": "elsewhere"}
    text = next(source for source in sources if "class ColumnCode" in source)
    exec(compile(f"import dataclasses\n{text}", "record", "exec", dont_inherit=True), space)  # noqa: S102 - the text under test
    assert "pydantic" not in imports
    settings: dict[str, Any] = {"name": "seen", "kind": "date", "missing": True, "edges": (1.0, 2.0, 3.0), "calendar": True, "times": True}
    plain, checked = space["ColumnCode"].model_validate(settings), ColumnCode.model_validate(settings)
    assert plain.model_dump() == checked.model_dump()
    assert (plain.width, plain.pieces) == (checked.width, checked.pieces)
