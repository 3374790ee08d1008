"""The command line that does what a draft's Train button does."""

from __future__ import annotations

import json
import shlex
from typing import Any

import yaml

RECIPE_FILE = "recipe.yaml"


def command(recipe: dict[str, Any]) -> str:
    """`studio train ...` for a recipe document.

    What fits on a line is said by `--set`; a network that was drawn by hand needs the recipe as a file.
    """
    graph = recipe.get("graph")
    drawn = isinstance(graph, dict) and "nodes" in graph
    parts = ["studio", "train", RECIPE_FILE if drawn else str(recipe.get("dataset", "digits"))]
    if drawn:
        return shlex.join(parts)
    settings = {key: value for key, value in recipe.items() if key not in ("format", "dataset", "training")}
    for path, value in [*_leaves(settings), *_leaves(recipe.get("training") or {})]:
        parts += ["--set", f"{path}={_yaml(value)}"]
    return shlex.join(parts)


def _leaves(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, dict) and set(value) == {"name"}:
            found.append((prefix + key, value["name"]))
        elif isinstance(value, dict) and value and "name" not in value and "preset" not in value:
            found += _leaves(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found


def _yaml(value: Any) -> str:
    """A value as YAML reads it back: bare where that is unambiguous, else as JSON."""
    if isinstance(value, str):
        try:
            if yaml.safe_load(value) == value:
                return value
        except yaml.YAMLError:
            pass  # not a bare word; quoted below
    return json.dumps(value, ensure_ascii=False)
