"""Recipes: defaults, spelling of settings, and sentences for what is wrong."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from blocks.graph import Graph
from studio.recipe import FileOrder, PresetOrder, Recipe, RecipeError, with_settings

GRAPH = {"nodes": {"image": {"block": "Input"}, "label": {"block": "Output", "inputs": ["image"]}}}


def test_a_dataset_alone_is_a_recipe() -> None:
    recipe = Recipe.read({"dataset": "digits"})
    assert recipe.training.optimizer is None
    assert recipe.graph is None


@pytest.mark.parametrize(
    ("graph", "kind"),
    [({"preset": "ResNet", "params": {"depth": 20}}, PresetOrder), ({"file": "my.json"}, FileOrder), (GRAPH, Graph)],
)
def test_a_graph_is_a_preset_a_file_or_itself(graph: object, kind: type) -> None:
    assert isinstance(Recipe.read({"dataset": "digits", "graph": graph}).graph, kind)


def test_yaml_round_trip_keeps_everything() -> None:
    recipe = Recipe.read({"dataset": "digits", "graph": GRAPH, "training": {"epochs": 3, "optimizer": {"name": "sgd", "momentum": 0.5}}})
    assert Recipe.read(yaml.safe_load(recipe.to_yaml())) == recipe


def test_a_graph_file_is_read_from_the_recipes_folder(tmp_path: Path) -> None:
    Graph.model_validate(GRAPH).save(tmp_path / "net.json")
    (tmp_path / "recipe.yaml").write_text("dataset: digits\ngraph: {file: net.json}\n", "utf-8")
    assert Recipe.load(tmp_path / "recipe.yaml").graph == Graph.model_validate(GRAPH)


@pytest.mark.parametrize(
    ("settings", "path", "value"),
    [
        (["epochs=20"], ("training", "epochs"), 20),
        (["training.epochs=20"], ("training", "epochs"), 20),
        (["optimizer=sgd"], ("training", "optimizer"), "sgd"),
        (["optimizer.learning_rate=0.01"], ("training", "optimizer"), {"name": "adam", "learning_rate": 0.01}),
        (["optimizer=sgd", "training.optimizer.momentum=0.9"], ("training", "optimizer"), {"name": "sgd", "momentum": 0.9}),
        (["graph={preset: LeNet5}"], ("graph",), {"preset": "LeNet5"}),
        (["metrics=[accuracy, f1]"], ("training", "metrics"), ["accuracy", "f1"]),
    ],
)
def test_settings_reach_their_place(settings: list[str], path: tuple[str, ...], value: object) -> None:
    found: object = with_settings({"dataset": "digits"}, settings)
    for part in path:
        assert isinstance(found, dict)
        found = found[part]
    assert found == value


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["epochs"], "key=value"),
        (["epoks=3"], "Did you mean"),
        (["training.batchsize=3"], "training.batch_size"),
        (["epochs=[1"], "YAML"),
    ],
)
def test_a_wrong_setting_names_what_was_meant(settings: list[str], said: str) -> None:
    with pytest.raises(RecipeError, match=said.replace("[", r"\[")):
        with_settings({"dataset": "digits"}, settings)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "mapping"),
        ({"dataset": "digits", "trainig": {}}, "Did you mean 'training'"),
        ({"dataset": "digits", "training": {"epochs": 0}}, "invalid epochs"),
        ({"dataset": "digits", "training": {"epoch": 3}}, "Did you mean 'epochs'"),
        ({"dataset": "digits", "training": {"clip_norm": 1, "clip_value": 1}}, "exclude each other"),
        ({"dataset": ""}, "dataset"),
    ],
)
def test_a_wrong_recipe_is_refused_with_the_key(values: object, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Recipe.read(values)


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi"))
        + "dataset: *i\n",
        "dataset: &a [*a]\n",
        "dataset: " + "[" * 5000,
    ],
)
def test_yaml_that_would_fill_memory_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "recipe.yaml").write_text(content, "utf-8")
    with pytest.raises(RecipeError, match=r"recipe\.yaml (holds more than|is not YAML)") as caught:
        Recipe.load(tmp_path / "recipe.yaml")
    assert len(str(caught.value)) < 300


def test_yaml_that_makes_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("dataset: !!python/object/apply:os.system [touch hostile]\n", "utf-8")
    with pytest.raises(RecipeError, match="YAML"):
        Recipe.load(path)
    assert not Path("hostile").exists()


@pytest.mark.parametrize(
    "transfer",
    [
        {"run": "a-run", "state": "last"},
        {"weights": "0123456789abcdef"},
        {"weights": "their.keras", "train_last": 2, "unfreeze": {"after": 3, "learning_rate": 0.1, "layers": "all"}},
        {"train_last": 1},
    ],
)
def test_transfer_names_weights_and_what_is_trained(transfer: dict[str, str]) -> None:
    recipe = Recipe.read({"dataset": "digits", "transfer": transfer})
    assert recipe.document()["transfer"] == transfer
    assert Recipe.read(yaml.safe_load(recipe.to_yaml())) == recipe


@pytest.mark.parametrize(
    ("transfer", "said"),
    [
        ({"run": "a-run", "weights": "0123456789abcdef"}, "run and weights exclude each other"),
        ({"train_lst": 1}, "Did you mean 'train_last'"),
        ({"train_last": 0}, r"invalid train_last. Expected: a whole number from 1"),
        ({"unfreeze": {"after": 0}}, r"Unfreeze: invalid after. Expected: a whole number from 1"),
        ({"unfreeze": {"learning_rate": 2}}, r"Unfreeze: invalid learning_rate."),
        ({"unfreeze": {"layers": "most"}}, r"Unfreeze: invalid layers."),
    ],
)
def test_transfer_of_anything_else_is_refused(transfer: dict[str, str], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Recipe.read({"dataset": "digits", "transfer": transfer})


def test_transfer_is_set_by_its_path() -> None:
    values = with_settings({"dataset": "digits"}, ["transfer.weights=0123456789abcdef"])
    transfer = Recipe.read(values).transfer
    assert transfer is not None
    assert transfer.weights == "0123456789abcdef"
    values = with_settings(values, ["transfer.unfreeze.after=3"])
    assert Recipe.read(values).document()["transfer"]["unfreeze"]["after"] == 3
    with pytest.raises(RecipeError, match=r"Did you mean transfer\.train_last"):
        with_settings({}, ["transfer.trainlast=1"])
