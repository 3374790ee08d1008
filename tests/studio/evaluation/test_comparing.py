"""Siamese, triplet and quadruplet networks learn to tell unseen signs apart: trained, measured, asked, exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.datasets import store
from studio.evaluation.evaluate import evaluate
from studio.evaluation.predict import Predictor
from studio.export.service import export
from studio.recipe import Recipe, RecipeError
from studio.runs import Run
from studio.training.planning import plan
from studio.workspace import Workspace
from tests.studio.evaluation.test_identities import SIGNS, write_signs
from tests.studio.trained import trained

SMALL = {"embedding": 16, "augmentation": "none"}
NETWORKS: dict[str, dict[str, Any]] = {"Siamese": {"encoder": "EmbeddingCNN"}, "Triplet": {}, "Quadruplet": {}}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("comparing"))
    folder = write_signs(tmp_path_factory.mktemp("signs") / "bars", range(SIGNS + 3))
    store.add(workspace, folder, name="bars", kind="verification")
    return workspace


@pytest.fixture(scope="module")
def runs(workspace: Workspace) -> dict[str, Run]:
    """One short training of each."""
    training = {"epochs": 12, "batch_size": 32, "optimizer": {"name": "adam", "learning_rate": 0.005}, "steps_per_execution": 2}
    return {
        name: trained(workspace, {"dataset": "bars", "graph": {"preset": name, "params": {**SMALL, **params}}, "training": training})
        for name, params in NETWORKS.items()
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_signs_that_were_not_there_in_training_are_told_apart(runs: dict[str, Run], name: str) -> None:
    found = evaluate(runs[name])
    assert found.metrics["equal_error_rate"] == pytest.approx(runs[name].results()["test"]["equal_error_rate"], abs=2e-3)
    assert found.metrics["equal_error_rate"] < 0.25  # chance: 0.5
    assert found.metrics["auc"] > 0.8


@pytest.mark.parametrize("name", NETWORKS)
def test_two_pictures_are_the_same_or_not(runs: dict[str, Run], name: str, tmp_path: Path) -> None:
    folder = write_signs(tmp_path / "asked", range(3, 5))
    first, again, other = (folder / "sign 3" / "0.png", folder / "sign 3" / "1.png", folder / "sign 4" / "0.png")
    predictor = Predictor(runs[name])
    same, different = (predictor.files(pair).answer() for pair in ((first, again), (first, other)))
    assert (same["same"], different["same"]) == (True, False)
    assert same["distance"] < same["threshold"] < different["distance"]
    asked = ["predict", runs[name].id, str(first), str(other), "--workspace", str(predictor.opened.workspace.folder), "--json"]
    command = CliRunner().invoke(app, asked)
    assert json.loads(command.stdout)["same"] is False


def test_an_export_compares_as_the_run_does(runs: dict[str, Run], tmp_path: Path) -> None:
    found = export(runs["Triplet"], "saved_model", tmp_path / "model")
    assert found.max_abs_difference is not None
    assert found.max_abs_difference <= 1e-5
    assert 0 < json.loads((tmp_path / "model" / "verification.json").read_text("utf-8"))["threshold"] < 2


def test_several_branches_are_not_trained_on_single_pictures(workspace: Workspace) -> None:
    order = {"dataset": "bars", "graph": {"preset": "Quadruplet", "params": {"form": "branches"}}}
    with pytest.raises(RecipeError, match=r"The network has 4 Inputs \(image_a, image_b, image_c, image_d\), but each sample is one picture"):
        plan(workspace, Recipe.read(order))
