"""What the Model page shows: the network of a draft with its figures and problems, and the forms of its blocks."""

from __future__ import annotations

import re
from typing import Any

import blocks
import presets
from blocks import weights
from blocks.base import Block
from blocks.errors import BlocksError, InvalidValueError
from blocks.features import Feature
from blocks.graph import Graph, NodeDocument
from presets import Preset
from studio import defaults
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.lint import meant
from studio.recipe import PresetOrder, Recipe
from studio.training.planning import graph_of
from studio.ui import forms
from studio.ui.analyses import Analyses
from studio.ui.summary import FIRST_DATASET
from studio.workspace import StudioError, Workspace

SECTIONS = {"Shapes": "shapes", "Weights": "weights", "Multiply-adds": "multiply_adds"}
"""What a block's help has beyond that of other declarations: sections of its docstring, and their keys."""
_REFUSED = re.compile(r"^\w+: invalid (\w+)\. (.*)$")


def network(workspace: Workspace, analyses: Analyses, recipe: dict[str, Any], wait_seconds: float) -> dict[str, Any]:
    """The network of a draft.

    Args:
        recipe: The draft's: its graph (none: the data choose), its dataset, and the training with which the network has to go.
        wait_seconds: How long to wait for the engine.

    Returns:
        `preset` (family and all given parameters; None for a graph of one's own), `graph`, `analysis` (None while `counting`),
        and where there is no graph, `problem` with `field_problems` by parameter.
    """
    order = recipe.get("graph")
    dataset = store.load(workspace, str(recipe.get("dataset") or FIRST_DATASET))
    found: dict[str, Any] = {
        "dataset": {"name": dataset.name, "title": dataset.manifest.title},
        "automatic": order is None,
        "preset": None,
        "graph": None,
        "analysis": None,
        "counting": False,
        "problem": None,
        "field_problems": {},
    }
    try:
        chosen = Recipe.read({"graph": order}).graph if order is not None else _automatic(dataset)
        if isinstance(chosen, PresetOrder):
            family, params = family_of(chosen)
            found["preset"] = {"family": family, "params": params}
        made = graph_of(chosen or _automatic(dataset), dataset.features)
    except (StudioError, BlocksError) as error:
        found["problem"] = str(error)
        found["field_problems"] = refused_fields(error)
        return found
    found["graph"] = made.document()
    found["blocks"] = used_blocks(made)
    try:
        settings = Recipe.read({part: recipe[part] for part in ("training", "transfer") if recipe.get(part)})
        situation = meant(settings.model_copy(update={"graph": chosen}), dataset)
    except StudioError:
        situation = None  # the line under the bar says what is wrong with the settings
    found["analysis"] = analyses.of(made, dataset, wait_seconds, situation)
    found["counting"] = found["analysis"] is None
    if found["analysis"]:
        found["blocks"] = {**found["blocks"], **_inner_blocks(found["analysis"])}
    return found


def graph(workspace: Workspace, recipe: dict[str, Any]) -> Graph:
    """The network of a draft's recipe.

    Raises:
        StudioError, BlocksError: There is no such dataset, or the network can't be made.
    """
    read = Recipe.read(recipe)
    dataset = store.load(workspace, read.dataset)
    return graph_of(read.graph or _automatic(dataset), dataset.features)


def family_of(order: PresetOrder) -> tuple[str, dict[str, Any]]:
    """The family of a preset order, and its parameters with those of a ready variant spelled out; they need not be valid."""
    variant: Preset | None = presets.all().get(order.preset)
    if variant is None:
        return order.preset, dict(order.params)
    return type(variant).__name__, {**variant.params(), **order.params}


def refused_fields(error: Exception) -> dict[str, str]:
    """The sentence about each refused parameter, by its name."""
    if not isinstance(error, InvalidValueError):
        return {}
    found = (_REFUSED.match(line) for line in str(error).splitlines())
    return {match[1]: match[2] for match in found if match}


def used_blocks(graph: Graph) -> dict[str, dict[str, str]]:
    """Title and category of every block that a document names."""
    nodes: list[NodeDocument] = [*graph.nodes.values(), *(node for module in graph.modules.values() for node in module.nodes.values())]
    return _titles({node.block for node in nodes})


def _inner_blocks(analysis: dict[str, Any]) -> dict[str, dict[str, str]]:
    return _titles({node.get("block", "") for level in analysis["levels"].values() for node in level["nodes"].values()})


def _titles(names: set[str]) -> dict[str, dict[str, str]]:
    known = blocks.all()
    return {name: {"title": known[name].display_name(), "category": known[name].category} for name in sorted(names) if name in known}


def block_forms() -> dict[str, dict[str, Any]]:
    """Every block with its help, form, and the least and largest number of inputs (None for no limit), by name."""
    return {
        name: {**forms.described(name, block), **_sections(block), "category": block.category, "arity": list(block.arity), "ranks": list(block.ranks)}
        for name, block in blocks.all().items()
    }


def setting_forms() -> dict[str, dict[str, dict[str, Any]]]:
    """Every initializer, regularizer and constraint with its help and form, by family and name."""
    return {family: {name: forms.described(name, each) for name, each in members.all().items()} for family, members in weights.FAMILIES.items()}


def _sections(block: type[Block]) -> dict[str, str]:
    return {key: block.section(name) for name, key in SECTIONS.items()}


def _automatic(dataset: Dataset) -> PresetOrder:
    features: list[Feature] = dataset.features
    return defaults.network(features, dataset.manifest.splits["train"])
