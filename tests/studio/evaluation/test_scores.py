"""A linear support vector machine: scores and no probabilities, from training to the export."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from studio.evaluation import measure
from studio.evaluation.evaluate import evaluate
from studio.evaluation.opened import open_network
from studio.evaluation.predict import Predictor
from studio.evaluation.prediction import write_csv
from studio.evaluation.result import rows_of_cell
from studio.export import service
from studio.inspection.memory import Memory
from studio.runs import Run
from studio.ui import evaluation_view
from studio.workspace import Workspace
from tests.studio.inspection.looking import look
from tests.studio.trained import trained

FLOWERS = [
    {"sepal_length_cm": 5.0, "sepal_width_cm": 3.4, "petal_length_cm": 1.4, "petal_width_cm": 0.2},
    {"sepal_length_cm": 6.5, "sepal_width_cm": 3.0, "petal_length_cm": 5.9, "petal_width_cm": 2.2},
]


@pytest.fixture(scope="module")
def svm_run(workspace: Workspace) -> Run:
    order = {"dataset": "iris", "graph": {"preset": "LinearSVM"}, "training": {"epochs": 40, "optimizer": {"name": "adam", "learning_rate": 0.05}}}
    return trained(workspace, order)


def test_scores_rank_mistakes_by_the_hinge() -> None:
    scores = np.array([[2.0, 0.5, -1.0], [0.0, 0.2, 3.0], [-1.0, -2.0, -3.0]])
    facts, arrays = measure.of_scores(np.arange(3), np.array([0, 0, 1]), scores, ("a", "b", "c"))
    np.testing.assert_allclose(arrays["loss"], [0, 4, 2])
    assert arrays["predicted"].tolist() == [0, 2, 0]
    assert [(each.truth, each.prediction, each.score, each.confidence) for each in facts["worst"]] == [("a", "c", 3.0, None), ("b", "a", -1.0, None)]
    assert not {"calibration", "calibration_error"} & facts.keys()
    assert measure.of_scores(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 2)), ("a", "b"))[0]["worst"] == []


def test_it_learns_with_margins(svm_run: Run) -> None:
    head = open_network(svm_run).head
    assert (head.block.activation, head.block.loss) == ("linear", "categorical_hinge")
    found = evaluate(svm_run)
    assert found.metrics["accuracy"] > 0.8
    assert (found.calibration, found.calibration_error) == ([], None)
    assert all(each.confidence is None for each in found.worst)
    first, second = Predictor(svm_run).rows(FLOWERS).predictions
    assert (first.label, second.label) == ("setosa", "virginica")
    assert first.answer().keys() == {"input", "label", "scores"}
    assert max(first.scores, key=lambda name: first.scores[name]) == first.label
    assert sum(first.scores.values()) != pytest.approx(1, abs=1e-3)


def test_the_answers_as_a_table(svm_run: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "said.csv", Predictor(svm_run).rows(FLOWERS).predictions)
    assert (tmp_path / "said.csv").read_text("utf-8-sig").splitlines()[0] == "input,label,score(setosa),score(versicolor),score(virginica)"


def test_the_pages_show_scores(svm_run: Run, workspace: Workspace) -> None:
    found = evaluate(svm_run)
    arrays = evaluation_view.arrays_of(svm_run, "test", "best")
    assert arrays is not None
    shown = evaluation_view.view(workspace, svm_run, found, arrays)
    assert shown["calibration_error"] is None
    assert all("score" in each and "probability" not in each for each in shown["mistakes"])
    cell = evaluation_view.cell(workspace, svm_run, found, arrays, 0, 0, 0, 5)
    assert cell["total"] >= 1
    assert all(set(each) >= {"row", "truth", "predicted", "score"} for each in cell["samples"])
    assert len(rows_of_cell(svm_run, "test", "best", 0, 0)) == cell["total"]
    answer = look(workspace, open_network(svm_run).loaded.whole, "label", Memory(), dataset="iris")["answer"]
    assert answer.keys() == {"label", "score"}


@pytest.mark.parametrize("form", ["saved_model", "keras"])
def test_an_export_says_that_scores_are_no_probabilities(svm_run: Run, tmp_path: Path, form: str) -> None:
    found = service.export(svm_run, form)
    assert found.max_abs_difference is not None
    assert found.max_abs_difference <= 1e-5
    folder = Path(found.path) if Path(found.path).is_dir() else Path(found.path).parent
    assert "no probabilities" in (folder / "README.txt").read_text("utf-8")
    table = tmp_path / "flowers.csv"
    table.write_text(",".join(FLOWERS[0]) + "\n" + "".join(",".join(map(str, row.values())) + "\n" for row in FLOWERS))
    done = subprocess.run([sys.executable, "-I", str(folder / "client.py"), str(table)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["setosa", "virginica"]
    if form == "saved_model":
        serve = tf.saved_model.load(found.path).signatures["serving_default"]
        assert set(serve.structured_outputs) == {"label", "scores"}
