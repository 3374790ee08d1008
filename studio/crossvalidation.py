"""k-fold cross-validation: a run's recipe, trained once per fold."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from studio.runs import Run
from studio.runs.status import Status
from studio.workspace import StudioError, Workspace, make_numbered, write_json, write_text

FORMAT = "studio.folds/1"


class CrossValidation(BaseModel):
    """Figures over the folds.

    Args:
        metrics: Means over the folds' test figures.
        deviations: Standard deviations over the folds (divisor: folds).
        each: The test figures of every fold.
        baselines: Means of the baselines' figures by name, the network's among them.
    """

    model_config = ConfigDict(frozen=True)

    format: str = FORMAT
    run: str
    folds: int
    samples: int
    metrics: dict[str, float]
    deviations: dict[str, float]
    each: list[dict[str, float]]
    baselines: dict[str, dict[str, float]] = Field(default_factory=dict)
    created: float = Field(default_factory=time.time)


def cross_validate(run: Run, folds: int = 5, baselines: bool = False, progress: Callable[[float, str], None] | None = None) -> CrossValidation:
    """Trains the run's recipe on every fold, in this process, and measures each on its own fold.

    The folds are those of scikit-learn with shuffle and random state 0, stratified for classes. What is trained is not
    kept; the figures are, in the run folder.

    Args:
        folds: How many, at least 2.
        progress: Is told the finished fraction and a short text.

    Raises:
        StudioError: There are too few samples, or a fold's training failed.
    """
    from studio.datasets import store

    workspace = Workspace(run.folder.resolve().parent.parent)
    dataset = store.load(workspace, run.recipe.dataset)
    tell = progress or _silent
    each: list[dict[str, float]] = []
    compared: list[dict[str, dict[str, float]]] = []
    place = make_numbered(workspace.temporary, f"folds-{run.id}")
    try:
        trial = Workspace(place)
        _borrow(workspace, trial, dataset.manifest.name)
        for fold in range(1, folds + 1):
            tell((fold - 1) / folds, f"fold {fold} of {folds}")
            trained = _train(trial, run, fold, folds)
            each.append({name: float(value) for name, value in trained.results().get("test", {}).items()})
            if baselines:
                from studio.evaluation.baseline import baselines as compare
                from studio.evaluation.opened import open_network

                compared.append(compare(open_network(trained)))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    tell(1.0, "done")
    found = CrossValidation(
        run=run.id, folds=folds, samples=dataset.manifest.samples, metrics=_over(each, np.mean), deviations=_over(each, np.std), each=each,
        baselines={name: _over([those[name] for those in compared], np.mean) for name in (compared[0] if compared else {})},
    )  # fmt: skip
    (run.folder / "evaluation").mkdir(exist_ok=True)
    write_json(run.folder / "evaluation" / f"folds-{folds}.json", found.model_dump(mode="json"))
    return found


def _borrow(workspace: Workspace, trial: Workspace, dataset: str) -> None:
    """Lets the trial workspace see one dataset, without a copy where links are possible."""
    source, target = workspace.datasets / dataset, trial.datasets / dataset
    target.mkdir()
    for file in source.iterdir():
        try:
            (target / file.name).hardlink_to(file)
        except OSError:
            shutil.copyfile(file, target / file.name)


def _train(trial: Workspace, run: Run, fold: int, folds: int) -> Run:
    import keras

    from studio.training.trainer import train_folder

    recipe = run.recipe.model_copy(update={"folds": (fold, folds), "transfer": None})
    made = Run(trial.runs / f"fold-{fold}")
    for folder in (made.folder, made.checkpoints, made.exports):
        folder.mkdir()
    write_text(made.recipe_path, recipe.to_yaml())
    write_json(made.status_path, Status(name=made.id, started=time.time(), epochs=recipe.training.epochs or 0).model_dump(mode="json"))
    keras.backend.clear_session()
    train_folder(made.folder)
    status = made.status()
    if status.status != "finished":
        raise StudioError(f"Fold {fold} of {folds} was not trained to its end: {status.reason}")
    return made


def _over(figures: list[dict[str, float]], function: Callable[[list[float]], Any]) -> dict[str, float]:
    return {name: float(function([each[name] for each in figures])) for name in figures[0]} if figures else {}


def _silent(fraction: float, text: str) -> None:
    """The progress that nobody watches."""


__all__ = ["CrossValidation", "cross_validate"]
