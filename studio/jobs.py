"""Orders for training: the same functions behind the page, the commands and Python."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import runs
from studio.recipe import Recipe, RecipeError
from studio.runs import Run, process
from studio.training.planning import plan
from studio.workspace import Workspace

POLL_SECONDS = 0.2


def read_recipe(source: Recipe | dict[str, Any] | str | os.PathLike[str]) -> Recipe:
    """A recipe from values, a YAML file, or the name of a dataset.

    Raises:
        RecipeError: It can't be read.
    """
    if isinstance(source, Recipe):
        return source
    if isinstance(source, dict):
        return Recipe.read(source)
    path = Path(source)
    if path.suffix.lower() in (".yaml", ".yml"):
        if not path.is_file():
            raise RecipeError(f"There is no recipe file {path}.")
        return Recipe.load(path)
    return Recipe.read({"dataset": str(source)})


def order(workspace: Workspace, recipe: Recipe, start: Callable[[Run], None] = process.start) -> Run:
    """Fills in the recipe, makes the run folder and starts the trainer.

    Args:
        start: How the trainer is started; the page hands the run to a waiting one.

    Raises:
        StudioError: The recipe is wrong.
    """
    planned = plan(workspace, recipe)
    run = runs.create(workspace, planned.recipe, planned.network)
    start(run)
    return run


def wait(run: Run, watch: Callable[[Run], None] | None = None) -> None:
    """Returns when the run is no longer under way.

    Args:
        watch: Called about five times a second meanwhile.
    """
    while run.status().is_alive:
        if watch:
            watch(run)
        time.sleep(POLL_SECONDS)
