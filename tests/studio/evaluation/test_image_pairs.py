"""The whole way of a network that says of two pictures whether they show the same: trained on pairs, measured, asked, exported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from blocks.editing import apply
from studio import runtime
from studio.cli import app
from studio.datasets import store
from studio.evaluation.errors import EvaluationError
from studio.evaluation.evaluate import evaluate
from studio.evaluation.predict import Predictor
from studio.evaluation.result import arrays_of
from studio.export.service import export
from studio.networks.loaded import open_run
from studio.recipe import PresetOrder
from studio.runs import Run
from studio.training.planning import graph_of
from studio.ui import evaluation_view
from studio.workspace import Workspace
from tests.studio.evaluation.test_identities import DRAWINGS, SIGNS, sign, write_signs
from tests.studio.trained import encoded, trained

SMALL: dict[str, Any] = {"embedding": 16, "augmentation": "none"}
TRAINING: dict[str, Any] = {"epochs": 8, "batch_size": 32, "optimizer": {"name": "adam", "learning_rate": 0.005}, "steps_per_execution": 2}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("pairs"))
    folder = write_signs(tmp_path_factory.mktemp("signs") / "bars", range(SIGNS + 3))
    store.add(workspace, folder, name="bars", kind="image-pairs")
    return workspace


def run_of(workspace: Workspace, comparison: str, **more: Any) -> Run:
    graph = {"preset": "Siamese_slim", "params": {**SMALL, "comparison": comparison}}
    return trained(workspace, {"dataset": "bars", "graph": graph, "training": TRAINING, **more})


@pytest.fixture(scope="module")
def runs(workspace: Workspace) -> dict[str, Run]:
    """One short training with each comparison."""
    return {comparison: run_of(workspace, comparison) for comparison in ("sigmoid", "contrastive", "cosine")}


@pytest.fixture
def asked(tmp_path: Path) -> list[Path]:
    """Two drawings of a sign and one of another."""
    for name, number, drawing in (("first", 3, 20), ("again", 3, 21), ("other", 4, 20)):
        (tmp_path / f"{name}.png").write_bytes(encoded(sign(number, drawing)))
    return [tmp_path / f"{name}.png" for name in ("first", "again", "other")]


@pytest.mark.parametrize("comparison", ["sigmoid", "contrastive", "cosine"])
def test_signs_that_were_not_there_in_training_are_told_apart(runs: dict[str, Run], comparison: str) -> None:
    found = evaluate(runs[comparison])
    assert found.classes == ["different", "same"]
    assert found.metrics["accuracy"] == pytest.approx(runs[comparison].results()["test"]["accuracy"], abs=2e-3)
    assert found.metrics["accuracy"] > 0.8  # chance: 0.5


def test_two_files_are_one_sample(runs: dict[str, Run], asked: list[Path]) -> None:
    first, again, other = asked
    predictor = Predictor(runs["contrastive"])
    said = [predictor.files(pair).predictions for pair in ((first, again), (first, other), (other, first))]
    assert [each.label for (each,) in said] == ["same", "different", "different"]
    assert said[0][0].input == f"{first} + {again}"
    assert said[1][0].probabilities == pytest.approx(said[2][0].probabilities, abs=1e-5)
    command = ["predict", runs["contrastive"].id, str(first), str(other), "--workspace", str(predictor.opened.workspace.folder), "--json"]
    (answer,) = json.loads(CliRunner().invoke(app, command).stdout)["predictions"]
    assert answer["label"] == "different"
    with pytest.raises(EvaluationError, match=r"A sample is 2 files, for 'image_a', 'image_b' in this order; received 3"):
        predictor.files(asked)
    broken = first.with_name("broken.png")
    broken.write_bytes(first.read_bytes()[:40])
    with pytest.raises(EvaluationError, match=r"damaged or cut off\): .*broken\.png"):
        predictor.files((first, broken))


def test_a_table_of_pairs(runs: dict[str, Run], asked: list[Path], tmp_path: Path) -> None:
    predictor = Predictor(runs["contrastive"])
    lines = ["first.png,again.png", "first.png,other.png", "first.png,gone.png"]
    named = tmp_path / "named.csv"
    named.write_text("\n".join(["note,image_b,image_a", *(f"x,{second},{first}" for first, second in (line.split(",") for line in lines))]), "utf-8")
    other = tmp_path / "other.csv"
    other.write_text("\n".join(["left,right", *lines]), "utf-8")
    for path in (named, other):
        said = predictor.files([path])
        assert [each.label for each in said.predictions] == ["same", "different"]
        assert f"{path.name}:3" in "\n".join(said.warnings)
    with pytest.raises(EvaluationError, match="a column that names the pictures 'image_a' and a column that names the pictures 'image_b'"):
        predictor.pictures([("first", asked[0].read_bytes())])
    (tmp_path / "single.csv").write_text("left,n\nfirst.png,1\nother.png,2\n", "utf-8")
    with pytest.raises(EvaluationError, match="no column that names the pictures"):
        predictor.files([tmp_path / "single.csv"])


def test_samples_by_name(runs: dict[str, Run], asked: list[Path]) -> None:
    first, again, _ = (path.read_bytes() for path in asked)
    predictor = Predictor(runs["contrastive"])
    assert predictor.samples([{"image_a": first, "image_b": again}]).predictions[0].label == "same"
    with pytest.raises(EvaluationError, match=r"also takes pictures \('image_b'\)"):
        predictor.samples([{"image_a": first}])


def test_other_pairs_are_measured(runs: dict[str, Run], tmp_path: Path) -> None:
    folder = write_signs(tmp_path / "more", range(3, 12))
    found = evaluate(runs["contrastive"], data=folder)
    assert found.samples == 9 * DRAWINGS * 2 * (DRAWINGS - 1)
    assert not found.notes
    table = tmp_path / "listed"
    table.mkdir()
    rows = ["image_a,image_b,same"]
    for number in range(12):
        for name, place in (("a", number), ("b", number + number % 2)):
            (table / f"{name}{number}.png").write_bytes(encoded(sign(place, 40 + (name == "b"))))
        rows.append(f"a{number}.png,b{number}.png,{('same', 'different')[number % 2]}")
    (table / "pairs.csv").write_text("\n".join(rows), "utf-8")
    assert evaluate(runs["contrastive"], data=table).samples == 12


def test_samples_are_shown_with_both_pictures(runs: dict[str, Run], workspace: Workspace) -> None:
    run = runs["sigmoid"]
    found, arrays = evaluate(run), arrays_of(run, "test", "best")
    assert arrays is not None
    page = evaluation_view.cell(workspace, run, found, arrays, 1, None, 0, 5)
    pictures = [[part["name"] for part in sample["parts"] if part["kind"] == "picture"] for sample in page["samples"]]
    assert pictures == [["image_a", "image_b"]] * 5


def test_an_edited_graph_trains(workspace: Workspace) -> None:
    dataset = store.load(workspace, "bars")
    graph = graph_of(PresetOrder(preset="Siamese_slim", params={**SMALL, "comparison": "sigmoid"}), dataset.features)
    assert graph.nodes["encoder_b"].reuse == "encoder_a"
    edited = apply(graph, {"do": "ungroup", "node": "encoder_a"}).graph
    edited = apply(edited, {"do": "set", "nodes": ["conv1"], "params": {"filters": 7}}).graph
    run = trained(workspace, {"dataset": "bars", "graph": edited.document(), "training": {**TRAINING, "epochs": 2}})
    network = open_run(run, "best").network
    kernels = [tuple(weight.shape) for weight in network.trainable_weights if weight.path.endswith("kernel") and len(weight.shape) == 4]
    assert kernels[0][-1] == 7
    assert len(kernels) == len({weight.path for weight in network.trainable_weights if len(weight.shape) == 4})


@pytest.mark.parametrize("kind", ["saved_model", "keras"])
def test_exports_take_both_pictures(kind: str, runs: dict[str, Run], asked: list[Path], tmp_path: Path) -> None:
    found = export(runs["contrastive"], kind, tmp_path / "export")
    assert found.max_abs_difference is not None
    assert found.max_abs_difference <= 1e-5
    readme = (tmp_path / "export" / "README.txt").read_text("utf-8")
    assert "image_a" in readme
    assert "image_b" in readme
    first, again, other = map(str, asked)
    arguments = [str(tmp_path / "export" / "client.py"), first, again, first, other]
    done = subprocess.run([sys.executable, *arguments], env=runtime.foreign(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.removeprefix(f"{first} + {second}").split()[0] for line, second in zip(done.stdout.splitlines(), (again, other), strict=True)] == [
        "same",
        "different",
    ]


def test_a_number_of_two_pictures(workspace: Workspace, tmp_path: Path) -> None:
    rows = ["a,b,apart"]
    random = np.random.default_rng(0)
    for number in range(120):
        dark, bright = random.integers(0, 256, 2)
        for name, level in (("a", dark), ("b", bright)):
            (tmp_path / f"{name}{number}.png").write_bytes(encoded(np.full((12, 12), level, np.uint8)))
        rows.append(f"a{number}.png,b{number}.png,{abs(int(dark) - int(bright)) / 255:.4f}")
    (tmp_path / "pairs.csv").write_text("\n".join(rows), "utf-8")
    store.add(workspace, tmp_path, name="levels", kind="image-pairs", target="apart")
    graph = {"preset": "Siamese_slim", "params": {**SMALL, "comparison": "sigmoid"}}
    run = trained(workspace, {"dataset": "levels", "graph": graph, "training": {**TRAINING, "epochs": 20}})
    assert run.results()["test"]["mae"] < 0.1  # of the mean alone: 0.2
