"""A training that is killed, stopped or paused ends with the same bits as one that was never broken off."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from studio import jobs
from studio.recipe import Recipe
from studio.runs import Run, process
from studio.workspace import Workspace

GRAPH = {
    "name": "tiny",
    "nodes": {
        "image": {"block": "Input", "params": {"feature": "image"}},
        "shift": {"block": "RandomTranslation", "inputs": ["image"]},
        "rescale": {"block": "Rescaling", "inputs": ["shift"]},
        "conv": {"block": "Conv2D", "params": {"filters": 4, "use_bias": False}, "inputs": ["rescale"]},
        "norm": {"block": "BatchNormalization", "inputs": ["conv"]},
        "flat": {"block": "Flatten", "inputs": ["norm"]},
        "drop": {"block": "Dropout", "params": {"rate": 0.4}, "inputs": ["flat"]},
        "label": {"block": "Output", "inputs": ["drop"]},
    },
}
RECIPE = {
    "dataset": "digits",
    "graph": GRAPH,
    "training": {
        "epochs": 30, "batch_size": 20, "steps_per_execution": 4, "patience": 30, "l2": 1e-4, "ema_momentum": 0.9,
        "schedule": {"name": "reduce_on_plateau", "patience": 1, "min_delta": 0.05}, "class_weights": True,
    },
}  # fmt: skip
LIMIT_SECONDS = 240


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def whole(workspace: Workspace) -> Run:
    """The run that nobody disturbs."""
    run = jobs.order(workspace, Recipe.read(RECIPE | {"name": "whole"}))
    jobs.wait(run)
    assert run.status().status == "finished", run.status().reason
    return run


def fingerprint(path: Path) -> str:
    """A hash of every array of a state file, by name."""
    digest = hashlib.sha256()
    with np.load(path) as file:
        for name in sorted(name for name in file.files if not name.startswith("__")):
            digest.update(name.encode())
            digest.update(file[name].tobytes())
    return digest.hexdigest()


def until(run: Run, step: int) -> None:
    """Waits until the run has done a step."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while max((point.step for point in run.metrics()[0]), default=0) < step:
        assert run.status().is_alive, run.status().reason + run.log_tail()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def saved(run: Run) -> int:
    """How often the run has saved its state."""
    return sum(event["event"] == "checkpoint" for event in run.events()[0])


def assert_same(run: Run, whole: Run) -> None:
    for name in ("last.npz", "best.npz"):
        assert fingerprint(run.checkpoints / name) == fingerprint(whole.checkpoints / name), name
    assert run.results() == whole.results()
    lines = [
        [(point.step, point.epoch, point.split, point.name, point.value) for point in each.metrics()[0] if point.name != "batch_loss"]
        for each in (run, whole)
    ]
    assert lines[0] == lines[1]


@pytest.mark.slow
def test_killed_runs_end_with_the_same_bits(workspace: Workspace, whole: Run) -> None:
    run = jobs.order(workspace, Recipe.read(RECIPE | {"name": "killed"}))
    for step in (100, 700, 1300):
        until(run, step)
        before = saved(run)
        run.wish("checkpoint")
        while saved(run) == before:
            time.sleep(0.005)
        status = run.status()
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
        noticed = time.monotonic()
        while run.status().status != "crashed":
            assert time.monotonic() - noticed < 10
        assert "ended from outside" in run.status().reason
        process.resume(run)
    jobs.wait(run)
    assert_same(run, whole)


@pytest.mark.slow
def test_stopped_and_paused_runs_go_on_exactly(workspace: Workspace, whole: Run) -> None:
    run = jobs.order(workspace, Recipe.read(RECIPE | {"name": "halted"}))
    for wish, step in (("pause", 150), ("stop", 900)):
        until(run, step)
        run.wish(wish)  # type: ignore[arg-type]
        jobs.wait(run)
        assert run.status().status == ("paused" if wish == "pause" else "stopped")
        assert "Resume goes on exactly here" in run.status().reason
        assert (run.checkpoints / "last.npz").exists()
        if wish == "stop":
            assert run.results()["test"]["accuracy"] > 0.5
        process.resume(run)
    jobs.wait(run)
    assert_same(run, whole)
