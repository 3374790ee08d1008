"""What a spare trainer makes ready ahead changes when a training begins, and nothing else."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from studio import jobs
from studio.recipe import Recipe
from studio.runs import Run
from studio.runs.process import Spare
from studio.training import spare
from studio.training.planning import plan
from studio.workspace import Workspace

TRAINING = {"epochs": 2, "batch_size": 64, "steps_per_execution": 4, "early_stopping": False}
PICTURES: dict[str, Any] = {"dataset": "digits", "graph": {"preset": "SimpleCNN", "params": {"filters": 4}}, "training": TRAINING}
TABLE: dict[str, Any] = {"dataset": "iris", "training": {**TRAINING, "batch_size": 8}}
READY = "Ready to train on"
LIMIT_SECONDS = 180


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def cold(workspace: Workspace) -> Run:
    """The run of a trainer for which nothing was made ready."""
    return finished(jobs.order(workspace, Recipe.read(PICTURES)))


def trained_by_spare(workspace: Workspace, recipe: dict[str, Any], prepared: dict[str, Any]) -> Run:
    """The run of a spare that has made a recipe ready, this one or another."""
    waiting = Spare(workspace.folder / "spare.log")
    log = workspace.folder / "spare.log"
    before = log.read_text("utf-8").count(READY)
    waiting.prepare(workspace, plan(workspace, Recipe.read(prepared)).recipe)
    deadline = time.monotonic() + LIMIT_SECONDS
    while log.read_text("utf-8").count(READY) == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)

    def take(run: Run) -> None:
        assert waiting.take(run)

    return finished(jobs.order(workspace, Recipe.read(recipe), start=take))


def finished(run: Run) -> Run:
    deadline = time.monotonic() + LIMIT_SECONDS
    while run.status().is_alive:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert run.status().status == "finished", run.status().reason + run.log_tail()
    return run


def was_ahead(run: Run) -> bool:
    return bool(run.events()[0][0]["ahead"])


def weights_of(run: Run) -> dict[str, np.ndarray]:
    with np.load(run.checkpoints / "last.npz") as stored:
        return {name: stored[name] for name in stored.files if not name.startswith("__")}


@pytest.mark.slow
@pytest.mark.parametrize(("prepared", "ahead"), [(PICTURES, True), (TABLE, False), ({**PICTURES, "training": {**TRAINING, "seed": 1}}, False)])
def test_a_run_ends_the_same_whatever_was_made_ready(workspace: Workspace, cold: Run, prepared: dict[str, Any], ahead: bool) -> None:
    run = trained_by_spare(workspace, PICTURES, prepared)
    assert was_ahead(run) == ahead
    assert not was_ahead(cold)
    kept, expected = weights_of(run), weights_of(cold)
    assert kept.keys() == expected.keys()
    assert [name for name in kept if not np.array_equal(kept[name], expected[name])] == []
    assert run.results() == cold.results()


@pytest.mark.parametrize(("preset", "quick"), [("SimpleCNN", True), ("ResNet20", True), ("VGG16", False)])
def test_a_heavy_network_is_not_made_ready_in_passing(workspace: Workspace, preset: str, quick: bool) -> None:
    planned = plan(workspace, Recipe.read({"dataset": "digits", "graph": {"preset": preset}}))
    assert spare.is_quick(planned.recipe, planned.dataset) == quick
