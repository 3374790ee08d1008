"""A training in two phases that is killed in either of them ends with the same bits as one that was never broken off."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from studio import jobs
from studio.recipe import Recipe
from studio.runs import Run, process
from studio.workspace import Workspace
from tests.studio.training.test_exact_resume import assert_same, saved, until

STEPS_PER_EPOCH = 63
NODES: dict[str, Any] = {
    "image": {"block": "Input", "params": {"feature": "image"}},
    "rescale": {"block": "Rescaling", "inputs": ["image"]},
    "conv": {"block": "Conv2D", "params": {"filters": 6, "use_bias": False}, "inputs": ["rescale"]},
    "norm": {"block": "BatchNormalization", "inputs": ["conv"]},
    "flat": {"block": "Flatten", "inputs": ["norm"]},
    "drop": {"block": "Dropout", "params": {"rate": 0.3}, "inputs": ["flat"]},
    "dense": {"block": "Dense", "params": {"units": 16, "activation": "relu"}, "inputs": ["drop"]},
    "label": {"block": "Output", "inputs": ["dense"]},
}
RECIPE: dict[str, Any] = {
    "dataset": "digits",
    "graph": {"name": "tiny", "nodes": NODES},
    "training": {"epochs": 30, "batch_size": 20, "steps_per_execution": 4, "early_stopping": False, "l2": 1e-4, "ema_momentum": 0.9},
    "transfer": {"train_last": 2, "unfreeze": {"after": 15, "learning_rate": 0.5}},
}


def kill(run: Run) -> None:
    """Ends a trainer from outside, just after it has saved its state."""
    before = saved(run)
    run.wish("checkpoint")
    while saved(run) == before:
        time.sleep(0.005)
    status = run.status()
    assert status.pid is not None
    os.kill(status.pid, signal.SIGKILL)
    while run.status().is_alive:
        time.sleep(0.02)
    process.resume(run)


def unfrozen(run: Run) -> int:
    return sum(event["event"] == "layers unfrozen" for event in run.events()[0])


@pytest.mark.slow
def test_runs_killed_in_either_phase_end_with_the_same_bits(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    whole = jobs.order(workspace, Recipe.read({**RECIPE, "name": "whole"}))
    jobs.wait(whole)
    assert whole.status().status == "finished", whole.status().reason
    run = jobs.order(workspace, Recipe.read({**RECIPE, "name": "killed"}))
    for epoch, phases in ((5, 0), (20, 1)):
        until(run, epoch * STEPS_PER_EPOCH)
        assert unfrozen(run) == phases
        kill(run)
    jobs.wait(run)
    assert unfrozen(run) == unfrozen(whole) == 1
    assert_same(run, whole)
