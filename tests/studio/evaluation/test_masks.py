"""Masks from the upload to the export: trained shortly, measured, predicted, exported, shown."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import presets
from studio.datasets import add, load
from studio.datasets.synthetic_shapes import CLASSES, samples
from studio.evaluation import result
from studio.evaluation.answers.masks import enlarged
from studio.evaluation.errors import EvaluationError
from studio.evaluation.evaluate import evaluate
from studio.evaluation.mask_figures import counts, of_masks
from studio.evaluation.predict import Predictor
from studio.evaluation.prediction import write_pictures
from studio.export.service import export
from studio.networks.covered import covered, cut_out, put_back
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.trained import encoded, train

COUNT = 40


def boxes(count: int, side: int = 24, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pictures of bright and of striped boxes on noise, and their masks with 0, 1, 2; 255 at the rim of some."""
    made = []
    for number in range(count):
        chance = np.random.default_rng([seed, number])
        picture = chance.integers(0, 70, (side, side, 3)).astype(np.uint8)
        mask = np.zeros((side, side), np.uint8)
        top, left = chance.integers(1, side - 11, 2)
        kind = 1 + number % 2
        inside = np.s_[top : top + 10, left : left + 10]
        mask[inside] = kind
        picture[inside] = 230 if kind == 1 else np.where(np.arange(10)[None, :, None] % 4 < 2, 200, 60)
        if number % 5 == 0:
            mask[:, 0] = 255
        made.append((picture, mask))
    return made


def packed(path: Path, pairs: list[tuple[np.ndarray, np.ndarray]], names: str = "ground\nbright\nstriped\n") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("classes.txt", names)
        for number, (picture, mask) in enumerate(pairs):
            archive.writestr(f"images/{number}.png", encoded(picture))
            archive.writestr(f"masks/{number}.png", encoded(mask))
    return path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("masks")
    workspace = Workspace(folder / "workspace")
    add(workspace, packed(folder / "boxes.zip", boxes(COUNT)))
    return workspace


def trained(workspace: Workspace, params: dict[str, Any], **training: Any) -> Run:
    dataset = load(workspace, "boxes")
    nodes = presets.get("UNet_slim", **params).graph(features=dataset.features).model_dump(mode="json")["nodes"]
    return train(workspace, "boxes", nodes, **training)


@pytest.fixture(scope="module")
def run(workspace: Workspace) -> Run:
    return trained(workspace, {"filters": 8, "levels": 2}, epochs=25, batch_size=7, optimizer={"name": "adam", "learning_rate": 0.01}, seed=1)


def test_it_learns_and_measures(workspace: Workspace, run: Run) -> None:
    found = evaluate(run)
    figures = run.results()["test"]
    assert set(figures) == {"loss", "miou", "dice", "accuracy"}
    assert figures["miou"] > 0.6
    for name, value in figures.items():
        assert found.metrics[name] == pytest.approx(value, abs=1e-5)
    table = found.details["table"]
    dataset = load(workspace, "boxes")
    assert [row[0] for row in table["rows"]] == ["ground", "bright", "striped"]
    assert np.mean([row[1] for row in table["rows"]]) == pytest.approx(figures["miou"], abs=1e-5)
    assert np.mean([row[2] for row in table["rows"]]) == pytest.approx(figures["dice"], abs=1e-5)
    masks = np.stack([np.asarray(Image.open(io.BytesIO(each))) for each in dataset.values("mask", "test")])
    assert [row[3] for row in table["rows"]] == [int((masks == place).sum()) for place in range(3)]
    scores = [example.scores["miou"] for example in found.examples]
    assert scores == sorted(scores)
    assert len(found.examples) == dataset.manifest.splits["test"]
    arrays = np.load(result.path_of(run, "test", "best").with_suffix(".npz"))
    worst = found.examples[0]
    said, true = arrays["masks"][worst.place], masks[list(dataset.rows("test")).index(worst.row)]
    assert ((said == true)[true != 255]).mean() == pytest.approx(worst.scores["accuracy"])


def test_predictions_have_the_size_of_their_picture(workspace: Workspace, run: Run, tmp_path: Path) -> None:
    picture, mask = boxes(1, seed=9)[0]
    large = Image.fromarray(picture).resize((70, 41), Image.Resampling.BICUBIC)
    large.save(tmp_path / "large.png")
    Image.fromarray(picture).save(tmp_path / "plain.png")
    answers = Predictor(run).files([tmp_path / "large.png", tmp_path / "plain.png"])
    first, second = answers.predictions
    with Image.open(io.BytesIO(first.pictures["mask"])) as opened, Image.open(io.BytesIO(second.pictures["mask"])) as plain:
        assert (opened.size, plain.size) == ((70, 41), (24, 24))
        assert opened.mode == "P"
        assert opened.getpalette()[:9] == [level for colour in load(workspace, "boxes").target.statistics["colours"] for level in colour]
        assert (np.asarray(plain) == mask)[mask != 255].mean() > 0.8
    assert sum(first.shares.values()) == pytest.approx(1)
    assert list(first.shares) == ["ground", "bright", "striped"]
    assert "pictures" not in first.answer()
    written = write_pictures(tmp_path / "out", [first, second, second])
    assert [Path(each.files["mask"]).name for each in written] == ["large_mask.png", "plain_mask.png", "plain-2_mask.png"]
    assert (tmp_path / "out" / "predictions.csv").read_text("utf-8-sig").startswith("input,share(ground)")


@pytest.mark.parametrize("format", ["saved_model", "keras"])
def test_exports_answer_the_same_and_their_client_writes_the_mask(run: Run, tmp_path: Path, format: str) -> None:  # noqa: A002
    made = export(run, format, tmp_path / "export")
    assert made.max_abs_difference is not None
    assert made.max_abs_difference < 1e-5
    assert (tmp_path / "export" / "labels.txt").read_text("utf-8") == "ground\nbright\nstriped\n"
    picture = boxes(1, seed=9)[0][0]
    size = (70, 41) if format == "saved_model" else (24, 24)
    Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC).save(tmp_path / "one.png")
    client = [sys.executable, "-I", str(tmp_path / "export" / "client.py"), str(tmp_path / "one.png")]
    done = subprocess.run(client, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "'ground'" in done.stdout
    with Image.open(tmp_path / "one_mask.png") as mask:
        assert mask.size == size
        own = Predictor(run).files([tmp_path / "one.png"]).predictions[0]
        expected = np.asarray(Image.open(io.BytesIO(own.pictures["mask"])))
        assert (np.asarray(mask) == expected).mean() > 0.95


def test_other_data_are_matched_by_the_names_of_classes(run: Run, tmp_path: Path) -> None:
    pairs = boxes(6, seed=4)
    swapped = [(picture, np.array([0, 2, 1, *range(3, 256)], np.uint8)[mask]) for picture, mask in pairs]
    first = evaluate(run, data=packed(tmp_path / "a.zip", pairs))
    second = evaluate(run, data=packed(tmp_path / "b.zip", swapped, "ground\nstriped\nbright\n"))
    assert first.samples == 6
    assert first.metrics == pytest.approx(second.metrics)
    with pytest.raises(EvaluationError, match=r"does not know: sea\. It knows ground, bright, striped"):
        evaluate(run, data=packed(tmp_path / "c.zip", pairs, "sea\nbright\nstriped\n"))
    larger = [(np.kron(picture, np.ones((2, 2, 1), np.uint8)), np.kron(mask, np.ones((2, 2), np.uint8))) for picture, mask in pairs]
    assert evaluate(run, data=packed(tmp_path / "d.zip", larger)).metrics["miou"] == pytest.approx(first.metrics["miou"], abs=0.25)


def test_without_padding_the_border_is_not_asked_for(workspace: Workspace) -> None:
    nodes = presets.get("UNet_slim", filters=4, levels=1, padding="valid", reduction=1, augmentation="geometric").graph(
        features=load(workspace, "boxes").features
    )
    document = nodes.model_dump(mode="json")["nodes"]
    unpadded = train(workspace, "boxes", document, epochs=1)
    found = evaluate(unpadded)
    arrays = np.load(result.path_of(unpadded, "test", "best").with_suffix(".npz"))
    seen = int(document["resizing"]["params"]["height"])
    assert arrays["masks"].shape[1:] == (seen, seen)
    assert (arrays["masks"][:, :8] == 255).all()
    assert (arrays["masks"][:, seen // 2] != 255).any()
    assert found.metrics["accuracy"] > 0
    picture = load(workspace, "boxes").image(0)
    told = Predictor(unpadded).pictures([("one", picture)]).predictions[0]
    with Image.open(io.BytesIO(told.pictures["mask"])) as mask:
        assert mask.size == (24, 24)
        assert int(np.asarray(mask).max()) < 3


def test_class_weights_count_pixels_of_rare_classes_more_in_training_only(workspace: Workspace) -> None:
    from studio.networks.arrays import samples as samples_of
    from studio.networks.front import split
    from studio.recipe import Recipe
    from studio.training import prepare
    from studio.training.planning import plan

    nodes = (
        presets.get("UNet_slim", filters=4, levels=1, augmentation="none")
        .graph(features=load(workspace, "boxes").features)
        .model_dump(mode="json")["nodes"]
    )
    values = {"dataset": "boxes", "graph": {"nodes": nodes}, "training": {"class_weights": True, "loss": "sparse_categorical_crossentropy"}}
    planned = plan(workspace, Recipe.read(values))
    whole = prepare.adapted_graph(planned.graph, planned.dataset)
    (head,) = prepare.heads(whole, planned.dataset, planned.recipe.training)
    seen = samples_of(workspace, planned.dataset, split(whole), "train")
    assert prepare.class_weights(planned.recipe.training, [head], seen) is None
    pixels = np.array(planned.dataset.target.statistics["counts"])
    assert np.array(head.training_loss.class_weights) == pytest.approx(pixels.sum() / (3 * pixels))
    assert head.loss.class_weights is None


def test_the_built_in_set_is_what_its_program_makes(tmp_path: Path) -> None:
    from studio.datasets import store

    workspace = Workspace(tmp_path)
    dataset = store.load(workspace, "shapes")
    assert (dataset.kind, dataset.classes, len(dataset)) == ("segmentation", CLASSES, 150)
    masks = dataset.values("mask")
    for row, (picture, mask) in enumerate(samples()):
        if row % 30 == 0:
            assert (np.asarray(Image.open(io.BytesIO(masks[row]))) == mask).all()
            stored = np.asarray(Image.open(io.BytesIO(dataset.image(row)))).astype(int)
            assert np.abs(stored - picture).mean() < 12


def test_figures_by_hand() -> None:
    true = np.array([[[0, 0, 1], [1, 255, 1]]], np.uint8)
    said = np.array([[[0, 1, 1], [1, 0, 0]]], np.uint8)
    assert counts(true, said, 3).tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 0]]
    facts, worst = of_masks(np.array([7]), true, said, ("a", "b", "c"))
    assert worst == [0]
    assert facts["details"]["table"]["rows"] == [["a", 1 / 3, 0.5, 2, 2], ["b", 0.5, 2 / 3, 3, 3], ["c", None, None, 0, 0]]
    assert facts["examples"][0].scores == {"miou": pytest.approx(5 / 12), "dice": pytest.approx(7 / 12), "accuracy": pytest.approx(0.6)}


@pytest.mark.parametrize(
    ("seen", "given", "part"),
    [(64, 64, (0, 64)), (64, 16, (0, 64)), (101, 51, (0, 101)), (101, 50, (0, 101)), (32, 64, (0, 32)), (572, 388, (92, 388)), (36, 20, (8, 20))],
)
def test_which_part_an_output_tells_about(seen: int, given: int, part: tuple[int, int]) -> None:
    assert covered(seen, given) == part
    whole = np.arange(seen * seen, dtype=np.int32).reshape(seen, seen) % 3
    cut = cut_out(whole.astype(np.uint8), (seen, seen), (given, given))
    assert cut.shape == (given, given)
    if part != (0, seen):
        assert (put_back(cut, (seen, seen))[part[0] : sum(part), part[0] : sum(part)] == cut).all()


def test_enlarging_keeps_the_middle_of_edges() -> None:
    probabilities = np.zeros((4, 4, 2), np.float32)
    probabilities[:, :2, 0], probabilities[:, 2:, 1] = 1, 1
    mask = enlarged(probabilities, (4, 4), (10, 20))
    assert mask.shape == (10, 20)
    assert (mask == (np.arange(20) >= 10)[None]).all()
    assert (enlarged(probabilities, (4, 4), (4, 4)) == probabilities.argmax(-1)).all()
    assert enlarged(probabilities, (12, 12), (24, 24)).shape == (24, 24)
