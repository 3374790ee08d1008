"""The whole way of a network that tells samples of unseen classes from each other: trained, measured, asked, exported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.datasets import store
from studio.evaluation import gallery, result
from studio.evaluation.evaluate import evaluate
from studio.evaluation.opened import open_network
from studio.evaluation.predict import Predictor
from studio.export.service import export
from studio.runs import Run
from studio.settings.likeness import Likeness
from studio.workspace import Workspace
from tests.studio.trained import encoded, train

SIGNS, DRAWINGS, SIDE = 12, 6, 12


def sign(number: int, drawing: int) -> np.ndarray:
    """A dark bar across and one along, at places that belong to the sign; each drawing has noise of its own."""
    random = np.random.default_rng([number, drawing])
    pixels = random.integers(170, 256, (SIDE, SIDE), dtype=np.uint8)
    pixels[1 + number % 5 * 2, :] //= 4
    pixels[:, 1 + number // 5 * 4] //= 4
    return pixels


def write_signs(folder: Path, numbers: range) -> Path:
    for number in numbers:
        (folder / f"sign {number}").mkdir(parents=True)
        for drawing in range(DRAWINGS):
            (folder / f"sign {number}" / f"{drawing}.png").write_bytes(encoded(sign(number, drawing)))
    return folder


@pytest.fixture(scope="module")
def signs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_signs(tmp_path_factory.mktemp("signs") / "bars", range(SIGNS))


@pytest.fixture(scope="module")
def run(workspace: Workspace, signs: Path) -> Run:
    store.add(workspace, signs, name="bars", kind="verification")
    nodes: dict[str, Any] = {
        "image": {"block": "Input"},
        "rescaling": {"block": "Rescaling", "inputs": ["image"]},
        "conv": {"block": "Conv2D", "params": {"filters": 8, "activation": "relu"}, "inputs": ["rescaling"]},
        "flatten": {"block": "Flatten", "inputs": ["conv"]},
        "embedding": {"block": "Dense", "params": {"units": 16}, "inputs": ["flatten"]},
        "length": {"block": "UnitNormalization", "inputs": ["embedding"]},
        "label": {"block": "Output", "params": {"head": "none"}, "inputs": ["length"]},
    }
    return train(workspace, "bars", nodes, batch_size=16, epochs=8)


def test_training_writes_the_figures_of_every_split(run: Run) -> None:
    names = {"loss", "recall_at_1", "equal_error_rate", "one_shot_accuracy", "auc"}
    assert all(set(run.results()[split]) == names for split in ("train", "validation", "test"))
    assert run.recipe.training.loss == {"name": "supervised_contrastive", "temperature": 0.1}
    lines = [json.loads(line) for line in run.metrics_path.read_text("utf-8").splitlines()]
    assert {line["name"] for line in lines if line["split"] == "validation"} == names
    assert {line["name"] for line in lines if line["split"] == "train"} == {"batch_loss", "learning_rate", "loss"}


def test_an_evaluation_says_the_same_and_more(run: Run, workspace: Workspace) -> None:
    found = evaluate(run)
    assert found.metrics == pytest.approx(run.results()["test"], abs=2e-3)
    assert (found.kind, found.samples, found.classes) == ("identity", 12, None)
    details = found.details
    assert (details["classes"], details["ways"]) == (2, 2)
    assert details["pairs"] == {"same": 30, "different": 36}
    assert sum(details["histogram"]["same"]) == pytest.approx(1, abs=1e-3)
    assert details["curve"][-1] == [1, 1]
    assert len(details["map"]["points"]) == 12
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y, _, _ in details["map"]["points"])
    gaps = [each.scores["distance_same"] - each.scores["distance_other"] for each in found.examples]
    assert gaps == sorted(gaps, reverse=True)
    kept = result.arrays_of(run, "test", "best")
    assert kept is not None
    dataset = store.load(workspace, "bars")
    rows = dataset.rows("test")
    assert kept["rows"].tolist() == rows.tolist()
    assert kept["truth"].tolist() == dataset.targets("test").tolist()
    assert not (kept["neighbour_rows"] == rows[:, None]).any()
    one = kept["values"][3]
    away = np.linalg.norm(kept["values"] - one, axis=1)
    assert kept["neighbour_distances"][3][0] == pytest.approx(np.sort(away)[1], abs=1e-5)


def test_classes_that_nobody_has_seen_can_be_measured(run: Run, tmp_path: Path) -> None:
    found = evaluate(run, data=write_signs(tmp_path / "others", range(SIGNS, SIGNS + 3)))
    assert (found.split, found.samples, found.details["classes"]) == ("data", 18, 3)
    assert found.details["map"]["classes"] == ["sign 12", "sign 13", "sign 14"]
    assert 0 <= found.metrics["equal_error_rate"] <= 0.5
    assert found.notes == []


def test_a_sample_finds_itself_and_its_like(run: Run, signs: Path, workspace: Workspace) -> None:
    said = Predictor(run).files([signs / "sign 3" / "2.png"]).answer()
    assert set(said) == {"predictions"}
    (one,) = said["predictions"]
    assert (one["label"], len(one["value"]), len(one["neighbours"])) == ("sign 3", 16, 6)
    first = one["neighbours"][0]
    assert (first["label"], first["distance"]) == ("sign 3", pytest.approx(0, abs=1e-3))
    table = store.load(workspace, "bars").table(["path"], rows=[first["row"]])
    assert table["path"].iloc[0].endswith("sign 3/2.png")
    far = [each["distance"] for each in one["neighbours"]]
    assert far == sorted(far)


def test_two_pictures_are_compared_at_the_threshold_of_the_validation_classes(run: Run, signs: Path) -> None:
    predictor = Predictor(run)
    said = predictor.files([signs / "sign 3" / "2.png", signs / "sign 3" / "2.png"]).answer()
    assert (said["distance"], said["same"]) == (pytest.approx(0, abs=1e-5), True)
    opened = open_network(run)
    known = gallery.of(opened)
    assert known is not None
    inside = np.isin(known.rows, store.load(opened.workspace, "bars").rows("validation"))
    assert known.threshold == pytest.approx(Likeness.of(known.codes[inside], known.embeddings[inside]).pairs.equal_error[1], abs=1e-6)
    assert said["threshold"] == known.threshold
    other = predictor.files([signs / "sign 3" / "2.png", signs / "sign 8" / "1.png"]).answer()
    assert other["same"] == (other["distance"] <= known.threshold)
    assert "distance" not in predictor.files(sorted((signs / "sign 3").iterdir())[:3]).answer()


def test_the_gallery_is_kept_until_the_weights_change(run: Run) -> None:
    opened = open_network(run)
    path = run.folder / result.FOLDER / "gallery-best.npz"
    gallery.of(opened)
    written = path.stat().st_mtime_ns
    assert gallery.of(opened) is not None
    assert path.stat().st_mtime_ns == written
    path.write_bytes(b"no archive")
    again = gallery.of(opened)
    assert again is not None
    assert len(again.rows) == SIGNS * DRAWINGS


@pytest.mark.parametrize("format", ["saved_model", pytest.param("keras", marks=pytest.mark.slow)])
def test_an_export_places_samples_alike(run: Run, signs: Path, tmp_path: Path, format: str) -> None:  # noqa: A002
    found = export(run, format, tmp_path / "model")
    assert found.samples_checked == 12
    assert found.max_abs_difference is not None
    assert found.max_abs_difference <= 1e-5
    folder = tmp_path / "model"
    known = gallery.of(open_network(run))
    assert known is not None
    assert json.loads((folder / "verification.json").read_text("utf-8")) == {"threshold": known.threshold}
    assert not (folder / "labels.txt").exists()
    files = [str(signs / "sign 3" / name) for name in ("0.png", "1.png")]
    done = subprocess.run([sys.executable, str(folder / "client.py"), *files], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == f"{files[0]} 0.0000 away from the first"
    said = Predictor(run).files([Path(file) for file in files]).answer()
    assert lines[1] == f"{files[1]} {said['distance']:.4f} away from the first"


def test_without_its_dataset_a_network_still_tells_distances(run: Run, signs: Path, tmp_path: Path) -> None:
    import shutil

    place = Workspace(tmp_path / "elsewhere")
    shutil.copytree(run.folder, place.runs / run.id)
    (place.runs / run.id / result.FOLDER / "gallery-best.npz").unlink(missing_ok=True)
    said = Predictor(Run(place.runs / run.id)).files([signs / "sign 3" / "2.png", signs / "sign 4" / "2.png"]).answer()
    assert set(said) == {"predictions", "distance", "warnings"}
    assert said["warnings"] == ["The dataset 'bars' is no longer there, so nothing is compared with it."]
    assert "label" not in said["predictions"][0]
