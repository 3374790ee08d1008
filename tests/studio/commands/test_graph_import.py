"""`studio import`: a Keras file becomes a graph beside it, and weights in the workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import pytest
import typer
from keras import layers
from typer.testing import CliRunner

from blocks.graph import Graph
from studio.commands.graph_import import import_model
from studio.networks import imported
from studio.workspace import Workspace

RUNNER = CliRunner()
APP = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
APP.command("import")(import_model)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    keras.Sequential([keras.Input((4,), name="entry"), layers.Dense(3, name="first"), layers.Dense(2, name="label")], name="net").save("net.keras")
    return tmp_path / "net.keras"


def called(*arguments: object) -> Any:
    return RUNNER.invoke(APP, [*map(str, arguments), "--workspace", "workspace"])


def test_json(model: Path) -> None:
    ended = called(model, "--output", "graph.json", "--json")
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout)
    assert set(told) == {"graph", "nodes", "weights_taken", "weights_left", "transfer", "notes"}
    assert (told["graph"], told["nodes"], told["weights_left"]) == ("graph.json", 3, [])
    assert told["weights_taken"] == ["first/kernel", "first/bias", "label/kernel", "label/bias"]
    assert list(Graph.load("graph.json").nodes) == ["entry", "first", "label"]
    assert set(imported.load(Workspace("workspace"), told["transfer"]["weights"]).arrays) == set(told["weights_taken"])


def test_report_says_how_to_go_on(model: Path) -> None:
    ended = called(model)
    assert ended.exit_code == 0, ended.output
    lines = ended.stdout.splitlines()
    assert lines[0] == "3 nodes written to net-graph.json"
    assert lines[1] == "4 weights taken over."
    assert lines[-1].startswith("To begin a training with them: studio train DATASET --set graph.file=net-graph.json --set transfer.weights=")


def test_configuration_has_no_weights(model: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(keras.saving.load_model(model).to_json(), "utf-8")
    told = json.loads(called("config.json", "--json").stdout)
    assert (told["weights_taken"], told["transfer"], told["graph"]) == ([], None, "config-graph.json")


def test_files_are_never_written_over_unasked(model: Path, tmp_path: Path) -> None:
    (tmp_path / "net-graph.json").write_text("mine", "utf-8")
    ended = called(model)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "net-graph.json is there already" in ended.stderr
    assert (tmp_path / "net-graph.json").read_text("utf-8") == "mine"
    assert called(model, "--output", "net-graph.json").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.keras"], "There is no file gone.keras."),
        (["net.keras", "--output", "no/such/folder.json"], "--output no/such/folder.json: there is no such folder"),
        (["net.keras", "--output", "net.keras"], "or the imported file itself"),
        (["text.keras"], "text.keras is not a .keras file"),
    ],
)
def test_what_a_person_got_wrong(arguments: list[str], said: str, model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.keras").write_text("hello", "utf-8")
    ended = called(*arguments)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_all_layers_that_are_refused_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    entry = keras.Input((4,))
    hidden = layers.Lambda(lambda x: x, name="one")(entry)
    keras.Model(entry, layers.Lambda(lambda x: x, name="two")(hidden)).save("net.keras")
    ended = called("net.keras")
    assert ended.exit_code == 2
    assert [line.partition(":")[0] for line in ended.stderr.removeprefix("studio: ").splitlines()] == ["one (Lambda)", "two (Lambda)"]
    assert not list(Path("workspace").rglob("*.npz"))
