"""`studio check`: findings with why and fix, and the mended graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

import blocks
from blocks import Graph
from studio.commands.check import check
from studio.datasets import store
from studio.workspace import Workspace

RUNNER = CliRunner()
APP = typer.Typer()
APP.command()(check)

NODES: dict[str, Any] = {
    "image": {"block": "Input"},
    "conv": {"block": "Conv2D", "params": {"filters": 8, "kernal_size": 3}, "inputs": ["image"]},
    "label": {"block": "Output", "inputs": ["conv"]},
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = Workspace(tmp_path_factory.mktemp("workspace"))
    store.load(place, "digits")
    return place


@pytest.fixture
def graph_file(tmp_path: Path) -> Path:
    path = tmp_path / "graph.json"
    Graph.model_validate({"nodes": NODES}).save(path)
    return path


def run(workspace: Workspace, *arguments: object) -> Result:
    return RUNNER.invoke(APP, [*map(str, arguments), "--workspace", str(workspace.folder)])


def test_a_default_network_is_fine(workspace: Workspace) -> None:
    ended = run(workspace, "digits")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == "Nothing is wrong with it.\n"


def test_findings_are_told_with_why_and_fix(workspace: Workspace, graph_file: Path) -> None:
    ended = run(workspace, graph_file, "--dataset", "digits")
    assert ended.exit_code == 1
    assert "error    conv: Conv2D: invalid parameter." in ended.stdout
    assert "Why: Each parameter has a range" in ended.stdout
    assert "Fix: Rename kernal_size to kernel_size  [refused-parameter]" in ended.stdout
    assert graph_file.read_text("utf-8") == Graph.model_validate({"nodes": NODES}).to_json()


def test_every_fix_one_after_the_other(workspace: Workspace, graph_file: Path, tmp_path: Path) -> None:
    """Each fix may bring the next finding to light; in the end the network can be built."""
    target = tmp_path / "mended.json"
    ended = run(workspace, graph_file, "--dataset", "digits", "--fix", "--output", target, "--json")
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout)
    assert [each["rule"] for each in told["fixed"]] == ["refused-parameter", "many-axes", "raw-pixels", "linear-chain"]
    assert told["findings"] == []
    assert told["output"] == str(target)
    features = store.load(workspace, "digits").features
    assert blocks.build(Graph.load(target), features).output_shape == (None, 10)
    assert Graph.load(graph_file).nodes["conv"].params == NODES["conv"]["params"]


def test_a_graph_replaces_its_own_file(workspace: Workspace, graph_file: Path) -> None:
    assert run(workspace, graph_file, "--dataset", "digits", "--fix").exit_code == 0
    assert run(workspace, graph_file, "--dataset", "digits").stdout == "Nothing is wrong with it.\n"


def test_a_recipe_is_judged_with_its_training(workspace: Workspace, tmp_path: Path) -> None:
    order = tmp_path / "order.yaml"
    order.write_text(yaml.safe_dump({"dataset": "digits", "training": {"batch_size": 2, "loss": "binary_crossentropy"}}), "utf-8")
    told = json.loads(run(workspace, order, "--json").stdout)
    found = {each["rule"]: each["severity"] for each in told["findings"]}
    assert found == {"binary-loss-of-classes": "warning", "small-batch": "hint"}
    assert all(each["edits"] and each["button"] and each["why"] for each in told["findings"])
    wine = json.loads(run(workspace, order, "--dataset", "wine", "--json").stdout)
    assert [each["rule"] for each in wine["findings"]] == ["binary-loss-of-classes"]


def test_a_graph_without_data(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    nodes = {
        "x": {"block": "Input", "params": {"shape": [4]}},
        "out": {"block": "Output", "params": {"units": 1, "activation": "softmax"}, "inputs": ["x"]},
    }
    Graph.model_validate({"nodes": nodes}).save(path)
    told = json.loads(run(workspace, path, "--json").stdout)
    assert [(each["rule"], each["severity"]) for each in told["findings"]] == [("softmax-of-one", "error")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["digits", "--output", "x.json"], "--output belongs to --fix."),
        (["digits", "--fix"], "Say with --output where the mended graph is to go."),
        (["lost.json"], "There is no graph file lost.json."),
        (["nothing"], "There is no dataset named 'nothing'."),
    ],
)  # fmt: skip
def test_bad_orders(workspace: Workspace, arguments: list[str], sentence: str) -> None:
    ended = run(workspace, *arguments)
    assert ended.exit_code == 2
    assert sentence in ended.stderr
