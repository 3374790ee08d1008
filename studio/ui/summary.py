"""What the line under the bar and the home page say: one sentence's worth of a recipe, and which runs are active."""

from __future__ import annotations

from typing import Any

from studio.workspace import Workspace

FIRST_DATASET = "digits"


def first_recipe(workspace: Workspace) -> dict[str, Any]:  # noqa: ARG001
    """The recipe of a first visit: a built-in dataset and what fits it, so that Train works at once."""
    return {"dataset": FIRST_DATASET}


def line(workspace: Workspace, recipe: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """What would be trained now."""
    return {"dataset": recipe.get("dataset"), "network": None, "settings": {}, "problem": None}


def active_runs(workspace: Workspace) -> list[dict[str, Any]]:  # noqa: ARG001
    """Runs that are queued or running."""
    return []
