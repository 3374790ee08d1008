"""`studio code`: a network as the Keras code that makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import presets
from blocks.inference import shape_only
from studio.commands.code import code
from tests.blocks.networks import run

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command("code")(code)


@APP.callback()
def studio() -> None:
    """The command stands beside others."""


def printed(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(APP, ["code", *arguments, "--workspace", str(folder / "workspace")])
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(APP, ["code", *arguments, "--workspace", str(folder / "workspace")])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Traceback" not in done.output
    return done.stderr


def made(text: str) -> Any:
    with shape_only():
        return run(text)


def test_a_preset_at_the_size_of_its_paper_and_on_a_dataset(tmp_path: Path) -> None:
    assert made(printed(tmp_path, "LeNet5")).input_shape == (None, 28, 28, 1)
    assert made(printed(tmp_path, "LeNet5", "--dataset", "digits")).input_shape == (None, 8, 8, 1)


def test_a_recipe_with_and_without_a_network(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("dataset: digits\ngraph: {preset: ResNet20}\n", "utf-8")
    assert 'name="ResNet20")' in printed(tmp_path, str(recipe))
    recipe.write_text("dataset: penguins\n", "utf-8")
    assert "ColumnEncoding(" in printed(tmp_path, str(recipe))


def test_a_graph(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    presets.get("VGG11").graph((32, 32, 3), 5).save(path)
    assert made(printed(tmp_path, str(path))).output_shape == (None, 5)


def test_one_object_and_a_file(tmp_path: Path) -> None:
    output = tmp_path / "network.py"
    answer = json.loads(printed(tmp_path, "LeNet5", "--output", str(output), "--json"))
    assert set(answer) == {"network", "lines", "path", "code"}
    assert answer["code"] == output.read_text("utf-8") == printed(tmp_path, "LeNet5")
    assert (answer["network"], answer["path"], answer["lines"]) == ("LeNet5", str(output), len(answer["code"].splitlines()))
    assert "lines written" in printed(tmp_path, "LeNet5", "--output", str(output))


def test_what_is_wrong_is_one_sentence(tmp_path: Path) -> None:
    assert "Did you mean 'LeNet5'" in refused(tmp_path, "LeNet")
    assert "There is no graph file" in refused(tmp_path, str(tmp_path / "no.json"))
    assert "There is no recipe file" in refused(tmp_path, str(tmp_path / "no.yaml"))
    assert "takes pictures" in refused(tmp_path, "LeNet5", "--dataset", "penguins")
    assert "no such folder" in refused(tmp_path, "LeNet5", "--output", str(tmp_path / "no" / "network.py"))
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"nodes": {"image": {"block": "Input"}, "a": {"block": "Conv2", "inputs": ["image"]}}}), "utf-8")
    assert "Did you mean 'Conv2D'" in refused(tmp_path, str(path))


@pytest.mark.parametrize("name", ["TextLSTM", "MLP"])
def test_presets_of_other_data(tmp_path: Path, name: str) -> None:
    made(printed(tmp_path, name))
