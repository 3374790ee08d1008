"""Trainings that begin with other weights, freeze layers, and unfreeze them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blocks import Graph
from studio import jobs, runs
from studio.datasets import store
from studio.export import service
from studio.networks.loaded import open_run
from studio.recipe import Recipe, RecipeError
from studio.runs import Run
from studio.training import phases
from studio.training.planning import learning_rates, plan
from studio.training.trainer import train_folder
from studio.transfer import shortcut
from studio.workspace import StudioError, Workspace

NODES: dict[str, Any] = {
    "image": {"block": "Input", "params": {"feature": "image"}},
    "rescale": {"block": "Rescaling", "inputs": ["image"]},
    "conv1": {"block": "Conv2D", "params": {"filters": 8, "activation": "relu"}, "inputs": ["rescale"]},
    "norm1": {"block": "BatchNormalization", "inputs": ["conv1"]},
    "conv2": {"block": "Conv2D", "params": {"filters": 8, "activation": "relu"}, "inputs": ["norm1"]},
    "flat": {"block": "Flatten", "inputs": ["conv2"]},
    "drop": {"block": "Dropout", "params": {"rate": 0.2}, "inputs": ["flat"]},
    "label": {"block": "Output", "inputs": ["drop"]},
}
TRAINING = {"epochs": 4, "batch_size": 64, "steps_per_execution": 4}


def recipe(transfer: dict[str, Any] | None = None, nodes: dict[str, Any] | None = None, **training: Any) -> dict[str, Any]:
    values = {"dataset": "digits", "graph": {"name": "tiny", "nodes": nodes or NODES}, "training": {**TRAINING, **training}}
    return values if transfer is None else {**values, "transfer": transfer}


def train(workspace: Workspace, values: dict[str, Any]) -> Run:
    """Trains in this process, as an order does it."""
    made: list[Run] = []
    run = jobs.order(workspace, Recipe.read(values), start=made.append)
    train_folder(run.folder)
    return run


def finished(workspace: Workspace, values: dict[str, Any]) -> Run:
    run = train(workspace, values)
    assert run.status().status == "finished", run.status().reason
    return run


def notes(run: Run, event: str = "started") -> list[str]:
    return list(next(each for each in run.events()[0] if each["event"] == event)["notes"])


def curve(run: Run, name: str, split: str = "validation") -> list[float]:
    return [point.value for point in run.metrics()[0] if (point.split, point.name) == (split, name)]


def moved(run: Run, first: Run) -> set[str]:
    """The layers in whose weights the last state of a run differs from the best of another."""
    theirs = open_run(first).stored
    ours = open_run(run, "last").stored
    return {name.split("/")[0] for name in ours if not name.startswith("seed") and not np.array_equal(ours[name], theirs[name])}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def first(workspace: Workspace) -> Run:
    return finished(workspace, recipe(epochs=8))


def test_all_layers_go_on_from_a_run(workspace: Workspace, first: Run) -> None:
    run = finished(workspace, recipe({"weights": first.id}, epochs=1))
    assert run.recipe.document()["transfer"] == {"run": first.id, "state": "best"}
    assert notes(run) == [f"Took over 10 weights of {first.id}."]
    assert moved(run, first) == {"conv1", "norm1", "conv2", "label"}


def test_only_the_last_layers_are_trained(workspace: Workspace, first: Run) -> None:
    run = finished(workspace, recipe({"run": first.id, "train_last": 1}))
    assert moved(run, first) == {"label"}
    assert curve(run, "loss")[0] < curve(first, "loss")[0] / 2
    assert "Frozen: conv1, norm1, conv2." in notes(run)
    assert isinstance(run.recipe.graph, Graph)
    assert [name for name, document in run.recipe.graph.nodes.items() if not document.trainable] == ["conv1", "norm1", "conv2"]


def test_the_network_may_say_what_is_frozen(workspace: Workspace, first: Run) -> None:
    nodes = {**NODES, **{name: {**NODES[name], "trainable": False} for name in ("conv1", "norm1")}}
    run = finished(workspace, recipe({"run": first.id}, nodes))
    assert moved(run, first) == {"conv2", "label"}


def test_features_of_the_frozen_part_lead_to_the_same(workspace: Workspace, first: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = {"run": first.id, "train_last": 1}
    short = finished(workspace, recipe(transfer))
    assert "computed once" in notes(short)[-1]
    monkeypatch.setattr(shortcut, "LARGEST_BYTES", 0)
    whole = finished(workspace, recipe(transfer))
    assert "computed once" not in notes(whole)[-1]
    np.testing.assert_allclose(curve(short, "loss"), curve(whole, "loss"), rtol=1e-4)
    for split, figures in whole.results().items():
        assert short.results()[split] == pytest.approx(figures, rel=1e-4)
    weights = open_run(whole, "last").stored
    assert weights.keys() == open_run(short, "last").stored.keys()
    for name, array in open_run(short, "last").stored.items():
        np.testing.assert_allclose(array, weights[name], rtol=1e-3, atol=1e-4)


def test_features_are_kept_for_the_next_training_with_these_weights(workspace: Workspace, first: Run) -> None:
    values = recipe({"run": first.id, "train_last": 1}, epochs=1)
    finished(workspace, values)
    kept = {path: path.stat().st_mtime_ns for path in workspace.cache.iterdir()}
    finished(workspace, {**values, "training": {**values["training"], "seed": 1}})
    assert {path: path.stat().st_mtime_ns for path in workspace.cache.iterdir()} == kept
    finished(workspace, recipe({"train_last": 1}, epochs=1))
    assert len(list(workspace.cache.iterdir())) > len(kept)


@pytest.mark.parametrize("block", ["RandomTranslation", "GaussianNoise", "Dropout"])
def test_what_is_left_to_chance_is_not_computed_once(workspace: Workspace, first: Run, block: str) -> None:
    nodes = {**NODES, "chance": {"block": block, "inputs": ["image" if block == "RandomTranslation" else "rescale"]}}
    nodes["rescale" if block == "RandomTranslation" else "conv1"] = {
        **nodes["rescale" if block == "RandomTranslation" else "conv1"],
        "inputs": ["chance"],
    }
    run = finished(workspace, recipe({"run": first.id, "train_last": 1}, nodes, epochs=1))
    assert not any("computed once" in note for note in notes(run))
    assert any("Augmentation" in note for note in notes(run)) == (block == "RandomTranslation")


def test_a_frozen_network_with_stochastic_depth_is_computed_once(workspace: Workspace) -> None:
    transfer = {"train_last": 1}
    values = {"dataset": "digits", "graph": {"preset": "EfficientNetB0"}, "transfer": transfer, "training": {**TRAINING, "epochs": 1}}
    run = finished(workspace, values)
    assert "What the frozen layers give was computed once; the epochs train the rest." in notes(run)


def test_layers_are_unfrozen_after_some_epochs(workspace: Workspace, first: Run) -> None:
    transfer = {"run": first.id, "train_last": 1, "unfreeze": {"after": 2, "learning_rate": 0.1, "layers": 2}}
    run = finished(workspace, recipe(transfer, schedule="constant", early_stopping=False))
    assert moved(run, first) == {"conv2", "label"}
    event = next(each for each in run.events()[0] if each["event"] == "layers unfrozen")
    assert (event["epoch"], event["notes"][0]) == (3, "Frozen: conv1, norm1.")
    rates = {point.epoch: point.value for point in run.metrics()[0] if point.name == "learning_rate"}
    assert rates[3] == pytest.approx(rates[2] / 10)
    assert rates[4] == rates[3]


def test_early_stopping_waits_until_all_layers_are_trained(workspace: Workspace, first: Run) -> None:
    transfer = {"run": first.id, "train_last": 1, "unfreeze": {"after": 4, "layers": 2}}
    optimizer = {"name": "sgd", "learning_rate": 1e-15}
    run = finished(workspace, recipe(transfer, epochs=12, patience=2, optimizer=optimizer))
    assert "Early stopping" in run.status().reason
    assert run.status().epoch == 6


def test_the_epoch_of_unfreezing_is_half_of_the_training_where_nobody_says(workspace: Workspace) -> None:
    planned = plan(workspace, Recipe.read(recipe({"train_last": 1, "unfreeze": {}}, epochs=9)))
    assert planned.recipe.transfer is not None
    assert planned.recipe.transfer.unfreeze is not None
    assert planned.recipe.transfer.unfreeze.after == 4
    rates = learning_rates(planned.recipe.training, 1000, planned.recipe.transfer)
    plain = learning_rates(planned.recipe.training, 1000)
    np.testing.assert_array_equal(rates[: 4 * 16], plain[: 4 * 16])
    np.testing.assert_allclose(rates[4 * 16 :], plain[4 * 16 :] * 0.1)


def test_unfreezing_behind_the_end_is_refused(workspace: Workspace) -> None:
    with pytest.raises(RecipeError, match=r"Unfreeze: invalid after. Expected: fewer epochs than the training has \(4\)"):
        plan(workspace, Recipe.read(recipe({"train_last": 1, "unfreeze": {"after": 4}})))


@pytest.mark.parametrize(
    ("transfer", "said"),
    [({"weights": "nowhere.keras"}, "no run and no file 'nowhere.keras'"), ({"run": "nobody"}, "nobody")],
)
def test_weights_that_are_not_there_are_refused_before_there_is_a_run(workspace: Workspace, transfer: dict[str, Any], said: str) -> None:
    before = len(runs.all_runs(workspace))
    with pytest.raises(StudioError, match=said):
        train(workspace, recipe(transfer))
    assert len(runs.all_runs(workspace)) == before


@pytest.mark.parametrize(
    ("transfer", "nodes", "said"),
    [
        ({"train_last": 9}, NODES, "keep_last. Expected: a whole number from 0 to 4"),
        ({"train_last": 4, "unfreeze": {"after": 1}}, NODES, phases.NOTHING_FROZEN),
        ({}, {name: {**each, "trainable": each["block"] == "Input"} for name, each in NODES.items()}, "All layers of this network are frozen"),
    ],
)
def test_what_can_not_be_trained_fails_with_a_reason(workspace: Workspace, transfer: dict[str, Any], nodes: dict[str, Any], said: str) -> None:
    run = train(workspace, recipe(transfer, nodes))
    assert run.status().status == "failed"
    assert said in run.status().reason


def test_a_run_of_nothing_alike_fails_with_one_sentence(workspace: Workspace, first: Run) -> None:
    nodes = {"image": NODES["image"], "flat": {"block": "Flatten", "inputs": ["image"]}, "out": {"block": "Output", "inputs": ["flat"]}}
    run = train(workspace, recipe({"run": first.id}, nodes))
    assert run.status().status == "failed"
    assert run.status().reason.startswith(f"None of the weights of {first.id} fit this network. out: {first.id} holds nothing for it.")


def test_weights_of_a_file_are_kept_with_the_recipe(workspace: Workspace, first: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.weights.h5"
    open_run(first).network.save_weights(path)
    run = finished(workspace, recipe({"weights": str(path), "train_last": 1}, epochs=1))
    assert notes(run)[0] == "Took over 10 weights of mine.weights.h5."
    path.unlink()
    again = finished(workspace, run.recipe.document())
    assert notes(again)[0] == notes(run)[0]
    assert moved(again, first) == {"label"}


@pytest.mark.parametrize("format", ["saved_model", "keras"])
def test_what_the_export_page_hands_out_is_taken_in_again(workspace: Workspace, first: Run, format: str) -> None:  # noqa: A002
    packed = service.archive(first, Path(service.export(first, format).path.removesuffix("model.keras")))
    run = finished(workspace, recipe({"weights": str(packed), "train_last": 1}, epochs=1))
    assert notes(run)[0] == f"Took over 10 weights of {packed.name}."
    assert moved(run, first) == {"label"}


def test_a_run_goes_on_when_the_weights_that_it_began_with_are_gone(workspace: Workspace) -> None:
    source = finished(workspace, recipe(epochs=1))
    order = jobs.order(workspace, Recipe.read(recipe({"run": source.id, "train_last": 1})), start=lambda run: run.wish("stop"))
    train_folder(order.folder)
    assert order.status().status == "stopped"
    runs.remove_checkpoints(workspace, source.id)
    train_folder(order.folder)
    assert order.status().status == "finished", order.status().reason


def test_what_a_front_measured_goes_with_the_weights_behind_it(workspace: Workspace, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    nodes = {
        "x": {"block": "Input"},
        "norm": {"block": "Normalization", "inputs": ["x"]},
        "dense": {"block": "Dense", "params": {"units": 4}, "inputs": ["norm"]},
        "out": {"block": "Output", "inputs": ["dense"]},
    }
    found = []
    for name, centre in (("low", 0), ("high", 50)):
        values = rng.normal(centre, 1, (60, 3)).astype("float32")
        np.savez(tmp_path / f"{name}.npz", x=values, y=(values[:, 0] > centre).astype(int))
        store.add(workspace, tmp_path / f"{name}.npz")
        transfer = {"run": found[0].id} if found else None
        values_of = recipe(transfer, nodes, epochs=1, batch_size=8) | {"dataset": name}
        found.append(finished(workspace, values_of))
    means = [Graph.load(run.front_path).nodes["norm"].params["mean"] for run in found]
    assert means[0] == means[1]
    assert abs(means[1][0]) < 1
