"""Training of small networks on the built-in data, in this process: what ends it, what is written, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio import runs
from studio.networks.export_arrays import export_arrays
from studio.networks.loaded import open_run
from studio.recipe import Recipe, RecipeError
from studio.runs import Run
from studio.training.planning import learning_rates, plan
from studio.training.trainer import train_folder
from studio.workspace import StudioError, Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


def trained(workspace: Workspace, dataset: str = "iris", graph: dict[str, Any] | None = None, **training: Any) -> Run:
    recipe = Recipe.read({"dataset": dataset, "graph": graph or {"preset": "MLP", "params": {"units": [16]}}, "training": {"epochs": 3, **training}})
    planned = plan(workspace, recipe)
    run = runs.create(workspace, planned.recipe, planned.network)
    train_folder(run.folder)
    return run


def test_a_finished_run_has_written_everything(workspace: Workspace) -> None:
    run = trained(workspace)
    status = run.status()
    assert (status.status, status.epoch, status.epochs) == ("finished", 3, 3), status.reason
    assert set(run.results()) == {"train", "validation", "test"}
    assert set(run.results()["test"]) == {"loss", "accuracy"}
    for name in ("recipe.yaml", "front.json", "environment.json", "train.py", "checkpoints/best.npz", "checkpoints/last.npz"):
        assert (run.folder / name).is_file(), name
    assert run.events()[0][0]["event"] == "started"
    assert run.recipe.training.steps_per_execution is not None
    assert run.recipe.training.device == "cpu"
    points, _ = run.metrics()
    per_epoch = [point for point in points if point.split == "validation" and point.name == "loss"]
    assert [point.epoch for point in per_epoch] == [1, 2, 3]


def test_equal_recipes_give_equal_weights_and_another_seed_others(workspace: Workspace) -> None:
    states = [open_run(trained(workspace, seed=seed)).stored for seed in (1, 1, 2)]
    kernel = "dense1/kernel"
    np.testing.assert_array_equal(states[0][kernel], states[1][kernel])
    assert not np.array_equal(states[0][kernel], states[2][kernel])


def test_steps_per_execution_change_no_bit(workspace: Workspace) -> None:
    states = [open_run(trained(workspace, steps_per_execution=steps), "last").stored for steps in (1, 3, 100)]
    for other in states[1:]:
        for name, value in states[0].items():
            np.testing.assert_array_equal(value, other[name])


def test_early_stopping_keeps_the_best_epoch(workspace: Workspace) -> None:
    run = trained(workspace, epochs=60, patience=2, optimizer={"name": "sgd", "learning_rate": 5.0}, clip_norm=1.0)
    status = run.status()
    assert status.status == "finished"
    assert "Early stopping" in status.reason
    losses = [point.value for point in run.metrics()[0] if point.split == "validation" and point.name == "loss"]
    assert run.results()["validation"]["loss"] == pytest.approx(min(losses), rel=1e-4)


def test_a_loss_that_is_no_number_ends_the_run_with_advice(workspace: Workspace) -> None:
    run = trained(workspace, dataset="diabetes", optimizer={"name": "sgd", "learning_rate": 900.0}, epochs=20)
    status = run.status()
    assert status.status == "failed"
    assert "no longer a number" in status.reason
    assert "lower learning rate" in status.reason


def test_a_graph_that_cannot_be_built_fails_with_every_problem(workspace: Workspace) -> None:
    graph = {
        "nodes": {
            "image": {"block": "Input"},
            "pool": {"block": "MaxPooling2D", "params": {"pool_size": 50}, "inputs": ["image"]},
            "lost": {"block": "Dense", "inputs": ["nowhere"]},
            "label": {"block": "Output", "inputs": ["pool"]},
        }
    }
    run = trained(workspace, "digits", graph)
    assert run.status().status == "failed"
    assert "pool" in run.status().reason
    assert "nowhere" in run.status().reason
    assert run.results() == {}


def test_regression_is_reported_in_the_targets_unit(workspace: Workspace) -> None:
    run = trained(workspace, dataset="diabetes", epochs=15, metrics=["mae", "rmse", "r2"])
    figures = run.results()["test"]
    assert 25 < figures["mae"] < 80
    assert figures["rmse"] > figures["mae"]
    assert -0.5 < figures["r2"] < 1


def test_weights_go_on_from_another_run(workspace: Workspace) -> None:
    first = trained(workspace, epochs=10)
    planned = plan(workspace, Recipe.read(first.recipe.document() | {"transfer": {"run": first.id}, "training": {"epochs": 1}}))
    run = runs.create(workspace, planned.recipe, planned.network)
    train_folder(run.folder)
    started = run.events()[0][0]
    assert "Took over" in started["notes"][0]
    firsts = [next(point.value for point in each.metrics()[0] if (point.split, point.name) == ("validation", "loss")) for each in (first, run)]
    assert firsts[1] < firsts[0]


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_mixed_precision_keeps_float32_weights_and_outputs(workspace: Workspace, precision: str) -> None:
    import keras

    try:
        run = trained(workspace, precision=precision)
    finally:
        keras.config.set_dtype_policy("float32")
    assert run.status().status == "finished", run.status().reason
    assert all(value.dtype == np.float32 for name, value in open_run(run).stored.items() if name.endswith(("kernel", "bias")))


@pytest.mark.parametrize(
    ("training", "said"),
    [
        ({"optimizer": "adamm"}, "Did you mean 'adam'"),
        ({"optimizer": {"name": "adam", "learning_rate": -1}}, "learning_rate"),
        ({"loss": "mse"}, "does not fit|no loss"),
        ({"metrics": ["r2"]}, "does not fit"),
        ({"schedule": "coseine"}, "cosine"),
        ({"optimizer": "schedule_free_adamw", "schedule": "step"}, "constant learning rate"),
        ({"monitor": "auc"}, "monitor"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_a_run_exists(workspace: Workspace, training: dict[str, Any], said: str) -> None:
    before = len(runs.all_runs(workspace))
    with pytest.raises(RecipeError, match=said):
        plan(workspace, Recipe.read({"dataset": "iris", "training": training}))
    assert len(runs.all_runs(workspace)) == before


def test_an_unknown_device_is_named_with_those_there_are(workspace: Workspace) -> None:
    run = trained(workspace, device="gpu:7")
    assert run.status().status == "failed"
    assert "gpu:7" in run.status().reason
    assert "cpu" in run.status().reason


def test_the_whole_batch_is_one_step_of_gradient_descent(workspace: Workspace) -> None:
    run = trained(workspace, optimizer="gradient_descent")
    assert run.status().step == 3
    assert run.recipe.training.batch_size == run.events()[0][0]["train_samples"]


def test_planned_rates_are_those_of_the_curve(workspace: Workspace) -> None:
    run = trained(workspace, schedule={"name": "cosine", "warmup_epochs": 1}, epochs=4)
    rates = learning_rates(run.recipe.training, run.events()[0][0]["train_samples"])
    shown = {point.step: point.value for point in run.metrics()[0] if point.name == "learning_rate"}
    for step, value in shown.items():
        assert value == pytest.approx(float(rates[step - 1]), rel=1e-5)


def test_states_that_were_deleted_are_missed_in_one_sentence(workspace: Workspace) -> None:
    run = trained(workspace)
    runs.remove_checkpoints(workspace, run.id)
    with pytest.raises(StudioError, match="checkpoints were deleted"):
        open_run(run)


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "training"), [("iris", {"label_smoothing": 0.1, "class_weights": True}), ("diabetes", {"l2": 1e-4})])
def test_train_py_trains_the_same_network_with_keras_alone(workspace: Workspace, tmp_path: Path, dataset: str, training: dict[str, Any]) -> None:
    run = trained(workspace, dataset, epochs=8, **training)
    export_arrays(workspace, dataset, tmp_path / "arrays", run.id)
    elsewhere = f"import runpy, sys; sys.path[:] = [p for p in sys.path if p not in ('', {json.dumps(str(Path.cwd()))})]"
    code = f"{elsewhere}; sys.argv = ['train.py', 'arrays']; runpy.run_path({json.dumps(str(run.folder / 'train.py'))})"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "test:" in ended.stdout
    assert (tmp_path / "model.keras").stat().st_size > 1000
