"""`studio graphs`: what it prints for scripts and for people, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import presets
from blocks.graph import Graph
from studio.commands.graphs import app
from studio.datasets import store
from studio.library import exchange
from studio.workspace import Workspace

RUNNER = CliRunner()
LENET = presets.get("LeNet5").graph()
MODULE = {"nodes": {"c": {"block": "Conv2D", "inputs": ["@0"]}}, "outputs": ["c"]}


class Shell:
    """Commands in one workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = ["--workspace", str(folder / "workspace")]

    def answer(self, *arguments: object) -> dict[str, Any]:
        """The one object of --json, with nothing else on stdout."""
        ended = RUNNER.invoke(app, [*map(str, arguments), "--json", *self.place])
        assert ended.exit_code == 0, ended.output
        assert ended.stdout.count("\n") == 1
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    def said(self, *arguments: object) -> str:
        """What a person reads."""
        ended = RUNNER.invoke(app, [*map(str, arguments), *self.place])
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    def refused(self, *arguments: object) -> str:
        """The sentence of a refusal."""
        ended = RUNNER.invoke(app, [*map(str, arguments), *self.place])
        assert ended.exit_code == 2, ended.output
        assert ended.stdout == ""
        assert "Traceback" not in ended.stderr
        return ended.stderr

    def file(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content, "utf-8")
        return path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_a_network_is_saved_changed_compared_and_written(shell: Shell) -> None:
    assert "No network is saved yet" in shell.said("list")
    file = shell.file("net.json", LENET.to_json())
    first = shell.answer("save", file, "--note", "as in the paper")
    assert (first["name"], first["version"], first["note"]) == ("LeNet5", 1, "as in the paper")
    assert shell.said("export", "LeNet5", shell.folder / "out.yaml") == f"{shell.folder / 'out.yaml'}\n"
    assert exchange.read_file(shell.folder / "out.yaml") == LENET
    changed = shell.file("changed.yaml", (shell.folder / "out.yaml").read_text("utf-8").replace("filters: 16", "filters: 24"))
    assert shell.said("save", changed, "--name", "LeNet5", "--based-on", 1) == "Saved LeNet5, version 2 (10 nodes).\n"
    assert [each["version"] for each in shell.answer("versions", "LeNet5")["versions"]] == [2, 1]
    assert "as in the paper" in shell.said("versions", "LeNet5")
    sentence = "conv2: filters changed from 16 to 24."
    assert shell.said("diff", "LeNet5@1", "LeNet5") == sentence + "\n"
    assert shell.said("diff", file, changed) == sentence + "\n"
    (difference,) = shell.answer("diff", "LeNet5@1", changed)["differences"]
    assert difference == {"kind": "changed", "node": "conv2", "field": "params.filters", "old": 16, "new": 24, "sentence": sentence}
    assert shell.said("diff", "LeNet5", "LeNet5@2") == "There is no difference.\n"
    (listed,) = shell.answer("list")["graphs"]
    assert (listed["name"], listed["title"], listed["versions"], listed["nodes"]) == ("LeNet5", "LeNet5", 2, 10)
    assert "it stands at version 2" in shell.refused("save", file, "--name", "LeNet5", "--based-on", 0)


def test_a_network_is_shown_as_a_table_json_and_yaml(shell: Shell) -> None:
    shell.answer("save", shell.file("net.json", LENET.to_json()), "--name", "网络/one")
    assert shell.answer("show", "网络/one")["graph"] == LENET.document()
    assert exchange.read_text(shell.said("show", "网络-one", "--yaml"), "a.yaml") == LENET
    table = shell.said("show", "网络/one", "--version", 1)
    assert "网络/one, version 1" in table
    assert "filters=16" in table
    assert "exclude each other" in shell.refused("show", "网络/one", "--yaml", "--json")


def test_a_network_is_copied_renamed_and_removed(shell: Shell) -> None:
    shell.answer("save", shell.file("net.json", LENET.to_json()))
    assert shell.said("duplicate", "LeNet5") == "Copied to LeNet5 (copy), version 1 (10 nodes).\n"
    assert shell.answer("duplicate", "LeNet5", "--name", "mine")["name"] == "mine"
    assert shell.answer("rename", "mine", "我的")["title"] == "我的"
    assert "named 'LeNet5' already" in shell.refused("rename", "我的", "LeNet5")
    shell.answer("remove", "LeNet5 (copy)")
    assert {each["title"] for each in shell.answer("list")["graphs"]} == {"LeNet5", "我的"}


def test_a_link_carries_the_network(shell: Shell) -> None:
    file = shell.file("net.json", LENET.to_json())
    assert exchange.from_link(shell.answer("link", file)["link"]) == LENET
    assert exchange.from_link(shell.said("link", file)) == LENET


def test_a_recipe_gives_the_network_that_it_would_train(shell: Shell) -> None:
    table = shell.file("flowers.csv", "length,width,kind\n" + "".join(f"{n % 7}.5,{n % 5}.25,{'ab'[n % 2]}\n" for n in range(60)))
    store.add(Workspace(shell.folder / "workspace"), table, target="kind")
    ordered = shell.answer("save", shell.file("recipe.yaml", "dataset: flowers\ngraph: {preset: MLP}\n"), "--name", "ordered")
    features = store.load(Workspace(shell.folder / "workspace"), "flowers").features
    assert ordered["graph"] == presets.get("MLP").graph(features=features).document()
    chosen = shell.answer("save", shell.file("short.yaml", "dataset: flowers\n"), "--name", "chosen")
    assert chosen["graph"]["nodes"]
    LENET.save(shell.folder / "net.json")
    beside = shell.answer("save", shell.file("beside.yaml", "graph: {file: net.json}\n"), "--name", "beside")
    assert beside["graph"] == LENET.document()
    paper = shell.answer("save", shell.file("paper.yaml", "graph: {preset: LeNet5}\n"), "--name", "paper")
    assert paper["graph"] == LENET.document()


def test_modules_are_kept_listed_put_and_removed(shell: Shell) -> None:
    assert "No module is kept yet" in shell.said("modules")
    file = shell.file("net.json", Graph.model_validate({"modules": {"Stem": MODULE}}).to_json())
    kept = shell.answer("modules", "keep", file, "Stem", "--name", "入口", "--description", "first convolution")
    assert (kept["name"], kept["inputs"], kept["outputs"]) == ("入口", 1, 1)
    assert [each["title"] for each in shell.answer("modules")["modules"]] == ["入口"]
    assert shell.answer("modules", "list") == shell.answer("modules")
    assert "first convolution" in shell.said("modules", "list")
    other = shell.file("other.yaml", exchange.to_yaml(LENET))
    assert shell.answer("modules", "put", "入口", other)["block"] == "module:Stem"
    assert exchange.read_file(other).document()["modules"] == {"Stem": MODULE | {"nodes": {"c": {"params": {}, **MODULE["nodes"]["c"]}}}}  # type: ignore[dict-item, index]
    recipe = shell.file("recipe.yaml", "dataset: digits\n")
    assert "is no graph file" in shell.refused("modules", "put", "入口", recipe)
    assert recipe.read_text() == "dataset: digits\n"
    shell.answer("modules", "remove", "入口")
    assert "no kept module named '入口'" in shell.refused("modules", "remove", "入口")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["save", "nothing.json"], "There is no file nothing.json"),
        (["save", "{folder}/bad.json"], "bad.json is not JSON"),
        (["save", "{folder}/bad.yaml"], "bad.yaml is not YAML"),
        (["save", "{folder}/net.pickle"], ".json, .yaml and .yml"),
        (["save", "{folder}"], "There is no file"),
        (["save", "{folder}/net.json", "--name", " "], "can't be empty"),
        (["save", "{folder}/preset.yaml"], "Did you mean 'LeNet5'"),
        (["show", "nothing"], "no saved network named 'nothing'"),
        (["show", "LeNet"], "Did you mean 'LeNet5'"),
        (["show", "LeNet5", "--version", "9"], "has no version 9"),
        (["diff", "LeNet5@9", "LeNet5"], "has no version 9"),
        (["diff", "LeNet5", "nothing.yaml"], "neither a file nor a saved network 'nothing.yaml'"),
        (["export", "LeNet5", "{folder}/net.json"], "is there already"),
        (["export", "LeNet5", "{folder}/net.h5"], ".json, .yaml or .yml"),
        (["remove", "../LeNet5"], "no saved network named '../LeNet5'"),
        (["modules", "keep", "LeNet5", "Stem"], "no module named 'Stem'"),
    ],
)
def test_bad_input_gets_one_sentence(shell: Shell, arguments: list[str], said: str) -> None:
    shell.answer("save", shell.file("net.json", LENET.to_json()))
    shell.file("bad.json", "{")
    shell.file("bad.yaml", "[" * 5000)
    shell.file("net.pickle", "x")
    shell.file("preset.yaml", "graph: {preset: LeNet}")
    message = shell.refused(*(each.format(folder=shell.folder) for each in arguments))
    assert said in message
    assert message.count("\n") == 1


def test_a_file_is_replaced_only_when_asked(shell: Shell) -> None:
    shell.answer("save", shell.file("net.json", LENET.to_json()))
    out = shell.file("out.json", "mine")
    shell.refused("export", "LeNet5", out)
    assert out.read_text() == "mine"
    shell.answer("export", "LeNet5", out, "--overwrite")
    assert exchange.read_file(out) == LENET
