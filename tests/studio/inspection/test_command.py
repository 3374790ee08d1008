"""`studio preview`, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from studio.commands.preview import preview
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.inspection.looking import NODES, graph_of, pixels

app = typer.Typer()
app.command()(preview)


def called(workspace: Workspace, *arguments: object) -> Any:
    return CliRunner().invoke(app, [*map(str, arguments), "--workspace", str(workspace.folder)])


def test_a_run_as_a_table_and_pictures(workspace: Workspace, digits_run: Run, tmp_path: Path) -> None:
    maps, kernels = tmp_path / "maps.png", tmp_path / "kernels.png"
    ended = called(workspace, digits_run.id, "conv", "--sample", 3, "--split", "test", "--output", maps, "--kernels", kernels)
    assert ended.exit_code == 0, ended.output
    assert ended.output.startswith("conv (Conv2D): 6 x 6 x 8 float32, sample 3 of test, ")
    assert f"Weights of {digits_run.id} (best): 2 of 2 taken." in ended.output
    assert pixels(maps.read_bytes()).shape[:2] == (188, 188)
    assert pixels(kernels.read_bytes()).size


def test_json_has_everything_but_the_pictures(workspace: Workspace, digits_run: Run, tmp_path: Path) -> None:
    output = tmp_path / "label.png"
    ended = called(workspace, digits_run.id, "label", "--state", "last", "--output", output, "--json")
    found = json.loads(ended.stdout)
    assert (found["kind"], len(found["values"]), found["picture"]) == ("vector", 10, str(output))
    assert found["weights_taken"]["state"] == "last"
    assert found["kernels"]["picture"] is None
    assert pixels(output.read_bytes()).shape[0] == 256
    fresh = json.loads(called(workspace, digits_run.id, "label", "--state", "fresh", "--json").stdout)
    assert fresh["weights_taken"] is None
    assert fresh["values"] != found["values"]


def test_a_graph_a_recipe_and_a_dataset(workspace: Workspace, tmp_path: Path) -> None:
    graph_of(NODES).save(tmp_path / "net.json")
    graph = json.loads(called(workspace, tmp_path / "net.json", "relu", "--dataset", "digits", "--json").stdout)
    (tmp_path / "recipe.yaml").write_text("dataset: digits\ngraph: {file: net.json}\n", "utf-8")
    recipe = json.loads(called(workspace, tmp_path / "recipe.yaml", "relu", "--json").stdout)
    assert graph["statistics"] == recipe["statistics"]
    ended = called(workspace, "penguins", "columns")
    assert ended.exit_code == 0, ended.output
    assert "island" in ended.output
    said = called(workspace, "languages", "text", "--text", "guten Tag")
    assert "guten Tag" in said.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody", "conv1"), "There is no run, recipe, graph or dataset named 'nobody'."),
        (("digits", "conv99"), "There is no node 'conv99'"),
        (("iris", "zzz"), "It has: columns, "),
        (("digits", "image", "--split", "all"), "There is no split 'all'"),
        (("digits", "image", "--file", "/nowhere.png"), "There is no file 'nowhere.png'"),
        (("digits", "image", "--dataset", "iris"), "--dataset belongs to a graph"),
        (("digits", "image", "--output", "/nowhere/at/all.png"), "there is no such folder"),
        (("penguins", "columns", "--output", "table.png"), "there is no picture of that"),
        (("net.json", "image"), "There is no graph file net.json"),
    ],
)
def test_wrong_orders_end_with_a_sentence(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = called(workspace, *arguments)
    assert ended.exit_code == 2
    assert sentence in ended.stderr
    assert list(tmp_path.iterdir()) == []
