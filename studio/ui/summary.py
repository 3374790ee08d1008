"""What lists and the line under the bar say: a draft in one line, a run in one row."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from blocks.errors import BlocksError
from blocks.graph import Graph
from studio.lint import meant
from studio.recipe import Recipe, RecipeError, Training
from studio.runs import Run, Status
from studio.runs.status import observed
from studio.settings import optimizers
from studio.ui import clock
from studio.ui.analyses import Analyses, Judgement
from studio.workspace import StudioError, Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

FIRST_DATASET = "digits"
ENDED = ("finished", "stopped", "failed")
"""A run that went on after a stop has figures of that stop; they count again only when it has ended anew."""
_TAIL_BYTES = 6000


def first_recipe() -> dict[str, Any]:
    """The recipe of a first visit: a built-in dataset; everything else follows from it, so that Train works at once."""
    return {"dataset": FIRST_DATASET}


def line(workspace: Workspace, document: dict[str, Any], analyses: Analyses, wait_seconds: float = 0.0) -> dict[str, Any]:
    """What would be trained now.

    Args:
        analyses: What is known of networks.
        wait_seconds: How long to wait for what is not known of this one.

    Returns:
        `dataset`, `network`, `settings` (those that the line shows), `training` (every setting with its value), `fallbacks` (what
        would hold where nothing is chosen), `problem` (the sentence, and the page that mends it) if it can't be trained, and
        `checking` while the engine looks at the network: ask again then.
    """
    from studio import defaults
    from studio.datasets import store
    from studio.training.planning import check_branches, check_target, graph_of, resolved

    found: dict[str, Any] = {"dataset": None, "network": None, "settings": {}, "training": {}, "fallbacks": {}, "problem": None}
    found["checking"] = False
    page = "train"
    try:
        recipe = Recipe.read({**document, "dataset": document.get("dataset") or FIRST_DATASET})
        page = "data"
        dataset = store.load(workspace, recipe.dataset)
        manifest, features = dataset.manifest, dataset.features
        samples = manifest.splits["train"]
        found["dataset"] = {"name": manifest.name, "title": manifest.title, "kind": manifest.kind, "samples": manifest.samples}
        check_target(features)
        page = "train"
        training = resolved(recipe.training, features, samples, recipe.graph if isinstance(recipe.graph, Graph) else None)
        found["training"] = training.model_dump(mode="json")
        found["fallbacks"] = fallbacks(recipe.training, features, samples)
        found["settings"] = _shown(training)
        page = "model"
        graph = graph_of(recipe.graph or defaults.network(features, samples), features)
        judgement = judged(analyses, recipe, graph, dataset, wait_seconds)
        found["network"] = {"name": graph.name or "network", "weights": judgement.weights}
        found["checking"] = judgement.waiting
        if judgement.problem:
            found["problem"] = {"text": judgement.problem, "page": "model"}
        check_branches(graph, features)
    except (StudioError, BlocksError, ValidationError) as error:
        if isinstance(error, RecipeError) and page == "train" and str(error).startswith("recipe: graph"):
            page = "model"
        found["problem"] = {"text": str(error), "page": page}
    return found


def judged(analyses: Analyses, recipe: Recipe, graph: Graph, dataset: Dataset, wait_seconds: float) -> Judgement:
    """What the engine says of the network that a recipe orders.

    A network that the data choose is known to be good, so that a first training need not wait until an engine has started.
    """
    return analyses.judge(graph, dataset, wait_seconds, ask=recipe.graph is not None, situation=meant(recipe, dataset))


def fallbacks(training: Training, features: list[Any], samples: int) -> dict[str, Any]:
    """The values that fields take when they are left empty, given what is chosen in the others."""
    from studio.training.planning import resolved

    chosen = training.model_dump(exclude_unset=True)
    open_fields = Training.read({key: value for key, value in chosen.items() if key in ("optimizer", "batch_size")})
    values = resolved(open_fields, features, samples).model_dump(mode="json")
    without_batch = resolved(Training.read({key: value for key, value in chosen.items() if key == "optimizer"}), features, samples)
    return {**values, "batch_size": without_batch.batch_size}


def _shown(training: Training) -> dict[str, Any]:
    optimizer = optimizers.read(training.optimizer)
    return {
        "epochs": training.epochs,
        "batch_size": training.batch_size,
        "optimizer": optimizer.display_name(),
        "learning_rate": optimizer.learning_rate,
    }


def active_runs(workspace: Workspace) -> list[dict[str, Any]]:
    """Runs that are queued or running, the newest first."""
    return [row for run in _runs(workspace) if (status := status_of(run)).is_alive for row in [run_row(run, status)]]


def run_rows(workspace: Workspace, limit: int | None = None) -> list[dict[str, Any]]:
    """The newest runs as rows of a list."""
    return [run_row(run) for run in _runs(workspace)[:limit]]


def run_row(run: Run, status: Status | None = None) -> dict[str, Any]:
    """A run as lists show it."""
    status = status or status_of(run)
    return {
        "run": run.id,
        "title": status.name or run.id,
        "status": status.status,
        **_recipe_facts(str(run.recipe_path), _changed(run.recipe_path)),
        "epoch": status.epoch,
        "epochs": status.epochs,
        "step": status.step,
        "steps_per_epoch": status.steps_per_epoch,
        "started": status.started,
        "seconds": clock.seconds(run, status),
        "heartbeat": status.heartbeat,
        "reason": status.reason,
        "resources": status.resources,
        "metrics": (run.results() if status.status in ENDED else {}) or latest_metrics(run.metrics_path),
    }


def status_of(run: Run) -> Status:
    """The status of a run, quickly for one that has ended: its file is read only when it has changed."""
    changed = _changed(run.status_path)
    if changed:
        kept = _status_at(str(run.status_path), changed)
        if kept is not None and not kept.is_alive:
            return kept
    return run.status()


def latest_metrics(path: Path) -> dict[str, dict[str, float]]:
    """The last value of each metric of each split, from the end of metrics.jsonl."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return {}
    found: dict[str, dict[str, float]] = {}
    for content in lines[:-1] if size <= _TAIL_BYTES else lines[1:-1]:
        point = json.loads(content)
        found.setdefault(point["split"], {})[point["name"]] = point["value"]
    return found


def _runs(workspace: Workspace) -> list[Run]:
    folders = (folder for folder in workspace.runs.iterdir() if not folder.name.startswith(".") and (folder / "recipe.yaml").exists())
    dated = [(status_of(Run(folder)).started or 0.0, folder.name, folder) for folder in folders]
    return [Run(folder) for *_, folder in sorted(dated, reverse=True)]


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=4096)
def _status_at(path: str, changed: int) -> Status | None:  # noqa: ARG001 - the time is part of the key
    try:
        return observed(Status.model_validate_json(Path(path).read_bytes()))
    except (FileNotFoundError, ValidationError):
        return None


@lru_cache(maxsize=1024)
def _recipe_facts(path: str, changed: int) -> dict[str, Any]:  # noqa: ARG001 - the time is part of the key
    """Dataset and network of a run; a recipe that can't be read leaves them empty, and the run's own page says why."""
    try:
        recipe = Run(Path(path).parent).recipe
    except (StudioError, BlocksError, FileNotFoundError):
        return {"dataset": "", "network": "", "monitor": "loss", "batch_size": None, "early_stopping": True, "unfreezes": None}
    network = recipe.graph.name if isinstance(recipe.graph, Graph) else ""
    training = recipe.training
    shown = {"monitor": training.monitor, "batch_size": training.batch_size, "early_stopping": training.early_stopping}
    unfreeze = recipe.transfer.unfreeze if recipe.transfer else None
    return {"dataset": recipe.dataset, "network": network, **shown, "unfreezes": unfreeze.after if unfreeze else None}
