"""A training and the commands that reach it from another process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

from studio import runs
from studio.workspace import Workspace
from tests.studio.commands.conftest import Command, training, until

pytestmark = pytest.mark.slow
LONG = ("train", "iris", "--set", "epochs=100000", "--set", "early_stopping=false", "--name", "long")
Start = Callable[..., Command]


def test_pause_resume_and_stop_from_other_processes(command: Start, place: Workspace) -> None:
    trained = command(*LONG, "--json")
    run = training(place)
    code, out, err = command("datasets", "remove", "iris", "--json").end()
    assert (code, out) == (2, "")
    assert err == "studio: Dataset 'iris' is in use by long, running or paused; stop, finish or delete that first.\n"
    assert command("pause", "long", "--json").answer() == {"run": "long", "status": "paused"}
    assert trained.answer()["status"] == "paused"
    paused_at = run.status().step
    assert not run.status().is_alive
    code, out, err = command("stop", "long").end()
    assert (code, out, err) == (2, "", "studio: The run 'long' is not under way (it is paused).\n")

    resumed = command("resume", "latest", "--json")
    until(lambda: run.status().status == "running" and run.status().step > paused_at, "the resumed training")
    assert command("resume", "long").end()[::2] == (2, "studio: The run 'long' is under way.\n")
    assert command("stop", "long", "--json").answer() == {"run": "long", "status": "stopped"}
    answer = resumed.answer()
    assert (answer["run"], answer["status"]) == ("long", "stopped")
    assert answer["epochs"] >= 2
    assert set(answer["metrics"]) == {"train", "validation", "test"}
    assert sorted(file.name for file in run.checkpoints.iterdir()) >= ["best.npz", "last.npz"]

    listed = command("runs", "--json").answer()["runs"]
    assert [(row["run"], row["status"], row["dataset"]) for row in listed] == [("long", "stopped", "iris")]
    assert command("datasets", "remove", "iris", "--json").answer() == {"removed": "iris"}


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a whole console there")
def test_ctrl_c_stops_and_keeps(command: Start, place: Workspace) -> None:
    trained = command(*LONG)
    run = training(place)
    trained.interrupt()
    code, out, err = trained.end()
    assert (code, err) == (0, "")
    assert out.startswith(f"long: {run.status().reason}\n")
    assert "The last state is saved" in out
    assert "studio evaluate long" in out
    assert run.status().status == "stopped"
    assert set(run.results()) == {"train", "validation", "test"}
    assert (run.checkpoints / "last.npz").exists()


def test_a_command_that_is_killed_leaves_its_training_alone(command: Start, place: Workspace) -> None:
    trained = command(*LONG)
    run = training(place)
    trained.process.kill()
    trained.process.wait()
    step = run.status().step
    until(lambda: run.status().step > step + 100, "a later step")
    assert command("stop", "long", "--json").answer()["status"] == "stopped"


def test_a_graph_that_cannot_be_built_is_refused_and_leaves_no_run(command: Start, place: Workspace) -> None:
    nodes = {
        "image": {"block": "Input"},
        "conv": {"block": "Conv2D", "params": {"kernel_size": 20}, "inputs": ["image"]},
        "label": {"block": "Output", "inputs": ["conv"]},
    }
    recipe = place.folder / "broken.yaml"
    recipe.write_text(json.dumps({"dataset": "digits", "graph": {"name": "broken", "nodes": nodes}}))  # JSON is YAML too
    code, out, err = command("train", recipe, "--json").end()
    assert (code, out) == (2, "")
    assert err.startswith("studio: conv: ")
    assert err.count("\n") == 1
    assert list(place.runs.iterdir()) == []
    assert runs.all_runs(place) == []


def test_a_training_that_fails_is_exit_1_and_kept(command: Start, place: Workspace) -> None:
    code, out, err = command("train", "concrete", "--set", "optimizer={name: sgd, learning_rate: 100}", "--set", "batch_size=16", "--json").end()
    [run] = runs.all_runs(place)
    assert (code, out) == (1, "")
    assert run.status().status == "failed"
    assert err == f"studio: {run.id}: {run.status().reason} (folder: {run.folder})\n"
