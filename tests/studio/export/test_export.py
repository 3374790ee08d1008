"""What leaves the program answers as the trained network does, in a process that has its runtime only."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blocks import Graph
from studio.datasets import store
from studio.evaluation.opened import open_network
from studio.evaluation.predict import Predictor
from studio.evaluation.raw import RawModel
from studio.export import base, service
from studio.export.base import Checked, ExportError, ExportFailedError
from studio.export.saved_model import SavedModel
from studio.export.service import archive, export, exports, facts_of
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.trained import COLUMNS, encoded, table_rows

KINDS = ["digits", "pictures", "table", "price", "text", "array"]
CASES = [pytest.param(kind, to, marks=pytest.mark.slow if (kind, to) in {("price", "keras"), ("array", "keras")} else ())
         for kind in KINDS for to in ("saved_model", "keras")]  # fmt: skip


@pytest.fixture(scope="session")
def made(request: pytest.FixtureRequest) -> Any:
    """The exports of all kinds of runs, each made once."""
    kept: dict[tuple[str, str], tuple[Run, service.Exported]] = {}

    def of(kind: str, format: str) -> tuple[Run, service.Exported]:  # noqa: A002
        if (kind, format) not in kept:
            run = request.getfixturevalue(f"{kind}_run")
            kept[kind, format] = run, export(run, format)
        return kept[kind, format]

    return of


@pytest.mark.parametrize(("kind", "format"), CASES)
def test_agrees_with_the_trained_network(made: Any, kind: str, format: str) -> None:  # noqa: A002
    run, found = made(kind, format)
    assert found.max_abs_difference is not None
    assert found.max_abs_difference <= 1e-5
    assert found.samples_checked == min(200, int(_count(run)))
    assert Path(found.path).exists()
    assert set(found.answer()) == {"path", "format", "bytes", "max_abs_difference", "samples_checked"}


def _count(run: Run) -> int:
    return store.load(Workspace(run.folder.parent.parent), run.recipe.dataset).manifest.splits["validation"]


def _served(found: service.Exported, inputs: dict[str, Any], signature: str = "serving_default") -> dict[str, np.ndarray]:
    import tensorflow as tf

    model = tf.saved_model.load(found.path)
    return {
        name: values.numpy() for name, values in model.signatures[signature](**{name: tf.constant(value) for name, value in inputs.items()}).items()
    }


@pytest.mark.parametrize("kind", ["digits", "pictures"])
def test_pictures_of_every_size_and_form_agree(made: Any, kind: str) -> None:
    run, found = made(kind, "saved_model")
    rng = np.random.default_rng(1)
    files = {
        "rgb.png": encoded(rng.integers(0, 256, (31, 17, 3), dtype=np.uint8)),
        "rgba.png": encoded(rng.integers(0, 256, (9, 40, 4), dtype=np.uint8)),
        "grey.png": encoded(rng.integers(0, 256, (5, 5), dtype=np.uint8)),
        "small.jpg": encoded(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8), "JPEG"),
        "grey.jpg": encoded(rng.integers(0, 256, (64, 64), dtype=np.uint8), "JPEG"),
        "a.bmp": encoded(rng.integers(0, 256, (12, 10, 3), dtype=np.uint8), "BMP"),
        "a.gif": encoded(rng.integers(0, 256, (13, 10), dtype=np.uint8), "GIF"),
        "a.webp": encoded(rng.integers(0, 256, (20, 20, 4), dtype=np.uint8), "WEBP", lossless=True),
    }
    from PIL import Image

    palette = Image.fromarray(rng.integers(0, 256, (11, 13, 3), dtype=np.uint8)).quantize(7)
    for name, options in (("palette.png", {}), ("transparent.png", {"transparency": 2})):
        import io

        out = io.BytesIO()
        palette.save(out, "PNG", **options)
        files[name] = out.getvalue()
    ours = Predictor(run).pictures(list(files.items()))
    assert not ours.warnings
    theirs = _served(found, {"image": list(files.values())})
    assert [label.decode() for label in theirs["label"]] == [each.label for each in ours.predictions]
    np.testing.assert_allclose(theirs["probabilities"], [list(each.probabilities.values()) for each in ours.predictions], atol=1e-5)


def test_pixels_are_taken_too(made: Any) -> None:
    _, found = made("pictures", "saved_model")
    pixels = np.random.default_rng(2).integers(0, 256, (3, 25, 14, 3), dtype=np.uint8)
    as_files = _served(found, {"image": [encoded(each) for each in pixels]})
    as_pixels = _served(found, {"pixels": pixels}, "pixels")
    np.testing.assert_allclose(as_pixels["probabilities"], as_files["probabilities"], atol=1e-6)


@pytest.mark.parametrize("kind", ["table", "price"])
def test_tables_with_gaps_unknown_categories_and_odd_names_agree(made: Any, kind: str) -> None:
    run, found = made(kind, "saved_model")
    rows = table_rows(30, seed=7)
    rows[0] |= {"colour": "never seen", "class": "", "seen on": "", "年龄": ""}
    rows[1] = dict.fromkeys(rows[1], "")
    columns = json.loads((Path(found.path) / "columns.json").read_text("utf-8"))["columns"]
    assert [each["name"] for each in columns] == COLUMNS
    assert all(each["input"].isidentifier() and each["input"].isascii() for each in columns)
    assert len({each["input"].casefold() for each in columns}) == len(COLUMNS)
    inputs: dict[str, Any] = {}
    for column in columns:
        cells = [row[column["name"]] for row in rows]
        inputs[column["input"]] = np.array([float(cell or "nan") for cell in cells], "float32") if column["dtype"] == "float32" else cells
    theirs = _served(found, inputs)
    ours = Predictor(run).rows(rows).predictions
    if kind == "price":
        np.testing.assert_allclose(theirs["value"], [each.value for each in ours], rtol=1e-6)
    else:
        np.testing.assert_allclose(theirs["probabilities"], [list(each.probabilities.values()) for each in ours], atol=1e-5)


def test_texts_of_any_letters_agree(made: Any) -> None:
    run, found = made("text", "saved_model")
    texts = ["", "the cat, THE CAT!", "猫 坐 在", "naïve café 😀", "ein altes Haus " * 30, "\ttabs and\nlines"]
    theirs = _served(found, {"text": texts})
    ours = Predictor(run).texts(texts).predictions
    np.testing.assert_allclose(theirs["probabilities"], [list(each.probabilities.values()) for each in ours], atol=1e-5)


def test_a_network_trained_in_bfloat16_answers_in_float32(made: Any) -> None:
    _, found = made("array", "saved_model")
    theirs = _served(found, {"array": np.full((2, 5, 2), 3.0, "float32")})
    assert theirs["probabilities"].dtype == np.float32
    assert theirs["probabilities"].shape == (2, 2)
    np.testing.assert_allclose(theirs["probabilities"].sum(axis=1), 1, atol=1e-6)


def test_what_lies_beside_it(made: Any) -> None:
    run, found = made("table", "saved_model")
    folder = Path(found.path)
    assert (folder / "labels.txt").read_text("utf-8").split() == ["high", "low", "middle"]
    assert (folder / "recipe.yaml").read_text("utf-8") == run.recipe_path.read_text("utf-8")
    assert "probabilities" in (folder / "README.txt").read_text("utf-8")
    assert facts_of(folder) == found
    assert found in exports(run)
    with zipfile.ZipFile(archive(run, folder)) as packed:
        assert {"saved_model.pb", "client.py", "labels.txt", "columns.json", "README.txt"} <= set(packed.namelist())


@pytest.mark.parametrize(("kind", "format"), [("digits", "saved_model"), ("table", "keras")])
def test_the_client_runs_without_this_program(made: Any, tmp_path: Path, kind: str, format: str) -> None:  # noqa: A002
    _, found = made(kind, format)
    folder = Path(found.path) if Path(found.path).is_dir() else Path(found.path).parent
    assert len((folder / "client.py").read_text("utf-8").splitlines()) <= 44
    if kind == "digits":
        given = tmp_path / "one.png"
        given.write_bytes(encoded(np.zeros((20, 20), np.uint8)))
    else:
        from tests.studio.trained import write_table

        given = write_table(tmp_path / "new.csv", table_rows(3, seed=9), COLUMNS)
    done = subprocess.run([sys.executable, "-I", str(folder / "client.py"), str(given)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    label = done.stdout.split()[1]
    assert label in (folder / "labels.txt").read_text("utf-8").split()


def test_layers_that_keras_lacks_lie_beside_the_file(made: Any) -> None:
    _, found = made("pictures", "keras")
    beside = Path(found.path).parent / "layers.py"
    assert "class SqueezeExcitation(" in beside.read_text("utf-8")
    assert "import layers" in (beside.parent / "client.py").read_text("utf-8")
    _, plain = made("digits", "keras")
    assert not (Path(plain.path).parent / "layers.py").exists()


def test_what_is_measured_on_pictures_is_that_of_the_training_split(made: Any) -> None:
    run, _ = made("pictures", "keras")
    measured = Graph.load(run.front_path).nodes["standard"].params
    dataset = store.load(Workspace(run.folder.parent.parent), "pictures")
    pixels = [np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).reshape(-1, 3) / 255 for content in dataset.images("train")]
    expected = np.mean([picture.mean(axis=0) for picture in pixels], axis=0)
    np.testing.assert_allclose(measured["mean"], expected, atol=0.02)


def test_somebodys_folder_is_left_alone(digits_run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ExportError, match="not empty and not an earlier export"):
        export(digits_run, "saved_model", tmp_path)
    with pytest.raises(ExportError, match="is a file"):
        export(digits_run, "saved_model", tmp_path / "thesis.txt")
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_export_is_replaced_and_others_stay(made: Any) -> None:
    run, found = made("text", "saved_model")
    again = export(run, "saved_model")
    assert again.path == found.path
    assert again.created > found.created
    assert not [file for file in run.exports.iterdir() if file.name.startswith(".")]


class Wrong(SavedModel):
    """A SavedModel whose answers are not those of the network: the check must see it."""

    name = ""

    def reloaded(self, model: RawModel, folder: Path, checked: Checked, scratch: Path) -> dict[str, np.ndarray]:  # noqa: ARG002
        return {prefix: values + 2e-5 for prefix, values in checked.expected.items()}


def test_an_export_that_answers_differently_fails_and_leaves_nothing(digits_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "get", {"wrong": Wrong}.get)
    with pytest.raises(ExportFailedError, match="answers differently"):
        export(digits_run, "wrong", tmp_path / "export")
    assert not list(tmp_path.iterdir())


def test_a_damaged_export_is_told_in_one_sentence(digits_run: Run, tmp_path: Path) -> None:
    opened = open_network(digits_run)
    model = RawModel(opened)
    exporter = SavedModel()
    folder = tmp_path / "export"
    folder.mkdir()
    exporter.write(model, folder)
    (folder / "saved_model.pb").write_bytes(b"nonsense")
    with pytest.raises(ExportFailedError, match="can't be run without this program"):
        exporter.reloaded(model, folder, service.nothing(model), tmp_path)


def test_formats_are_declared() -> None:
    assert set(base.formats()) == {"saved_model", "keras"}
    for exporter in base.formats().values():
        assert exporter.summary()
        assert exporter.usage()
        assert exporter.section("Source")
        assert exporter.runtime
