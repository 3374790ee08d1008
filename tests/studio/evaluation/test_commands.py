"""evaluate, predict and export on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from studio.cli import app
from studio.export import service
from studio.export.base import ExportFailedError
from studio.runs import Run
from studio.workspace import Workspace
from tests.studio.trained import COLUMNS, encoded, table_rows, write_table


@pytest.fixture
def studio(workspace: Workspace) -> Any:
    """Runs a command in the workspace of the trained runs."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, [*map(str, arguments), "--workspace", str(workspace.folder)])

    return run


def test_evaluate(studio: Any, digits_run: Run) -> None:
    done = studio("evaluate", digits_run.id, "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["run"] == digits_run.id
    assert said["split"] == "test"
    assert said["metrics"]["accuracy"] == pytest.approx(digits_run.results()["test"]["accuracy"], abs=1e-6)
    shown = studio("evaluate", digits_run.id, "--split", "validation")
    assert "precision" in shown.stdout


def test_evaluate_beside_simple_models(studio: Any, table_run: Run) -> None:
    done = studio("evaluate", table_run.id, "--baseline", "--json")
    assert set(json.loads(done.stdout)["baselines"]) == {"network", "logistic_regression", "random_forest"}
    assert "random forest" in studio("evaluate", table_run.id, "--baseline").stdout


def test_evaluate_other_data(studio: Any, table_run: Run, tmp_path: Path) -> None:
    path = write_table(tmp_path / "other.csv", table_rows(20, seed=8), [*COLUMNS, "outcome"])
    said = json.loads(studio("evaluate", table_run.id, "--data", path, "--json").stdout)
    assert (said["split"], said["samples"]) == ("data", 20)


def test_predict_and_write(studio: Any, digits_run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(encoded(np.zeros((8, 8), np.uint8)))
    done = studio("predict", digits_run.id, tmp_path, "--output", tmp_path / "out.csv", "--json")
    assert done.exit_code == 0, done.stderr
    (said,) = json.loads(done.stdout)["predictions"]
    assert said["input"] == str(tmp_path / "one.png")
    assert said["label"] in said["probabilities"]
    assert sum(said["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert len((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()) == 2


def test_predict_a_sentence(studio: Any, text_run: Run) -> None:
    said = json.loads(studio("predict", text_run.id, "--text", "the cat", "--text", "ein Hund", "--json").stdout)
    assert [each["input"] for each in said["predictions"]] == ["the cat", "ein Hund"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("predict", "RUN"), "Nothing was given"),
        (("predict", "RUN", "nowhere.png"), "no file or folder"),
        (("predict", "RUN", "--text", "hello"), "takes pictures, not texts"),
        (("predict", "no-such-run", "a.png"), "no run named"),
        (("evaluate", "RUN", "--split", "tset"), "no split"),
        (("evaluate", "RUN", "--state", "worst"), "no state"),
        (("evaluate", "RUN", "--baseline"), "for tables"),
        (("export", "RUN", "--format", "saved_modle"), "saved_model"),
        (("export", "RUN", "--output", "HERE"), "not empty"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(studio: Any, digits_run: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = studio(*({"RUN": digits_run.id, "HERE": str(tmp_path)}.get(word, word) for word in arguments), "--json")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_failed_export_is_exit_1(studio: Any, digits_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ExportFailedError("The export answers differently from the trained network.")

    monkeypatch.setattr(service, "export", fails)
    done = studio("export", digits_run.id)
    assert done.exit_code == 1
    assert "answers differently" in done.stderr


def test_export(studio: Any, array_run: Run, tmp_path: Path) -> None:
    done = studio("export", array_run.id, "--format", "saved_model", "--output", tmp_path / "model", "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said) == {"path", "format", "bytes", "max_abs_difference", "samples_checked"}
    assert (Path(said["path"]) / "saved_model.pb").exists()
    assert said["max_abs_difference"] <= 1e-5
