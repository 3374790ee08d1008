"""A draft from a run: the same order again, or one that begins with the run's weights."""

from __future__ import annotations

from typing import Any

from blocks.errors import BlocksError
from blocks.graph import Graph
from studio import defaults
from studio.datasets import store
from studio.recipe import Recipe, Training
from studio.runs import Run
from studio.workspace import StudioError, Workspace

SETTLED_BY_TRYING = ("steps_per_execution", "device", "precision")
"""What the trainer wrote into the recipe because of the machine it ran on; a new training settles it anew."""


def draft_recipe(workspace: Workspace, run: Run, *, continued: bool = False) -> dict[str, Any]:
    """The recipe document of a draft that would repeat a run: its network, and the settings that differ from the defaults.

    Args:
        continued: Begin with the weights of the run's best state, so a graph of the same shapes goes on from there.

    Raises:
        StudioError: There are no saved weights to continue from.
    """
    recipe = run.recipe
    document: dict[str, Any] = {"dataset": recipe.dataset, **_network(workspace, recipe)}
    chosen = _chosen(workspace, recipe)
    if chosen:
        document["training"] = chosen
    if continued:
        if not (run.checkpoints / "best.npz").exists():
            raise StudioError(f"The run {run.id!r} has no saved weights to continue from; they were deleted, or none were written yet.")
        document["transfer"] = {"run": run.id, "state": "best"}
    elif recipe.transfer is not None:
        document["transfer"] = recipe.transfer.model_dump(mode="json")
    return document


def _network(workspace: Workspace, recipe: Recipe) -> dict[str, Any]:
    """The graph inline; nothing where it is the one that the dataset would get anyway, so that its preset's form stays open."""
    from studio.training.planning import graph_of

    if not isinstance(recipe.graph, Graph):
        return {"graph": recipe.document()["graph"]} if recipe.graph else {}
    try:
        dataset = store.load(workspace, recipe.dataset)
        usual = graph_of(defaults.network(dataset.features, dataset.manifest.splits["train"]), dataset.features)
        if usual == recipe.graph:
            return {}
    except (StudioError, BlocksError):
        pass  # the dataset is gone, or its kind has no usual network: the graph says it all
    return {"graph": recipe.graph.model_dump(mode="json")}


def _chosen(workspace: Workspace, recipe: Recipe) -> dict[str, Any]:
    """The settings without those that would hold anyway."""
    from studio.ui.summary import fallbacks

    values = recipe.training.model_dump(mode="json")
    try:
        dataset = store.load(workspace, recipe.dataset)
        samples = dataset.manifest.splits["train"]
        usual = fallbacks(Training.read({"optimizer": values["optimizer"], "batch_size": values["batch_size"]}), dataset.features, samples)
        first = fallbacks(Training.read({}), dataset.features, samples)
    except (StudioError, BlocksError):
        usual, first = {}, {}
    usual["optimizer"] = first.get("optimizer")
    return {key: value for key, value in values.items() if key not in SETTLED_BY_TRYING and (key not in usual or usual[key] != value)}
