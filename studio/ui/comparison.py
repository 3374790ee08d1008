"""Runs side by side: their figures, and where their recipes differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from studio.recipe import Recipe
from studio.runs import Run

MISSING = None
"""The value of a field that a recipe does not have."""
_PARTS = ("dataset", "transfer", "folds", "graph", "training")


def compare(runs: Sequence[Run]) -> dict[str, Any]:
    """The fields of several recipes as rows.

    Returns:
        `runs` (their ids), and `rows` with `part` (dataset, graph, training ...), `field` (dotted below the part), `values` (one text
        per run, None where the recipe has no such field) and `same`.
    """
    documents = [fields(run.recipe) for run in runs]
    keys = sorted({key for document in documents for key in document}, key=_order(documents))
    rows = []
    for part, name in keys:
        values = [document.get((part, name), MISSING) for document in documents]
        rows.append({"part": part, "field": name, "values": values, "same": all(value == values[0] for value in values)})
    return {"runs": [run.id for run in runs], "rows": rows}


def fields(recipe: Recipe) -> dict[tuple[str, str], str]:
    """Every field of a recipe as text, by part and dotted name. A node of the graph is one field for its block and inputs, and one per parameter."""
    document = recipe.document()
    found: dict[tuple[str, str], str] = {}
    for part in _PARTS:
        value = document.get(part)
        if part == "graph" and isinstance(value, dict) and "nodes" in value:
            found.update({("graph", name): text for name, text in _graph(value)})
        elif isinstance(value, dict):
            found.update({(part, name): text for name, text in _leaves(value)})
        elif value is not None:
            found[(part, "")] = written(value)
    return found


def written(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(written(each) for each in value)
    if isinstance(value, dict):
        name = [str(value["name"])] if "name" in value else []
        return " ".join(name + [f"{key}={written(each)}" for key, each in value.items() if key != "name"])
    return str(value)


def _graph(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "name", document.get("name") or "–"
    for place, nodes in [("", document["nodes"]), *((f"{name}/", module.get("nodes", {})) for name, module in document.get("modules", {}).items())]:
        for node, values in nodes.items():
            kind = f"= {values['reuse']}" if "reuse" in values else values["block"]
            yield f"{place}{node}", kind + (f" ({written(values['inputs'])})" if values.get("inputs") else "")
            if values.get("trainable") is False:
                yield f"{place}{node}.trainable", "no"
            for name, value in values.get("params", {}).items():
                yield f"{place}{node}.{name}", written(value)


def _leaves(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, dict):
            if "name" in value:
                yield prefix + key, str(value["name"])
            yield from _leaves({name: each for name, each in value.items() if name != "name"}, f"{prefix}{key}.")
        else:
            yield prefix + key, written(value)


def _order(documents: list[dict[tuple[str, str], str]]) -> Any:
    """By part, and inside a part as the first recipe that has the field has it."""
    places: dict[tuple[str, str], int] = {}
    for document in documents:
        for place, key in enumerate(document):
            places.setdefault(key, place)
    return lambda key: (_PARTS.index(key[0]), places[key])
