"""Outputs for training only: their loss counts in the steps, and they are gone from figures, answers and exports."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blocks import Graph
from studio import load
from studio.datasets import store
from studio.evaluation.evaluate import evaluate
from studio.evaluation.predict import Predictor
from studio.export.service import export
from studio.networks import weights
from studio.networks.front import bound, without_training_only
from studio.recipe import Recipe
from studio.runs import Run
from studio.training import prepare
from studio.workspace import StudioError, Workspace
from tests.studio.trained import encoded, trained


def network(**side: Any) -> dict[str, Any]:
    """Two convolutions, with an output behind each; the first one is named before the other."""
    return {
        "nodes": {
            "image": {"block": "Input", "inputs": []},
            "rescaling": {"block": "Rescaling", "inputs": ["image"]},
            "conv1": {"block": "Conv2D", "params": {"filters": 8, "activation": "relu"}, "inputs": ["rescaling"]},
            "middle": {"block": "GlobalAveragePooling2D", "inputs": ["conv1"]},
            "beside": {"block": "Output", "params": {"training_only": True, "loss_weight": 0.3, **side}, "inputs": ["middle"]},
            "conv2": {"block": "Conv2D", "params": {"filters": 8, "activation": "relu"}, "inputs": ["conv1"]},
            "flatten": {"block": "Flatten", "inputs": ["conv2"]},
            "label": {"block": "Output", "inputs": ["flatten"]},
        }
    }


def trained_with(workspace: Workspace, **side: Any) -> Run:
    training = {"epochs": 2, "steps_per_execution": 2, "class_weights": True}
    return trained(workspace, {"dataset": "digits", "graph": network(**side), "training": training})


@pytest.fixture(scope="module")
def run(workspace: Workspace) -> Run:
    return trained_with(workspace)


def test_only_the_main_output_is_measured(run: Run) -> None:
    assert set(run.results()["test"]) == {"loss", "accuracy"}
    found = evaluate(run)
    assert set(found.metrics) == {"loss", "accuracy"}
    assert found.metrics == pytest.approx(run.results()["test"], rel=1e-4)
    assert not found.further


def test_its_loss_counts_in_training_steps(run: Run, workspace: Workspace) -> None:
    heavy = trained_with(workspace, loss_weight=30.0)
    kept = [weights.load(each.checkpoints / "last.npz")[0] for each in (run, heavy)]
    assert kept[0]["network/beside/kernel"].shape == (8, 10)
    assert np.abs(kept[0]["network/conv1/kernel"] - kept[1]["network/conv1/kernel"]).max() > 1e-3
    lines = [json.loads(line) for line in (heavy.folder / "metrics.jsonl").read_text("utf-8").splitlines()]
    losses = {split: max(line["value"] for line in lines if line["split"] == split and line["name"] == "loss") for split in ("train", "validation")}
    assert losses["train"] > 20 > 4 > losses["validation"]


def test_answers_and_exports_lack_it(run: Run, tmp_path: Path) -> None:
    network = load(run.folder)
    assert not [variable.path for variable in network.weights if "beside" in variable.path]
    assert "middle" not in {layer.name for layer in network.layers}
    raw = load(run.folder, raw=True)
    assert raw.output_shape == (None, 10)
    picture = encoded(np.zeros((8, 8), np.uint8))
    assert len(Predictor(run).pictures([("zero", picture)]).predictions) == 1
    found = export(run, "keras", tmp_path / "keras")
    assert found.samples_checked > 0
    with zipfile.ZipFile(tmp_path / "keras" / "model.keras") as archive:
        assert b"beside" not in archive.read("config.json")
    assert export(run, "saved_model", tmp_path / "saved_model").max_abs_difference < 1e-4


def test_what_leads_to_both_stays() -> None:
    graph = Graph.model_validate(network())
    assert set(without_training_only(graph).nodes) == set(graph.nodes) - {"middle", "beside"}
    plain = Graph.model_validate(network(training_only=False))
    assert without_training_only(plain) is plain


def test_a_layer_that_is_used_again_stays() -> None:
    nodes = network()["nodes"]
    nodes["again"] = {"reuse": "middle", "inputs": ["conv2"]}
    nodes["label"]["inputs"] = ["again"]
    kept = without_training_only(Graph.model_validate({"nodes": nodes})).nodes
    assert set(kept) == set(nodes) - {"beside", "flatten"}


def test_no_output_but_such_is_refused(workspace: Workspace) -> None:
    nodes = network()["nodes"]
    for name in ("label", "flatten", "conv2"):
        del nodes[name]
    dataset = store.load(workspace, "digits")
    graph = bound(Graph.model_validate({"nodes": nodes}), dataset.features)
    with pytest.raises(StudioError, match="Every Output of the network is for training only"):
        prepare.heads(graph, dataset, Recipe.read({"dataset": "digits"}).training)
