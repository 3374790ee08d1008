"""Pictures from training to prediction and export: super-resolution, denoising and autoencoding."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio import runtime
from studio.datasets import store
from studio.datasets.builtin import SAMPLES
from studio.evaluation.evaluate import evaluate
from studio.evaluation.predict import Predictor
from studio.evaluation.prediction import write_pictures
from studio.export.service import export
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.trained import encoded, trained


def train(workspace: Workspace, dataset: str, preset: str, **params: Any) -> Run:
    graph = {"preset": preset, "params": params}
    return trained(workspace, {"dataset": dataset, "graph": graph, "training": {"epochs": 2, "steps_per_execution": 4}})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("restoring"))


@pytest.fixture(scope="module")
def enlarging(place: Workspace) -> Run:
    return train(place, "scenes", "EDSR", blocks=1, filters=8)


@pytest.fixture(scope="module")
def cleaning(place: Workspace) -> Run:
    name = store.add(place, SAMPLES / "scenes.zip", name="noisy", kind="super-resolution", options={"degradation": "noise"}).name
    return train(place, name, "EDSR", blocks=1, filters=4)


@pytest.fixture(scope="module")
def copying(place: Workspace) -> Run:
    return train(place, "cloth", "ConvAutoencoder", filters=8, stages=2)


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_enlarging_begins_at_bicubic_and_gets_better(enlarging: Run) -> None:
    figures = enlarging.results()
    assert set(figures["test"]) == {"loss", "psnr", "psnr_bicubic", "ssim"}
    for split in ("train", "validation", "test"):
        assert figures[split]["psnr"] > figures[split]["psnr_bicubic"]


def test_an_evaluation_measures_whole_pictures_and_keeps_the_worst(enlarging: Run, place: Workspace) -> None:
    found = evaluate(enlarging)
    assert found.metrics == pytest.approx(enlarging.results()["test"], abs=1e-4)
    assert found.samples == len(found.examples) == 2
    assert found.examples[0].scores["psnr"] < found.examples[1].scores["psnr"]
    assert np.mean([each.scores["psnr"] for each in found.examples]) == pytest.approx(found.metrics["psnr"], abs=1e-3)
    assert np.mean([each.scores["psnr_bicubic"] for each in found.examples]) == pytest.approx(found.metrics["psnr_bicubic"], abs=0.02)
    assert found.details["gain"] > 0
    with np.load(enlarging.folder / "evaluation" / "test-best.npz", allow_pickle=False) as kept:
        views = {name: opened(kept[f"{name}_{found.examples[0].place}"].tobytes()) for name in ("before", "after", "truth")}
    assert {view.shape for view in views.values()} == {(128, 128, 3)}
    dataset = store.load(place, "scenes")
    assert np.array_equal(views["truth"], opened(dataset.table(["picture"], rows=[found.examples[0].row])["picture"].iloc[0]))


def test_other_pictures_are_made_small_and_measured(enlarging: Run, tmp_path: Path) -> None:
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (12, 10, 3), dtype=np.uint8)
        large = Image.fromarray(pixels).resize((60 + number, 72), Image.Resampling.BICUBIC)
        (tmp_path / f"{number}.png").write_bytes(encoded(np.asarray(large)))
    found = evaluate(enlarging, data=tmp_path)
    assert (found.split, found.samples) == ("data", 3)
    assert found.metrics["psnr"] > 20


def test_a_prediction_is_a_larger_picture(enlarging: Run, tmp_path: Path) -> None:
    for name, size in (("a.png", (30, 20)), ("b.jpg", (45, 70))):
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)).save(tmp_path / name)
    said = Predictor(enlarging).files([tmp_path])
    assert [opened(each.pictures["picture"]).shape for each in said.predictions] == [(40, 60, 3), (140, 90, 3)]
    written = write_pictures(tmp_path / "out", said.predictions)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a_picture.png", "b_picture.png", "predictions.csv"]
    assert opened(Path(written[0].files["picture"]).read_bytes()).shape == (40, 60, 3)


def test_a_large_picture_is_computed_in_pieces_without_a_seam(enlarging: Run) -> None:
    import tensorflow as tf

    from studio.evaluation.tiles import in_tiles, reach

    predictor = Predictor(enlarging)
    network = predictor.opened.loaded.network
    halo = reach(predictor.opened.loaded.split.network)
    assert halo is not None
    assert halo >= 4
    picture = tf.constant(np.random.default_rng(1).integers(0, 256, (57, 83, 3)), tf.uint8)
    whole = network(picture[None], training=False)[0].numpy()

    @tf.function
    def pieces() -> Any:
        return in_tiles(lambda part: network(part, training=False), picture, 2, halo, side=24)

    assert np.abs(pieces().numpy() - whole).max() < 1e-5


def test_taking_noise_away(cleaning: Run) -> None:
    found = evaluate(cleaning)
    assert set(found.metrics) == {"loss", "psnr", "ssim"}
    assert found.metrics["psnr"] > found.details["psnr_input"]
    said = Predictor(cleaning).pictures([("a", encoded(np.full((33, 41, 3), 90, np.uint8)))])
    assert opened(said.predictions[0].pictures["picture"]).shape == (33, 41, 3)


def test_copies_and_their_errors(copying: Run, place: Workspace) -> None:
    found = evaluate(copying)
    assert set(found.metrics) == {"loss", "mse", "psnr", "ssim"}
    assert found.samples == 60
    scores = [each.scores["mse"] for each in found.examples]
    assert scores == sorted(scores, reverse=True)
    assert sum(found.details["errors"]["counts"]) == 60
    dataset = store.load(place, "cloth")
    row = found.examples[0].row
    (said,) = Predictor(copying).pictures([("worst", dataset.image(row))]).predictions
    assert said.value == pytest.approx(scores[0], rel=1e-3)
    assert opened(said.pictures["picture"]).shape == (32, 32, 3)


@pytest.mark.parametrize("format", ["saved_model", "keras"])
@pytest.mark.parametrize("kind", ["enlarging", "copying"])
def test_exports_answer_as_the_network_does(kind: str, format: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:  # noqa: A002
    run: Run = request.getfixturevalue(kind)
    made = export(run, format, tmp_path / "export")
    assert made.max_abs_difference is not None
    assert made.max_abs_difference <= 1e-5
    assert made.samples_checked > 0
    size = (32, 32) if kind == "copying" else (26, 18)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)).save(tmp_path / "seen.png")
    command = [sys.executable, "-I", str(tmp_path / "export" / "client.py"), "seen.png"]
    done = subprocess.run(command, cwd=tmp_path, env=runtime.foreign(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    suffix = "copy" if kind == "copying" else "x2"
    assert f"seen-{suffix}.png" in done.stdout
    factor = 1 if kind == "copying" else 2
    assert Image.open(tmp_path / f"seen-{suffix}.png").size == (factor * size[0], factor * size[1])


def test_a_wrong_answer_of_an_export_is_noticed(enlarging: Run) -> None:
    answering = Predictor(enlarging).opened.head.answering
    own = np.random.default_rng(0).random((1, 8, 8, 3)).astype(np.float32)
    right = encoded(np.round(own[0] * 255).astype(np.uint8))
    shifted = encoded(np.clip(np.round(own[0] * 255) + 1, 0, 255).astype(np.uint8))
    assert answering.difference([right], own) < 1e-6
    assert answering.difference([shifted], own) > 1e-3
    assert answering.difference([encoded(np.zeros((4, 4, 3), np.uint8))], own) == float("inf")


def test_pixels_go_in_and_come_out_of_a_saved_model(enlarging: Run, tmp_path: Path) -> None:
    import tensorflow as tf

    export(enlarging, "saved_model", tmp_path / "export")
    model = tf.saved_model.load(str(tmp_path / "export"))
    found = model.signatures["pixels"](pixels=tf.zeros((2, 20, 30, 3), tf.uint8))["picture"]
    assert (found.dtype, found.shape) == (tf.uint8, (2, 40, 60, 3))
