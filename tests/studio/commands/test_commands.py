"""The commands for data, training and the library: what they print for scripts, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import presets
from studio.cli import app

RUNNER = CliRunner()


def answer(*arguments: str) -> dict[str, Any]:
    """The one object that a command prints with --json."""
    ended = RUNNER.invoke(app, [*arguments, "--json"])
    assert ended.exit_code == 0, ended.output
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_a_table_is_added_listed_shown_and_removed(tmp_path: Path) -> None:
    table = tmp_path / "flowers.csv"
    table.write_text("length,colour,kind\n" + "".join(f"{n % 7}.5,{'red' if n % 2 else 'blue'},{'ab'[n % 2]}\n" for n in range(60)), "utf-8")
    place = ["--workspace", str(tmp_path / "workspace")]
    added = answer("datasets", "add", str(table), "--target", "kind", *place)
    assert (added["dataset"], added["kind"], added["samples"], added["classes"]) == ("flowers", "table-classification", 60, ["a", "b"])
    assert [each["dataset"] for each in answer("datasets", "list", *place)["datasets"]] == ["flowers"]
    assert sum(answer("datasets", "show", "flowers", *place)["splits"].values()) == 60
    answer("datasets", "remove", "flowers", *place)
    assert answer("datasets", "list", *place)["datasets"] == []


def test_a_training_is_followed_to_its_end_and_listed(tmp_path: Path) -> None:
    place = ["--workspace", str(tmp_path)]
    trained = answer("train", "iris", "--set", "epochs=1", *place)
    assert (trained["status"], trained["epochs"]) == ("finished", 1)
    assert set(trained["metrics"]) == {"train", "validation", "test"}
    (listed,) = answer("runs", *place)["runs"]
    assert (listed["run"], listed["dataset"], listed["status"]) == (trained["run"], "iris", "finished")
    assert RUNNER.invoke(app, ["stop", trained["run"], *place]).exit_code == 2


def test_blocks_and_presets_are_described() -> None:
    assert answer("blocks", "Conv2D")["blocks"]["Conv2D"]["fields"]["filters"]["minimum"] == 1
    counted = answer("presets", "LeNet5", "--input-shape", "28,28,1", "--classes", "10")["presets"]["LeNet5"]
    assert (counted["trainable_weights"], counted["input_shape"], counted["year"]) == (61_706, [28, 28, 1], 1998)
    assert "Shapes on the way: AlexNet: 55 x 55 x 64, 27 x 27 x 64" in RUNNER.invoke(app, ["presets", "AlexNet"]).stdout


def test_the_presets_are_listed_at_once_searched_sorted_and_fitted(tmp_path: Path) -> None:
    every = answer("presets")["presets"]
    assert list(every) == sorted(presets.all())
    assert every["ResNet50"] | {"family": "DeepResNet", "task": "picture", "input_shape": [224, 224, 3], "year": 2015} == every["ResNet50"]
    by_weights = answer("presets", "--search", "he, residual", "--task", "picture", "--sort", "weights")["presets"]
    weights = [each["weights"] for each in by_weights.values()]
    assert "ResNet20" in by_weights
    assert weights == sorted(weights)
    fitting = answer("presets", "--fits", "penguins", "--sort", "multiply-adds", "--workspace", str(tmp_path))["presets"]
    assert "MLP" in fitting
    assert "LeNet5" not in fitting
    assert answer("presets", "--search", "no such words")["presets"] == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "iris", "--set", "epoks=3"], "there is no such setting"),
        (["train", "no-such-data"], "no dataset named"),
        (["train", "nothing.yaml"], "no recipe file"),
        (["datasets", "add", "nowhere.csv"], "nowhere.csv"),
        (["resume", "no-such-run"], "no run named"),
        (["blocks", "Conv2"], "Did you mean"),
        (["presets", "LeNet5", "--input-shape", "wide"], "whole numbers"),
        (["presets", "--fits", "no-such-data"], "no dataset named"),
        (["presets", "--task", "nothing"], "picture"),
    ],
)
def test_bad_input_exits_with_2_and_one_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    place = [] if arguments[0] == "blocks" else ["--workspace", str(tmp_path)]
    ended = RUNNER.invoke(app, [*arguments, *place])
    assert ended.exit_code == 2
    assert said in ended.output
    assert "Traceback" not in ended.output
