"""The runs of a workspace: made, found, renamed, removed and brought back."""

from __future__ import annotations

import shutil
import time

from blocks.errors import BlocksError
from studio.recipe import Recipe
from studio.runs.run import Run
from studio.runs.status import Status
from studio.workspace import StudioError, Workspace, child, make_numbered, read_json, size_of, slug, write_json, write_text

TRASH = ".trash"


def create(workspace: Workspace, recipe: Recipe, network: str) -> Run:
    """Makes the folder of a new run, with its recipe, as `queued`.

    Args:
        recipe: The resolved recipe, its graph inline.
        network: The network's name, which becomes part of the run's.
    """
    folder = make_numbered(workspace.runs, slug(recipe.name or f"{recipe.dataset}-{network}", "run"))
    run = Run(folder)
    try:
        run.checkpoints.mkdir()
        run.exports.mkdir()
        epochs = recipe.training.epochs or 0
        write_json(run.status_path, Status(name=recipe.name or folder.name, started=time.time(), epochs=epochs).model_dump(mode="json"))
        write_text(run.recipe_path, recipe.to_yaml())
        run.reserve()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run


def discard(run: Run) -> None:
    """Removes the folder of a run that never began, since its order was wrong."""
    shutil.rmtree(run.folder)


def get(workspace: Workspace, name: str) -> Run:
    """The run of that name (its folder's name), or the newest for the name "latest".

    Raises:
        StudioError: There is none.
    """
    if name == "latest":
        runs = all_runs(workspace)
        if not runs:
            raise StudioError("There is no run yet. Start one with `studio train digits`.")
        return runs[0]
    return Run(child(workspace.runs, name, "run"))


def all_runs(workspace: Workspace) -> list[Run]:
    """Every run, the newest first."""
    folders = [
        folder for folder in workspace.runs.iterdir() if folder.is_dir() and not folder.name.startswith(".") and (folder / "recipe.yaml").exists()
    ]
    return [Run(folder) for folder in sorted(folders, key=lambda folder: (_started(folder), folder.name), reverse=True)]


def rename(workspace: Workspace, name: str, title: str) -> Run:
    """Gives a run another name to show; the folder, and so every link, stays.

    Raises:
        StudioError: The run is under way, and its trainer owns the status.
    """
    run = get(workspace, name)
    _refuse_alive(run, "rename it")
    status = Status.model_validate(read_json(run.status_path))
    write_json(run.status_path, status.model_copy(update={"name": title.strip()[:200] or run.id}).model_dump(mode="json"))
    return run


def remove(workspace: Workspace, name: str) -> str:
    """Moves a run into the trash and returns the token that `restore` takes.

    Raises:
        StudioError: The run is under way.
    """
    run = get(workspace, name)
    _refuse_alive(run, "delete it")
    trash = workspace.runs / TRASH
    trash.mkdir(exist_ok=True)
    place = make_numbered(trash, name)
    run.folder.rename(place / name)
    return place.name


def restore(workspace: Workspace, token: str) -> Run:
    """Brings a removed run back.

    Raises:
        StudioError: The trash has been emptied, or the name is taken meanwhile.
    """
    place = child(workspace.runs / TRASH, token, "deleted run")
    folder = next(place.iterdir())
    target = workspace.runs / folder.name
    if target.exists():
        raise StudioError(f"A run named {folder.name!r} exists by now; rename that folder first.")
    folder.rename(target)
    place.rmdir()
    return Run(target)


def empty_trash(workspace: Workspace, older_than_seconds: float = 0.0) -> None:
    """Removes for good what was deleted longer ago than this."""
    trash = workspace.runs / TRASH
    for place in list(trash.iterdir()) if trash.is_dir() else []:
        if time.time() - place.stat().st_mtime >= older_than_seconds:
            shutil.rmtree(place)


def remove_checkpoints(workspace: Workspace, name: str) -> int:
    """Removes the saved states of a run, keeping its curves and figures; returns the bytes that became free.

    Raises:
        StudioError: The run is under way.
    """
    run = get(workspace, name)
    _refuse_alive(run, "delete its checkpoints")
    freed = size_of(run.checkpoints)
    for file in run.checkpoints.iterdir():
        file.unlink()
    return freed


def uses(workspace: Workspace, dataset: str) -> list[str]:
    """Names of the runs that have not ended and read this dataset."""
    return [run.id for run in all_runs(workspace) if run.status().status in ("queued", "running", "paused") and _dataset(run) == dataset]


def _dataset(run: Run) -> str:
    try:
        return run.recipe.dataset
    except (StudioError, BlocksError):
        return ""


def _refuse_alive(run: Run, what: str) -> None:
    if run.status().is_alive:
        raise StudioError(f"The run {run.id!r} is under way. Stop it before you {what}.")


def _started(folder: object) -> float:
    status = Run(folder).status()  # type: ignore[arg-type]
    return status.started or 0.0
