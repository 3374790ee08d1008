"""Evaluations agree with training's own figures, and are read without Keras."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio import answers
from studio.datasets import store
from studio.evaluation import result
from studio.evaluation.evaluate import answered, evaluate
from studio.evaluation.opened import EvaluationError
from studio.runs import Run
from studio.workspace import StudioError, Workspace
from tests.studio.trained import COLUMNS, encoded, table_rows, write_table


@pytest.mark.parametrize("kind", ["digits", "price"])
@pytest.mark.parametrize("split", ["test", "validation", "train"])
def test_figures_are_those_of_training(request: pytest.FixtureRequest, kind: str, split: str) -> None:
    run: Run = request.getfixturevalue(f"{kind}_run")
    found = evaluate(run, split)  # type: ignore[arg-type]
    assert found.metrics == pytest.approx(run.results()[split], rel=1e-4)
    assert {"run", "split", "samples", "metrics"} <= set(answered(found))


def test_it_is_kept_and_read_again(digits_run: Run, workspace: Workspace) -> None:
    made = evaluate(digits_run)
    assert result.read(digits_run) == made
    assert result.read(digits_run, "test", "last") is None
    dataset = store.load(workspace, "digits")
    assert made.samples == dataset.manifest.splits["test"]
    assert made.confusion is not None
    assert np.sum(made.confusion) == made.samples
    truth, prediction = next((i, j) for i, row in enumerate(made.confusion) for j, count in enumerate(row) if count)
    rows = result.rows_of_cell(digits_run, "test", "best", truth, prediction)
    assert len(rows) == min(100, made.confusion[truth][prediction])
    targets = dict(zip(dataset.rows("test").tolist(), dataset.targets("test").tolist(), strict=True))
    assert all(targets[each["row"]] == truth for each in rows)
    chances = result.probabilities_of(digits_run, "test", "best", rows[0]["row"])
    assert chances is not None
    assert chances[prediction] == pytest.approx(rows[0]["confidence"])
    assert result.probabilities_of(digits_run, "test", "best", -5) is None


def test_newer_weights_make_it_old(digits_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate(digits_run)
    monkeypatch.setattr(result, "weights_written", lambda run, state: 1)  # noqa: ARG005
    assert result.read(digits_run) is None


def test_a_number_has_residuals(price_run: Run) -> None:
    found = evaluate(price_run)
    assert found.residuals is not None
    assert found.residuals.mae == pytest.approx(found.metrics["mae"], rel=1e-4)
    assert found.residuals.rmse == pytest.approx(found.metrics["rmse"], rel=1e-4)
    assert found.confusion is None
    assert len(found.pairs) == found.samples


def test_a_run_without_weights_is_told(digits_run: Run) -> None:
    last = digits_run.checkpoints / "last.npz"
    kept = last.read_bytes()
    last.unlink()
    try:
        with pytest.raises(StudioError, match="no saved last state"):
            evaluate(digits_run, "test", "last")
    finally:
        last.write_bytes(kept)


def test_reading_needs_neither_keras_nor_scikit_learn() -> None:
    code = (
        "import sys, studio.evaluation.result, studio.evaluation.opened, studio.export.service, studio.answers, studio.engine;"
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_other_pictures(pictures_run: Run, pictures_folder: Path, tmp_path: Path) -> None:
    whole = evaluate(pictures_run, data=pictures_folder)
    assert whole.samples == 40
    assert whole.split == "data"
    for split in ("train", "validation", "test"):
        evaluate(pictures_run, split)  # type: ignore[arg-type]
    red = tmp_path / "rot"
    red.mkdir()
    (red / "one.png").write_bytes(encoded(np.full((20, 20, 3), 200, np.uint8)))
    (red / "broken.png").write_bytes(b"\x89PNG nothing")
    (tmp_path / "grün").mkdir()
    (tmp_path / "grün" / "two.png").write_bytes(encoded(np.full((9, 9, 3), 100, np.uint8)))
    found = evaluate(pictures_run, data=tmp_path)
    assert found.samples == 1
    assert any("grün" in note for note in found.notes)
    assert any("broken.png" in note for note in found.notes)
    assert any("No sample of: blau" in note for note in found.notes)


def test_other_rows_give_the_same_figures(table_run: Run, workspace: Workspace, tmp_path: Path) -> None:
    dataset = store.load(workspace, "people")
    frame = dataset.table(split="test")
    path = tmp_path / "again.csv"
    frame[[*COLUMNS, "outcome"]].to_csv(path, index=False, sep=";")
    found = evaluate(table_run, data=path)
    assert found.metrics == pytest.approx(evaluate(table_run).metrics, rel=1e-4)


def test_other_rows_without_answers_are_refused(table_run: Run, tmp_path: Path) -> None:
    path = write_table(tmp_path / "no.csv", table_rows(5), COLUMNS)
    with pytest.raises(EvaluationError, match="no column 'outcome'"):
        evaluate(table_run, data=path)
    rows = [{**row, "outcome": "none of them" if number else "new"} for number, row in enumerate(table_rows(5))]
    with pytest.raises(EvaluationError, match="classes that the network does not know"):
        evaluate(table_run, data=write_table(tmp_path / "new.csv", rows, [*COLUMNS, "outcome"]))


def test_other_arrays(array_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.npz"
    np.savez(path, x=np.full((4, 5, 2), 9.0), y=np.ones(4, int))
    found = evaluate(array_run, data=path)
    assert found.samples == 4
    assert found.notes == ["No sample of: 0."]


def test_answers_for_the_page(table_run: Run) -> None:
    folder = str(table_run.folder)
    rows = table_rows(2, seed=4)
    said = answers.predict(folder, {"rows": rows})
    assert [set(each) for each in said["predictions"]] == [{"input", "label", "probabilities"}] * 2
    assert answers.predictor_of(folder, "best") is answers.predictor_of(folder, "best")
    assert answers.evaluate(folder)["samples"] > 0
    with pytest.raises(StudioError, match="no split 'tset'"):
        answers.evaluate(folder, "tset")
    with pytest.raises(StudioError, match="not pictures"):
        answers.predict(folder, {"pictures": [("x", b"")]})
    with pytest.raises(StudioError, match="Nothing was given"):
        answers.predict(folder, {})
