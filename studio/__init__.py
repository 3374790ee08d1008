"""Block Studio: from data over blocks to a trained, exported model.

`train` trains a recipe and returns its run; `load` gives a run's Keras model. Importing this package imports neither
Keras nor TensorFlow.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

    import keras

    from studio.recipe import Recipe
    from studio.runs import Run
    from studio.workspace import Workspace

__all__ = ["load", "train"]


def train(recipe: Recipe | dict[str, Any] | str | os.PathLike[str], workspace: Workspace | str | os.PathLike[str] | None = None) -> Run:
    """Trains in a process of its own and waits for the end.

    Args:
        recipe: A recipe, its values, the path of a YAML file, or the name of a dataset.
        workspace: A workspace or its folder; the person's own by default.

    Raises:
        StudioError: The recipe is wrong. A training that fails raises nothing: the run's status says why.
    """
    from studio import jobs
    from studio.workspace import Workspace

    place = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    run = jobs.order(place, jobs.read_recipe(recipe))
    jobs.wait(run)
    return run


def load(run: Run | str | os.PathLike[str] | Path, raw: bool = False, state: Literal["best", "last"] = "best") -> keras.Model:
    """The trained network of a run folder.

    Args:
        raw: False gives the network behind the front; True the whole, which takes pixels, strings or columns as they are
            and gives numbers in the target's unit.
        state: "best" is the state with the best monitored validation figure.

    Raises:
        StudioError: Nothing has been saved yet.
    """
    from pathlib import Path

    from studio.networks.loaded import open_run
    from studio.runs import Run

    loaded = open_run(run if isinstance(run, Run) else Run(Path(run)), state)
    return loaded.raw if raw else loaded.network
