"""Networks that read a picture and columns together."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import store
from studio.datasets.builtin import SAMPLES
from studio.evaluation.errors import EvaluationError
from studio.evaluation.evaluate import evaluate
from studio.evaluation.predict import Predictor
from studio.evaluation.result import arrays_of
from studio.runs import Run
from studio.workspace import Workspace


@pytest.fixture(scope="module")
def gauges(gauges_run: Run) -> Predictor:
    return Predictor(gauges_run)


@pytest.fixture
def files(gauges_folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(gauges_folder, tmp_path / "gauges", ignore=shutil.ignore_patterns("few-*"))  # tables of other tests
    return tmp_path / "gauges"


def test_a_table_that_names_files_beside_it(gauges: Predictor, gauges_run: Run, files: Path, workspace: Workspace) -> None:
    evaluate(gauges_run)
    arrays = arrays_of(gauges_run, "test", "best")
    assert arrays is not None
    said = gauges.files([files / "gauges.csv"])
    assert len(said.predictions) == 480
    assert said.warnings == []
    values = np.array([each.value for each in said.predictions], np.float32)
    np.testing.assert_allclose(values[arrays["rows"]], arrays["values"], atol=1e-3)
    packed = gauges.files([SAMPLES / "gauges.zip"])
    assert [each.value for each in packed.predictions] == pytest.approx(values.tolist(), abs=1e-5)
    dataset = store.load(workspace, "gauges")
    row = int(arrays["rows"][0])
    cells = {name: column[row] for name, column in dataset.columns().items()}
    alone = gauges.samples([{"image": dataset.image(row), **cells}])
    assert alone.predictions[0].value == pytest.approx(float(arrays["values"][0]), abs=1e-3)


def test_names_are_looked_for_beside_the_table_and_nowhere_else(gauges: Predictor, files: Path) -> None:
    (files.parent / "outside.png").write_bytes((files / "dials" / "000.png").read_bytes())
    (files / "link.png").symlink_to(files.parent / "outside.png")
    rows = ["dials/000.png", "001.png", "../outside.png", str(files.parent / "outside.png"), "link.png", "gone.png", ""]
    text = "\n".join(["file,full_scale,direction", *(f"{name},10,clockwise" for name in rows)]) + "\n"
    (files / "few.csv").write_text(text, "utf-8")
    said = gauges.files([files / "few.csv"])
    assert [each.input for each in said.predictions] == ["few.csv:1", "few.csv:2"]
    words = "\n".join(said.warnings)
    for name in ("few.csv:3", "few.csv:4", "few.csv:5", "few.csv:6", "few.csv:7"):
        assert name in words
    assert "leads outside the table's folder" in words


def test_what_is_missing_is_said(gauges: Predictor, files: Path, tmp_path: Path) -> None:
    with pytest.raises(
        EvaluationError, match=r"several inputs; expected a CSV, .* a column that names the pictures and the columns 'full_scale', 'direction'"
    ):
        gauges.files([files / "dials" / "000.png"])
    with pytest.raises(EvaluationError, match="several inputs; give it a table with a column that names the pictures"):
        gauges.rows([{"full_scale": 10}])
    with pytest.raises(EvaluationError, match=r"also takes pictures \('image'\)"):
        gauges.samples([{"full_scale": 10}])
    (tmp_path / "bare.csv").write_text("full_scale,direction\n10,clockwise\n20,clockwise\n", "utf-8")
    with pytest.raises(EvaluationError, match="no column that names the pictures"):
        gauges.files([tmp_path / "bare.csv"])


def test_other_data(gauges_run: Run, files: Path) -> None:
    found = evaluate(gauges_run, data=files)
    assert found.samples == 480
    lines = (files / "gauges.csv").read_text("utf-8").splitlines()
    (files / "gauges.csv").write_text("\n".join(line.rsplit(",", 2)[0] + "," + line.rsplit(",", 1)[1] for line in lines) + "\n", "utf-8")
    with pytest.raises(EvaluationError, match="lacks 'direction'"):
        evaluate(gauges_run, data=files)
