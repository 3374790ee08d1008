"""The command that begins with the weights of a run or a file, and trains the last layers alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.networks.loaded import open_run
from studio.runs import Run

RUNNER = CliRunner()


def train(place: Path, *settings: str) -> Run:
    """Trains SimpleCNN on the digits."""
    given = ["graph.preset=SimpleCNN", "graph.params.filters=8", "early_stopping=false", "batch_size=64", *settings]
    arguments = ["train", "digits", "--workspace", str(place), "--json", *(part for each in given for part in ("--set", each))]
    ended = RUNNER.invoke(app, arguments)
    assert ended.exit_code == 0, ended.output
    return Run(Path(json.loads(ended.stdout)["folder"]))


def first_epoch(run: Run) -> float:
    return next(point.value for point in run.metrics()[0] if (point.split, point.name) == ("validation", "accuracy"))


def event(run: Run, name: str) -> dict[str, Any]:
    return next(each for each in run.events()[0] if each["event"] == name)


@pytest.mark.slow
def test_a_head_is_trained_on_the_weights_of_a_run_and_then_all_of_it(tmp_path: Path) -> None:
    first = train(tmp_path, "epochs=6")
    second = train(tmp_path, f"transfer.weights={first.id}", "transfer.train_last=1", "transfer.unfreeze.after=2", "epochs=3")
    assert first_epoch(second) > first_epoch(first) + 0.1
    assert event(second, "started")["notes"][0].startswith("Took over ")
    assert event(second, "layers unfrozen")["epoch"] == 3
    assert "Took over" in second.log_tail()

    path = tmp_path / "mine.keras"
    open_run(first).network.save(path)
    third = train(tmp_path, f"transfer.weights={path}", "transfer.train_last=1", "epochs=1")
    assert first_epoch(third) > first_epoch(first) + 0.1


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("transfer.weights=nowhere.keras", "no run and no file 'nowhere.keras'"),
        ("transfer.train_last=0", "Transfer: invalid train_last"),
        ("transfer.trainlast=1", "Did you mean transfer.train_last?"),
        ("transfer.unfreeze.after=500", "Unfreeze: invalid after"),
    ],
)
def test_bad_settings_exit_with_2_and_one_sentence(tmp_path: Path, setting: str, said: str) -> None:
    ended = RUNNER.invoke(app, ["train", "digits", "--workspace", str(tmp_path), "--set", setting, "--set", "epochs=5"])
    assert ended.exit_code == 2
    assert said in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.slow
def test_too_many_layers_exit_with_2_and_leave_no_run(tmp_path: Path) -> None:
    ended = RUNNER.invoke(app, ["train", "digits", "--workspace", str(tmp_path), "--set", "transfer.train_last=500"])
    assert ended.exit_code == 2
    assert "keep_last. Expected: a whole number from 0 to" in ended.output
    assert list((tmp_path / "runs").glob("*/recipe.yaml")) == []
